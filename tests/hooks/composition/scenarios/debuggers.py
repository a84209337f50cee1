"""pdb with a script for its standard input, and debuggers made of bdb."""
import bdb
import builtins
import io
import pdb
import sys


class Scripted(pdb.Pdb):
    """Commands, one a line; the transcript goes to log."""

    def __init__(self, log, script):
        self.log = log
        self.told = io.StringIO()
        super().__init__(stdin=io.StringIO(script), stdout=self.told, nosigint=True, readrc=False)
        self.use_rawinput = False

    def tell(self):
        lines = iter(self.told.getvalue().replace(__file__, "FILE").splitlines())
        for line in lines:
            if "run.py" in line:
                next(lines)  # the line of a frame that is not ours
            else:
                self.log(line)


def tell(log, transcript):
    lines = iter(transcript.replace(__file__, "FILE").splitlines())
    for line in lines:
        if "run.py" in line:
            next(lines)  # the line of a frame that is not the scenario's
        else:
            log(line)


def helper(n):
    doubled = n * 2
    return doubled


def failing(n):
    return 1 // n


def numbers(n):
    for i in range(n):
        yield helper(i)


def program():
    first = helper(1)
    total = 0
    for i in numbers(3):
        total += i
    try:
        failing(0)
    except ZeroDivisionError as error:
        first = str(error)
    second = helper(total)
    third = [helper(x) for x in range(2)]
    return first, second, third


def stops_in(debugger):
    before = helper(1)
    debugger.set_trace(sys._getframe())
    after = helper(before)
    total = 0
    for i in numbers(2):
        total += i
    return after + total


def calls_stops_in(debugger):
    result = stops_in(debugger)
    doubled = helper(result)
    return doubled


AT = stops_in.__code__.co_firstlineno
STEPS = {
    "steps": "step\n" * 12 + "where\nargs\ncontinue\n",
    "nexts": "next\n" * 6 + "p after, total\nlist\ncontinue\n",
    "returns": "step\nstep\nstep\nreturn\nnext\nreturn\nnext\nnext\nreturn\ncontinue\n",
    "until": f"next\nuntil\nuntil\nuntil\nuntil {AT + 7}\ncontinue\n",
    "updown": "up\np debugger is not None\nnext\nnext\ndown\nwhere\ncontinue\n",
    "breakpoints": "break helper\ncontinue\nwhere\np n\ncontinue\np n\ncontinue\nclear 1\ncontinue\n",
    "conditions": "break helper, n == 1\ntbreak numbers\ncontinue\np n\ncontinue\np n\ndisable 1\ncontinue\n",
    "ignored": "break helper\nignore 1 2\ncontinue\np n\ncommands 1\np n + 100\ncontinue\nend\ncontinue\n",
    "changed": "next\n!after = 100\nnext\nnext\np after\ndisplay total\nnext\nnext\ncontinue\n",
    "jump": f"next\nnext\njump {AT + 3}\nnext\nnext\np after, total\ncontinue\n",
    "quit": "next\nquit\n",
    "interact": "debug helper(3)\nstep\nstep\nnext\ncontinue\nnext\ncontinue\n",
    "eof": "next\n",
}


def with_steps(script):
    def scenario(log, ours):
        debugger = Scripted(log, script)
        with ours():
            try:
                log(calls_stops_in(debugger))
            except bdb.BdbQuit:
                log("quit")
            log(sys.gettrace() is None)
            log(helper(5))
        sys.settrace(None)
        debugger.clear_all_breaks()
        debugger.tell()
        forget_breakpoints()

    return scenario


def forget_breakpoints():
    bdb.Breakpoint.clearBreakpoints()


def scenario_set_trace_steps(log, ours):
    with_steps(STEPS["steps"])(log, ours)


def scenario_set_trace_nexts(log, ours):
    with_steps(STEPS["nexts"])(log, ours)


def scenario_set_trace_returns(log, ours):
    with_steps(STEPS["returns"])(log, ours)


def scenario_set_trace_until(log, ours):
    with_steps(STEPS["until"])(log, ours)


def scenario_set_trace_updown(log, ours):
    with_steps(STEPS["updown"])(log, ours)


def scenario_set_trace_breakpoints(log, ours):
    with_steps(STEPS["breakpoints"])(log, ours)


def scenario_set_trace_conditions(log, ours):
    with_steps(STEPS["conditions"])(log, ours)


def scenario_set_trace_ignored(log, ours):
    with_steps(STEPS["ignored"])(log, ours)


def scenario_set_trace_changed(log, ours):
    with_steps(STEPS["changed"])(log, ours)


def scenario_set_trace_jump(log, ours):
    with_steps(STEPS["jump"])(log, ours)


def scenario_set_trace_quit(log, ours):
    with_steps(STEPS["quit"])(log, ours)


def scenario_set_trace_interact(log, ours):
    with_steps(STEPS["interact"])(log, ours)


def scenario_set_trace_eof(log, ours):
    with_steps(STEPS["eof"])(log, ours)


def scenario_run(log, ours):
    script = "step\n" * 4 + "break helper\ncontinue\nwhere\nreturn\nnext\nclear 1\nnext\nnext\nuntil\ncontinue\n"
    debugger = Scripted(log, script)
    with ours():
        debugger.run("answer = program()", {"program": program})
        log(sys.gettrace())
    debugger.tell()
    forget_breakpoints()


