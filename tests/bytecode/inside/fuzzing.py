"""Changes functions at random and runs those that verify() accepts; python fuzzing.py SEED FIRST COUNT [DROPPED,INDEXES]

Lines on file descriptor 3 say how far it is: "B number accepted refused" before a function is changed, the same with R before one
is run and with N at the end; "E number text" is an error that must not be. Everything follows from the seed and the number.
"""
import faulthandler
import gc
import os
import random
import resource
import signal
import sys
import tempfile
import types
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
FILES = 16  # whose functions are taken, for one seed
LARGEST = 1500  # bytes of co_code
SECONDS = 0.3
CALLS = 12  # enough for the interpreter to specialize
MEMORY = 4 << 30
COUNTS = {"accepted": 0, "refused": 0}


class Stop(BaseException):
    """Time is over."""


def say(text):
    os.write(3, f"{text}\n".encode("utf-8", "backslashreplace"))


def tell(kind, number):
    say(f"{kind} {number} {COUNTS['accepted']} {COUNTS['refused']}")


def sources(seed):
    """The code objects that are changed, (file, code)."""
    from tests.bytecode import corpus

    chance = random.Random(seed)
    paths = corpus.files([corpus.stdlib()])
    found = []
    for path in chance.sample(paths, min(len(paths), FILES)):
        code = corpus.code_of(path, path.name)
        for one in corpus.walk(code) if code else ():
            if 8 < len(one.co_code) < LARGEST:
                found.append((path, one))
    return found


def make(seed, number, found, dropped=()):
    """(file, the changed Code, what was done)."""
    from tests.bytecode import mutations

    chance = random.Random(f"{seed}:{number}")
    path, code = chance.choice(found)
    changed, told = mutations.mutate(chance, code)
    for index in sorted(dropped, reverse=True):
        if index < len(changed):
            del changed[index]
    return path, changed, told


def accepted(number, changed):
    """The code object, or None if it is refused."""
    from pyccolo_native.bytecode import BytecodeError

    try:
        changed.verify()
        verified = True
    except (BytecodeError, ValueError, TypeError):
        verified = False
    except BaseException as error:  # even a SystemError
        say(f"E {number} verify(): {type(error).__name__}: {error}")
        return None
    try:
        made = changed.to_code(reuse=False)
    except (BytecodeError, ValueError, TypeError, OverflowError) as error:
        if verified and not isinstance(error, (BytecodeError, ValueError)):
            say(f"E {number} to_code(): {type(error).__name__}: {error}")
        return None
    except BaseException as error:
        say(f"E {number} to_code(): {type(error).__name__}: {error}")
        return None
    if not verified:
        say(f"E {number} to_code() takes what verify() refuses")
        return None
    return made


# ---- Running


def function_of(chance, code, names):
    from things import namespace, values

    cells = [types.CellType() if chance.random() < 0.1 else types.CellType(values(chance)) for _ in code.co_freevars]
    function = types.FunctionType(code, namespace(names), None, None, tuple(cells) or None)
    if code.co_argcount and chance.random() < 0.3:
        defaults = code.co_varnames[: code.co_argcount][-chance.randint(1, code.co_argcount) :]
        function.__defaults__ = tuple(argument(chance, name) for name in defaults)
    return function


def names_in(code):
    names = {*code.co_names}
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            names |= names_in(constant)
    return sorted(names)


def call(chance, code):
    """Calls a function made of the code, and runs what it gives."""
    from things import namespace, values

    names = names_in(code)
    if not code.co_flags & 2 and not code.co_freevars and not code.co_argcount:
        exec(code, namespace(names))
        return
    function = function_of(chance, code, names)
    args = [argument(chance, name) for name in code.co_varnames[: code.co_argcount]]
    keywords = {name: argument(chance, name) for name in code.co_varnames[code.co_argcount :][: code.co_kwonlyargcount]}
    if code.co_flags & 8 and chance.random() < 0.4:
        keywords["further"] = values(chance)
    if code.co_flags & 4 and chance.random() < 0.4:
        args.append(values(chance))
    drive(chance, function(*args, **keywords))


def argument(chance, name):
    from things import Thing, values

    # Nothing but a comprehension's function has such an argument, and it is always given an iterator.
    return chance.choice((iter([1, (2, 3)]), Thing())) if name == ".0" else values(chance)


