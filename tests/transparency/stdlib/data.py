"""Exercises of modules about numbers, dates, collections and algorithms."""

from . import error_of, exercise, first_of


@exercise("bisect", without=("_bisect",))
def _(m):
    items = [1, 2, 2, 5]
    m.insort(items, 3), m.insort_left(items, 2, key=lambda x: x)
    return items, m.bisect_left(items, 2), m.bisect_right(items, 2), m.bisect(items, 9), error_of(m.bisect, items, 1, -1)


@exercise("collections", without=("_collections",), doctests=True)
def _(m):
    P = m.namedtuple("P", "x y", defaults=[0])
    c, d, od = m.Counter("abracadabra"), m.ChainMap({"a": 1}, {"b": 2}), m.OrderedDict.fromkeys("cab")
    od.move_to_end("c"), od.popitem(last=False)
    return (
        P(1)._asdict(),
        c.most_common(2),
        c - m.Counter("aab"),
        dict(d),
        list(od),
        m.UserString("s") * 2,
        error_of(P),
        error_of(m.namedtuple, "T", "a a"),
    )


@exercise("colorsys")
def _(m):
    return [
        [round(v, 6) for v in convert(0.2, 0.4, 0.6)]
        for convert in (m.rgb_to_hls, m.rgb_to_hsv, m.rgb_to_yiq, m.hls_to_rgb, m.hsv_to_rgb, m.yiq_to_rgb)
    ]


@exercise(first_of("_pydatetime", "datetime"), without=("_datetime",))
def _(m):
    day = m.date(2024, 2, 29)
    moment = m.datetime(2024, 2, 29, 23, 59, 59, 5, tzinfo=m.timezone(m.timedelta(hours=-5)))
    return (
        day.isocalendar()[:],
        day + m.timedelta(days=366),
        day.replace(year=2020).strftime("%A %j %d"),
        moment.isoformat(),
        moment.astimezone(m.timezone.utc),
        str(m.timedelta(days=-1, seconds=5.5)),
        m.datetime.fromisoformat("2011-11-04T00:05:23+04:00"),
        error_of(m.date, 2023, 2, 29),
        m.timedelta(hours=7) // m.timedelta(minutes=25),
        repr(moment),
        moment - moment.replace(tzinfo=m.timezone.utc),
    )


@exercise("_pydecimal", doctests=True)
def _(m):
    D = m.Decimal
    with m.localcontext() as context:
        context.prec = 30
        values = [D(2).sqrt(), D(1).exp(), D(10).ln(), D("1.1") ** D("2.5"), D(1) / 7]
    return (
        [str(v) for v in values],
        D("1234.5678").quantize(D(".01")),
        f"{D('-1234567.891'):,.2f}",
        D("NaN").compare(D(1)),
        divmod(D(-7), 2),
        error_of(lambda: D(1) / 0),
        D("12e5").as_tuple(),
        D("0.1") + D("0.2"),
    )


@exercise("fractions", doctests=True)
def _(m):
    F = m.Fraction
    return (
        F("3.1415").limit_denominator(100),
        F(1, 3) + F(2, 5) ** 2,
        F(7, 3).__round__(),
        F.from_float(0.1),
        divmod(F(7, 2), F(1, 3)),
        float(F(1, 7)),
        F(-8) ** F(1, 3),
        error_of(F, 1, 0),
        error_of(F, "x"),
        hash(F(5)) == hash(5),
    )


@exercise("graphlib")
def _(m):
    sorter = m.TopologicalSorter({"d": {"b", "c"}, "b": {"a"}, "c": {"a"}})
    return (
        [*m.TopologicalSorter({3: {2}, 2: {1}}).static_order()],
        error_of(lambda: [*m.TopologicalSorter({1: {2}, 2: {1}}).static_order()]),
        sorter.prepare(),
        sorter.get_ready(),
        sorter.done("a"),
        sorted(sorter.get_ready()),
        sorter.is_active(),
    )


@exercise("heapq", without=("_heapq",), doctests=True)
def _(m):
    heap = [5, 3, 8, 1, 9, 2]
    m.heapify(heap)
    return (
        [m.heappushpop(heap, 4), m.heapreplace(heap, 7), m.heappop(heap)],
        heap,
        m.nlargest(2, "heap"),
        m.nsmallest(3, [5, 1, 4], key=lambda x: -x),
        [*m.merge([1, 4], [2, 3], [0, 9])],
        [*m.merge("ca", "b", key=lambda c: -ord(c), reverse=False)],
    )


@exercise("ipaddress", doctests=True)
def _(m):
    net = m.ip_network("192.168.0.0/29")
    return (
        [str(h) for h in net.hosts()],
        [str(s) for s in net.subnets(1)],
        m.ip_address("::ffff:1.2.3.4").ipv4_mapped,
        m.ip_address("2001:db8::1").exploded,
        error_of(m.ip_address, "1.2.3"),
        [*map(str, m.summarize_address_range(m.ip_address("1.0.0.0"), m.ip_address("1.0.0.5")))],
        m.ip_address(1) < m.ip_address(2),
    )


@exercise("random")
def _(m):
    r = m.Random(12345)
    return (
        r.random(),
        r.randrange(10, 99, 3),
        r.sample(range(50), 5),
        r.shuffle(x := list(range(8))),
        x,
        r.choices("abc", [1, 2, 3], k=5),
        r.gauss(0, 1),
        r.betavariate(2, 3),
        r.triangular(),
        r.expovariate(2.0),
        r.getrandbits(70),
        r.lognormvariate(0, 1),
        error_of(r.choice, []),
        error_of(r.sample, [1], 2),
    )


@exercise("statistics", without=("_statistics",), doctests=True)
def _(m):
    data = [1.5, 2.5, 2.5, 2.75, 3.25, 4.75]
    return (
        m.mean(data),
        m.median_grouped(data),
        m.mode("aabbb"),
        m.quantiles(data, n=4),
        m.stdev(data),
        m.pvariance(data),
        m.linear_regression([1, 2, 3], [2, 4, 7])[:],
        m.correlation([1, 2, 3], [3, 2, 1]),
        m.NormalDist(5, 2).cdf(6),
        m.NormalDist(1, 2) + m.NormalDist(3, 4),
        m.harmonic_mean([40, 60]),
        error_of(m.mean, []),
        m.multimode("aabb"),
        m.fmean([1, 2, 4], weights=[1, 1, 2]),
    )
