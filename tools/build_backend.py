"""The PEP 517 backend: setuptools, which gets CMake and Ninja from PyPI where the machine has none."""
from setuptools import build_meta
from setuptools.build_meta import *  # noqa: F401,F403

import build_native


def _tools() -> list[str]:
    return [tool for tool in ("cmake", "ninja") if build_native.find_tool(tool) is None]


def get_requires_for_build_wheel(config_settings=None):
    return build_meta.get_requires_for_build_wheel(config_settings) + _tools()


def get_requires_for_build_editable(config_settings=None):
    return build_meta.get_requires_for_build_editable(config_settings) + _tools()
