"""Find the simplest kind of SLI that measures the same as two queries, or a ratio of them.

``sum(rate(x{code=~"5.."}[$window]))`` out of ``sum(rate(x[$window]))`` is a ratio of two bare selectors; a bucket out
of its histogram's count is a latency; the mean of a gauge of 0 and 1 is a probe. What fits no pattern is kept as it
was written. Both sides are the same for every window, up to rounding; tests hold that with random series.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Final, Literal

from burnproof.importers.model import Sli
from burnproof.importers.reading import refused
from burnproof.importers.result_groups import result_groups
from burnproof.importers.windows import STAND_IN_MS, printed
from burnproof.model.decimals import plain
from promrules.syntax.nodes import (
    Aggregate,
    Binary,
    Call,
    Cardinality,
    Matcher,
    MatchOp,
    MatrixSelector,
    Node,
    NumberLiteral,
    Subquery,
    VectorSelector,
    unwrapped,
)
from promrules.syntax.types import ValueType, type_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from burnproof.importers.windows import Windowed

Counts = Literal["good", "bad"]
_OTHER: Final[dict[Counts, Counts]] = {"good": "bad", "bad": "good"}
_COUNTERS: Final = frozenset({"rate", "increase"})
_GAUGES: Final = frozenset({"sum_over_time", "count_over_time"})
_SEEN_UP: Final = ("up", "probe_success")
ALONE: Final = "each series was a ratio of its own; now all of them are one"
_LATENCY: Final = re.compile(r"seconds|duration|latency|time|_ms_")
_FAST_IS_BAD: Final = (
    "the bad events are those of a bucket, so the fast ones are bad",
    "if slow ones are meant, count them as sum(rate(…_count…)) - sum(rate(…_bucket{le=…}…))",
)
_KEEP: Final = "name under by the labels that tell them apart, if each shall have an SLO"
_EVENLY: Final = "the query is no ratio of two sums, so each moment counts the same, however much happened in it"


@dataclass(frozen=True, slots=True)
class Found:
    """The simplest kind, and in which way it differs."""

    sli: Sli
    notes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class _Term:
    """``sum by (by) (func(selector[$window]))``; ``by`` is None where nothing is summed."""

    func: str
    selector: VectorSelector
    by: tuple[str, ...] | None


def of_events(counted: Windowed, counts: Counts, total: Windowed) -> Found:
    """Simplify the good or the bad events out of all of them.

    Raises:
        Refused: the two never match, or one reads no series.
    """
    _check_type(counted)
    _check_type(total)
    return _events(_Query(counted, _filled(counted.tree)), counts, _Query(total, _counted_total(total.tree)))


def of_ratio(ratio: Windowed, counts: Counts) -> Found:
    """Simplify a share of good or bad events, which may be written as a quotient, or be ``1 -`` one.

    Raises:
        Refused: it is no vector.
    """
    _check_type(ratio)
    tree, said = _complement(unwrapped(_filled(ratio.tree)))
    counts = _OTHER[counts] if said else counts
    match tree:
        case Binary(op="/", left=left, right=right) if _is_quotient(tree):
            above, _ = _without_one(left)
            counts = _OTHER[counts] if above is not None else counts
            numerator = left if above is None else above
            return _events(_Query(ratio, _filled(numerator)), counts, _Query(ratio, _counted_total(right)))
        case Call(func="avg_over_time", args=(MatrixSelector(range=range_) | Subquery(range=range_) as over,)):
            if range_ == STAND_IN_MS:
                return _mean(over, counts)
        case Aggregate(op="avg", expr=inner, grouping=by, without=False):
            # A mean of series, each of which counts the same: their sum out of their number.
            added, number = (Aggregate(op, inner, grouping=by) for op in ("sum", "count"))
            return Found(_ratio(counts, printed(added), printed(number), by))
    return _evenly(tree, counts)


@dataclass(frozen=True, slots=True)
class _Query:
    """A query as it was written, and what is left of it once what burnproof does itself is taken off."""

    written: Windowed
    tree: Node

    @property
    def text(self) -> str:
        """The author's own text, where nothing was taken off."""
        return self.written.text if self.tree is self.written.tree else printed(unwrapped(self.tree))


def _events(counted: _Query, counts: Counts, total: _Query) -> Found:
    every, some = _term(total.tree), _term(counted.tree)
    if every is not None and some is None:
        rest = _rest(counted.tree, every)
        if rest is not None:
            some, counts = rest, _OTHER[counts]
    if every is None or some is None:
        return _as_written(counted, counts, total)
    _check_groups(counted, some.by, every.by)
    by = every.by or ()
    notes = ((ALONE, _KEEP),) if every.by is None else ()
    if {some.func, every.func} == _GAUGES and some.func == "sum_over_time" and some.selector == every.selector:
        sli = _gauge(some.selector, counts, (_counter_text(some), _counter_text(every)))
    elif some.func in _COUNTERS and some.func == every.func:
        histogram = _histogram(some.selector, every.selector, counts)
        sli = histogram or _ratio(counts, printed(some.selector), printed(every.selector))
        if histogram is not None and counts == "bad" and _LATENCY.search(some.selector.name or ""):
            notes = (*notes, _FAST_IS_BAD)
    else:
        return _as_written(counted, counts, total)
    return Found(sli.with_groups(by), notes)


