"""Trace functions of the program's own."""
import sys
import threading
from sys import gettrace as early_gettrace
from sys import settrace as early_settrace


def entry(frame, event, arg):
    return event, frame.f_code.co_name, frame.f_lineno, type(arg).__name__


def is_here(frame):
    return frame.f_code.co_filename == __file__


def recorder(log):
    def trace(frame, event, arg):
        if not is_here(frame):
            return None
        log(*entry(frame, event, arg))
        return trace

    return trace


# ---- a program


class Quiet:
    def __enter__(self):
        return self

    def __exit__(self, *raised):
        return True


def numbers(n):
    for i in range(n):
        yield i


def delegating(n):
    yield from numbers(n)
    return n


def raises():
    raise ValueError("on purpose")


async def answer():
    return 42


async def main_coroutine():
    return await answer()


def work():
    total = 0
    for i in numbers(3):
        total += i
    squares = [x * x for x in range(3)]
    with Quiet():
        raises()
    try:
        raises()
    except ValueError as error:
        text = str(error)
    finally:
        total += len(text)
    key = lambda x: -x  # noqa: E731
    squares.sort(key=key)
    list(delegating(2))
    stopped = numbers(5)
    next(stopped)
    stopped.close()
    thrown = numbers(5)
    next(thrown)
    try:
        thrown.throw(KeyError("k"))
    except KeyError:
        pass
    coroutine = main_coroutine()
    try:
        coroutine.send(None)
    except StopIteration as done:
        total += done.value
    while total % 7:
        total += 1
    return total


# ---- scenarios


def scenario_one_function(log, ours):
    with ours():
        sys.settrace(recorder(log))
        log(work())
        sys.settrace(None)
        log(sys.gettrace())


def scenario_before_and_after(log, ours):
    trace = recorder(log)
    sys.settrace(trace)
    work()
    with ours():
        log(sys.gettrace() is trace)
        work()
    log(sys.gettrace() is trace)
    work()
    sys.settrace(None)
    work()


def scenario_left_inside(log, ours):
    trace = recorder(log)
    context = ours()
    context.__enter__()
    sys.settrace(trace)
    work()
    context.__exit__(None, None, None)
    log(sys.gettrace() is trace)
    work()
    sys.settrace(None)


def scenario_local_functions(log, ours):
    def trace(frame, event, arg):
        if not is_here(frame):
            return None
        log("global", *entry(frame, event, arg))

        def local(frame, event, arg):
            log("local", *entry(frame, event, arg))
            return other if event == "line" else None

        def other(frame, event, arg):
            log("other", *entry(frame, event, arg))
            return local

        return local

    with ours():
        sys.settrace(trace)
        work()
        sys.settrace(None)


def scenario_none_from_call(log, ours):
    def trace(frame, event, arg):
        if not is_here(frame):
            return None
        log(*entry(frame, event, arg))
        return trace if frame.f_code.co_name in ("raises", "numbers") else None

    with ours():
        sys.settrace(trace)
        work()
        sys.settrace(None)


def scenario_changes_f_trace(log, ours):
    def trace(frame, event, arg):
        if not is_here(frame):
            return None
        log("first", *entry(frame, event, arg), frame.f_trace is None)
        if event == "line" and frame.f_code.co_name == "work":
            frame.f_trace = second
            return second
        if event == "line" and frame.f_code.co_name == "numbers":
            del frame.f_trace
        return trace

    def second(frame, event, arg):
        log("second", *entry(frame, event, arg))
        return second

    with ours():
        sys.settrace(trace)
        work()
        sys.settrace(None)


def scenario_f_trace_lines(log, ours):
    def trace(frame, event, arg):
        if not is_here(frame):
            return None
        log(*entry(frame, event, arg), frame.f_trace_lines)
        if event == "call" and frame.f_code.co_name != "work":
            frame.f_trace_lines = False
        if event == "line":
            frame.f_trace_lines = False
        if event == "exception":
            frame.f_trace_lines = True
        return trace

    with ours():
        sys.settrace(trace)
        work()
        sys.settrace(None)


def scenario_f_trace_opcodes(log, ours):
    def trace(frame, event, arg):
        if not is_here(frame):
            return None
        # CPython 3.11 gives a caller another offset within the same instruction when frames are evaluated one by one.
        log(*entry(frame, event, arg), event == "opcode" and frame.f_lasti, frame.f_trace_opcodes)
        if event == "call":
            frame.f_trace_opcodes = frame.f_code.co_name in ("work", "raises")
        return trace

    # CPython 3.12 looks at whether some frame wants opcodes when a function is set.
    sys._getframe().f_trace_opcodes = True
    sys._getframe().f_trace_opcodes = False
    with ours():
        sys.settrace(trace)
        work()
        sys.settrace(None)


