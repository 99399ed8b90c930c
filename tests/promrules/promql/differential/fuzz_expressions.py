"""Random PromQL expressions, mostly well typed, weighted towards what SLO rules use."""

from __future__ import annotations

import re

from hypothesis import strategies as st

DURATIONS = ["1m", "5m", "2m30s", "45s", "10m", "1h", "7m", "5m", "1s", "2h"]
NUMBERS = ["0", "1", "2", "0.5", "-1", "100", "1e3", "0.1", "14.4", "NaN", "Inf", "-Inf", "3", "1e-9"]
NUMBERS += ["-0", "1e308", "5e-324", "0x1F", "010", "1_000", "5m", "+2", "NaN", "-Inf"]
COUNTERS = ["req_total", "req_total", 'req_total{code=~"5.."}', 'req_total{job="a"}', 'req_total{code!="500"}']
GAUGES = [
    "temp",
    "temp",
    'temp{inst="0"}',
    "up",
    'up{job=~"a|b"}',
    '{__name__=~"temp|up"}',
    'temp{inst!="2"}',
    "temp",
    "up",
    "missing",
]
MIXED = ["nat", "nat", "mix", "mix", 'mix{job="a"}', '{job="a"}', '{__name__=~"nat|temp"}', '{inst="0"}']
MIXED += ['{__name__=~"up|mix", job=~"a|b"}', '{job="b", code=""}']
"""Histograms, histograms and floats in one series, and series of both kinds that differ in their names alone."""
RATES = ["rate", "rate", "rate", "increase", "increase", "irate", "delta", "idelta", "resets", "changes", "deriv"]
OVER_TIME = [f"{name}_over_time" for name in ("sum", "sum", "avg", "avg", "count", "min", "max", "last", "present")] + [
    "stddev_over_time",
    "stdvar_over_time",
    "absent_over_time",
]
PLAIN = ["abs", "ceil", "floor", "sgn", "sqrt", "exp", "ln", "log2", "log10", "sin", "cos", "tan", "atan", "tanh"]
PLAIN += ["asinh", "deg", "rad", "round", "sort", "sort_desc", "acos", "asin", "acosh", "atanh", "sinh", "cosh"]
CALENDAR = ["minute", "hour", "day_of_week", "day_of_month", "day_of_year", "days_in_month", "month", "year"]
CALENDAR += ["timestamp"]
NATIVE = ["histogram_count", "histogram_sum", "histogram_avg", "histogram_stddev", "histogram_stdvar"]
AGGREGATORS = ["sum", "sum", "sum", "avg", "avg", "count", "min", "max", "group", "stddev", "stdvar"]
GROUPINGS = [
    "",
    "",
    " by (job)",
    " by (job, code)",
    " by (inst)",
    " without (code)",
    " without (inst, job)",
    " by (le)",
]
ARITHMETIC = ["+", "-", "*", "/", "/", "/", "%", "^"]
COMPARISONS = [">", "<", ">=", "<=", "==", "!="]
SETS = ["and", "or", "unless"]
MATCHINGS = ["", "", "on (job)", "on (job, inst)", "ignoring (code)", "ignoring (inst)", "on ()", "on (job, code)"]
SIDES = ["", "", "", "group_left ()", "group_left (inst)", "group_right ()"]


OFFSETS = [*[""] * 6, " offset 1m", " offset 5m", " offset -2m", " offset 20s", " offset 47", " offset -1h"]
TIMES = [*[""] * 9, " @ 300", " @ start()", " @ end()", " @ 90.5", " @ 0", " @ -60", " @ 1e3", " @ 119.9995"]
QUANTILES = ["0.5", "0.9", "0.99", "0", "1", "-1", "2", "NaN", "scalar(temp)"]
BOUNDS = ["0, 0.5", "-Inf, 1", "0.2, +Inf", "1, 0", "0.3, 0.7", "NaN, 1", "-0, 0", "0, scalar(up)", "-1, 1"]
SOURCES = ['"job", "inst"', '"job"', '"missing"', '"code", "missing", "job"', '"__name__", "job"']


