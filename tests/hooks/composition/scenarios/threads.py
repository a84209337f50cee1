"""Threads: with functions of the program's own for each, for all, and for those that begin."""
import _thread
import sys
import threading
from concurrent.futures import ThreadPoolExecutor


def helper(n):
    return n * 2


def work():
    total = 0
    for i in range(3):
        total += helper(i)
    return total


def recorder(log):
    """A log for each thread, in order of their names."""
    entries = {}

    def trace(frame, event, arg):
        if frame.f_code.co_filename != __file__:
            return None
        entries.setdefault(threading.current_thread().name, []).append(
            (event, frame.f_code.co_name, frame.f_lineno, type(arg).__name__)
        )
        return trace

    def tell():
        for name in sorted(entries):
            for entry in entries[name]:
                log(name, *entry)

    return trace, tell


def in_threads(target, count=2):
    threads = [threading.Thread(target=target, name=f"thread {i}") for i in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def scenario_threading_settrace(log, ours):
    trace, tell = recorder(log)
    with ours():
        threading.settrace(trace)
        in_threads(work)
        threading.settrace(None)
        in_threads(work)
    tell()


def scenario_threading_settrace_before(log, ours):
    trace, tell = recorder(log)
    threading.settrace(trace)
    with ours():
        in_threads(work)
    in_threads(work)
    threading.settrace(None)
    tell()


def scenario_threading_setprofile(log, ours):
    trace, tell = recorder(log)

    def profile(frame, event, arg):
        if event in ("call", "return"):
            trace(frame, event, arg)

    with ours():
        threading.setprofile(profile)
        in_threads(work)
        threading.setprofile(None)
        work()
    tell()


def scenario_each_sets_its_own(log, ours):
    recorders = {}

    def own():
        trace, tell = recorder(log)
        recorders[threading.current_thread().name] = tell
        sys.settrace(trace)
        work()
        same = sys.gettrace() is trace
        sys.settrace(None)
        work()
        recorders[threading.current_thread().name + " same"] = lambda: log(same, sys.gettrace())

    with ours():
        in_threads(own)
    for name in sorted(recorders):
        recorders[name]()


def scenario_running_threads(log, ours):
    """They wait while ours comes and goes, with functions of their own."""
    trace, tell = recorder(log)
    steps = [threading.Barrier(3, timeout=60) for _ in range(3)]

    def waiting():
        if threading.current_thread().name == "thread 0":
            sys.settrace(trace)
        work()
        steps[0].wait()
        work()
        steps[1].wait()
        work()
        steps[2].wait()
        work()
        sys.settrace(None)

    threads = [threading.Thread(target=waiting, name=f"thread {i}") for i in range(2)]
    for thread in threads:
        thread.start()
    context = ours()
    context.__enter__()
    work()
    steps[0].wait()
    work()
    steps[1].wait()
    context.__exit__(None, None, None)
    steps[2].wait()
    for thread in threads:
        thread.join()
    tell()


def scenario_other_starters(log, ours):
    with ours():
        done = _thread.allocate_lock()
        done.acquire()
        found = []

        def target(*args):
            found.append((work(), sys.gettrace(), sys.getprofile()))
            done.release()

        _thread.start_new_thread(target, ())
        done.acquire()
        with ThreadPoolExecutor(2, "pool") as pool:
            found.extend(pool.map(helper, range(4)))
        log(found)


def scenario_pool_that_outlives(log, ours):
    """Threads of a pool begin under ours and go on after it has left, and the other way round."""
    trace, tell = recorder(log)
    pool = ThreadPoolExecutor(1, "pool")
    pool.submit(work).result()
    with ours():
        pool.submit(work).result()
        pool.submit(sys.settrace, trace).result()
        log(pool.submit(work).result())
    log(pool.submit(work).result())
    pool.submit(sys.settrace, None).result()
    log(pool.submit(sys.gettrace).result(), pool.submit(sys.getprofile).result())
    pool.shutdown()
    tell()


def scenario_enabled_elsewhere(log, ours):
    """Ours is entered and left in a thread that is not the main one."""
    trace, tell = recorder(log)

    def enters():
        with ours():
            work()
            sys.settrace(trace)
            work()
        work()
        sys.settrace(None)

    in_threads(enters, 1)
    work()
    tell()


def scenario_ends_while_traced(log, ours):
    trace, tell = recorder(log)

    def sets():
        sys.settrace(trace)
        work()

    with ours():
        in_threads(sets, 3)
    tell()


def scenario_all_threads(log, ours):
    if sys.version_info < (3, 12):
        with ours():
            log(work())
        return
    trace, tell = recorder(log)
    steps = [threading.Barrier(2, timeout=60) for _ in range(4)]

    def waiting():
        work()
        for step in steps:
            step.wait()
            step.wait()
            work()
        recorders.append((sys.gettrace(), sys.getprofile()))

    recorders = []
    thread = threading.Thread(target=waiting, name="thread")
    thread.start()
    context = ours()
    steps[0].wait()
    context.__enter__()
    steps[0].wait()
    steps[1].wait()
    threading.settrace_all_threads(trace)
    steps[1].wait()
    steps[2].wait()
    context.__exit__(None, None, None)
    steps[2].wait()
    steps[3].wait()
    threading.settrace_all_threads(None)
    steps[3].wait()
    thread.join()
    log(recorders)
    tell()
