"""`pyc`, or `python -m pyccolo_native`: runs a program under tracers, otherwise as `python` runs it.

    pyc script.py -t package.module.Tracer [-t Another] [--children] [arguments | -- arguments]
    pyc -m module -t package.module.Tracer [-- arguments]
    pyc cache info | clear | --explain -t package.module.Tracer [file.py ...]"""
import argparse
import atexit
import os
import re
import sys
from types import ModuleType, TracebackType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType
    from typing import Any

    from .tracer import BaseTracer

_DOTTED = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)+")
_HERE = os.path.dirname(__file__)


class _Failure(Exception):
    """What keeps `pyc` from running the program at all: one line, exit status 2."""


class _Parser(argparse.ArgumentParser):
    """Before argparse sees them, the arguments are divided into ours, which may stand on either side of the script, and the
    program's: everything after `--`, and everything after the script or module that is no option of ours."""

    def parse_known_args(self, args=None, namespace=None):
        ours, target, rest = _divide(sys.argv[1:] if args is None else list(args))
        namespace, unknown = super().parse_known_args(ours, namespace)
        namespace.script = target
        namespace.args = rest
        namespace.tracer = [ref for value in namespace.tracer or () for ref in value.split(",") if ref]
        return namespace, unknown


def _is_another_tracer(token: str) -> bool:
    """Whether a word after `-t A` names a tracer too, and not the script or an argument of the program."""
    return bool(_DOTTED.fullmatch(token)) and not token.endswith(".py") and not os.path.exists(token)


def _divide(tokens: "list[str]") -> "tuple[list[str], str | None, list[str]]":
    """Our options, the script (None if there is none), the program's arguments."""
    ours: "list[str]" = []
    rest: "list[str]" = []
    script, has_module = None, False
    while tokens:
        token = tokens.pop(0)
        if token == "--":
            if script is None and not has_module and tokens:
                script = tokens.pop(0)
            rest += tokens
            break
        if token in ("-t", "--tracer"):
            ours += [f"--tracer={tokens.pop(0)}"] if tokens and tokens[0] != "--" else [token]
            while tokens and _is_another_tracer(tokens[0]):
                ours.append(f"--tracer={tokens.pop(0)}")
        elif token in ("-m", "--module") and script is None and not has_module:
            ours += [f"--module={tokens.pop(0)}"] if tokens else [token]
            has_module = True
        elif token.startswith("--tracer=") or (token.startswith("-t") and not token.startswith("--")):
            ours.append(token)
        elif token == "--children":
            ours.append(token)
        elif script is not None or has_module:
            rest.append(token)
        elif token.startswith("-") and token != "-":
            ours.append(token)
            has_module = has_module or token.startswith(("-m", "--module="))
        else:
            script = token
    return ours, script, rest


def make_parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="pyc",
        usage="pyc [-h] [--children] (script | -m MODULE) -t TRACER [-t TRACER ...] [args | -- args]",
        description="Run a program under tracers: its script or module, and what it imports where a tracer asks for it.",
        epilog="What follows the script or module, or --, and is none of these options goes to the program. "
        "`pyc cache` looks after the cache of instrumented code: pyc cache --help.",
        allow_abbrev=False,
    )
    parser.add_argument("-m", "--module", help="run this module, as python -m does, instead of a script")
    parser.add_argument(
        "-t",
        "--tracer",
        action="append",
        required=True,
        help="a tracer class, package.module.Class; again, or with commas, for more",
    )
    parser.add_argument("--children", action="store_true", help="trace the child processes of multiprocessing too")
    return parser


def _validate(args: argparse.Namespace) -> None:
    if args.script is None and args.module is None:
        raise _Failure("nothing to run: give a script, or -m and a module")
    if args.script is not None and args.module is not None:
        raise _Failure("give a script or a module, not both")


# --- the tracers


