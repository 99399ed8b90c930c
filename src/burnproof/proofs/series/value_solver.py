"""Find series that give a threshold's value: ``sum(a) / 15``, ``a / b``, ``time() - x``, ``rate(x[$window])``.

A value is read as a number times what one selector gives, or as a quotient of two such parts. Then a wanted value is
solved for what the series must be. Nothing is measured: the parts are linear, so the solution is a division.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from burnproof.model.decimals import plain
from burnproof.proofs.series.counters import instance
from burnproof.proofs.series.example_labels import example, metric
from burnproof.proofs.series.feed import LeftOut, Without
from burnproof.proofs.timeline import EVENTS_PER_SECOND, clock_values, counter_values, gauge_values
from burnproof.proofs.types import InputSeries
from burnproof.rules import selectors
from promrules.syntax.labels import matches
from promrules.syntax.nodes import (
    Aggregate,
    Binary,
    Call,
    MatrixSelector,
    Node,
    NumberLiteral,
    Paren,
    VectorSelector,
    children,
    unwrapped,
    walk,
)
from promrules.syntax.parse import parse

if TYPE_CHECKING:
    from burnproof.model.quantities import Duration
    from burnproof.model.slo import Comparison, Query
    from burnproof.proofs.timeline import Stretch, Timeline
    from promrules.syntax.labels import Labels

_DENOMINATOR = Decimal(1000)
# Gauges, and counters by the seconds that one unit of their function stands for.
_GAUGES = frozenset({"avg_over_time"})
_COUNTERS = frozenset({"rate", "increase"})
_RISES = _COUNTERS | {"irate"}
_ONE_OF_THEM = frozenset({"sum", "avg", "min", "max"})
_FILTERS = frozenset({">", ">=", "<", "<=", "!="})
_NO_SELECTOR = VectorSelector(matchers=())

Kind = Literal["gauge", "counter", "clock"]
"""How a series moves: it stays at its level, rises by it each second, or tells the time that its level is behind."""


@dataclass(frozen=True, slots=True)
class Part:
    """``factor`` times a selector's gauge, or times its counter's rise per second."""

    selector: VectorSelector
    factor: Decimal
    is_counter: bool
    aggregated: str = ""  # by which operator, "mean" for a sum over a count, "" for none


@dataclass(frozen=True, slots=True)
class Level:
    """What a series must be: a gauge's value, a counter's rise per second, by how much a clock is behind."""

    labels: Labels
    kind: Kind
    value: Decimal
    pace: Decimal = Decimal(1)  # of a clock: what it adds in a second, 1000 where it counts milliseconds


@dataclass(frozen=True, slots=True)
class Flow:
    """A series on good and on bad terms."""

    good: Level
    bad: Decimal
    edge: Decimal | None = None  # the level at which the value's condition begins to hold; None for the value itself


@dataclass(frozen=True, slots=True)
class ValueFeed:
    """Series that together make the value good or bad."""

    flows: tuple[Flow, ...]
    is_share: bool = False  # a quotient of rates, which does not move when the traffic of both does

    def series(self, story: Timeline, sample: int, *, without: Without | None = None) -> tuple[InputSeries, ...] | None:
        """Tell a story: a stretch with any share of bad is bad, one without a rate has no series.

        None where a story leaves out series or rests, which a value cannot tell from being good.
        """
        if without is not None and (without is not LeftOut.CONDITION or not self.has_condition):
            return None
        flows = [replace(flow, edge=flow.edge if without else None) for flow in self.flows]
        return tuple(
            InputSeries(metric(_NO_SELECTOR, flow.good.labels), self._values(flow, story, sample)) for flow in flows
        )

    @property
    def has_condition(self) -> bool:
        """Tell whether the value has a condition that can be told apart by a tenth of its bound."""
        return any(flow.edge for flow in self.flows)

    def _values(self, flow: Flow, story: Timeline, sample: int) -> str:
        steps = [(stretch.seconds // sample, self._level(flow, stretch)) for stretch in story.stretches]
        if flow.good.kind == "clock":
            return clock_values(tuple(steps), flow.good.pace * sample)
        if flow.good.kind == "counter":
            return counter_values(tuple((count, None if level is None else level * sample) for count, level in steps))
        return gauge_values(tuple((count, None if level is None else plain(level)) for count, level in steps))

    def _level(self, flow: Flow, stretch: Stretch) -> Decimal | None:
        if stretch.rate is None:
            return None
        if flow.edge is not None:
            return flow.edge * stretch.rate / EVENTS_PER_SECOND
        level = flow.bad if stretch.is_bad else flow.good.value
        # A share of no traffic at all is not to be had: at rest it goes on as usual.
        return level * (stretch.rate / EVENTS_PER_SECOND if self._follows(flow) and stretch.rate else 1)

    def _follows(self, flow: Flow) -> bool:
        return self.is_share and flow.good.kind == "counter"


def value_feed(query: Query, op: Comparison, bound: Decimal, window: Duration, group: Labels) -> ValueFeed | None:
    """Find series for a value; None where it is no number times a selector, nor a quotient of two such parts.

    Args:
        query: the value.
        op: what must hold between value and bound; equality holds of no quotient of rates, so it has no series.
        bound: what is to be kept or broken, by a tenth of it, by more where a clock needs that.
        window: the slice, for which ``$window`` stands.
        group: labels that the series must carry.
    """
    if op not in ("<", "<=", ">", ">="):
        return None
    node = parse(query.text.replace(selectors.WINDOW, str(window)))
    for step in (abs(bound) / 10 or Decimal(1), abs(bound) * 3 / 4):  # what goes on by itself may need the wider one
        below = max(bound - step, Decimal(0)) if bound >= 0 else bound - step
        if below == bound:
            return None  # nothing is below nothing
        good, bad = (below, bound + step) if op in ("<", "<=") else (bound + step, below)
        kept, broken = _solved(node, good, group), _solved(node, bad, group)
        if kept is None or broken is None:
            return None
        if not _too_slow(kept, broken, window):
            edges = {level.labels: level.value for level in _edge(node, group)}
            flows = (Flow(one, other.value, edges.get(one.labels)) for one, other in zip(kept, broken, strict=True))
            return ValueFeed(tuple(flows), _is_share(node))
    return None


def _too_slow(kept: tuple[Level, ...], broken: tuple[Level, ...], window: Duration) -> bool:
    """Tell whether a clock could go past the bound between two samples, where evaluations do not meet its samples."""
    sample = min(window.ms // 4000, 300)  # at most, in stories of slices; those of 60 and 300 s divide evaluations
    if not sample or 300 % sample == 0:
        return False
    clocks = ((one, other) for one, other in zip(kept, broken, strict=True) if one.kind == "clock")
    return any(abs(one.value - other.value) / 2 < sample * one.pace for one, other in clocks)


def is_mean_of_window(query: Query, window: Duration) -> bool:
    """Tell whether a value, its condition aside, is made of rates and means over just this window."""
    node = unwrapped(parse(query.text.replace(selectors.WINDOW, str(window))))
    while isinstance(node, Binary) and node.op == "and":
        node = unwrapped(node.left)
    calls = [one for one in walk(node) if isinstance(one, Call)]
    spans = {arg.range for call in calls for arg in call.args if isinstance(arg, MatrixSelector)}
    read = sum(isinstance(one, VectorSelector) for one in walk(node))
    return spans == {window.ms} and read == len(calls) and all(call.func in _GAUGES | _COUNTERS for call in calls)


def lasts(query: Query, window: Duration) -> int:
    """Give the seconds for which a value outlives the series that it is made of."""
    return _lasts(parse(query.text.replace(selectors.WINDOW, str(window)))) // 1000


def _lasts(node: Node) -> int:
    match node:
        case MatrixSelector(range=int(length)):
            return length
        case Binary(left=NumberLiteral(), right=other) | Binary(left=other, right=NumberLiteral()):
            return _lasts(other)
        case Binary(op="or", left=left, right=right):
            return max(_lasts(left), _lasts(right))
        case Binary(op="unless", left=left):
            return _lasts(left)
        case _:
            # Both sides of an operator must be there, and a selector ends with its series.
            return min((_lasts(one) for one in children(node) if not isinstance(one, NumberLiteral)), default=0)


def risen(query: Query) -> frozenset[VectorSelector]:
    """Give the selectors of which a value reads the rise, as of counters."""
    calls = (one for one in walk(parse(query.text.replace(selectors.WINDOW, "5m"))) if isinstance(one, Call))
    return frozenset(
        arg.selector for call in calls if call.func in _RISES for arg in call.args if isinstance(arg, MatrixSelector)
    )


def _is_share(node: Node) -> bool:
    """Tell whether a value is a quotient of two rates, put in arithmetic with numbers perhaps."""
    match unwrapped(node):
        case Binary(op="-" | "*", left=NumberLiteral(), right=inner):
            return _is_share(inner)
        case Binary(op="*" | "/", left=inner, right=NumberLiteral()) | Binary(op="and", left=inner):
            return _is_share(inner)
        case Binary(op="/", left=above, right=below):
            parts = (_part(above), _part(below))
            return all(part is not None and part.is_counter for part in parts)
        case _:
            return False


def _solved(node: Node, wanted: Decimal, group: Labels) -> tuple[Level, ...] | None:
    """Give each series with the level that makes the value what is wanted."""
    node = unwrapped(node)
    match node:
        case Binary(op="-", left=NumberLiteral(value=value), right=other):
            return _solved(other, _exact(value) - wanted, group)
        case Binary(op="-", left=Call(func="time"), right=other):
            return _behind(_part(other), wanted, group)
        case Binary(op="-", left=other, right=Call(func="time")):
            return _behind(_part(other), -wanted, group)
        case Binary(op="*", left=NumberLiteral(value=value), right=other) if value:
            return _solved(other, wanted / _exact(value), group)
        case Binary(op="*" | "/" as op, left=other, right=NumberLiteral(value=value)) if value:
            return _solved(other, wanted / _exact(value) if op == "*" else wanted * _exact(value), group)
        case Binary(op="and", left=left, right=right):
            return _while(_solved(left, wanted, group), right, group)
        case Binary(op="/", left=above, right=below):
            mean = _mean(above, below)
            return _alone(mean, wanted, group) if mean else _quotient(_part(above), _part(below), wanted, group)
        case _:
            return _alone(_part(node), wanted, group)


def _alone(part: Part | None, wanted: Decimal, group: Labels) -> tuple[Level, ...] | None:
    labels = None if part is None else example(part.selector.matchers, None, group)
    return None if part is None or labels is None else _spread(part, labels, wanted)


def _behind(part: Part | None, wanted: Decimal, group: Labels) -> tuple[Level, ...] | None:
    """Give a time, in seconds or in another unit, that is by so much behind what time it is; below 0, ahead of it."""
    if part is None or part.is_counter or part.factor <= 0 or part.aggregated == "sum":
        return None
    labels = example(part.selector.matchers, None, group)
    return None if labels is None else (Level(labels, "clock", wanted / part.factor, 1 / part.factor),)


def _while(levels: tuple[Level, ...] | None, condition: Node, group: Labels) -> tuple[Level, ...] | None:
    """Let a condition such as ``and on () (sum(in_flight) >= 5)`` hold all the time."""
    condition = unwrapped(condition)
    match condition:
        case Binary(op=">" | ">=", left=part, right=NumberLiteral(value=value), return_bool=False):
            held = _alone(_part(part), 2 * abs(_exact(value)) + 1, group)
        case _:
            return None
    if levels is None or held is None or {one.labels for one in levels} & {one.labels for one in held}:
        return None
    return (*levels, *held)


def _edge(node: Node, group: Labels) -> tuple[Level, ...]:
    """Give the levels of a condition's series at which it begins to hold; none where there is no such condition."""
    match _condition(node):
        case Binary(left=part, right=NumberLiteral(value=value)) if value > 0:
            return _alone(_part(part), _exact(value), group) or ()
        case _:
            return ()


