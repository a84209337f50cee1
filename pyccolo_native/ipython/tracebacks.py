"""Tracebacks that the user sees: without frames of ours."""
import os
import sys
from functools import wraps

from ..emit_event import SANDBOX_FNAME_PREFIX, is_traceback_visible
from ..tracer import HIDE_PYCCOLO_FRAME, PYCCOLO_DEV_MODE_ENV_VAR, TRACED_LAMBDA_NAME
from .patch import Patch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType, TracebackType
    from typing import Any

_OWN_FOLDER = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "")
# Wrappers that programs built on Pyccolo put around eval().
_HIDDEN_FUNCTIONS = frozenset((TRACED_LAMBDA_NAME, "_patched_eval", "_patched_tracer_eval"))


def _is_hidden(frame: "FrameType") -> bool:
    code = frame.f_code
    if code.co_filename.startswith(_OWN_FOLDER) or code.co_name in _HIDDEN_FUNCTIONS:
        return True
    if code.co_filename.startswith(SANDBOX_FNAME_PREFIX) and not is_traceback_visible(code.co_filename):
        return True
    return bool(frame.f_locals.get(HIDE_PYCCOLO_FRAME, False))


def filter_hidden_frames(tb: "TracebackType | None") -> None:
    """Takes the library's frames out of a traceback, in place; its first frame stays.

    Frames of sandbox code stay if mark_traceback_visible() was called for it.
    """
    while tb is not None:
        following = tb.tb_next
        while following is not None and _is_hidden(following.tb_frame):
            following = following.tb_next
        tb.tb_next = following
        tb = following


def _filter_exception(error: "BaseException | None", seen: "set[int]") -> None:
    """The same for an exception and all that it came from or holds."""
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        tb = error.__traceback__
        while tb is not None and _is_hidden(tb.tb_frame):
            tb = tb.tb_next
        error.__traceback__ = tb
        filter_hidden_frames(tb)
        if isinstance(error, BaseExceptionGroup):
            for its in error.exceptions:
                _filter_exception(its, seen)
        _filter_exception(error.__cause__, seen)
        error = error.__context__


_filtered: "dict[int, Any]" = {}
"""The shells whose tracebacks are filtered, by id."""
_patches: "dict[type, Patch]" = {}


def install(shell: "Any") -> None:
    """Filters what this shell shows.

    The method of the class is replaced, not the shell's: a host that replaces it too, before or after, is called as well.
    """
    _filtered[id(shell)] = shell
    cls = type(shell)
    if cls not in _patches:
        _patches[cls] = Patch(cls, "showtraceback", _filtering(cls.showtraceback))


def _filtering(showtraceback: "Any") -> "Any":
    @wraps(showtraceback)
    def filtering_showtraceback(shell, exc_tuple=None, *args, **kwargs):
        if id(shell) in _filtered and os.environ.get(PYCCOLO_DEV_MODE_ENV_VAR) != "1":
            _, error, tb = exc_tuple or sys.exc_info()
            if error is None:
                error = getattr(sys, "last_value", None)
            filter_hidden_frames(tb)
            _filter_exception(error, set())
        return showtraceback(shell, exc_tuple, *args, **kwargs)

    return filtering_showtraceback


def uninstall(shell: "Any") -> None:
    """Ends what install() began."""
    _filtered.pop(id(shell), None)
    cls = type(shell)
    if cls in _patches and not any(type(its) is cls for its in _filtered.values()):
        _patches.pop(cls).remove()