def scenario_only_opcodes(log, ours):
    def trace(frame, event, arg):
        if not is_here(frame):
            return None
        log(*entry(frame, event, arg), event == "opcode" and frame.f_lasti)
        frame.f_trace_lines = False
        frame.f_trace_opcodes = True
        return trace

    sys._getframe().f_trace_opcodes = True
    sys._getframe().f_trace_opcodes = False
    with ours():
        sys.settrace(trace)
        work()
        sys.settrace(None)


def failing(log, which):
    def trace(frame, event, arg):
        if not is_here(frame):
            return None
        log(*entry(frame, event, arg))
        if event == which and frame.f_code.co_name == "numbers":
            raise LookupError(which)
        return trace

    return trace


def scenario_raising_function(log, ours):
    for which in ("call", "line", "return"):
        with ours():
            sys.settrace(failing(log, which))
            try:
                work()
            except LookupError as error:
                log("caught", error)
            log(sys.gettrace())
            work()
            sys.settrace(recorder(log))
            work()
            sys.settrace(None)


def scenario_raising_on_exception(log, ours):
    with ours():

        def trace(frame, event, arg):
            if not is_here(frame):
                return None
            log(*entry(frame, event, arg))
            if event == "exception":
                raise LookupError("instead")
            return trace

        sys.settrace(trace)
        try:
            work()
        except LookupError as error:
            log("caught", error, type(error.__context__).__name__)
        log(sys.gettrace())
        sys.settrace(None)


def scenario_removes_itself(log, ours):
    for which in ("call", "line", "return", "exception"):

        def trace(frame, event, arg, which=which):
            if not is_here(frame):
                return None
            log(*entry(frame, event, arg))
            if event == which and frame.f_code.co_name in ("numbers", "raises"):
                sys.settrace(None)
                log(sys.gettrace())
            return trace

        with ours():
            sys.settrace(trace)
            work()
            log(sys.gettrace())
            sys.settrace(None)


def scenario_sets_another(log, ours):
    for which in ("call", "line", "return", "exception"):
        later = recorder(log)

        def trace(frame, event, arg, which=which, later=later):
            if not is_here(frame):
                return None
            log("first", *entry(frame, event, arg))
            if event == which and frame.f_code.co_name in ("numbers", "raises"):
                sys.settrace(later)
                log(sys.gettrace() is later)
            return trace

        with ours():
            sys.settrace(trace)
            work()
            log(sys.gettrace() is later)
            work()
            sys.settrace(None)


def scenario_installed_on_the_way(log, ours):
    trace = recorder(log)

    def outer():
        before = 1
        inner()
        after = before
        return after

    def inner():
        before = 1
        sys.settrace(trace)
        frame = sys._getframe()
        while frame is not None:
            if is_here(frame):
                frame.f_trace = trace
            frame = frame.f_back
        after = before
        return after

    with ours():
        outer()
        work()
        sys.settrace(None)
    frame = sys._getframe()
    del frame.f_trace


def scenario_removed_on_the_way(log, ours):
    def inner():
        before = 1
        sys.settrace(None)
        return before

    def outer():
        inner()
        return work()

    with ours():
        sys.settrace(recorder(log))
        outer()
        log(sys.gettrace())


def scenario_saved_and_restored(log, ours):
    trace = recorder(log)

    def quiet():
        saved = sys.gettrace()
        sys.settrace(None)
        try:
            work()
        finally:
            sys.settrace(saved)
        return saved is trace

    with ours():
        sys.settrace(trace)
        log(quiet())
        work()
        sys.settrace(None)


def scenario_early_settrace(log, ours):
    """settrace from before the activation sets past us; ours comes back at the next check of the main thread."""
    with ours():
        early_settrace(recorder(log))
        work()
        early_settrace(None)
        work()
        early_settrace(recorder(log))
        work()
        sys.settrace(None)
        work()


def scenario_early_save_and_restore(log, ours):
    """What the gettrace from before the activation gives may be ours: to set it is to set nothing."""
    with ours():
        saved = early_gettrace()
        early_settrace(None)
        work()
        early_settrace(saved)
        work()
        sys.settrace(recorder(log))
        work()
        saved = early_gettrace()
        sys.settrace(None)
        work()
    early_settrace(None)


scenario_early_save_and_restore.where = ("inside",)


def scenario_call_tracing(log, ours):
    trace = recorder(log)
    done = []

    def reentrant(frame, event, arg):
        if not is_here(frame):
            return None
        log("outer", *entry(frame, event, arg))
        if event == "line" and frame.f_code.co_name == "raises" and not done:
            done.append(True)
            sys.call_tracing(work, ())
            sys.settrace(trace)
            sys.call_tracing(work, ())
            sys.settrace(reentrant)
        return reentrant

    with ours():
        sys.settrace(reentrant)
        work()
        sys.settrace(None)


def scenario_jumps(log, ours):
    def jumper(frame, event, arg):
        if frame.f_code.co_name != "with_jump":
            return None
        log(*entry(frame, event, arg))
        if event == "line" and frame.f_lineno == frame.f_code.co_firstlineno + 2:
            frame.f_lineno += 2
        return jumper

    def with_jump():
        steps = ["a"]
        steps.append("b")
        steps.append("c")
        steps.append("d")
        return steps

    with ours():
        sys.settrace(jumper)
        log(with_jump())
        sys.settrace(None)


