"""Importing this makes `import pyccolo` give this library, in the whole process.

    import pyccolo_native.as_pyccolo

    import pyccolo as pyc                 # pyccolo_native
    from pyccolo.tracer import BaseTracer

Environment variables do it for a process and its children; `python -m pyccolo_native.as_pyccolo` prints the folder to put on
PYTHONPATH, child_environment() makes a whole environment.
"""
from pyccolo_native_alias import FOLDER, child_environment, install

__all__ = ["FOLDER", "child_environment"]

install()

if __name__ == "__main__":
    print(FOLDER)