def _as_written(counted: _Query, counts: Counts, total: _Query) -> Found:
    """Keep both queries, grouped by what they are grouped by."""
    groups = result_groups(total.tree)
    _check_groups(counted, result_groups(counted.tree), groups)
    notes = ((ALONE, _KEEP),) if groups is None else ()
    return Found(_ratio(counts, counted.text, total.text, groups or ()), notes)


def _ratio(counts: Counts, counted: str, total: str, by: tuple[str, ...] = ()) -> Sli:
    return Sli("ratio", (("total", total), (counts, counted))).with_groups(by)


def _evenly(tree: Node, counts: Counts) -> Found:
    """Let each evaluation be one event, of which a share is bad; where there is no share, there is no event."""
    share = printed(tree)
    share = f"({share})" if isinstance(tree, Binary) else share
    by = result_groups(tree) or ()
    grouped = f" by ({', '.join(by)}) " if by else ""
    total = f"count{grouped}({share} >= 0)"
    return Found(_ratio(counts, f"{share} >= 0", total, by), ((_EVENLY, "give the two queries that it is made of"),))


def _mean(over: MatrixSelector | Subquery, counts: Counts) -> Found:
    """Read the mean of a gauge over time."""
    queries = tuple(printed(Call(func, (over,))) for func in ("sum_over_time", "count_over_time"))
    by = result_groups(over.expr) if isinstance(over, Subquery) else None
    notes = ((ALONE, _KEEP),) if by is None else ()
    if isinstance(over, MatrixSelector):
        return Found(_gauge(over.selector, counts, (queries[0], queries[1])), notes)
    return Found(_ratio(counts, queries[0], queries[1], by or ()), notes)


def _gauge(selector: VectorSelector, counts: Counts, queries: tuple[str, str]) -> Sli:
    """Read what a gauge adds up to out of how often it was seen: a probe, where it is known to be 0 or 1."""
    if counts == "good" and selector.name in _SEEN_UP:
        return Sli("probe", (("gauge", printed(selector)),))
    return _ratio(counts, *queries)


# Terms of sums


def _term(node: Node) -> _Term | None:
    """Read a function of time over one selector, summed or not."""
    by: tuple[str, ...] | None = None
    node = unwrapped(node)
    while isinstance(node, Aggregate) and node.op == "sum" and not node.without:
        by = node.grouping if by is None else by
        node = unwrapped(node.expr)
    match node:
        case Call(func=func, args=(MatrixSelector(selector=selector, range=range_),)):
            if func in _COUNTERS | _GAUGES and range_ == STAND_IN_MS:
                return _Term(func, selector, by)
    return None


def _counter_text(term: _Term) -> str:
    """Write a function of time over a selector; burnproof sums by the groups itself."""
    return printed(Call(term.func, (MatrixSelector(term.selector, STAND_IN_MS),)))


def _rest(node: Node, every: _Term) -> _Term | None:
    """Read ``all - some``, where all is the total: the others are counted by ``some``."""
    match unwrapped(node):
        case Binary(op="-", left=left, right=right):
            whole, some = _term(_filled(left)), _term(_filled(right))
            if whole is None or some is None or whole.func != every.func or set(whole.by or ()) != set(every.by or ()):
                return None
            return some if _same(whole.selector, every.selector) else None
        case _:
            return None


def _same(one: VectorSelector, other: VectorSelector) -> bool:
    """Tell whether two selectors count the same: the same series, or a histogram's count and its last bucket."""
    if one.offset != other.offset or one.at != other.at or one.mode != other.mode:
        return False
    return set(one.matchers) == set(other.matchers) or (_all_of(one) is not None and _all_of(one) == _all_of(other))


# Histograms


def _histogram(some: VectorSelector, every: VectorSelector, counts: Counts) -> Sli | None:
    """Read a bucket out of its histogram's count: a latency where the bucket is good, a floor where it is bad."""
    whole, bucket = _all_of(every), _bucket_of(some)
    if whole is None or bucket is None or bucket[:2] != whole or some.offset != every.offset:
        return None
    name, matchers, bound = bucket
    if not bound.is_finite() or some.at is not None or every.at is not None:
        return None
    first = Matcher("__name__", MatchOp.EQUAL, name)
    # In the author's order.
    kept = tuple(matcher for matcher in some.matchers if matcher in matchers)
    histogram = printed(replace(some, matchers=(first, *kept)))
    key = "at_most" if counts == "good" else "more_than"
    return Sli("latency" if counts == "good" else "floor", (("histogram", histogram), (key, _bound(name, bound))))


