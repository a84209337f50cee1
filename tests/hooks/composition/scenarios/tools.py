"""Tools of the standard library that trace and profile."""
import cProfile
import contextlib
import doctest
import io
import pdb
import profile
import pstats
import sys
import threading
import trace
import unittest


def helper(n):
    """
    >>> helper(3)
    6
    >>> [helper(x) for x in range(3)]
    [0, 2, 4]
    """
    return n * 2


def failing(n):
    """
    >>> failing(1)
    1.0
    >>> failing(0)
    Traceback (most recent call last):
    ZeroDivisionError: division by zero
    >>> failing(4)
    5
    """
    return 1 / n


def debugged(n):
    """
    >>> x = 4
    >>> import pdb; pdb.set_trace()
    >>> debugged(x)
    5
    """
    return n + 1


def numbers(n):
    for i in range(n):
        yield helper(i)


def fibonacci(n):
    return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)


def program():
    total = sum(numbers(4))
    try:
        failing(0)
    except ZeroDivisionError:
        total += 1
    words = sorted("b a c".split(), key=str.upper)
    return total, fibonacci(5), words, list(map(helper, [1, 2]))


# ---- doctest


def run_doctests(log, *functions):
    told = io.StringIO()
    runner = doctest.DocTestRunner(verbose=False)
    for function in functions:
        for test in doctest.DocTestFinder(recurse=False).find(function, globs={**globals()}):
            runner.run(test, out=told.write, clear_globs=False)
    for line in told.getvalue().splitlines():
        log(line)
    log(tuple(runner.summarize(verbose=False)))


def recorder(log):
    def record(frame, event, arg):
        if frame.f_code.co_filename != __file__:
            return None
        log(event, frame.f_code.co_name, frame.f_lineno)
        return record

    return record


def scenario_doctest(log, ours):
    with ours():
        run_doctests(log, helper, failing)
        log(sys.gettrace())


def scenario_doctest_traced(log, ours):
    """doctest takes the trace function away and puts it back."""
    with ours():
        record = recorder(log)
        sys.settrace(record)
        run_doctests(log, helper, failing)
        log(sys.gettrace() is record)
        sys.settrace(None)


def scenario_doctest_debugged(log, ours):
    stdin = sys.stdin
    with ours():
        sys.stdin = io.StringIO("print(x)\nnext\nstep\nnext\ncontinue\n")
        try:
            run_doctests(log, debugged)
        finally:
            sys.stdin = stdin
        log(pdb.set_trace.__module__, sys.gettrace())
    sys.settrace(None)


if sys.version_info >= (3, 13):
    # New code each time, and somebody asks for more of its events: CPython does not tell of opcodes yet, and pdb stops later.
    scenario_doctest_debugged.exempt = {"settrace": ("c,",), "monitoring": ("",)}

# ---- trace


def scenario_trace_counts(log, ours):
    with ours():
        tracer = trace.Trace(count=1, trace=0, countfuncs=0)
        log(tracer.runfunc(program))
    for (path, line), times in sorted(tracer.results().counts.items()):
        if path == __file__:
            log(line, times)


def scenario_trace_functions(log, ours):
    with ours():
        tracer = trace.Trace(count=0, trace=0, countfuncs=1)
        log(tracer.runfunc(program))
    log(sorted(key[1:] for key in tracer.results().calledfuncs if key[0] == __file__))


def scenario_trace_callers(log, ours):
    with ours():
        tracer = trace.Trace(count=0, trace=0, countcallers=1)
        log(tracer.runfunc(program))
    log(sorted((a[2], b[2]) for a, b in tracer.results().callers if a[0] == b[0] == __file__))


def scenario_trace_prints(log, ours):
    told = io.StringIO()
    with ours(), contextlib.redirect_stdout(told):
        trace.Trace(count=0, trace=1).runfunc(program)
    for line in told.getvalue().splitlines():
        if line.startswith(("tools.py", " --- modulename: tools")):
            log(line)


# ---- profilers


def calls_of(stats):
    counted = {}
    for (path, _line, name), (direct, calls, *_times) in stats.items():
        if path in (__file__, "~") and "setprofile" not in name and "Profiler" not in name:
            counted[name] = direct, calls
    return counted


def scenario_profile(log, ours):
    with ours():
        profiler = profile.Profile(bias=0)
        log(profiler.runcall(program))
        profiler.create_stats()
        counted = calls_of(profiler.stats)
    log(sorted(counted.items()))


# With anybody who asks sys.monitoring for calls, CPython tells of the end of the sys.setprofile() by which profile begins.
scenario_profile.exempt = {"monitoring": ("c,", "all,", "threads,", "no file,")}


def scenario_cprofile(log, ours):
    with ours():
        profiler = cProfile.Profile()
        log(profiler.runcall(program))
    log(sorted(calls_of(pstats.Stats(profiler).stats).items()))


def scenario_cprofile_on_and_off(log, ours):
    first, second = cProfile.Profile(), cProfile.Profile()
    context = ours()
    first.enable()
    program()
    first.disable()
    with context:
        first.enable()
        program()
        log(sys.getprofile() is first)
        first.disable()
        log(sys.getprofile())
        second.enable()
        program()
        second.disable()
    own = ("__enter__", "__exit__", "enable", "disable", "<lambda>")
    for profiler in (first, second):
        counted = calls_of(pstats.Stats(profiler).stats)
        log(sorted((name, counts) for name, counts in counted.items() if not any(word in name for word in own)))


def scenario_profiler_over_our_end(log, ours):
    profiler = cProfile.Profile()
    context = ours()
    context.__enter__()
    profiler.enable()
    program()
    context.__exit__(None, None, None)
    program()
    profiler.disable()
    counted = calls_of(pstats.Stats(profiler).stats)
    log([(name, counted[name]) for name in ("helper", "fibonacci", "numbers", "program", "failing")])


def scenario_profiled_and_traced(log, ours):
    with ours():
        profiler = cProfile.Profile()
        tracer = trace.Trace(count=1, trace=0)
        profiler.enable()
        log(tracer.runfunc(program))
        profiler.disable()
    counted = calls_of(pstats.Stats(profiler).stats)
    log([(name, counted[name]) for name in ("helper", "fibonacci", "numbers", "program", "failing")])
    log(sorted((line, times) for (path, line), times in tracer.results().counts.items() if path == __file__))


# ---- and others


class Case(unittest.TestCase):
    def test_passes(self):
        self.assertEqual(helper(2), 4)

    def test_raises(self):
        with self.assertRaises(ZeroDivisionError):
            failing(0)

    def test_fails(self):
        self.assertEqual(fibonacci(6), 9)


def scenario_unittest(log, ours):
    told = io.StringIO()
    with ours():
        result = unittest.TextTestRunner(told).run(unittest.defaultTestLoader.loadTestsFromTestCase(Case))
    log(result.testsRun, len(result.failures), len(result.errors))


def scenario_threads_under_trace(log, ours):
    with ours():
        tracer = trace.Trace(count=1, trace=0)

        def in_threads():
            threads = [threading.Thread(target=program) for _ in range(3)]
            for thread in threads:
                thread.start()
                thread.join()

        tracer.runfunc(in_threads)
        log(sys.gettrace())
    log(sorted((line, times) for (path, line), times in tracer.results().counts.items() if path == __file__))