def _resolve_tracers(refs: "list[str]", places: "list[str]") -> "list[BaseTracer]":
    """Their instances. The modules may also lie in `places`, which are on sys.path only meanwhile."""
    from .utils import importable_from, resolve_tracer

    tracers = []
    with importable_from(places):
        for ref in refs:
            try:
                tracers.append(resolve_tracer(ref).instance())
            except Exception as error:
                if not _is_about_names(error):
                    sys.excepthook(type(error), error, error.__traceback__)
                raise _Failure(f"cannot use the tracer {ref}: {error}") from None
    return list({id(tracer): tracer for tracer in tracers}.values())


def _is_about_names(error: BaseException) -> bool:
    """Whether it was raised by this package: then its message says everything."""
    traceback = error.__traceback__
    while traceback is not None and traceback.tb_next is not None:
        traceback = traceback.tb_next
    return traceback is None or os.path.dirname(traceback.tb_frame.f_code.co_filename) == _HERE


# --- the program


def _absolute(script: str) -> str:
    """The script's name as python shows it: absolute, but not normalised."""
    return os.getcwd() if script == "." else os.path.join(os.getcwd(), script)


def _read(script: str) -> bytes:
    try:
        with open(script, "rb") as file:
            source = file.read()
    except OSError as error:
        raise _Failure(f"can't open file {_absolute(script)!r}: [Errno {error.errno}] {error.strerror}") from None
    if script.endswith((".pyc", ".pyo")) or source[:4] == b"PK\x03\x04":
        raise _Failure(f"{script} is no Python source: only source can be instrumented")
    return source


def _fresh_main() -> ModuleType:
    """A __main__ like the one that the interpreter makes before it runs anything."""
    import builtins

    main = ModuleType("__main__")
    if sys.version_info < (3, 14):
        main.__annotations__ = {}
    main.__builtins__ = builtins
    sys.modules["__main__"] = main
    return main


def _file_error(filename: str, error: BaseException) -> BaseException:
    """Python words some faults of a script's bytes otherwise than it does for source that is already in memory."""
    from . import _native

    try:
        if os.path.isfile(filename):
            _native.check_file(filename)
    except Exception as its:
        return its.with_traceback(None)
    return error


def _compile_script(source: bytes, filename: str, tracers: "list[BaseTracer]") -> "CodeType":
    from .import_hooks import _woven, warn_not_instrumented

    code, reason = _woven(source, filename, tracers, -1)
    if code is None:
        try:
            code = compile(source, filename, "exec", dont_inherit=True)
        except Exception as error:
            raise _file_error(filename, error) from None
        warn_not_instrumented(filename, reason)
    return code


def _run_script(script: str, tracers: "list[BaseTracer]") -> None:
    from importlib.machinery import SourceFileLoader

    source, filename = _read(script), _absolute(script)
    main = _fresh_main()
    main.__file__ = filename
    if sys.version_info < (3, 15):
        main.__cached__ = None
    main.__loader__ = SourceFileLoader("__main__", filename)
    try:
        exec(_compile_script(source, filename, tracers), main.__dict__)
    finally:
        for name in ("__file__", "__cached__"):  # as python does before it goes on to exit
            main.__dict__.pop(name, None)


def _run_with_runpy(name: str, is_module: bool, tracers: "list[BaseTracer]") -> None:
    """What python itself calls for -m and for folders, with the one module that it runs instrumented."""
    import runpy

    details_of = runpy._get_module_details

    def instrumented_details(*args):
        module_name, spec, code = details_of(*args)
        if not spec.has_location or not str(spec.origin).endswith(".py"):
            runpy._get_module_details = details_of
            raise _Failure(f"{spec.name} ({spec.origin}) is no Python source: only source can be instrumented")
        if spec.name.rpartition(".")[2] == "__main__" or spec.submodule_search_locations is None:
            for tracer in tracers:
                tracer._tracing_enabled_files = tracer._tracing_enabled_files | {spec.origin}
            code = _compile_script(spec.loader.get_data(spec.origin), spec.origin, tracers)
        return module_name, spec, code

    _fresh_main()
    runpy._get_module_details = instrumented_details
    try:
        runpy._run_module_as_main(name, is_module)
    finally:
        runpy._get_module_details = details_of