def one_of(*choices: str) -> st.SearchStrategy[str]:
    return st.sampled_from(choices)


@st.composite
def modifiers(draw: st.DrawFn) -> str:
    """Draw ``offset`` and ``@``, seldom."""
    offset, at = draw(st.sampled_from(OFFSETS)), draw(st.sampled_from(TIMES))
    return offset + at if draw(st.booleans()) else at + offset


@st.composite
def selectors(draw: st.DrawFn, names: list[str] | None = None) -> str:
    """Draw an instant vector selector."""
    sign = draw(one_of(*[""] * 19, "+"))
    return sign + draw(st.sampled_from(names or (COUNTERS + GAUGES) * 2 + MIXED)) + draw(modifiers())


@st.composite
def ranges(draw: st.DrawFn, depth: int, names: list[str] | None = None) -> str:
    """Draw a range vector: a matrix selector or, one time in four, a subquery."""
    if depth and draw(st.integers(0, 3)) == 0:
        step = draw(one_of("", "1m", "30s", "5m", "37s", "90", "11m"))
        return f"({draw(vectors(depth - 1))})[{draw(st.sampled_from(DURATIONS))}:{step}]{draw(modifiers())}"
    name = draw(st.sampled_from((names or COUNTERS + GAUGES) * 2 + MIXED))
    return f"{name}[{draw(st.sampled_from(DURATIONS))}]{draw(modifiers())}"


@st.composite
def scalars(draw: st.DrawFn, depth: int) -> str:
    """Draw a scalar."""
    kind = draw(st.integers(0, 5)) if depth else 0
    if kind == 4:
        return f"scalar({draw(vectors(depth - 1))})"
    if kind == 5:
        return f"({draw(scalars(depth - 1))} {draw(st.sampled_from(ARITHMETIC))} {draw(scalars(depth - 1))})"
    return draw(one_of("time()", "pi()")) if kind == 3 else draw(st.sampled_from(NUMBERS))


@st.composite
def windowed(draw: st.DrawFn, depth: int) -> str:
    """Draw a function of a range vector."""
    kind = draw(st.integers(0, 9))
    if kind < 5:
        return f"{draw(st.sampled_from(RATES))}({draw(ranges(depth, COUNTERS * 3 + GAUGES))})"
    if kind < 8:
        return f"{draw(st.sampled_from(OVER_TIME))}({draw(ranges(depth))})"
    if kind == 8:
        return f"quantile_over_time({draw(scalars(depth))}, {draw(ranges(depth))})"
    window = draw(ranges(depth))
    return f"predict_linear({window}, {draw(one_of('60', '3600', '-30', 'NaN', '-Inf', 'scalar(temp)'))})"


BUCKETS = ["lat_bucket", "rate(lat_bucket[5m])", "lat_bucket or up", "sum by (le) (rate(lat_bucket[5m]))"]
BUCKETS += ["increase(lat_bucket[2m])", "sum without (job) (lat_bucket offset 1m)"]
OF_NATIVE = [
    "nat",
    "rate(nat[5m])",
    "increase(nat[2m])",
    "sum(nat)",
    "avg(nat)",
    "nat * 2",
    "nat / 3",
    "-nat",
    "nat + nat",
]
OF_NATIVE += ["nat - nat offset 1m", "sum(rate(nat[3m]))", "avg_over_time(nat[3m])", "sum_over_time(nat[2m30s])"]
OF_NATIVE += ["irate(nat[5m])", "idelta(nat[5m])", "delta(nat[3m])", "last_over_time(nat[3m])", "nat == nat offset 1m"]
OF_NATIVE += [
    "nat and on () up",
    'nat or {__name__=~"temp|up"}',
    'sum({__name__=~"nat|up"})',
    "nat * on (job) group_left () up",
]
OF_NATIVE += ["rate(nat[5m:30s])", "sum by (job) (increase(nat[7m] offset 1m))", 'avg(nat{job=~"a|c"})', "nat > 1"]
FROM_NATIVE = [
    "count_over_time(nat[5m])",
    "resets(nat[10m])",
    "changes(nat[5m])",
    "count(nat)",
    "max(nat)",
    "topk(1, nat)",
]
FROM_NATIVE += [
    'count_values("v", nat)',
    "timestamp(nat)",
    "abs(nat)",
    "absent(nat)",
    "group(nat)",
    "sort(nat)",
    "stddev(nat)",
]
FROM_NATIVE += [
    "present_over_time(nat[3m])",
    "absent_over_time(nat[3m])",
    "quantile(0.5, nat)",
    "nat % 2",
    "min_over_time(nat[5m])",
]