def drive(chance, value):
    """Runs a generator, a coroutine or an asynchronous generator for some steps, in one way or another."""
    if isinstance(value, types.AsyncGeneratorType):
        for _ in range(chance.randint(0, 4)):
            way = chance.randrange(4)
            step = (value.__anext__, lambda: value.asend(1), lambda: value.athrow(ValueError("thrown")), value.aclose)[way]()
            drive(chance, step)
    elif hasattr(value, "send") and hasattr(value, "throw"):
        for number in range(chance.randint(0, 7)):
            look_at(value)
            way = chance.randrange(6)
            if way == 0 and number:
                value.throw(chance.choice((ValueError("thrown"), GeneratorExit(), StopIteration(1), KeyError)))
            elif way == 1:
                value.close()
            elif way == 2 and number:
                value.send(chance.choice((1, "sent", None)))
            else:
                value.send(None)
    elif isinstance(value, types.FunctionType) and ".0" not in value.__code__.co_varnames:
        value()


def look_at(generator):
    """What can be seen of a generator or a coroutine from outside."""
    for name in ("gi_yieldfrom", "cr_await", "gi_running", "cr_running", "gi_suspended"):
        getattr(generator, name, None)
    frame = getattr(generator, "gi_frame", None) or getattr(generator, "cr_frame", None)
    if frame is not None:
        frame.f_lineno, frame.f_lasti, dict(frame.f_locals)


# ---- Observing


def trace(frame, event, arg):
    """A trace function that looks at everything."""
    frame.f_trace_opcodes = True
    frame.f_lineno, frame.f_lasti, dict(frame.f_locals)
    return trace


def monitor():
    """Asks for all events; gives what takes that back."""
    tool, monitoring = 3, sys.monitoring
    monitoring.use_tool_id(tool, "fuzzing")
    wanted = 0
    for name, event in vars(monitoring.events).items():
        if event and not event & event - 1:  # one event
            monitoring.register_callback(tool, event, lambda *_: None)
            wanted |= event
    monitoring.set_events(tool, wanted & ~monitoring.events.C_RETURN & ~monitoring.events.C_RAISE)

    def stop():
        monitoring.set_events(tool, 0)
        monitoring.free_tool_id(tool)

    return stop


def observe(how):
    """In one case of four, somebody observes the runs; gives what ends that."""
    if how < 0.12:
        sys.settrace(trace)
        return lambda: sys.settrace(None)
    if how < 0.17:
        sys.setprofile(lambda *_: None)
        return lambda: sys.setprofile(None)
    return monitor() if how < 0.25 and hasattr(sys, "monitoring") else lambda: None


def run(seed, number, code):
    """Runs the code again and again, until time is over."""
    chance = random.Random(f"{seed}:{number}:run")
    strikes = 0

    def over(*_):
        nonlocal strikes
        strikes += 1
        if strikes > 10:
            os._exit(1)  # it catches everything
        raise Stop

    signal.signal(signal.SIGALRM, over)
    how = chance.random()
    for number in range(CALLS):
        signal.setitimer(signal.ITIMER_REAL, SECONDS, SECONDS / 10)
        faulthandler.dump_traceback_later(5 * SECONDS, exit=True)  # where no signal is looked for
        try:
            stop = observe(how)
            try:
                call(chance, code)
            finally:
                stop()
                signal.setitimer(signal.ITIMER_REAL, 0)
        except Stop:
            break
        except BaseException as error:
            if number < 2:
                where = error.__traceback__
                while where is not None:
                    where.tb_lineno, where.tb_frame.f_locals
                    where = where.tb_next
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            faulthandler.cancel_dump_traceback_later()
    list(code.co_positions()), list(code.co_lines())


def limit():
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))


def main():
    seed, first, count = map(int, sys.argv[1:4])
    dropped = [int(index) for index in sys.argv[4].split(",") if index] if len(sys.argv) > 4 else ()
    sys.path.insert(1, str(ROOT))
    faulthandler.enable()
    os.chdir(tempfile.gettempdir())
    limit()
    found = sources(seed)
    import warnings

    warnings.simplefilter("ignore")
    sys.unraisablehook = lambda *_: None
    for number in range(first, first + count):
        tell("B", number)
        try:
            _, changed, _ = make(seed, number, found, dropped)
        except Exception as error:
            say(f"E {number} changing it: {type(error).__name__}: {error}")
            continue
        code = accepted(number, changed)
        del changed
        COUNTS["accepted" if code is not None else "refused"] += 1
        if code is not None:
            tell("R", number)
            run(seed, number, code)
            del code
        if not number % 20:
            gc.collect()
    gc.collect()
    tell("N", number)


if __name__ == "__main__":
    main()