def _condition(node: Node) -> Node | None:
    node = unwrapped(node)
    return unwrapped(node.right) if isinstance(node, Binary) and node.op == "and" else None


def has_quick_condition(query: Query, window: Duration) -> bool:
    """Tell whether a value has a condition that looks back no further than a slice."""
    condition = _condition(parse(query.text.replace(selectors.WINDOW, str(window))))
    spans = () if condition is None else (one.range for one in walk(condition) if isinstance(one, MatrixSelector))
    return condition is not None and all(isinstance(span, int) and span <= window.ms for span in spans)


def conditions(query: Query) -> frozenset[VectorSelector]:
    """Give the selectors that only a value's condition reads."""
    condition = _condition(parse(query.text.replace(selectors.WINDOW, "5m")))
    read = () if condition is None else (one for one in walk(condition) if isinstance(one, VectorSelector))
    return frozenset(read)


def _quotient(above: Part | None, below: Part | None, wanted: Decimal, group: Labels) -> tuple[Level, ...] | None:
    """Solve a quotient: the denominator is a round number, of which the numerator's series may be a part."""
    if above is None or below is None or bool(above.aggregated) != bool(below.aggregated):
        return None
    inner = example(above.selector.matchers, None, group)
    if inner is None:
        return None
    if not above.aggregated:
        outer: Labels | None = instance(inner, "__name__", below.selector.name or "")
        is_within = False
    else:
        is_within = matches(inner, below.selector.matchers) and above.is_counter == below.is_counter
        outer = example(below.selector.matchers, above.selector.matchers if is_within else None, group)
    if outer is None or outer == inner or not matches(outer, below.selector.matchers):
        return None
    if matches(outer, above.selector.matchers) or (matches(inner, below.selector.matchers) and not is_within):
        return None
    numerator = _spread(above, inner, wanted * _DENOMINATOR)
    inside = sum((level.value for level in numerator or ()), Decimal(0)) * below.factor if is_within else Decimal(0)
    denominator = _spread(below, outer, _DENOMINATOR - inside)
    return None if numerator is None or denominator is None else (*numerator, *denominator)


