"""What is done with each module of the standard library once its source has been loaded, plain or woven.

An exercise gets the loaded copy and returns what is compared. `without` names C accelerators that must not be found, so
that the copy uses its own Python code; `doctests` runs the module's own examples too.
"""

import importlib.util
import io
from typing import Callable, NamedTuple


class Exercise(NamedTuple):
    module: str
    function: Callable
    without: "tuple[str, ...]"
    doctests: bool


EXERCISES: "dict[str, Exercise]" = {}


def exercise(module, without=(), doctests=False):
    def register(function):
        EXERCISES[module] = Exercise(module, function, without, doctests)
        return function

    return register


def first_of(*modules):
    """The first of these modules that this Python has: where one was split, the part with the code."""
    for module in modules[:-1]:
        try:
            if importlib.util.find_spec(module):
                return module
        except ModuleNotFoundError:
            continue
    return modules[-1]


def error_of(function, *args, **kwargs):
    try:
        return function(*args, **kwargs)
    except Exception as error:
        return type(error).__name__, str(error)


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
    return m.dump(tree, indent=1), m.unparse(tree), m.get_docstring(tree.body[0]), m.literal_eval("{'a': [1, -2.5, (None,)]}"), len([*m.walk(tree)])


@exercise("base64")
def _(m):
    data = bytes(range(40))
    return [(f(data), g(f(data)) == data) for f, g in ((m.b64encode, m.b64decode), (m.b32encode, m.b32decode), (m.b85encode, m.b85decode), (m.a85encode, m.a85decode))]


@exercise("bisect", without=("_bisect",))
def _(m):
    items = [1, 2, 2, 5]
    m.insort(items, 3), m.insort_left(items, 2, key=lambda x: x)
    return items, m.bisect_left(items, 2), m.bisect_right(items, 2), m.bisect(items, 9), error_of(m.bisect, items, 1, -1)


@exercise("calendar")
def _(m):
    return m.TextCalendar(6).formatyear(2024, m=2), m.HTMLCalendar().formatmonth(2023, 2), m.monthrange(2024, 2), m.isleap(1900), m.timegm((2000, 1, 1, 0, 0, 0))


@exercise("collections", without=("_collections",), doctests=True)
def _(m):
    P = m.namedtuple("P", "x y", defaults=[0])
    c, d, od = m.Counter("abracadabra"), m.ChainMap({"a": 1}, {"b": 2}), m.OrderedDict.fromkeys("cab")
    od.move_to_end("c"), od.popitem(last=False)
    return P(1)._asdict(), c.most_common(2), c - m.Counter("aab"), dict(d), list(od), m.UserString("s") * 2, error_of(P), error_of(m.namedtuple, "T", "a a")


@exercise("colorsys")
def _(m):
    return [[round(v, 6) for v in convert(0.2, 0.4, 0.6)] for convert in (m.rgb_to_hls, m.rgb_to_hsv, m.rgb_to_yiq, m.hls_to_rgb, m.hsv_to_rgb, m.yiq_to_rgb)]


@exercise("configparser")
def _(m):
    parser = m.ConfigParser(interpolation=m.ExtendedInterpolation(), allow_no_value=True)
    parser.read_string("[DEFAULT]\nhome = /h\n[a]\npath: ${home}/x\nflag\nnumber = 5\nlong = one\n  two\n[b]\nother = ${a:number}\nyes = on\n")
    out = io.StringIO()
    parser.write(out)
    return parser["a"]["path"], parser.getint("b", "other"), parser.getboolean("b", "yes"), parser.sections(), dict(parser["a"]), out.getvalue(), error_of(parser.get, "a", "nope"), error_of(parser.read_string, "x = 1")


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
    return deep["a"] is not shared, deep["b"][0] is deep["a"], deep["self"] is deep, m.copy(value)["a"] is shared, error_of(m.copy, (n for n in ()))


@exercise("csv")
def _(m):
    out = io.StringIO()
    writer = m.DictWriter(out, ["a", "b"], restval="-", dialect="excel-tab")
    writer.writeheader(), writer.writerows([{"a": 1}, {"a": 'q"', "b": "x\ty"}])
    sniffed = m.Sniffer().sniff("a;b;c\n1;2;3\n4;5;6\n")
    return out.getvalue(), list(m.DictReader(io.StringIO("a,b\n1,2\n3,4,5\n"), restkey="rest")), sniffed.delimiter, m.Sniffer().has_header("n,m\n1,2\n"), error_of(writer.writerow, {"z": 1})


