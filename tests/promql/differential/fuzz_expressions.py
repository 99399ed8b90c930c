"""Random PromQL expressions, mostly well typed, weighted towards what SLO rules use."""

from __future__ import annotations

import re

from hypothesis import strategies as st

DURATIONS = ["1m", "5m", "2m30s", "45s", "10m", "1h", "7m", "5m", "1s", "2h"]
NUMBERS = ["0", "1", "2", "0.5", "-1", "100", "1e3", "0.1", "14.4", "NaN", "Inf", "-Inf", "3", "1e-9"]
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
HISTOGRAMS = ["nat"]
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


def one_of(*choices: str) -> st.SearchStrategy[str]:
    return st.sampled_from(choices)


@st.composite
def modifiers(draw: st.DrawFn) -> str:
    """Draw ``offset`` and ``@``, seldom."""
    offset = draw(one_of("", "", "", "", " offset 1m", " offset 5m", " offset -2m", " offset 20s"))
    return offset + draw(one_of(*[""] * 9, " @ 300", " @ start()", " @ end()", " @ 90.5", " @ 0", " @ -60"))


@st.composite
def selectors(draw: st.DrawFn, names: list[str] | None = None) -> str:
    """Draw an instant vector selector."""
    return draw(st.sampled_from(names or COUNTERS + GAUGES)) + draw(modifiers())


@st.composite
def ranges(draw: st.DrawFn, depth: int, names: list[str] | None = None) -> str:
    """Draw a range vector: a matrix selector or, one time in four, a subquery."""
    if depth and draw(st.integers(0, 3)) == 0:
        step = draw(one_of("", "1m", "30s", "5m", "37s"))
        return f"({draw(vectors(depth - 1))})[{draw(st.sampled_from(DURATIONS))}:{step}]{draw(modifiers())}"
    name = draw(st.sampled_from(names or COUNTERS + GAUGES))
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
        return f"quantile_over_time({draw(scalars(0))}, {draw(ranges(depth))})"
    # Prometheus 3.13 gives nothing for predict_linear over a subquery with @, which 2.42 and the engine evaluate.
    window = draw(ranges(depth).filter(lambda text: "@" not in text))
    return f"predict_linear({window}, {draw(one_of('60', '3600', '-30'))})"


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


@st.composite
def histograms(draw: st.DrawFn) -> str:
    """Draw what is made of classic and native histograms."""
    native = draw(st.sampled_from(OF_NATIVE))
    both = draw(st.sampled_from(BUCKETS) | st.just(native))
    kind = draw(st.integers(0, 6))
    if kind < 2:
        return f"histogram_quantile({draw(one_of('0.5', '0.9', '0.99', '0', '1', '-1', '2'))}, {both})"
    if kind == 2:
        bounds = draw(one_of("0, 0.5", "-Inf, 1", "0.2, +Inf", "1, 0", "0.3, 0.7"))
        return f"histogram_fraction({bounds}, {both})"
    if kind == 3:
        return f"{draw(st.sampled_from(NATIVE))}({native})"
    return native if kind < 6 else draw(st.sampled_from(FROM_NATIVE))


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
            pattern = draw(one_of("(.*)", "a|b", "([0-9])(.*)", "nothing"))
            target, source = draw(one_of("job", "new", "code")), draw(one_of("job", "inst", "code"))
            return f'label_replace({inner}, "{target}", "x$1", "{source}", "{pattern}")'
        case 7:
            return f'label_join({inner}, "{draw(one_of("job", "new"))}", "-", "job", "inst")'
        case 8:
            return f"absent({inner})"
    return f"round({inner}, {draw(one_of('0.1', '5', '1'))})"


@st.composite
def aggregated(draw: st.DrawFn, depth: int) -> str:
    """Draw an aggregation."""
    inner, grouping = draw(vectors(depth - 1)), draw(st.sampled_from(GROUPINGS))
    kind = draw(st.integers(0, 9))
    if kind < 7:
        return f"{draw(st.sampled_from(AGGREGATORS))}{grouping} ({inner})"
    if kind == 7:
        return f"{draw(one_of('topk', 'bottomk'))}{grouping} ({draw(one_of('1', '2', '5'))}, {inner})"
    if kind == 8:
        return f"quantile{grouping} ({draw(one_of('0.5', '0.9', '0', '2'))}, {inner})"
    return f'count_values{grouping} ("v", {inner})'


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
    return draw(one_of(f"-{draw(vectors(depth - 1))}", f"vector({draw(scalars(depth - 1))})", clock))


NEWER = re.compile(r"\bnat\b|histogram_(fraction|count|sum|avg|std)|\bstd(dev|var)\b|\batan2\b")
"""What 2.42 does not have, or has otherwise: its stddev of a single NaN is 0, its atan2 keeps metric names."""


def expressions(*, old: bool = False) -> st.SearchStrategy[str]:
    """Give expressions of one to three levels."""
    every = st.integers(1, 3).flatmap(vectors)
    return every.filter(lambda text: not NEWER.search(text)) if old else every
