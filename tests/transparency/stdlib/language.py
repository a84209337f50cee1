"""Exercises of modules about programs themselves: syntax, types, functions, objects, options, traces."""

import io

from . import error_of, exercise, first_of


@exercise("argparse")
def _(m):
    parser = m.ArgumentParser(prog="prog", description="Does things.", epilog="The end.")
    parser.add_argument("files", nargs="*", help="some files")
    parser.add_argument("-v", "--verbose", action="count", default=0)
    parser.add_argument("--level", type=int, choices=range(3), default=1, metavar="N", help="level (default: %(default)s)")
    group = parser.add_mutually_exclusive_group()
    group.add_argument("--on", action="store_true")
    group.add_argument("--off", dest="on", action="store_false")
    known = parser.parse_known_args(["-vv", "a", "--level=2", "--on", "b", "--unknown"])
    out = io.StringIO()
    parser.print_help(out)
    parser.exit_on_error = False
    return vars(known[0]), known[1], out.getvalue(), parser.format_usage(), error_of(parser.parse_args, ["--level", "x"])


@exercise("ast")
def _(m):
    tree = m.parse("def f(a, *b, c=1, **d) -> int:\n    '''Doc.'''\n    return [x async for x in b if x] + f'{a!r:>{c}}'[1:2, ...]\n")
    return (
        m.dump(tree, indent=1),
        m.unparse(tree),
        m.get_docstring(tree.body[0]),
        m.literal_eval("{'a': [1, -2.5, (None,)]}"),
        len([*m.walk(tree)]),
    )


@exercise("contextlib")
def _(m):
    trail = []

    @m.contextmanager
    def manager(name):
        trail.append(name)
        try:
            yield name.upper()
        finally:
            trail.append(name + " left")

    with m.ExitStack() as stack, m.suppress(ZeroDivisionError):
        trail.append([stack.enter_context(manager(n)) for n in "ab"])
        1 / 0
    with m.redirect_stdout(io.StringIO()) as out, m.nullcontext(5) as five:
        print("hidden")
    return trail, out.getvalue(), five, error_of(lambda: manager("c").__exit__(None, None, None))


@exercise("copy")
def _(m):
    shared = [1]
    value = {"a": shared, "b": (shared, {2}), "c": slice(1)}
    value["self"] = value
    deep = m.deepcopy(value)
    return (
        deep["a"] is not shared,
        deep["b"][0] is deep["a"],
        deep["self"] is deep,
        m.copy(value)["a"] is shared,
        error_of(m.copy, (n for n in ())),
    )


@exercise("dataclasses")
def _(m):
    @m.dataclass(order=True, frozen=True)
    class A:
        x: int
        y: list = m.field(default_factory=list, hash=False, compare=False)

    B = m.make_dataclass("B", [("p", int), ("q", str, m.field(default="d"))], namespace={"double": lambda self: self.p * 2})
    return (
        A(1) < A(2),
        hash(A(1)) == hash(A(1)),
        error_of(setattr, A(1), "x", 2)[0],
        m.asdict(A(1, [A(2)])),
        m.replace(A(1), x=5),
        B(3).double(),
        B(1),
        [f.name for f in m.fields(B)],
        error_of(A),
    )


@exercise("enum")
def _(m):
    class Color(m.Enum):
        RED, GREEN = 1, m.auto()

        @classmethod
        def _missing_(cls, value):
            return cls.RED if value == "x" else None

    class Perm(m.Flag):
        R, W, X = 4, 2, 1

    made = m.IntEnum("Made", "A B", start=5)
    return (
        list(Color),
        Color("x"),
        Color["GREEN"].value,
        repr(Perm.R | Perm.X),
        ~Perm.W,
        Perm(7),
        made.B + 1,
        error_of(Color, 9),
        error_of(lambda: m.unique(m.Enum("D", {"a": 1, "b": 1}))),
    )