@exercise("dataclasses")
def _(m):
    @m.dataclass(order=True, frozen=True)
    class A:
        x: int
        y: list = m.field(default_factory=list, hash=False, compare=False)

    B = m.make_dataclass("B", [("p", int), ("q", str, m.field(default="d"))], namespace={"double": lambda self: self.p * 2})
    return A(1) < A(2), hash(A(1)) == hash(A(1)), error_of(setattr, A(1), "x", 2)[0], m.asdict(A(1, [A(2)])), m.replace(A(1), x=5), B(3).double(), B(1), [f.name for f in m.fields(B)], error_of(A)


@exercise(first_of("_pydatetime", "datetime"), without=("_datetime",))
def _(m):
    day = m.date(2024, 2, 29)
    moment = m.datetime(2024, 2, 29, 23, 59, 59, 5, tzinfo=m.timezone(m.timedelta(hours=-5)))
    return day.isocalendar()[:], day + m.timedelta(days=366), day.replace(year=2020).strftime("%A %j %d"), moment.isoformat(), moment.astimezone(m.timezone.utc), str(m.timedelta(days=-1, seconds=5.5)), m.datetime.fromisoformat("2011-11-04T00:05:23+04:00"), error_of(m.date, 2023, 2, 29), m.timedelta(hours=7) // m.timedelta(minutes=25), repr(moment), moment - moment.replace(tzinfo=m.timezone.utc)


@exercise("_pydecimal", doctests=True)
def _(m):
    D = m.Decimal
    with m.localcontext() as context:
        context.prec = 30
        values = [D(2).sqrt(), D(1).exp(), D(10).ln(), D("1.1") ** D("2.5"), D(1) / 7]
    return [str(v) for v in values], D("1234.5678").quantize(D(".01")), f"{D('-1234567.891'):,.2f}", D("NaN").compare(D(1)), divmod(D(-7), 2), error_of(lambda: D(1) / 0), D("12e5").as_tuple(), D("0.1") + D("0.2")


@exercise("difflib", doctests=True)
def _(m):
    a, b = "one\ntwo\nthree\n".splitlines(True), "ore\ntree\nemu\n".splitlines(True)
    return [*m.ndiff(a, b)], [*m.unified_diff(a, b, "x", "y")], [*m.context_diff(a, b)], m.get_close_matches("appel", ["ape", "apple", "peach"]), m.SequenceMatcher(None, "abxcd", "abcd").get_opcodes(), m.HtmlDiff().make_table(a, b)


@exercise("email.parser")
def _(m):
    message = m.Parser().parsestr("From: a@b.c\nTo: x@y.z,\n q@r.s\nSubject: =?utf-8?q?caf=C3=A9?=\nContent-Type: multipart/mixed; boundary=B\n\n--B\n\ntext\n--B\nContent-Type: text/html\n\n<p>\n--B--\n")
    return message.items(), message.is_multipart(), [p.get_payload() for p in message.walk() if not p.is_multipart()], message.get_boundary()


@exercise("email._header_value_parser")
def _(m):
    mailbox = m.get_address_list('"A. B" <a.b@c.d>, group: x@y.z, q@r.s;')[0]
    return str(mailbox), [(b.display_name, b.addr_spec) for b in mailbox.all_mailboxes], m.get_unstructured("=?utf-8?q?caf=C3=A9?= and text").value, error_of(m.get_addr_spec, "broken")


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
    return list(Color), Color("x"), Color["GREEN"].value, repr(Perm.R | Perm.X), ~Perm.W, Perm(7), made.B + 1, error_of(Color, 9), error_of(lambda: m.unique(m.Enum("D", {"a": 1, "b": 1})))


@exercise("fnmatch")
def _(m):
    return m.filter(["a.py", "b.txt", "c[1].py"], "*.py"), m.translate("a[!b-d]?*"), m.fnmatchcase("x[y", "x[[]y"), m.fnmatch("A", "a")


@exercise("fractions", doctests=True)
def _(m):
    F = m.Fraction
    return F("3.1415").limit_denominator(100), F(1, 3) + F(2, 5) ** 2, F(7, 3).__round__(), F.from_float(0.1), divmod(F(7, 2), F(1, 3)), float(F(1, 7)), F(-8) ** F(1, 3), error_of(F, 1, 0), error_of(F, "x"), hash(F(5)) == hash(5)


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
    return [cached(x) for x in (1, 2, 1, 3, 1, 2)], calls, cached.cache_info()[:], dispatched(True), dispatched("s"), partial(0), m.reduce(lambda a, b: a + b, "abc", ">"), sorted([3, 1, 2], key=m.cmp_to_key(lambda a, b: b - a))


