import os
import sys

import pyccolo as pyc
from pyccolo.emit_event import SANDBOX_FNAME_PREFIX
from pyccolo.tracer import HIDE_PYCCOLO_FRAME, TRACED_LAMBDA_NAME
from pyccolo.utils import set_frame_local

assert SANDBOX_FNAME_PREFIX == "<sandbox" and HIDE_PYCCOLO_FRAME == "__hide_pyccolo_frame__" and TRACED_LAMBDA_NAME == "<traced_lambda>"


def frames_above():
    frame = sys._getframe(1)
    while frame is not None:
        yield frame
        frame = frame.f_back


class Frames(pyc.BaseTracer):
    given = []
    below = []

    @pyc.after_call
    def called(self, ret, node, frame, *_, **__):
        self.given.append(frame.f_code.co_name)
        self.below.append([its.f_code.co_filename for its in frames_above()])


def is_the_librarys(frame):
    """As programs ask."""
    return "pyccolo" in frame.f_code.co_filename or frame.f_globals.get("__name__", "").startswith("pyccolo")


def is_hidden(frame):
    name, file = frame.f_code.co_name, frame.f_code.co_filename
    return HIDE_PYCCOLO_FRAME in frame.f_locals or file.startswith(SANDBOX_FNAME_PREFIX) or name == TRACED_LAMBDA_NAME


with Frames:
    env = pyc.exec("def user(x):\n    return abs(x)\nuser(-1)")
    assert Frames.given == ["user", "_X5ix_pyccolo_sandbox"]
    files = {file for below in Frames.below for file in below}
    assert all("pyccolo" in its or its.startswith(SANDBOX_FNAME_PREFIX) or its == __file__ for its in files), files

try:
    pyc.exec("def failing():\n    return 1 / 0\nfailing()")
except ZeroDivisionError as error:
    traceback, frames = error.__traceback__, []
    while traceback is not None:
        frames.append(traceback.tb_frame)
        traceback = traceback.tb_next
    others = [its for its in frames if not is_the_librarys(its) and not is_hidden(its)]
    assert others == [sys._getframe()], others
    assert frames[-1].f_code.co_name == "failing"

# functions and classes say whose they are
for its in (set_frame_local, pyc.BaseTracer, pyc.AstRewriter, pyc.TraceEvent, pyc.Predicate, pyc.BaseTracer.instrumented, pyc.make_guard_name):
    assert its.__module__.startswith("pyccolo."), (its, its.__module__)
    assert sys.modules[its.__module__] is not None
assert pyc.exec.__module__ == "pyccolo" == pyc.__name__
assert "pyccolo" in os.path.dirname(pyc.__file__)