def scenario_jumps_back(log, ours):
    jumped = []

    def jumper(frame, event, arg):
        if frame.f_code.co_name != "with_loop":
            return None
        log(*entry(frame, event, arg))
        if event == "line" and frame.f_lineno == frame.f_code.co_firstlineno + 4 and not jumped:
            jumped.append(True)
            frame.f_lineno -= 1
        return jumper

    def with_loop():
        steps = []
        for i in range(2):
            steps.append(i)
            steps.append(-i)
        return steps

    with ours():
        sys.settrace(jumper)
        log(with_loop())
        sys.settrace(None)


def scenario_reads_frames(log, ours):
    def trace(frame, event, arg):
        if not is_here(frame):
            return None
        names = []
        at = frame
        while at is not None and at.f_code.co_name != "scenario_reads_frames":
            names.append(at.f_code.co_name)
            at = at.f_back
        shown = sorted((k, v) for k, v in frame.f_locals.items() if isinstance(v, (int, str)))
        log(event, names, shown)
        if event == "exception":
            log(arg[0].__name__, str(arg[1]), arg[2].tb_lineno)
        return trace

    with ours():
        sys.settrace(trace)
        work()
        sys.settrace(None)


def scenario_changes_locals(log, ours):
    def trace(frame, event, arg):
        if frame.f_code.co_name != "count":
            return None
        if event == "line":
            frame.f_locals["factor"] = frame.f_locals.get("factor", 1) + 1
        log(*entry(frame, event, arg), frame.f_locals.get("factor"))
        return trace

    def count():
        factor = 1
        total = factor
        total += factor
        return total, factor

    with ours():
        sys.settrace(trace)
        log(count())
        sys.settrace(None)


# ---- profile functions


def profiler(log):
    def profile(frame, event, arg):
        if is_here(frame) and arg is not sys.setprofile and getattr(arg, "__name__", "") != "setprofile":
            log(event, frame.f_code.co_name, frame.f_lineno, getattr(arg, "__qualname__", type(arg).__name__))

    return profile


def scenario_profile_function(log, ours):
    with ours():
        profile = profiler(log)
        sys.setprofile(profile)
        log(sys.getprofile() is profile)
        work()
        sys.setprofile(None)
        log(sys.getprofile())


def scenario_profile_before_and_after(log, ours):
    profile = profiler(log)
    sys.setprofile(profile)
    with ours():
        work()
        log(sys.getprofile() is profile)
    work()
    log(sys.getprofile() is profile)
    sys.setprofile(None)


def scenario_both_functions(log, ours):
    with ours():
        sys.setprofile(profiler(log))
        sys.settrace(recorder(log))
        work()
        sys.settrace(None)
        work()
        sys.setprofile(None)


def scenario_raising_profile_function(log, ours):
    for which in ("call", "c_call", "c_return", "return", "c_exception"):

        def profile(frame, event, arg, which=which):
            if is_here(frame) and event == which and frame.f_code.co_name == "work":
                raise LookupError(which)

        with ours():
            sys.setprofile(profile)
            try:
                log(work())
            except LookupError as error:
                log("caught", error)
            log(sys.getprofile())
            log(work())
            sys.setprofile(None)


def scenario_profile_removes_itself(log, ours):
    for which in ("call", "return", "c_call", "c_return"):
        profile = profiler(log)

        def removing(frame, event, arg, which=which, profile=profile):
            profile(frame, event, arg)
            if is_here(frame) and event == which and frame.f_code.co_name == "work":
                sys.setprofile(None)

        with ours():
            sys.setprofile(removing)
            work()
            log(sys.getprofile())
            sys.setprofile(None)


# ---- threads


def scenario_functions_of_threads(log, ours):
    trace, profile = recorder(log), profiler(log)
    with ours():
        threading.settrace(trace)
        threading.setprofile(profile)
        log(threading.gettrace() is trace, threading.getprofile() is profile)
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        threading.settrace(None)
        threading.setprofile(None)


def scenario_functions_of_all_threads(log, ours):
    if sys.version_info < (3, 12):
        with ours():
            log(work())
        return
    trace, profile = recorder(log), profiler(log)
    ready, go = threading.Event(), threading.Event()

    def waiting():
        ready.set()
        go.wait()
        log("gettrace", sys.gettrace() is trace, sys.getprofile() is profile)
        work()

    thread = threading.Thread(target=waiting)
    thread.start()
    ready.wait()
    with ours():
        threading.settrace_all_threads(trace)
        log(sys.gettrace() is trace)
        go.set()
        thread.join()
        work()
        threading.settrace_all_threads(None)
        log(sys.gettrace())
        threading.setprofile_all_threads(profile)
        log(sys.getprofile() is profile)
        work()
        threading.setprofile_all_threads(None)
        log(sys.getprofile())