@exercise("graphlib")
def _(m):
    sorter = m.TopologicalSorter({"d": {"b", "c"}, "b": {"a"}, "c": {"a"}})
    return [*m.TopologicalSorter({3: {2}, 2: {1}}).static_order()], error_of(lambda: [*m.TopologicalSorter({1: {2}, 2: {1}}).static_order()]), sorter.prepare(), sorter.get_ready(), sorter.done("a"), sorted(sorter.get_ready()), sorter.is_active()


@exercise("heapq", without=("_heapq",), doctests=True)
def _(m):
    heap = [5, 3, 8, 1, 9, 2]
    m.heapify(heap)
    return [m.heappushpop(heap, 4), m.heapreplace(heap, 7), m.heappop(heap)], heap, m.nlargest(2, "heap"), m.nsmallest(3, [5, 1, 4], key=lambda x: -x), [*m.merge([1, 4], [2, 3], [0, 9])], [*m.merge("ca", "b", key=lambda c: -ord(c), reverse=False)]


@exercise("html.parser")
def _(m):
    events = []

    class Parser(m.HTMLParser):
        handle_starttag = lambda self, tag, attrs: events.append((tag, attrs))
        handle_endtag = lambda self, tag: events.append("/" + tag)
        handle_data = lambda self, data: events.append(data)
        handle_comment = lambda self, data: events.append(("comment", data))

    Parser().feed("<!DOCTYPE html><p class='a b' id=x hidden>t &amp; &#62;<br/><!-- c --><script>if (a<b) {}</script></p>")
    return events


@exercise("http.cookies", doctests=True)
def _(m):
    cookie = m.SimpleCookie("a=1; b=\"q\\\"uoted\"")
    cookie["c"] = "v"
    cookie["c"]["path"], cookie["c"]["secure"] = "/x", True
    return cookie.output(), {k: v.value for k, v in cookie.items()}, error_of(cookie.__setitem__, "bad name", 1)


@exercise("inspect")
def _(m):
    def function(a, /, b: int = 1, *c, d, **e) -> str:
        """Doc."""
        return (yield a)

    bound = m.signature(function).bind(1, d=2, z=3)
    return str(m.signature(function)), bound.arguments, m.getdoc(function), m.isgeneratorfunction(function), m.getfullargspec(function), m.cleandoc(" a\n   b\n  c"), [n for n, _ in m.getmembers(int, m.isroutine)][:5], error_of(m.signature(function).bind), m.getsource(function)


@exercise("ipaddress", doctests=True)
def _(m):
    net = m.ip_network("192.168.0.0/29")
    return [str(h) for h in net.hosts()], [str(s) for s in net.subnets(1)], m.ip_address("::ffff:1.2.3.4").ipv4_mapped, m.ip_address("2001:db8::1").exploded, error_of(m.ip_address, "1.2.3"), [*map(str, m.summarize_address_range(m.ip_address("1.0.0.0"), m.ip_address("1.0.0.5")))], m.ip_address(1) < m.ip_address(2)


@exercise("json.decoder", without=("_json",))
def _(m):
    decoder = m.JSONDecoder(object_pairs_hook=list, parse_float=str)
    return decoder.decode(' {"a": [1, 2.50, true, null, "\\u00e9\\n\\ud83d\\ude00"], "b": {}} '), m.JSONDecoder().raw_decode("[1] rest"), [error_of(m.JSONDecoder().decode, text) for text in ("[1,]", '{"a" 1}', '"open', "nul", "")]


@exercise("json.encoder", without=("_json",))
def _(m):
    encoder = m.JSONEncoder(indent=2, sort_keys=True, default=lambda o: f"<{o}>", ensure_ascii=False)
    recursive = []
    recursive.append(recursive)
    return encoder.encode({"b": [1, 2.5, True, None, "é\n"], "a": {}, "c": 1j}), m.JSONEncoder().encode("é\ud800\x01"), [*m.JSONEncoder(separators=(",", ":")).iterencode({"k": [(), {}]})], error_of(m.JSONEncoder().encode, recursive), error_of(m.JSONEncoder(allow_nan=False).encode, float("nan"))


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
    return out.getvalue().splitlines()[:3], out.getvalue().splitlines()[-1], m.getLevelName(30), logger.isEnabledFor(m.INFO), m.LoggerAdapter(logger, {"x": 1}).process("m", {})