@exercise("functools", without=("_functools",))
def _(m):
    calls = []

    @m.lru_cache(maxsize=2)
    def cached(x):
        calls.append(x)
        return x * 2

    @m.singledispatch
    def dispatched(x):
        return "object"

    dispatched.register(int, lambda x: "int")
    partial = m.partial(m.partial(max, 1), 2, key=lambda x: -x)
    return (
        [cached(x) for x in (1, 2, 1, 3, 1, 2)],
        calls,
        cached.cache_info()[:],
        dispatched(True),
        dispatched("s"),
        partial(0),
        m.reduce(lambda a, b: a + b, "abc", ">"),
        sorted([3, 1, 2], key=m.cmp_to_key(lambda a, b: b - a)),
    )


@exercise("inspect")
def _(m):
    def function(a, /, b: int = 1, *c, d, **e) -> str:
        """Doc."""
        return (yield a)

    bound = m.signature(function).bind(1, d=2, z=3)
    return (
        str(m.signature(function)),
        bound.arguments,
        m.getdoc(function),
        m.isgeneratorfunction(function),
        m.getfullargspec(function),
        m.cleandoc(" a\n   b\n  c"),
        [n for n, _ in m.getmembers(int, m.isroutine)][:5],
        error_of(m.signature(function).bind),
        m.getsource(function),
    )


@exercise("logging")
def _(m):
    out = io.StringIO()
    logger = m.Logger("name", m.DEBUG)
    handler = m.StreamHandler(out)
    handler.setFormatter(m.Formatter("%(levelname)-8s %(name)s:%(funcName)s %(message)s"))
    handler.addFilter(lambda record: "secret" not in record.getMessage())
    logger.addHandler(handler)
    logger.info("%s and %d", "a", 5), logger.debug("secret"), logger.error({"k": 1})
    try:
        1 / 0
    except ZeroDivisionError:
        logger.exception("caught")
    return (
        out.getvalue().splitlines()[:3],
        out.getvalue().splitlines()[-1],
        m.getLevelName(30),
        logger.isEnabledFor(m.INFO),
        m.LoggerAdapter(logger, {"x": 1}).process("m", {}),
    )


@exercise("operator", without=("_operator",))
def _(m):
    class P:
        a = type("Q", (), {"b": [1, 2]})

    return (
        m.attrgetter("a.b", "__module__")(P),
        m.itemgetter(1, slice(2))("abc"),
        m.methodcaller("split", ",", maxsplit=1)("a,b,c"),
        m.countOf("abca", "a"),
        m.iadd([1], [2]),
        m.concat("a", "b"),
        m.indexOf([5, 6], 6),
        m.not_(0),
        repr(m.itemgetter(1, 2)),
        error_of(m.concat, 1, 2),
    )


@exercise("optparse")
def _(m):
    parser = m.OptionParser(usage="%prog [options]", prog="p")
    parser.add_option("-n", "--number", type="int", default=3, help="a number [%default]")
    parser.add_option("-f", action="append", dest="files")
    options, rest = parser.parse_args(["-n5", "-f", "a", "--number=7", "x", "-fb"])
    return vars(options), rest, parser.format_help()


@exercise(first_of("pathlib._local", "pathlib"))
def _(m):
    P = m.PurePosixPath
    return (
        P("/a/b/../c.tar.gz").suffixes,
        P("a") / "b" / "/c",
        P("/a/b").relative_to("/a"),
        P("a/b.py").with_suffix(".txt"),
        [*map(str, P("/x/y/z").parents)],
        P("a/b.py").match("*.py"),
        m.PureWindowsPath("c:/X\\y").as_posix(),
        error_of(P("/a").relative_to, "/b")[0],
        P("b") < P("c"),
        hash(P("a/./b")) == hash(P("a/b")),
    )


@exercise("pickle", without=("_pickle",))
def _(m):
    values = [
        1,
        2**70,
        -1.5,
        "é",
        b"b",
        None,
        True,
        (1, (2,)),
        [[]],
        {"k": {3}},
        frozenset([4]),
        range(3),
        ValueError,
        complex(1, 2),
        bytearray(b"x"),
    ]
    values.append(values[-1])
    return (
        [m.loads(m.dumps(values, protocol)) == values for protocol in range(6)],
        [len(m.dumps(values, p)) for p in range(6)],
        error_of(m.loads, b"\x80\x04K"),
        error_of(m.dumps, lambda: 0)[0],
    )