def _missing_module(error: SystemExit) -> "str | None":
    """What runpy says, if this is how it says that there is nothing to run."""
    traceback = error.__traceback__
    while traceback is not None and traceback.tb_next is not None:
        traceback = traceback.tb_next
    prefix = f"{sys.executable}: "
    if traceback is None or traceback.tb_frame.f_code.co_name != "_run_module_as_main":
        return None
    return error.code.removeprefix(prefix) if isinstance(error.code, str) and error.code.startswith(prefix) else None


# --- how it ends


def _program_part(traceback: "TracebackType | None") -> "TracebackType | None":
    """The traceback without this package's frames."""
    frames = []
    while traceback is not None:
        if os.path.dirname(traceback.tb_frame.f_code.co_filename) != _HERE:
            frames.append(traceback)
        traceback = traceback.tb_next
    following = None
    for entry in reversed(frames):
        if entry.tb_next is not following:
            entry = TracebackType(following, entry.tb_frame, entry.tb_lasti, entry.tb_lineno)
        following = entry
    return following


def _report_exit(error: SystemExit) -> int:
    """The exit status; prints what the program wanted printed instead of one."""
    if error.code is None:
        return 0
    if isinstance(error.code, int):
        return int(error.code)
    stderr = sys.stderr
    if stderr is not None:
        try:
            stderr.write(str(error.code))
        except Exception:
            pass
        try:
            stderr.write("\n")
            stderr.flush()
        except Exception:
            pass
    return 1


def _report(error: BaseException) -> int:
    """Shows an exception that ended the program as the interpreter would; returns the exit status."""
    if isinstance(error, SystemExit):
        return _report_exit(error)
    error.__traceback__ = traceback = _program_part(error.__traceback__)
    sys.last_type, sys.last_value, sys.last_traceback = type(error), error, traceback
    if sys.version_info >= (3, 12):
        sys.last_exc = error
    hook = getattr(sys, "excepthook", None)
    sys.audit("sys.excepthook", hook, type(error), error, traceback)
    try:
        if hook is None:
            sys.stderr.write("sys.excepthook is missing\n")
            hook = sys.__excepthook__
        hook(type(error), error, traceback)
    except SystemExit as exit:
        return _report_exit(exit)
    except BaseException as failure:
        failure.__traceback__ = _program_part(failure.__traceback__)
        failure.__context__ = None
        sys.stderr.write("Error in sys.excepthook:\n")
        sys.__excepthook__(type(failure), failure, failure.__traceback__)
        sys.stderr.write("\nOriginal exception was:\n")
        sys.__excepthook__(type(error), error, traceback)
    return 130 if isinstance(error, KeyboardInterrupt) else 1


def _threads() -> "set[Any]":
    threading = sys.modules.get("threading")
    return set() if threading is None else set(threading.enumerate())


def _join_threads(others: "set[Any]", *, is_process: bool) -> None:
    """Waits for the program's threads, which are those that are not among `others`, while its tracers are still there."""
    threading = sys.modules.get("threading")
    if threading is None:
        return
    if is_process:
        # As the interpreter does before it waits: the workers of a pool end when they are told to.
        while threading._threading_atexits:
            threading._threading_atexits.pop()()
    else:
        pools = sys.modules.get("concurrent.futures.thread")
        others = others | set(pools._threads_queues if pools else ())
    while True:
        running = [its for its in _threads() - others if not its.daemon and its is not threading.main_thread()]
        if not running:
            return
        for thread in running:
            try:
                thread.join()
            except KeyboardInterrupt:
                return  # the interpreter waits too, and reports it