@exercise("operator", without=("_operator",))
def _(m):
    class P:
        a = type("Q", (), {"b": [1, 2]})

    return m.attrgetter("a.b", "__module__")(P), m.itemgetter(1, slice(2))("abc"), m.methodcaller("split", ",", maxsplit=1)("a,b,c"), m.countOf("abca", "a"), m.iadd([1], [2]), m.concat("a", "b"), m.indexOf([5, 6], 6), m.not_(0), repr(m.itemgetter(1, 2)), error_of(m.concat, 1, 2)


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
    return P("/a/b/../c.tar.gz").suffixes, P("a") / "b" / "/c", P("/a/b").relative_to("/a"), P("a/b.py").with_suffix(".txt"), [*map(str, P("/x/y/z").parents)], P("a/b.py").match("*.py"), m.PureWindowsPath("c:/X\\y").as_posix(), error_of(P("/a").relative_to, "/b")[0], P("b") < P("c"), hash(P("a/./b")) == hash(P("a/b"))


@exercise("pickle", without=("_pickle",))
def _(m):
    values = [1, 2**70, -1.5, "é", b"b", None, True, (1, (2,)), [[]], {"k": {3}}, frozenset([4]), range(3), ValueError, complex(1, 2), bytearray(b"x")]
    values.append(values[-1])
    return [m.loads(m.dumps(values, protocol)) == values for protocol in range(6)], [len(m.dumps(values, p)) for p in range(6)], error_of(m.loads, b"\x80\x04K"), error_of(m.dumps, lambda: 0)[0]


@exercise("pprint")
def _(m):
    data = {"numbers": list(range(40)), "nested": {"k" * n: {"x": ("y" * 10,) * n} for n in range(1, 4)}, "long": "word " * 30, "s": {3, 1, 2}}
    recursive = [1]
    recursive.append(recursive)
    return m.pformat(data, width=60), m.pformat(data, depth=1, compact=True), m.isreadable(data), m.isrecursive(recursive), m.saferepr({"b": 1, "a": 2})


@exercise("random")
def _(m):
    r = m.Random(12345)
    return r.random(), r.randrange(10, 99, 3), r.sample(range(50), 5), r.shuffle(x := list(range(8))), x, r.choices("abc", [1, 2, 3], k=5), r.gauss(0, 1), r.betavariate(2, 3), r.triangular(), r.expovariate(2.0), r.getrandbits(70), r.lognormvariate(0, 1), error_of(r.choice, []), error_of(r.sample, [1], 2)


@exercise("re._parser")
def _(m):
    return [repr(m.parse(pattern)) for pattern in (r"a|b*?", r"(?P<n>[^\d\s-])(?P=n){2,3}", r"(?i:x)(?<=y)(?!z)\b", r"(a)?(?(1)b|c)")], [error_of(m.parse, p) for p in ("(", "[z-a]", "*a", "(?P<n>)(?P<n>)", "\\")]


@exercise("reprlib")
def _(m):
    @m.recursive_repr("...")
    def rep(self):
        return f"<{rep(self)}>"

    return m.repr(list(range(100))), m.repr("x" * 100), m.repr({n: [n] * 9 for n in range(9)}), m.Repr().repr(2**300), rep(1)


@exercise("shlex")
def _(m):
    return m.split("a 'b c' \"d \\\"e\\\"\" f\\ g # h", comments=True), [*m.shlex("x=1;y&&z|'q'", punctuation_chars=True)], m.quote("it's"), m.join(["a b", "c"]), error_of(m.split, "'open")


@exercise("statistics", without=("_statistics",), doctests=True)
def _(m):
    data = [1.5, 2.5, 2.5, 2.75, 3.25, 4.75]
    return m.mean(data), m.median_grouped(data), m.mode("aabbb"), m.quantiles(data, n=4), m.stdev(data), m.pvariance(data), m.linear_regression([1, 2, 3], [2, 4, 7])[:], m.correlation([1, 2, 3], [3, 2, 1]), m.NormalDist(5, 2).cdf(6), m.NormalDist(1, 2) + m.NormalDist(3, 4), m.harmonic_mean([40, 60]), error_of(m.mean, []), m.multimode("aabb"), m.fmean([1, 2, 4], weights=[1, 1, 2])


@exercise("string")
def _(m):
    t = m.Template("$a ${b} $$ $c")
    return t.safe_substitute(a=1, b=[2]), error_of(t.substitute, a=1), m.capwords("hello wORLD"), m.Formatter().vformat("{0[k]!r:>5} {x.real} {{}}", ({"k": "v"},), {"x": 5}), [*m.Formatter().parse("a{b!c:d}e")], error_of(m.Formatter().format, "{} {0}", 1)


