"""Write PromQL around a user's selector: ranges, histogram suffixes, further matchers."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from functools import lru_cache
from math import gcd
from typing import TYPE_CHECKING

from burnproof.model.quantities import Duration
from promrules.syntax.dedup import deduplicated
from promrules.syntax.labels import is_legacy_name, quote
from promrules.syntax.nodes import (
    Binary,
    Call,
    Cardinality,
    Matcher,
    Matching,
    MatchOp,
    MatrixSelector,
    Paren,
    Subquery,
    VectorSelector,
    children,
    unwrapped,
)
from promrules.syntax.parse import parse
from promrules.syntax.printer import to_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from burnproof.model.slo import Query
    from promrules.syntax.nodes import Node

WINDOW = "$window"
DIFFERENCES = frozenset({"rate", "increase", "delta"})
_SLOPES = frozenset({"irate", "idelta", "deriv", "predict_linear"})
AT_ONCE = Duration(0)  # a scrape interval that is not to be made up for


def read(query: Query) -> VectorSelector:
    """Parse a bare selector.

    Raises:
        TypeError: the query is no selector; normalising has let none such pass.
    """
    node = unwrapped(parse(query.text))
    if not isinstance(node, VectorSelector):
        raise TypeError(f"not a selector: {query.text}")
    return node


def text(selector: VectorSelector, window: Duration | None = None) -> str:
    """Write a selector, as a range over ``window`` where one is given."""
    name = selector.name or ""
    legacy = is_legacy_name(name, colon=True)
    matchers = [
        f"{m.name if is_legacy_name(m.name) else quote(m.name)}{m.op.value}{quote(m.value)}"
        for m in selector.matchers
        if not (m.name == "__name__" and m.op is MatchOp.EQUAL and m.value == name)
    ]
    if name and not legacy:
        matchers.insert(0, quote(name))
    head = (name if legacy else "") + (f"{{{','.join(matchers)}}}" if matchers or not legacy else "")
    if window is not None:
        head += f"[{window}]"
    if selector.offset:
        ms = selector.offset if isinstance(selector.offset, int) else 0
        head += f" offset {'-' if ms < 0 else ''}{Duration(abs(ms))}"
    if isinstance(selector.at, int):
        head += f" @ {Decimal(selector.at) / 1000}"
    elif selector.at is not None:
        head += f" @ {selector.at.value}()"
    return head


def with_suffix(selector: VectorSelector, suffix: str) -> VectorSelector:
    """Select the ``_bucket``, ``_count`` or ``_sum`` series of a histogram."""
    return replace(
        selector,
        matchers=tuple(
            replace(m, value=m.value + suffix) if m.name == "__name__" and m.op is MatchOp.EQUAL else m
            for m in selector.matchers
        ),
    )


def with_matcher(selector: VectorSelector, matcher: Matcher) -> VectorSelector:
    """Narrow a selector by one more matcher."""
    return replace(selector, matchers=(*selector.matchers, matcher))


def le_matcher(bound: Decimal) -> Matcher:
    """Match the bucket with this upper bound, however the exporter writes it.

    Clients print whole bounds as ``1`` or ``1.0``, and Prometheus 3 normalises to the latter.
    """
    plain = le_text(bound)
    if "." in plain or "e" in plain:
        return Matcher("le", MatchOp.EQUAL, plain)
    return Matcher("le", MatchOp.REGEX, f"{plain}(\\.0)?")


def le_text(bound: Decimal) -> str:
    """Write a bucket bound the way client libraries do: the shortest digits of the float."""
    plain = repr(float(bound))
    return plain.removesuffix(".0")


def rate(query: Query, window: Duration, scrape: Duration = AT_ONCE) -> str:
    """Events per second over ``window``: the selector's rate, or the user's expression.

    Ranges from which a function takes differences are one scrape longer than the window: they hold one sample more than
    there are increments in it.
    """
    if query.is_selector:
        return deduped(f"rate({text(read(query), longer(window, scrape))})", query.dedup)
    return with_window(query, window, scrape)


def deduped(expr: str, labels: tuple[str, ...], op: str = "max") -> str:
    """Make one series of the replicas of each: of two servers that scrape the same, the one that saw most."""
    return f"{op} without ({', '.join(labels)}) ({expr})" if labels else expr


def longer(window: Duration, scrape: Duration) -> Duration:
    """Give the range that holds all increments of a window."""
    return Duration(window.ms + scrape.ms)


def with_window(query: Query, window: Duration, scrape: Duration) -> str:
    """Put a window into the user's expression, and a scrape more where differences of samples are taken."""
    text = written(query)
    parts = text.split(WINDOW)
    ends = (str(longer(window, scrape) if differs else window) for differs in _differences(text))
    return parts[0] + "".join(end + part for end, part in zip(ends, parts[1:], strict=True))


def scaled(query: Query, window: Duration, scrape: Duration) -> Query:
    """Let increases over ``$window`` be those of the window, where they are read over a scrape more.

    A rate is per second, however long its range is. ``increase`` and ``delta`` speak of all of their range, so that a
    value made of them would be too large: ``increase(x[$window])`` becomes ``(increase(x[$window]) * 60 / 75)``.
    """
    text = query.text.strip()
    whole = window.ms + scrape.ms
    shared = gcd(window.ms, whole)
    for start, end in sorted(_amounts(parse(text.replace(WINDOW, _STAND_IN))), reverse=True):
        text = f"{text[:start]}({text[start:end]} * {window.ms // shared} / {whole // shared}){text[end:]}"
    return replace(query, text=text)