def _execute(args: argparse.Namespace, tracers: "list[BaseTracer]", *, is_process: bool) -> int:
    """Runs the program under the tracers to its end; returns the exit status."""
    is_folder = args.script is not None and os.path.isdir(args.script)
    script = None if args.module is not None or is_folder else args.script
    status = 0

    def enter(place: str) -> None:
        if not sys.flags.safe_path or is_folder:
            sys.path[: 1 if is_process and not sys.flags.safe_path else 0] = [place]

    if args.module is not None:
        enter(os.getcwd())
        sys.argv[:] = ["-m", *args.args]
    else:
        enter(_absolute(args.script) if is_folder else os.path.dirname(os.path.realpath(args.script)))
        sys.argv[:] = [args.script, *args.args]

    from .utils import multi_context

    others = _threads()
    file = None if script is None else _absolute(script)
    context = multi_context([tracer.tracing_context(tracing_enabled_file=file) for tracer in tracers])
    if args.children:
        for tracer in tracers:
            tracer.trace_children = True
    if args.children and is_process:
        # multiprocessing waits for children at exit; what is registered first is called last.
        atexit.register(context.__exit__, None, None, None)
        context.__enter__()
        context = multi_context([])
    with context:
        try:
            if script is not None:
                _run_script(script, tracers)
            else:
                _run_with_runpy("__main__" if is_folder else args.module, not is_folder, tracers)
        except _Failure:
            raise
        except BaseException as error:
            if isinstance(error, SystemExit) and script is None and (said := _missing_module(error)) is not None:
                raise _Failure(said) from None
            status = _report(error)
            del error
        _join_threads(others, is_process=is_process)
    return status


def _places(args: argparse.Namespace) -> "list[str]":
    """Where else tracers may be: the current folder, and the script's."""
    if args.script is None:
        return [os.getcwd()]
    return [os.getcwd(), args.script if os.path.isdir(args.script) else os.path.dirname(os.path.realpath(args.script))]


def _check_script(script: "str | None") -> None:
    if script is None:
        return
    if not os.path.isdir(script):
        _read(script)
    elif not os.path.isfile(os.path.join(script, "__main__.py")):
        raise _Failure(f"can't find '__main__' module in {script!r}")


def _prepare(args: argparse.Namespace) -> "list[BaseTracer]":
    _validate(args)
    _check_script(args.script)
    return _resolve_tracers(args.tracer, _places(args))


def run(args: argparse.Namespace) -> None:
    """Runs what `args` name in this process, then brings sys.argv, sys.path and __main__ back. SystemExit if it ends with a status."""
    try:
        tracers = _prepare(args)
        saved = list(sys.argv), list(sys.path), sys.modules.get("__main__")
        try:
            status = _execute(args, tracers, is_process=False)
        finally:
            sys.argv[:], sys.path[:], main = saved
            if args.children:
                for tracer in tracers:
                    del tracer.trace_children
            if main is not None:
                sys.modules["__main__"] = main
    except _Failure as failure:
        raise SystemExit(_complain(failure)) from None
    if status:
        raise SystemExit(status)


def _complain(failure: _Failure) -> int:
    print(f"pyc: {failure}", file=sys.stderr)
    return 2


def _interrupted() -> None:
    """Lets the interpreter end as it does after an interrupt, now that the traceback has been shown."""
    sys.excepthook = lambda *_: None
    raise KeyboardInterrupt


def main(argv: "list[str] | None" = None) -> int:
    """The command. With `argv` it runs inside this process and leaves it as it was; without, the process is the program's."""
    words = sys.argv[1:] if argv is None else list(argv)
    if words[:1] == ["cache"]:
        from .cache.command import main as cache_command

        return cache_command(words[1:])
    args = make_parser().parse_args(argv)
    if argv is not None:
        try:
            run(args)
        except SystemExit as error:
            return error.code if isinstance(error.code, int) else _report_exit(error)
        return 0
    try:
        tracers = _prepare(args)
        status = _execute(args, tracers, is_process=True)
    except _Failure as failure:
        return _complain(failure)
    if status == 130 and isinstance(getattr(sys, "last_value", None), KeyboardInterrupt):
        _interrupted()
    return status


if __name__ == "__main__":
    from pyccolo_native.__main__ import main as command  # the module under its own name, for this one's is the program's

    sys.exit(command())
