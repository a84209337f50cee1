"""Exercises of modules that read and write texts and files."""

import io

from . import error_of, exercise


@exercise("base64")
def _(m):
    data = bytes(range(40))
    return [
        (f(data), g(f(data)) == data)
        for f, g in ((m.b64encode, m.b64decode), (m.b32encode, m.b32decode), (m.b85encode, m.b85decode), (m.a85encode, m.a85decode))
    ]


@exercise("calendar")
def _(m):
    return (
        m.TextCalendar(6).formatyear(2024, m=2),
        m.HTMLCalendar().formatmonth(2023, 2),
        m.monthrange(2024, 2),
        m.isleap(1900),
        m.timegm((2000, 1, 1, 0, 0, 0)),
    )


@exercise("configparser")
def _(m):
    parser = m.ConfigParser(interpolation=m.ExtendedInterpolation(), allow_no_value=True)
    parser.read_string(
        "[DEFAULT]\nhome = /h\n[a]\npath: ${home}/x\nflag\nnumber = 5\nlong = one\n  two\n[b]\nother = ${a:number}\nyes = on\n"
    )
    out = io.StringIO()
    parser.write(out)
    return (
        parser["a"]["path"],
        parser.getint("b", "other"),
        parser.getboolean("b", "yes"),
        parser.sections(),
        dict(parser["a"]),
        out.getvalue(),
        error_of(parser.get, "a", "nope"),
        error_of(parser.read_string, "x = 1"),
    )


@exercise("csv")
def _(m):
    out = io.StringIO()
    writer = m.DictWriter(out, ["a", "b"], restval="-", dialect="excel-tab")
    writer.writeheader(), writer.writerows([{"a": 1}, {"a": 'q"', "b": "x\ty"}])
    sniffed = m.Sniffer().sniff("a;b;c\n1;2;3\n4;5;6\n")
    return (
        out.getvalue(),
        list(m.DictReader(io.StringIO("a,b\n1,2\n3,4,5\n"), restkey="rest")),
        sniffed.delimiter,
        m.Sniffer().has_header("n,m\n1,2\n"),
        error_of(writer.writerow, {"z": 1}),
    )


@exercise("difflib", doctests=True)
def _(m):
    a, b = "one\ntwo\nthree\n".splitlines(True), "ore\ntree\nemu\n".splitlines(True)
    return (
        [*m.ndiff(a, b)],
        [*m.unified_diff(a, b, "x", "y")],
        [*m.context_diff(a, b)],
        m.get_close_matches("appel", ["ape", "apple", "peach"]),
        m.SequenceMatcher(None, "abxcd", "abcd").get_opcodes(),
        m.HtmlDiff().make_table(a, b),
    )


@exercise("email.parser")
def _(m):
    message = m.Parser().parsestr(
        "From: a@b.c\nTo: x@y.z,\n q@r.s\nSubject: =?utf-8?q?caf=C3=A9?=\nContent-Type: multipart/mixed; boundary=B\n\n--B\n\ntext\n--B\nContent-Type: text/html\n\n<p>\n--B--\n"
    )
    return (
        message.items(),
        message.is_multipart(),
        [p.get_payload() for p in message.walk() if not p.is_multipart()],
        message.get_boundary(),
    )


@exercise("email._header_value_parser")
def _(m):
    mailbox = m.get_address_list('"A. B" <a.b@c.d>, group: x@y.z, q@r.s;')[0]
    return (
        str(mailbox),
        [(b.display_name, b.addr_spec) for b in mailbox.all_mailboxes],
        m.get_unstructured("=?utf-8?q?caf=C3=A9?= and text").value,
        error_of(m.get_addr_spec, "broken"),
    )


@exercise("fnmatch")
def _(m):
    return m.filter(["a.py", "b.txt", "c[1].py"], "*.py"), m.translate("a[!b-d]?*"), m.fnmatchcase("x[y", "x[[]y"), m.fnmatch("A", "a")


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
    cookie = m.SimpleCookie('a=1; b="q\\"uoted"')
    cookie["c"] = "v"
    cookie["c"]["path"], cookie["c"]["secure"] = "/x", True
    return cookie.output(), {k: v.value for k, v in cookie.items()}, error_of(cookie.__setitem__, "bad name", 1)


@exercise("json.decoder", without=("_json",))
def _(m):
    decoder = m.JSONDecoder(object_pairs_hook=list, parse_float=str)
    return (
        decoder.decode(' {"a": [1, 2.50, true, null, "\\u00e9\\n\\ud83d\\ude00"], "b": {}} '),
        m.JSONDecoder().raw_decode("[1] rest"),
        [error_of(m.JSONDecoder().decode, text) for text in ("[1,]", '{"a" 1}', '"open', "nul", "")],
    )