def scenario_runcall(log, ours):
    debugger = Scripted(log, "step\nnext\nnext\nuntil\nnext\nnext\nnext\nreturn\ncontinue\n")
    with ours():
        log(debugger.runcall(program))
        log(debugger.runeval("helper(4)", {"helper": helper}))
        log(sys.gettrace())
    debugger.tell()
    forget_breakpoints()


def scenario_entered_under_the_debugger(log, ours):
    def part():
        total = helper(1)
        with ours():
            total += helper(2)
            total += sum(numbers(3))
        return total

    debugger = Scripted(log, "break helper\n" + "continue\nreturn\n" * 5 + "clear 1\ncontinue\n")
    log(debugger.runcall(part))
    debugger.tell()
    forget_breakpoints()


def scenario_left_under_the_debugger(log, ours):
    context = ours()
    context.__enter__()

    def part():
        helper(1)
        context.__exit__(None, None, None)
        first = helper(2)
        second = helper(first)
        return second

    debugger = Scripted(log, f"break {failing.__code__.co_firstlineno - 3}\n" + "continue\nnext\n" * 3 + "clear 1\nnext\nnext\ncontinue\n")
    log(debugger.runcall(part))
    debugger.tell()
    forget_breakpoints()


def scenario_breakpoint_function(log, ours):
    def asks():
        before = 1
        breakpoint()
        after = before + 1
        return after

    transcript = io.StringIO()
    stdin, stdout = sys.stdin, sys.stdout
    with ours():
        sys.stdin, sys.stdout = io.StringIO("next\nnext\nnext\nwhere 1\np before\ncontinue\n"), transcript
        try:
            log(asks())
        finally:
            sys.stdin, sys.stdout = stdin, stdout
        log(helper(3))
    sys.settrace(None)
    tell(log, transcript.getvalue())


def scenario_post_mortem(log, ours):
    def wrong():
        divisor = 0
        return failing(divisor)

    debugger = Scripted(log, "where\np n\nup\np divisor\nup\nquit\n")
    with ours():
        try:
            wrong()
        except ZeroDivisionError as error:
            debugger.reset()
            debugger.interaction(None, error.__traceback__)
        log(helper(1))
    debugger.tell()


def scenario_exceptions_stop(log, ours):
    debugger = Scripted(log, "next\nnext\nstep\nstep\nstep\nstep\nnext\nnext\nnext\ncontinue\n")

    def falls():
        debugger.set_trace(sys._getframe())
        try:
            failing(0)
        except ZeroDivisionError:
            return helper(1)
        return None

    with ours():
        log(falls())
    sys.settrace(None)
    debugger.tell()


class Logging(bdb.Bdb):
    """Steps through all of this file, and writes down where it stops."""

    def __init__(self, log):
        super().__init__()
        self.log = log

    def user_call(self, frame, arguments):
        self.log("call", frame.f_code.co_name, frame.f_lineno)
        self.set_step()

    def user_line(self, frame):
        self.log("line", frame.f_code.co_name, frame.f_lineno, self.break_here(frame))
        self.go_on(frame)

    def user_return(self, frame, value):
        self.log("return", frame.f_code.co_name, frame.f_lineno, value)
        self.go_on(frame)

    def user_exception(self, frame, raised):
        self.log("exception", frame.f_code.co_name, frame.f_lineno, raised[0].__name__)
        self.go_on(frame)

    def go_on(self, frame):
        self.set_step()


class Returning(Logging):
    def go_on(self, frame):
        if frame.f_code.co_name == "helper":
            self.set_return(frame)
        elif frame.f_code.co_name == "numbers":
            self.set_until(frame)
        else:
            self.set_step()


class NextOnly(Logging):
    def go_on(self, frame):
        self.set_next(frame)


class Breaking(Logging):
    def go_on(self, frame):
        self.set_continue()


def with_debugger(make, log, ours, prepare=lambda debugger: None):
    debugger = make(log)
    prepare(debugger)
    with ours():
        log(debugger.runcall(program))
        log(sys.gettrace())
    debugger.clear_all_breaks()
    forget_breakpoints()


def scenario_bdb_steps(log, ours):
    with_debugger(Logging, log, ours)


def scenario_bdb_returns(log, ours):
    with_debugger(Returning, log, ours)


def scenario_bdb_nexts(log, ours):
    with_debugger(NextOnly, log, ours)


def scenario_bdb_breaks(log, ours):
    def prepare(debugger):
        debugger.set_break(__file__, helper.__code__.co_firstlineno + 1)
        debugger.set_break(__file__, failing.__code__.co_firstlineno + 1)

    with_debugger(Breaking, log, ours, prepare)


def scenario_debuggers_in_turns(log, ours):
    with ours():
        for make in (Logging, NextOnly):
            debugger = make(log)
            log(debugger.runcall(program))
        builtins_before = dict(vars(builtins))
        Scripted(log, "continue\n").runcall(program)
        log(builtins_before.keys() == vars(builtins).keys())


if sys.version_info >= (3, 13):
    # The first time that somebody asks for other events of the code, with a profile function or sys.monitoring, pdb stops a
    # line later: CPython does not tell of opcodes yet.
    for name, scenario in list(globals().items()):
        if name.startswith("scenario_"):
            scenario.exempt = {"settrace": ("c, inside",), "monitoring": ("calls, inside",)}
