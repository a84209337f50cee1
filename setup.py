"""Everything but the extension is in pyproject.toml; the extension is built by CMake (tools/build_native.py)."""
import os
import sys
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

sys.path.insert(0, str(Path(__file__).resolve().parent / "tools"))
import build_native  # noqa: E402


class CMakeExtension(Extension):
    def __init__(self, name: str) -> None:
        super().__init__(name, sources=[])


class BuildExt(build_ext):
    def build_extension(self, ext: Extension) -> None:
        variant = os.environ.get("PYC_VARIANT") or ("quick" if self.editable_mode else "release")
        build_native.build(variant, into=Path(self.get_ext_fullpath(ext.name)).resolve().parent)


setup(ext_modules=[CMakeExtension("pyccolo_native._native")], cmdclass={"build_ext": BuildExt})
