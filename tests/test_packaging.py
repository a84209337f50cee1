"""The package builds from its source distribution; where something is missing, one line says what to install."""
import os
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]


def run(*command, **options):
    done = subprocess.run([str(part) for part in command], text=True, capture_output=True, **options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def sdist(tmp_path_factory):
    """The source distribution, unpacked."""
    folder = tmp_path_factory.mktemp("sdist")
    backend = "import sys; sys.path.insert(0, 'tools'); import build_backend; build_backend.build_sdist(sys.argv[1])"
    copy = folder / "tree"
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns("build", "dist", ".venv*", ".git", "*.egg-info"))
    run(sys.executable, "-c", backend, folder, cwd=copy)
    shutil.unpack_archive(folder / f"pyccolo_native-{VERSION}.tar.gz", folder)
    return folder / f"pyccolo_native-{VERSION}"


@pytest.fixture(scope="module")
def wheel(sdist):
    """A wheel built from the source distribution; not optimised, to be quick."""
    environment = {**os.environ, "CMAKE_ARGS": "-DCMAKE_CXX_FLAGS_RELEASE=-O0", "PYC_VARIANT": "quick"}
    pip = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation"]
    run(*pip, "-w", sdist.parent / "wheels", sdist, env=environment)
    return next((sdist.parent / "wheels").glob("*.whl"))


def files_below(folder):
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_sdist_has_the_sources_and_nothing_built(sdist):
    names = files_below(sdist)
    assert {"CMakeLists.txt", "LICENSE", "Makefile", "pyccolo_native_alias.py", "pyccolo_native_pytest.py", "tools/build_native.py", "tests/conftest.py"} <= names
    for folder in ("csrc", "cmake", "pyccolo_native"):
        sources = {f"{folder}/{name}" for name in files_below(ROOT / folder) if not name.endswith((".so", ".pyc"))}
        assert sources <= names
    assert [name for name in names if name.endswith((".so", ".o", ".pyc"))] == []


def test_wheel_has_the_package_and_one_extension(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    package = {f"pyccolo_native/{name}" for name in files_below(ROOT / "pyccolo_native")}
    assert {name for name in package if name.endswith((".py", ".pyi", "py.typed"))} <= set(names)
    suffix = sysconfig.get_config_var("EXT_SUFFIX")
    assert [name for name in names if name.endswith(".so")] == [f"pyccolo_native/_native{suffix}"]
    outside = [name for name in names if not name.startswith(("pyccolo_native/", f"pyccolo_native-{VERSION}.dist-info/"))]
    assert sorted(outside) == ["pyccolo_native.pth", "pyccolo_native_alias.py", "pyccolo_native_pytest.py"]
    metadata = zipfile.ZipFile(wheel).read(f"pyccolo_native-{VERSION}.dist-info/entry_points.txt").decode()
    assert "[pytest11]\npyc = pyccolo_native_pytest\n" in metadata


def test_wheel_works_in_an_empty_environment(wheel, tmp_path):
    run(sys.executable, "-m", "venv", tmp_path / "environment")
    binaries = tmp_path / "environment/bin"
    run(binaries / "python", "-m", "pip", "install", "-q", "--no-index", wheel, cwd=tmp_path)
    show = "import pyccolo_native._native as native; print(native.__version__)"
    assert run(binaries / "python", "-c", show, cwd=tmp_path).strip() == VERSION
    assert "usage" in run(binaries / "pyc", "--help", cwd=tmp_path).lower()
    aliased = "import sys; print('pyccolo_native' in sys.modules); import pyccolo; print(pyccolo.utils.__spec__.name)"
    without = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PYCCOLO_NATIVE_ALIAS")}
    told = run(binaries / "python", "-c", aliased, cwd=tmp_path, env={**without, "PYCCOLO_NATIVE_ALIAS": "1"})
    assert told.split() == ["False", "pyccolo_native.utils"]
    absent = "import importlib.util; print(importlib.util.find_spec('pyccolo'))"
    assert run(binaries / "python", "-c", absent, cwd=tmp_path, env=without).strip() == "None"
    run(binaries / "python", "-m", "pip", "uninstall", "-q", "-y", "pyccolo_native", cwd=tmp_path)
    assert list((tmp_path / "environment").rglob("pyccolo_native*")) == []


def script(path, body):
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)


def no_compiler(folder):
    return {"CXX": str(folder / "no-such-compiler")}


def no_cmake(folder):
    return {"PATH": str(folder)}


def no_ninja_and_make(folder):
    script(folder / "cmake", "exit 0")
    return {"PATH": str(folder)}


def no_python_headers(folder):
    script(folder / "python", "printf '/nowhere;/nowhere;.so'")
    return {"CMAKE_ARGS": f"-DPYC_PYTHON={folder / 'python'}"}


def no_boost(folder):
    return {"CMAKE_ARGS": f"-DCMAKE_FIND_ROOT_PATH={folder} -DCMAKE_FIND_ROOT_PATH_MODE_INCLUDE=ONLY", "BOOST_ROOT": ""}


def no_doctest(folder):
    return {"CMAKE_ARGS": no_boost(folder)["CMAKE_ARGS"] + f" -DPYC_BOOST_INCLUDE={folder}"}


MISSING = [
    (no_compiler, "compiler not found; install g++"),
    (no_cmake, "CMake not found; install cmake"),
    (no_ninja_and_make, "neither Ninja nor Make found; install ninja-build"),
    (no_python_headers, "Python headers"),
    (no_boost, "Boost headers not found; install libboost-dev"),
    (no_doctest, "doctest headers not found; install doctest-dev"),
]


@pytest.mark.parametrize(("lack", "message"), MISSING, ids=[lack.__name__ for lack, _ in MISSING])
def test_what_is_missing_is_said_in_one_line(lack, message, tmp_path):
    environment = {**os.environ, **lack(tmp_path)}
    command = [sys.executable, ROOT / "tools/build_native.py", "--tests", "--compile-only", "--build-dir", tmp_path / "b"]
    done = subprocess.run(command, env=environment, text=True, capture_output=True)
    assert done.returncode == 1
    assert done.stdout == ""
    assert message in done.stderr
    assert done.stderr.startswith("pyccolo_native: ") and done.stderr.count("\n") == 1
