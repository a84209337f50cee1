"""The version, as versioneer gives it."""
from ._native import __version__


def get_versions():
    return {"version": __version__, "full-revisionid": None, "dirty": None, "error": None, "date": None}