MIXTURES = """
mix | mix * 2 | -mix | mix / scalar(up) | mix + nat | mix == mix | mix or nat | nat != mix | nat unless mix | nat % nat
rate(mix[5m]) | increase(mix[7m:30s]) | irate(mix[5m]) | idelta(mix[2m]) | delta(mix[5m]) | sum(mix) | avg(mix)
last_over_time(mix[3m]) | sum_over_time(mix[2m]) | avg_over_time(mix[10m]) | nat </ 2 | nat >/ 0.5
mix </ 1 | mix >/ -1 | mix * on (job) nat | nat / on (job) group_left () mix | nat and on (job) mix | nat ^ 2
2 / nat | nat + 1 | {job="a"} - 1 | {job="a"} * 2 | -{job="a"} | {job=~"a.*", code=""} > bool 1 | abs({job="a"})
label_replace({job="b"}, "__name__", "n", "", "")
"""
"""What is made of floats and histograms together."""


@st.composite
def histograms(draw: st.DrawFn) -> str:
    """Draw what is made of classic and native histograms."""
    native = draw(st.sampled_from(OF_NATIVE + re.split(r"\s*[|\n]\s*", MIXTURES.strip())))
    both = draw(st.sampled_from(BUCKETS) | st.just(native))
    kind = draw(st.integers(0, 6))
    if kind < 2:
        return f"histogram_quantile({draw(st.sampled_from(QUANTILES))}, {both})"
    if kind == 2:
        return f"histogram_fraction({draw(st.sampled_from(BOUNDS))}, {both})"
    if kind == 3:
        return f"{draw(st.sampled_from(NATIVE))}({native})"
    return native if kind < 6 else draw(st.sampled_from(FROM_NATIVE))


def _label_replace(draw: st.DrawFn, inner: str) -> str:
    """Draw a label_replace, some of which remove a label, rename the metric or make label sets equal."""
    pattern = draw(one_of("(.*)", "a|b", "([0-9])(.*)", "nothing", "", "(?P<w>.)(.*)", "(.)|(b)", ".*"))
    target = draw(one_of("job", "new", "code", "inst", "__name__", "a b"))
    source = draw(one_of("job", "inst", "code", "missing", "__name__"))
    value = draw(one_of("x$1", "", "$1", "${1}y", "$w", "$2$1", "$$", "$0", "same", "$10"))
    return f'label_replace({inner}, "{target}", "{value}", "{source}", "{pattern}")'


@st.composite
def called(draw: st.DrawFn, depth: int) -> str:
    """Draw a function of an instant vector."""
    inner = draw(vectors(depth - 1))
    kind = draw(st.integers(0, 9))
    match kind:
        case 0 | 1 | 2:
            return f"{draw(st.sampled_from(PLAIN))}({inner})"
        case 3:
            return f"{draw(st.sampled_from(CALENDAR))}({inner})"
        case 4:
            return f"clamp({inner}, {draw(scalars(0))}, {draw(scalars(0))})"
        case 5:
            return f"{draw(one_of('clamp_min', 'clamp_max'))}({inner}, {draw(scalars(depth - 1))})"
        case 6:
            return _label_replace(draw, inner)
        case 7:
            target, parting = draw(one_of("job", "new", "__name__", "é")), draw(one_of("-", ""))
            return f'label_join({inner}, "{target}", "{parting}", {draw(st.sampled_from(SOURCES))})'
        case 8:
            return draw(one_of(f"absent({inner})", f"scalar({inner}) + {inner}"))
    return f"round({inner}, {draw(one_of('0.1', '5', '1', '0', '-2', 'NaN', 'Inf', 'scalar(temp)'))})"


