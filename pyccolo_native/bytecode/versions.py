"""Which versions of CPython have bytecode that is known here."""
from __future__ import annotations

import sys

KNOWN_MINORS = range(11, 16)
RUNNING_MINOR = sys.version_info[1]


def is_known(minor=RUNNING_MINOR):
    """Whether the bytecode of CPython 3.`minor` can be edited here; that of any other can only be listed, through dis."""
    return minor in KNOWN_MINORS


def require_known(minor=RUNNING_MINOR):
    """Raises NotImplementedError, which names the version, if is_known() says no."""
    if not is_known(minor):
        known = f"3.{KNOWN_MINORS[0]} to 3.{KNOWN_MINORS[-1]}"
        raise NotImplementedError(
            f"the bytecode of CPython 3.{minor} is not known to this version of pyccolo_native ({known} are): "
            "it can be listed, not edited"
        )