@exercise("json.encoder", without=("_json",))
def _(m):
    encoder = m.JSONEncoder(indent=2, sort_keys=True, default=lambda o: f"<{o}>", ensure_ascii=False)
    recursive = []
    recursive.append(recursive)
    return (
        encoder.encode({"b": [1, 2.5, True, None, "é\n"], "a": {}, "c": 1j}),
        m.JSONEncoder().encode("é\ud800\x01"),
        [*m.JSONEncoder(separators=(",", ":")).iterencode({"k": [(), {}]})],
        error_of(m.JSONEncoder().encode, recursive),
        error_of(m.JSONEncoder(allow_nan=False).encode, float("nan")),
    )


@exercise("shlex")
def _(m):
    return (
        m.split('a \'b c\' "d \\"e\\"" f\\ g # h', comments=True),
        [*m.shlex("x=1;y&&z|'q'", punctuation_chars=True)],
        m.quote("it's"),
        m.join(["a b", "c"]),
        error_of(m.split, "'open"),
    )


@exercise("string")
def _(m):
    t = m.Template("$a ${b} $$ $c")
    return (
        t.safe_substitute(a=1, b=[2]),
        error_of(t.substitute, a=1),
        m.capwords("hello wORLD"),
        m.Formatter().vformat("{0[k]!r:>5} {x.real} {{}}", ({"k": "v"},), {"x": 5}),
        [*m.Formatter().parse("a{b!c:d}e")],
        error_of(m.Formatter().format, "{} {0}", 1),
    )


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
        return (
            [(i.name, i.size, i.isfile()) for i in archive],
            archive.extractfile("a.txt").read(),
            error_of(archive.getmember, "none"),
            error_of(m.open, fileobj=io.BytesIO(b"no"))[0],
        )


@exercise("textwrap", doctests=True)
def _(m):
    text = "The quick brown fox-like animal jumped over the lazy dog, which was sleeping. " * 3
    return (
        m.wrap(text, 30),
        m.fill(text, 40, initial_indent="* ", subsequent_indent="  "),
        m.shorten(text, 50),
        m.dedent("  a\n    b\n\n  c"),
        m.indent("a\n\nb", "> "),
        error_of(m.wrap, "x", 0),
    )


@exercise("urllib.parse")
def _(m):
    url = m.urlsplit("http://user:pa@host:80/p;q/x y?a=1&b=%20#frag")
    return (
        url,
        url.port,
        url.geturl(),
        m.urljoin("http://a/b/c", "../d?e"),
        m.parse_qs("a=1&a=2&b="),
        m.urlencode({"k": ["x", "é"]}, doseq=True),
        m.quote("a/b é"),
        m.unquote("%C3%A9+"),
        error_of(lambda: m.urlsplit("http://[bad/")),
    )


@exercise("xml.etree.ElementTree", without=("_elementtree",))
def _(m):
    root = m.fromstring("<r xmlns:n='u'><a k='v'>text<b/>tail</a><n:c>é &lt;</n:c><a k='w'/></r>")
    m.indent(root)
    m.SubElement(root, "new", {"x": "1"}).text = "<>"
    return (
        m.tostring(root, "unicode"),
        [e.tag for e in root.iter()],
        root.find("a[@k='w']").attrib,
        root.findtext("a"),
        [*root[0].itertext()],
        m.canonicalize("<a  z='1' b='2'/>"),
        error_of(m.fromstring, "<a>")[0],
    )


@exercise("xml.dom.minidom")
def _(m):
    document = m.parseString("<a b='c'><d>t</d><!-- n --><e/></a>")
    document.documentElement.appendChild(document.createElement("f")).setAttribute("q", '"')
    return (
        document.toprettyxml(indent=" "),
        [n.nodeName for n in document.documentElement.childNodes],
        document.getElementsByTagName("d")[0].firstChild.data,
    )


@exercise("zipfile")
def _(m):
    out = io.BytesIO()
    with m.ZipFile(out, "w", m.ZIP_DEFLATED) as archive:
        archive.writestr(m.ZipInfo("a.txt"), "content"), archive.writestr(m.ZipInfo("d/b"), b"x" * 500)
    with m.ZipFile(out) as archive:
        return (
            archive.namelist(),
            archive.read("d/b") == b"x" * 500,
            archive.testzip(),
            [i.filename for i in archive.infolist()],
            error_of(archive.read, "none"),
            error_of(m.ZipFile, io.BytesIO(b"no")),
        )
