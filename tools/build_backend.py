"""The PEP 517 backend: setuptools, which gets CMake and Ninja from PyPI where the machine has none, and pyccolo_native.pth added."""
import base64
import hashlib
import zipfile
from pathlib import Path

from setuptools import build_meta
from setuptools.build_meta import *  # noqa: F401,F403

import build_native

STARTUP = Path(__file__).with_name("pyccolo_native.pth")
"""What `site` runs in each process, from beside the package: setuptools has no place for such a file."""


def _tools() -> list[str]:
    return [tool for tool in ("cmake", "ninja") if build_native.find_tool(tool) is None]


def get_requires_for_build_wheel(config_settings=None):
    return build_meta.get_requires_for_build_wheel(config_settings) + _tools()


def get_requires_for_build_editable(config_settings=None):
    return build_meta.get_requires_for_build_editable(config_settings) + _tools()


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    name = build_meta.build_wheel(wheel_directory, config_settings, metadata_directory)
    _add_startup(Path(wheel_directory) / name)
    return name


def build_editable(wheel_directory, config_settings=None, metadata_directory=None):
    name = build_meta.build_editable(wheel_directory, config_settings, metadata_directory)
    _add_startup(Path(wheel_directory) / name)
    return name


def _add_startup(wheel: Path) -> None:
    """Writes the wheel anew, with the .pth file and its line in RECORD."""
    data = STARTUP.read_bytes()
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
    row = f"{STARTUP.name},sha256={digest},{len(data)}\n".encode()
    complete = wheel.with_suffix(".part")
    with zipfile.ZipFile(wheel) as before, zipfile.ZipFile(complete, "w", zipfile.ZIP_DEFLATED) as after:
        for entry in before.infolist():
            content = before.read(entry)
            if entry.filename.endswith(".dist-info/RECORD"):
                content = row + content
            after.writestr(entry, content)
        after.writestr(STARTUP.name, data)
    complete.replace(wheel)