@exercise("pprint")
def _(m):
    data = {
        "numbers": list(range(40)),
        "nested": {"k" * n: {"x": ("y" * 10,) * n} for n in range(1, 4)},
        "long": "word " * 30,
        "s": {3, 1, 2},
    }
    recursive = [1]
    recursive.append(recursive)
    return (
        m.pformat(data, width=60),
        m.pformat(data, depth=1, compact=True),
        m.isreadable(data),
        m.isrecursive(recursive),
        m.saferepr({"b": 1, "a": 2}),
    )


@exercise("re._parser")
def _(m):
    return [repr(m.parse(pattern)) for pattern in (r"a|b*?", r"(?P<n>[^\d\s-])(?P=n){2,3}", r"(?i:x)(?<=y)(?!z)\b", r"(a)?(?(1)b|c)")], [
        error_of(m.parse, p) for p in ("(", "[z-a]", "*a", "(?P<n>)(?P<n>)", "\\")
    ]


@exercise("reprlib")
def _(m):
    @m.recursive_repr("...")
    def rep(self):
        return f"<{rep(self)}>"

    return m.repr(list(range(100))), m.repr("x" * 100), m.repr({n: [n] * 9 for n in range(9)}), m.Repr().repr(2**300), rep(1)


@exercise("tokenize")
def _(m):
    source = b'# c\ndef f(x):\n  if x:\n    return f\'{x!r}\' + """a\nb""" # t\n\n\ty = 1_0\n'
    tokens = [*m.tokenize(io.BytesIO(source.replace(b"\t", b"  ")).readline)]
    return (
        [(t.type, t.string, t.start, t.end) for t in tokens],
        m.untokenize((t.type, t.string) for t in tokens),
        m.detect_encoding(iter([b"# coding: latin-1\n"]).__next__),
        error_of(lambda: [*m.generate_tokens(io.StringIO("'''open").readline)])[0],
    )


@exercise("traceback")
def _(m):
    try:
        try:
            {}["k"]
        except KeyError as error:
            raise ValueError("v") from error
    except ValueError as error:
        error.add_note("a note")
        summary = m.TracebackException.from_exception(error)
        return [line for line in summary.format()], m.format_exception_only(error), [f.name for f in m.extract_tb(error.__traceback__)]


@exercise("types")
def _(m):
    generator = m.coroutine(lambda: (yield 5))()
    made = m.new_class("Made", (m.SimpleNamespace,), exec_body=lambda ns: ns.update(a=1))
    return (
        made(b=2),
        made.a,
        m.resolve_bases([int]),
        m.get_original_bases(made) if hasattr(m, "get_original_bases") else None,
        generator.send(None),
        m.DynamicClassAttribute(lambda self: 1).fget(0),
        m.prepare_class("X", (int,))[0].__name__,
    )


@exercise("typing")
def _(m):
    T = m.TypeVar("T", bound=int)

    class G(m.Generic[T]):
        x: "m.List[T]"

    class P(m.Protocol):
        def method(self) -> int: ...

    P = m.runtime_checkable(P)
    N = m.NamedTuple("N", [("a", int), ("b", str)])
    return (
        repr(m.Optional[m.List[m.Union[int, str]]]),
        repr(G[int]),
        m.get_args(m.Dict[str, m.Callable[[int], T]]),
        m.get_origin(m.List[int]),
        isinstance(type("I", (), {"method": 1})(), P),
        N(1, "x"),
        m.get_type_hints(lambda: 0),
        repr(m.Annotated[int, "meta"]),
        repr(m.Literal["a", 1]),
        error_of(lambda: m.Optional[int, str]),
        error_of(lambda: G[int, str])[0],
        m.cast(int, "x"),
    )


@exercise("weakref")
def _(m):
    class Object:
        def method(self):
            return 1

    trail, a, b = [], Object(), Object()
    values, keys, members = m.WeakValueDictionary(a=a, b=b), m.WeakKeyDictionary({a: 1, b: 2}), m.WeakSet([a, b])
    method = m.WeakMethod(a.method, lambda _: trail.append("method gone"))
    m.finalize(a, trail.append, "finalised")
    before = len(values), len(keys), len(members), method()()
    del a
    return before, [*values], len(keys), len(members), method(), sorted(trail)