def _all_of(selector: VectorSelector) -> tuple[str, frozenset[Matcher]] | None:
    """Give the histogram of which a selector counts every observation, and its matchers."""
    name = selector.name or ""
    rest = frozenset(m for m in selector.matchers if m.name not in ("__name__", "le"))
    if name.endswith("_count") and not any(m.name == "le" for m in selector.matchers):
        return name.removesuffix("_count"), rest
    bucket = _bucket_of(selector)
    return bucket[:2] if bucket is not None and not bucket[2].is_finite() else None


def _bucket_of(selector: VectorSelector) -> tuple[str, frozenset[Matcher], Decimal] | None:
    """Give the histogram, the matchers and the bound of a selector of one bucket."""
    name = selector.name or ""
    bounds = [m for m in selector.matchers if m.name == "le"]
    if not name.endswith("_bucket") or len(bounds) != 1:
        return None
    values = set(_bounds(bounds[0]))
    value = values.pop() if len(values) == 1 else None
    rest = frozenset(m for m in selector.matchers if m.name not in ("__name__", "le"))
    return None if value is None else (name.removesuffix("_bucket"), rest, value)


def _bounds(matcher: Matcher) -> Iterator[Decimal | None]:
    """Give the bounds that a matcher of ``le`` names; None for what is no number."""
    texts = [matcher.value]
    if matcher.op is MatchOp.REGEX:
        texts = [text.replace("\\.", ".").replace("\\+", "+") for text in matcher.value.split("|")]
        texts = [text.removesuffix("(.0)?") for text in texts]
    elif matcher.op is not MatchOp.EQUAL:
        texts = [""]
    for text in texts:
        try:
            value = Decimal(text)
        except InvalidOperation:
            yield None
        else:
            yield None if value.is_nan() else value.normalize()


def _bound(name: str, bound: Decimal) -> str:
    """Write a bound with its unit, where the name of the histogram tells it."""
    if not name.endswith("_seconds") or bound <= 0:
        return plain(bound)
    return f"{plain(bound)}s" if bound >= 1 else f"{plain(bound * 1000)}ms"


# What burnproof does by itself


def _filled(node: Node) -> Node:
    """Take off what fills holes of a count with zeros: a count that is missing reads as zero where there is traffic."""
    match unwrapped(node):
        case Binary(op="or", left=left, right=right) if _is_zero(right):
            return _filled(left)
        case _:
            return node


def _counted_total(node: Node) -> Node:
    """Take off what hides idle time, or makes it zero: idle time has no ratio anyway."""
    inner = unwrapped(node)
    match inner:
        case Binary(op=">" | "!=", left=left, right=NumberLiteral(value=0), return_bool=False):
            return _counted_total(left)
        case Binary(op="or", left=left, right=right) if _is_zero(right):
            return _counted_total(left)
        case _:
            return node


def _is_zero(node: Node) -> bool:
    match unwrapped(node):
        case Call(func="vector", args=(argument,)):
            return _is_zero(argument)
        case NumberLiteral(value=value):
            return value == 0
        case Binary(op="*", left=left, right=right):
            return _is_zero(left) or _is_zero(right)
        case _:
            return False


def _complement(node: Node) -> tuple[Node, bool]:
    """Read ``1 - x``."""
    inner, said = _without_one(node)
    return (node, False) if inner is None else (unwrapped(inner), said)


def _without_one(node: Node) -> tuple[Node | None, bool]:
    match unwrapped(node):
        case Binary(op="-", left=NumberLiteral(value=1), right=right):
            return right, True
        case _:
            return None, False


# Checks


def _is_quotient(node: Binary) -> bool:
    """Tell whether each series of one side is divided by the one series of the other that has its labels."""
    if type_of(node.left) is not ValueType.VECTOR or type_of(node.right) is not ValueType.VECTOR:
        return False
    one, other = result_groups(node.left), result_groups(node.right)
    matching = node.matching
    plain_match = not matching.on and not matching.labels
    return matching.cardinality is Cardinality.ONE_TO_ONE and (
        plain_match or (one is not None and set(one) == set(other or ()))
    )


def _check_groups(counted: _Query, some: tuple[str, ...] | None, every: tuple[str, ...] | None) -> None:
    """Refuse a quotient of sums by different labels, which has no series and never had."""
    if some is None or every is None or set(some) == set(every):
        return
    shown = " and ".join(f"by ({', '.join(by)})" for by in (some, every))
    message = f"its two sides are summed {shown}, so they never match and the SLO has no data"
    raise refused(message, counted.written.source.span(), "sum both by the same labels")


def _check_type(query: Windowed) -> None:
    """Refuse what has no series."""
    kind = type_of(query.tree)
    if kind is not ValueType.VECTOR:
        message = f"the query is a {kind.value}, not an instant vector"
        raise refused(message, query.source.span(), "measure a series, such as rate(…[{{.window}}])")