def _amounts(node: Node) -> Iterator[tuple[int, int]]:
    """Yield where increases over ``$window`` begin and end in a text."""
    if isinstance(node, Call) and node.func in DIFFERENCES - {"rate"}:
        (argument,) = node.args
        if isinstance(argument, MatrixSelector | Subquery) and argument.range == _STAND_IN_MS:
            yield node.span
            return  # what is inside is summed up by it
    for child in children(node):
        yield from _amounts(child)


def written(query: Query) -> str:
    """Give the user's expression with ``$window`` in it, and with the replicas of a scrape taken out."""
    return _written(query.text.strip(), query.dedup) if query.dedup else query.text.strip()


@lru_cache(maxsize=4096)
def _written(text: str, labels: tuple[str, ...]) -> str:
    return deduplicated(text.replace(WINDOW, _STAND_IN), labels).replace(_STAND_IN, WINDOW)


@lru_cache(maxsize=4096)
def _differences(text: str) -> tuple[bool, ...]:
    """Tell for each ``$window`` of a text whether it is a range from which increments are taken."""
    parts = text.split(WINDOW)
    marks = [_MARK + number for number in range(len(parts) - 1)]
    marked = parts[0] + "".join(f"{mark}ms{part}" for mark, part in zip(marks, parts[1:], strict=True))
    found = frozenset(_ranges(parse(marked)))
    return tuple(mark in found for mark in marks)


def takes_differences(query: Query) -> bool:
    """Tell whether a query reads increments, and not samples alone."""
    return next(_ranges(parse(query.text.replace(WINDOW, "5m"))), None) is not None


def needs_two_samples(query: Query) -> bool:
    """Tell whether a query has nothing to say of one sample."""
    return next(_ranges(parse(query.text.replace(WINDOW, "5m")), DIFFERENCES | _SLOPES), None) is not None


def _ranges(node: Node, functions: frozenset[str] = DIFFERENCES) -> Iterator[int]:
    """Yield the ranges that stand in functions which take differences of samples, or in others."""
    if isinstance(node, Call) and node.func in functions:
        for argument in node.args:
            if isinstance(argument, MatrixSelector | Subquery) and isinstance(argument.range, int):
                yield argument.range
    for child in children(node):
        yield from _ranges(child, functions)


def at_steps(expr: str, window: Duration, step: Duration) -> str:
    """Read increments from a value at each multiple of ``step``, and no longer from the samples themselves.

    ``rate(x[1h29s])`` becomes ``rate(x[1h29s:30s])``. Two ranges that meet at a mark of the clock then share the value
    that the counter had at the mark, however far apart its scrapes are. Of the samples themselves they share one only
    where these are as far apart as was declared.
    """
    whole = longer(window, overlap(step)).ms
    for _, end in sorted(_spans(parse(expr), whole), reverse=True):
        bracket = expr.rfind("]", 0, end)
        expr = f"{expr[:bracket]}:{step}{expr[bracket:]}"
    return expr


def overlap(step: Duration) -> Duration:
    """Give by how much a range that is read at steps is longer than its window: less than a step.

    So it holds the value at the mark before it, and nothing earlier where ranges are closed, as before Prometheus 3.
    """
    return Duration(max(step.ms - 1000, step.ms // 2))


def _spans(node: Node, length: int) -> Iterator[tuple[int, int]]:
    """Yield where ranges of a length stand that functions take differences from."""
    if isinstance(node, Call) and node.func in DIFFERENCES:
        for argument in node.args:
            if isinstance(argument, MatrixSelector) and argument.range == length:
                yield argument.span
    for child in children(node):
        yield from _spans(child, length)


_STAND_IN = "999983s"  # as long as $window, so that positions stay; a range that nobody writes
_STAND_IN_MS = 999_983_000
_MARK = 7_000_000_001  # milliseconds: a range that nobody writes


def addends(query: Query, window: Duration, scrape: Duration = AT_ONCE) -> tuple[tuple[str, str], ...]:
    """Split a query into what it adds and subtracts: (``"+"`` or ``"-"``, PromQL), one pair where it is no sum.

    In PromQL ``a + b`` is empty where either side has no series yet, as an error counter before its first error.
    """
    if query.is_selector:
        return (("+", rate(query, window, scrape)),)
    parts = _split(parse(rate(query, window, scrape)), "+")
    return parts if len(parts) > 1 else (("+", rate(query, window, scrape)),)


def _split(node: Node, sign: str) -> tuple[tuple[str, str], ...]:
    match node:
        case Paren(expr=inner):
            return _split(inner, sign)
        case Binary(op="+" | "-" as op, left=left, right=right, matching=Matching(cardinality=Cardinality.ONE_TO_ONE)):
            other = sign if op == "+" else {"+": "-", "-": "+"}[sign]
            return (*_split(left, sign), *_split(right, other))
        case _:
            return ((sign, to_text(node)),)


def aggregated(op: str, by: tuple[str, ...], expr: str) -> str:
    """Aggregate to the group labels: ``sum by (route) (…)``, or ``sum(…)`` without any."""
    return f"{op} by ({', '.join(by)}) ({expr})" if by else f"{op}({expr})"