@st.composite
def aggregated(draw: st.DrawFn, depth: int) -> str:
    """Draw an aggregation."""
    inner, grouping = draw(vectors(depth - 1)), draw(st.sampled_from(GROUPINGS))
    kind = draw(st.integers(0, 9))
    if kind < 7:
        return f"{draw(st.sampled_from(AGGREGATORS))}{grouping} ({inner})"
    if kind == 7:
        many = draw(one_of("1", "2", "5", "2", "0", "-1", "NaN", "1e30", "scalar(up)"))
        return f"{draw(one_of('topk', 'bottomk'))}{grouping} ({many}, {inner})"
    if kind == 8:
        return f"quantile{grouping} ({draw(one_of('0.5', '0.9', '0', '2', '-1', 'NaN', 'scalar(temp)'))}, {inner})"
    return f'count_values{grouping} ("{draw(one_of("v", "v", "job", "code"))}", {inner})'


@st.composite
def combined(draw: st.DrawFn, depth: int) -> str:
    """Draw a binary operation."""
    left, kind = draw(vectors(depth - 1)), draw(st.integers(0, 9))
    if kind < 2:
        operator = draw(st.sampled_from(ARITHMETIC + COMPARISONS))
        flag = " bool" if operator in COMPARISONS and draw(st.booleans()) else ""
        pair = [left, draw(scalars(depth - 1))]
        first, second = pair if draw(st.booleans()) else reversed(pair)
        return f"({first} {operator}{flag} {second})"
    right, matching = draw(vectors(depth - 1)), draw(st.sampled_from(MATCHINGS))
    if kind < 5:
        return f"({left} {draw(st.sampled_from(SETS))} {matching} {right})"
    operator = draw(st.sampled_from(ARITHMETIC * 2 + COMPARISONS + ["atan2"]))
    flag = " bool" if operator in COMPARISONS and draw(st.booleans()) else ""
    side = draw(st.sampled_from(SIDES)) if matching else ""
    return f"({left} {operator}{flag} {matching} {side} {right})"


@st.composite
def vectors(draw: st.DrawFn, depth: int) -> str:
    """Draw an instant vector, at most ``depth`` operations deep."""
    if depth <= 0:
        return draw(selectors())
    kind = draw(st.integers(0, 11))
    if kind < 4:
        return draw(windowed(depth - 1))
    if kind < 6:
        return draw(aggregated(depth))
    if kind < 9:
        return draw(combined(depth))
    if kind == 9:
        return draw(called(depth))
    if kind == 10:
        return draw(histograms())
    clock = f"{draw(st.sampled_from(CALENDAR[:-1]))}()"
    inner = draw(vectors(depth - 1))
    return draw(one_of(f"-{inner}", f"+{inner}", f"vector({draw(scalars(depth - 1))})", clock, f"timestamp({inner})"))


NEWER = re.compile(
    r"\b(nat|mix)\b|histogram_(fraction|count|sum|avg|std)"
    r"|\bstd(dev|var)\b|\batan2\b|é|a b|1_000|[^\[:]\b5m\b|offset 47|:90"
)
"""What 2.42 does not have, or has otherwise: its stddev of a single NaN is 0, its atan2 keeps metric names."""


def expressions(*, old: bool = False) -> st.SearchStrategy[str]:
    """Give expressions of one to three levels."""
    every = st.integers(1, 3).flatmap(vectors)
    return every.filter(lambda text: not NEWER.search(text)) if old else every
