"""Builds the C++ extension with CMake for the Python that runs this: python tools/build_native.py --help

setup.py, the Makefile and tests/native build through here. Each variant has one build directory per Python ABI,
build/<variant>/<ABI tag>, and only what has changed is compiled again.

Environment: CMAKE_ARGS is added to CMake's command line; CC, CXX, CFLAGS and CXXFLAGS are CMake's own.
"""
from __future__ import annotations

import argparse
import contextlib
import fcntl
import filecmp
import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Iterator, NoReturn, Optional

ROOT = Path(__file__).resolve().parent.parent

VARIANTS = {
    "release": {"CMAKE_BUILD_TYPE": "Release", "PYC_LTO": "ON"},
    "quick": {"CMAKE_BUILD_TYPE": "Release"},
    "developer": {"CMAKE_BUILD_TYPE": "Debug", "PYC_DEVELOPER": "ON", "PYC_SANITIZE": "ON"},
    "lint-gcc": {"PYC_DEVELOPER": "ON", "CMAKE_C_COMPILER": "gcc", "CMAKE_CXX_COMPILER": "g++"},
    "lint-clang": {
        "CMAKE_BUILD_TYPE": "Debug",
        "PYC_DEVELOPER": "ON",
        "CMAKE_C_COMPILER": "clang",
        "CMAKE_CXX_COMPILER": "clang++",
    },
}


def fail(message: str) -> NoReturn:
    raise SystemExit(f"pyccolo_native: {message}")


def find_tool(name: str) -> Optional[str]:
    """The first executable of that name on PATH that runs: a version manager's shim may not."""
    for folder in os.get_exec_path():
        path = shutil.which(name, path=folder)
        if path and subprocess.run([path, "--version"], capture_output=True).returncode == 0:
            return path
    return None


def default_build_dir(variant: str) -> Path:
    return ROOT / "build" / variant / sysconfig.get_config_var("SOABI")


def build(variant: str, into: Optional[Path] = None, tests: bool = False, build_dir: Optional[Path] = None) -> Path:
    """Builds `variant`, copies the extension to the folder `into` and returns the build directory."""
    build_dir = build_dir or default_build_dir(variant)
    build_dir.mkdir(parents=True, exist_ok=True)
    environment = {key: value for key, value in os.environ.items() if key != "LD_PRELOAD"}
    with _locked(build_dir):
        cmake = _configure(build_dir, {**VARIANTS[variant], "PYC_NATIVE_TESTS": "ON" if tests else "OFF"}, environment)
        jobs = str(os.cpu_count() or 1)
        if subprocess.run([cmake, "--build", str(build_dir), "--parallel", jobs], env=environment).returncode != 0:
            fail("the extension does not compile; the compiler's messages are above")
        if into is not None:
            _install(build_dir / f"_native{sysconfig.get_config_var('EXT_SUFFIX')}", into)
    return build_dir


def _configure(build_dir: Path, options: dict[str, str], environment: dict[str, str]) -> str:
    cmake = find_tool("cmake") or fail("CMake not found; install cmake (Debian package or `pip install cmake`)")
    ninja = find_tool("ninja")
    make = ninja or find_tool("make") or fail("neither Ninja nor Make found; install ninja-build (Debian)")
    generator = "Ninja" if ninja else "Unix Makefiles"
    _drop_foreign_cache(build_dir, generator)
    definitions = {"PYC_PYTHON": sys.executable, "CMAKE_MAKE_PROGRAM": make, **options}
    command = [cmake, "-S", str(ROOT), "-B", str(build_dir), "-G", generator]
    command += [f"-D{name}={value}" for name, value in definitions.items()]
    command += shlex.split(os.environ.get("CMAKE_ARGS", ""))
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        for line in done.stdout.splitlines():
            if line.startswith("pyccolo_native: "):
                raise SystemExit(line)
        print(done.stdout, file=sys.stderr)
        fail("CMake cannot set up the build; its messages are above")
    return cmake


def _drop_foreign_cache(build_dir: Path, generator: str) -> None:
    """CMake refuses a build directory made for another source folder or generator; such a one is emptied."""
    cache = build_dir / "CMakeCache.txt"
    if not cache.exists():
        return
    lines = cache.read_text().splitlines()
    if f"CMAKE_HOME_DIRECTORY:INTERNAL={ROOT}" in lines and f"CMAKE_GENERATOR:INTERNAL={generator}" in lines:
        return
    for entry in build_dir.iterdir():
        if entry.is_dir():
            shutil.rmtree(entry)
        elif entry.name != ".lock":
            entry.unlink()


@contextlib.contextmanager
def _locked(build_dir: Path) -> Iterator[None]:
    """Two builds in one directory would overwrite each other's objects."""
    with open(build_dir / ".lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _install(library: Path, into: Path) -> None:
    """Replaces the file as a whole: a running Python has the old one mapped."""
    target = into / library.name
    if target.exists() and filecmp.cmp(library, target, shallow=False):
        return
    into.mkdir(parents=True, exist_ok=True)
    fresh = into / f".{library.name}.{os.getpid()}"
    shutil.copy2(library, fresh)
    os.replace(fresh, target)


def main() -> None:
    parser = argparse.ArgumentParser(description="Builds the extension with CMake, by default into the source tree.")
    parser.add_argument("--variant", choices=VARIANTS, default=os.environ.get("PYC_VARIANT", "quick"))
    parser.add_argument("--into", type=Path, default=ROOT / "pyccolo_native", help="folder the extension is copied to")
    parser.add_argument("--compile-only", action="store_true", help="leave the extension in the build directory")
    parser.add_argument("--tests", action="store_true", help="build the doctest extension too")
    parser.add_argument("--build-dir", type=Path, help="default: build/<variant>/<ABI tag>")
    options = parser.parse_args()
    into = None if options.compile_only else options.into
    build(options.variant, into, options.tests, options.build_dir)


if __name__ == "__main__":
    main()
