"""Ends through sys.exit in the middle of everything."""

import sys


class Manager:
    def __enter__(self):
        return self

    def __exit__(self, kind, value, traceback):
        print("exit", kind.__name__, value.code)


def leave(code):
    try:
        sys.exit(code)
    except Exception:
        print("never")
    finally:
        print("finally")


try:
    leave("caught")
except SystemExit as error:
    print(error.code, repr(error))
with Manager():
    for n in range(5):
        if n == 2:
            leave(n + 1)
        print(n)
