"""Importing this makes `import pyccolo` give this library, in the whole process.

    import pyccolo_native.as_pyccolo

    import pyccolo as pyc                 # pyccolo_native
    from pyccolo.tracer import BaseTracer

Environment variables do it for a process and its children; `python -m pyccolo_native.as_pyccolo` prints the folder to put on
PYTHONPATH, child_environment() makes a whole environment.
"""
import os

import pyccolo_native_alias

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "shim")
"""A folder that has a package `pyccolo` which is this library, for sys.path or PYTHONPATH."""


def child_environment(environment=None):
    """A copy of an environment, by default of this process's, in which Python programs have the alias from the start."""
    environment = dict(os.environ if environment is None else environment)
    places = [place for place in environment.get("PYTHONPATH", "").split(os.pathsep) if place and place != FOLDER]
    environment["PYTHONPATH"] = os.pathsep.join([FOLDER, *places])
    environment[pyccolo_native_alias.VARIABLE] = "1"
    return environment


pyccolo_native_alias.install()

if __name__ == "__main__":
    print(FOLDER)