def _mean(above: Node, below: Node) -> Part | None:
    """Read ``sum(x) / count(x)``."""
    match above, below:
        case Aggregate(op="sum", expr=VectorSelector() as read), Aggregate(op="count"):
            alike = replace(below, op="sum") == above
            return Part(read, Decimal(1), is_counter=False, aggregated="mean") if alike else None
        case _:
            return None


def _spread(part: Part, labels: Labels, wanted: Decimal) -> tuple[Level, ...] | None:
    """Give a part's series: two unequal ones where it sums, so that only their sum is right."""
    level = wanted / part.factor
    if level < 0:
        return None
    kind: Kind = "counter" if part.is_counter else "gauge"
    shares = {"sum": ("0.75", "0.25"), "mean": ("1.5", "0.5")}.get(part.aggregated, ())
    twins = [(instance(labels, "replica", name), Decimal(share)) for name, share in zip("ab", shares, strict=False)]
    if not twins or not all(matches(twin, part.selector.matchers) for twin, _ in twins):
        return (Level(labels, kind, level),)
    return tuple(Level(twin, kind, level * share) for twin, share in twins)


def _part(node: Node) -> Part | None:
    """Read a number times a selector's gauge or rate."""
    match node:
        case Paren(expr=inner):
            return _part(inner)
        case VectorSelector():
            return Part(node, Decimal(1), is_counter=False)
        case Aggregate(op=op, expr=inner) if op in _ONE_OF_THEM:
            found = _part(inner)
            return None if found is None else replace(found, aggregated=op)
        case Call(func=func, args=(MatrixSelector(selector=selector, range=int(length)),)):
            if func in _GAUGES:
                return Part(selector, Decimal(1), is_counter=False)
            per_second = Decimal(length) / 1000 if func == "increase" else Decimal(1)
            return Part(selector, per_second, is_counter=True) if func in _RISES else None
        case Binary(op=op, left=inner, right=NumberLiteral(), return_bool=False) if op in _FILTERS:
            return _part(inner)
        case Binary(op="*", left=NumberLiteral(value=value), right=inner) if value:
            return _scaled(_part(inner), _exact(value))
        case Binary(op="*" | "/" as op, left=inner, right=NumberLiteral(value=value)) if value:
            return _scaled(_part(inner), _exact(value) if op == "*" else 1 / _exact(value))
        case _:
            return None


def _scaled(part: Part | None, factor: Decimal) -> Part | None:
    return None if part is None else replace(part, factor=part.factor * factor)


def _exact(value: float) -> Decimal:
    """Read a literal as the decimal that stands in the text."""
    return Decimal(repr(value))