@exercise("tarfile")
def _(m):
    out = io.BytesIO()
    with m.open(fileobj=out, mode="w:gz", compresslevel=1) as archive:
        for name, data in (("a.txt", b"content"), ("d/" + "long" * 40, b"x" * 1000)):
            info = m.TarInfo(name)
            info.size, info.mtime = len(data), 1
            archive.addfile(info, io.BytesIO(data))
    out.seek(0)
    with m.open(fileobj=out) as archive:
        return [(i.name, i.size, i.isfile()) for i in archive], archive.extractfile("a.txt").read(), error_of(archive.getmember, "none"), error_of(m.open, fileobj=io.BytesIO(b"no"))[0]


@exercise("textwrap", doctests=True)
def _(m):
    text = "The quick brown fox-like animal jumped over the lazy dog, which was sleeping. " * 3
    return m.wrap(text, 30), m.fill(text, 40, initial_indent="* ", subsequent_indent="  "), m.shorten(text, 50), m.dedent("  a\n    b\n\n  c"), m.indent("a\n\nb", "> "), error_of(m.wrap, "x", 0)


@exercise("tokenize")
def _(m):
    source = b"# c\ndef f(x):\n  if x:\n    return f'{x!r}' + \"\"\"a\nb\"\"\" # t\n\n\ty = 1_0\n"
    tokens = [*m.tokenize(io.BytesIO(source.replace(b"\t", b"  ")).readline)]
    return [(t.type, t.string, t.start, t.end) for t in tokens], m.untokenize((t.type, t.string) for t in tokens), m.detect_encoding(iter([b"# coding: latin-1\n"]).__next__), error_of(lambda: [*m.generate_tokens(io.StringIO("'''open").readline)])[0]


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
    return made(b=2), made.a, m.resolve_bases([int]), m.get_original_bases(made) if hasattr(m, "get_original_bases") else None, generator.send(None), m.DynamicClassAttribute(lambda self: 1).fget(0), m.prepare_class("X", (int,))[0].__name__


@exercise("typing")
def _(m):
    T = m.TypeVar("T", bound=int)

    class G(m.Generic[T]):
        x: "m.List[T]"

    class P(m.Protocol):
        def method(self) -> int: ...

    P = m.runtime_checkable(P)
    N = m.NamedTuple("N", [("a", int), ("b", str)])
    return repr(m.Optional[m.List[m.Union[int, str]]]), repr(G[int]), m.get_args(m.Dict[str, m.Callable[[int], T]]), m.get_origin(m.List[int]), isinstance(type("I", (), {"method": 1})(), P), N(1, "x"), m.get_type_hints(lambda: 0), repr(m.Annotated[int, "meta"]), repr(m.Literal["a", 1]), error_of(lambda: m.Optional[int, str]), error_of(lambda: G[int, str])[0], m.cast(int, "x")


@exercise("urllib.parse")
def _(m):
    url = m.urlsplit("http://user:pa@host:80/p;q/x y?a=1&b=%20#frag")
    return url, url.port, url.geturl(), m.urljoin("http://a/b/c", "../d?e"), m.parse_qs("a=1&a=2&b="), m.urlencode({"k": ["x", "é"]}, doseq=True), m.quote("a/b é"), m.unquote("%C3%A9+"), error_of(lambda: m.urlsplit("http://[bad/"))


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


@exercise("xml.etree.ElementTree", without=("_elementtree",))
def _(m):
    root = m.fromstring("<r xmlns:n='u'><a k='v'>text<b/>tail</a><n:c>é &lt;</n:c><a k='w'/></r>")
    m.indent(root)
    m.SubElement(root, "new", {"x": "1"}).text = "<>"
    return m.tostring(root, "unicode"), [e.tag for e in root.iter()], root.find("a[@k='w']").attrib, root.findtext("a"), [*root[0].itertext()], m.canonicalize("<a  z='1' b='2'/>"), error_of(m.fromstring, "<a>")[0]


@exercise("xml.dom.minidom")
def _(m):
    document = m.parseString("<a b='c'><d>t</d><!-- n --><e/></a>")
    document.documentElement.appendChild(document.createElement("f")).setAttribute("q", '"')
    return document.toprettyxml(indent=" "), [n.nodeName for n in document.documentElement.childNodes], document.getElementsByTagName("d")[0].firstChild.data


@exercise("zipfile")
def _(m):
    out = io.BytesIO()
    with m.ZipFile(out, "w", m.ZIP_DEFLATED) as archive:
        archive.writestr(m.ZipInfo("a.txt"), "content"), archive.writestr(m.ZipInfo("d/b"), b"x" * 500)
    with m.ZipFile(out) as archive:
        return archive.namelist(), archive.read("d/b") == b"x" * 500, archive.testzip(), [i.filename for i in archive.infolist()], error_of(archive.read, "none"), error_of(m.ZipFile, io.BytesIO(b"no"))
