"""Trace functions that C code sets past sys.settrace()."""
import ctypes
import sys
import threading

api = ctypes.pythonapi
for set_function in (api.PyEval_SetTrace, api.PyEval_SetProfile):
    set_function.argtypes = (ctypes.c_void_p, ctypes.c_void_p)
    set_function.restype = None
EVENTS = ("call", "exception", "line", "return", "c_call", "c_exception", "c_return", "opcode")
OWNER = ["what the function belongs to"]


def helper(n):
    return n * 2


def work():
    total = 0
    for i in range(3):
        total += helper(i)
    try:
        raise KeyError(total)
    except KeyError:
        total += len("abc")
    return total


class Function:
    """A C function that logs. Its last argument may be null, which is no object for ctypes."""

    def __init__(self, log):
        def called(owner, frame, what, arg):
            if frame.f_code.co_filename == __file__:
                log(EVENTS[what], frame.f_code.co_name, frame.f_lineno, owner is OWNER)
            return 0

        kind = ctypes.PYFUNCTYPE(ctypes.c_int, ctypes.py_object, ctypes.py_object, ctypes.c_int, ctypes.c_void_p)
        self.callback = kind(called)

    def set(self, setter=api.PyEval_SetTrace):
        setter(ctypes.cast(self.callback, ctypes.c_void_p), id(OWNER))


def unset(setter=api.PyEval_SetTrace):
    setter(None, None)


def scenario_c_function_within(log, ours):
    function = Function(log)
    with ours():
        function.set()
        work()
        unset()
        work()


def scenario_c_function_before(log, ours):
    function = Function(log)
    function.set()
    with ours():
        work()
        log(sys.gettrace() is OWNER)
    work()
    log(sys.gettrace() is OWNER)
    unset()


def scenario_c_function_left_inside(log, ours):
    function = Function(log)
    with ours():
        function.set()
        work()
    work()
    log(sys.gettrace() is OWNER)
    unset()


def scenario_c_function_over_a_python_one(log, ours):
    def trace(frame, event, arg):
        if frame.f_code.co_filename == __file__:
            log("python", event, frame.f_code.co_name, frame.f_lineno)
        return trace

    function = Function(log)
    with ours():
        sys.settrace(trace)
        work()
        function.set()
        work()
        sys.settrace(trace)
        work()
        unset()
        work()


def scenario_c_profile_function(log, ours):
    function = Function(log)
    with ours():
        function.set(api.PyEval_SetProfile)
        work()
        unset(api.PyEval_SetProfile)
        work()


def scenario_c_function_in_a_thread(log, ours):
    function = Function(log)

    def in_thread():
        function.set()
        work()
        unset()
        log(sys.gettrace())

    with ours():
        thread = threading.Thread(target=in_thread)
        thread.start()
        thread.join()
        log(work())


def scenario_c_function_set_in_turns(log, ours):
    function = Function(log)
    with ours():
        for _ in range(20):
            function.set()
            helper(1)
            unset()
            helper(2)
    log(sys.gettrace())
