"""Count the events of series that appeared during the span, which ``rate`` and ``increase`` miss.

The first error of a new instance makes a series that starts at 1. Where the target had been scraped before, or the
series itself, all of it fell into the span. Where the target is new to the server, its counters may be old: what they
say is known to be no more than that, so it is kept apart.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from burnproof.model.quantities import Duration
from burnproof.rules import selectors
from promrules.syntax.nodes import Aggregate, Call, MatrixSelector, Paren
from promrules.syntax.nodes import selectors as selectors_in
from promrules.syntax.parse import parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from burnproof.model.slo import Query
    from burnproof.prometheus import Client, Labels
    from burnproof.prometheus.span import Span
    from promrules.syntax.nodes import Node, VectorSelector

# How far back Prometheus itself looks for the newest sample of a series.
_LOOKBACK: Final = Duration(300_000)
_TARGET: Final = ("instance", "job")


@dataclass(frozen=True, slots=True)
class FirstValues:
    """What the new series of one group had counted by their first sample.

    Attributes:
        within: Counted within the span.
        unsure: Counted within the span or before it.
    """

    within: float = 0.0
    unsure: float = 0.0

    def plus(self, other: FirstValues, factor: float = 1.0) -> FirstValues:
        """Add another group's or query's."""
        return FirstValues(self.within + factor * other.within, self.unsure + factor * other.unsure)


@dataclass(frozen=True, slots=True)
class NewSeries:
    """The new series of one query.

    Attributes:
        groups: What they had counted, by group.
        is_sum: Whether the query adds up rates of counters, so that it may be added to what the query gives.
    """

    groups: dict[Labels, FirstValues]
    is_sum: bool = True


def find_new_series(query: Query, by: tuple[str, ...], client: Client, span: Span, witness: Query) -> NewSeries:
    """Find the series of a query that began within a span; those of ``witness`` show which targets are older.

    Raises:
        QueryError: the server gives no usable answer.
        RefusedError: it refuses the query.
    """
    terms = [_counter(parse(expr), sign, span) for sign, expr in selectors.addends(query, span.length)]
    added = [term for term in terms if term is not None]
    is_sum = len(added) == len(terms)
    if not is_sum:
        added = [(1.0, one) for one in _selectors(query, span)]
    seen = (*_selectors(query, span), *_selectors(witness, span))
    found: dict[Labels, FirstValues] = {}
    for factor, selector in added:
        for group, first_values in _first_values(_Reading(selector, query.dedup), seen, by, client, span).items():
            found[group] = found.get(group, FirstValues()).plus(first_values, factor)
    return NewSeries(
        {group: first_values for group, first_values in found.items() if first_values != FirstValues()}, is_sum
    )


def _counter(node: Node, sign: str, span: Span) -> tuple[float, VectorSelector] | None:
    """Take ``rate(counter[span])`` apart, summed or not; None for anything else."""
    while isinstance(node, Paren) or (isinstance(node, Aggregate) and (node.op == "sum" or _takes_out(node))):
        node = node.expr
    if not isinstance(node, Call) or node.func not in ("rate", "increase"):
        return None
    ranged = node.args[0]
    if not isinstance(ranged, MatrixSelector) or ranged.range != span.length.ms:
        return None
    return (1.0 if sign == "+" else -1.0), ranged.selector


def _takes_out(node: Aggregate) -> bool:
    """Tell whether a node makes one series of the replicas of each."""
    return node.op == "max" and node.without


def _selectors(query: Query, span: Span) -> tuple[VectorSelector, ...]:
    return tuple(selectors_in(parse(selectors.rate(query, span.length))))


@dataclass(frozen=True, slots=True)
class _Reading:
    """A selector, and the labels that tell replicas of its series apart."""

    selector: VectorSelector
    dedup: tuple[str, ...]

    def once(self, series: Iterable[Labels]) -> Iterator[Labels]:
        """Yield one of the replicas of each series."""
        kept: dict[Labels, Labels] = {}
        for labels in series:
            kept.setdefault(tuple(pair for pair in labels if pair[0] not in self.dedup), labels)
        yield from kept.values()


def _first_values(
    reading: _Reading, seen: Sequence[VectorSelector], by: tuple[str, ...], client: Client, span: Span
) -> dict[Labels, FirstValues]:
    """Give what the new series of a selector had counted by their first sample, by group."""
    selector = reading.selector
    ranged = selectors.text(selector, span.length)
    if selector.at is not None:  # it does not move with the span
        return {}
    earlier = _earlier(selector, span)
    # A replica that joins sees nothing that another has not seen before.
    matched = f"ignoring ({', '.join(reading.dedup)}) " if reading.dedup else ""
    new = client.query(f"count_over_time({ranged}) unless {matched}({selectors.text(earlier)})", span.end).by_labels
    if not new:
        return {}
    first = client.query(ranged, span.end).by_labels
    before = client.query(f"last_over_time({selectors.text(earlier, _LOOKBACK)})", span.end).by_labels
    known = _targets(ranged, seen, client, span)
    found: dict[Labels, FirstValues] = {}
    for labels in reading.once(new):
        if labels not in first:
            continue
        value = first[labels][0][1]
        if labels in before:  # it was away for a while; without a reset, only what was added
            last = before[labels][0][1]
            first_values = FirstValues(within=value - last if value >= last else value)
        else:
            first_values = FirstValues(within=value) if _picked(labels, _TARGET) in known else FirstValues(unsure=value)
        group = _picked(labels, by)
        found[group] = found.get(group, FirstValues()).plus(first_values)
    return found


def _earlier(selector: VectorSelector, span: Span) -> VectorSelector:
    """Move a selector back to the start of the span."""
    offset = selector.offset if isinstance(selector.offset, int) else 0
    return replace(selector, offset=offset + span.length.ms)


def _targets(ranged: str, seen: Iterable[VectorSelector], client: Client, span: Span) -> set[Labels]:
    """Find the targets that were scraped when the span began: up, or with a series that is asked for."""
    asked = [
        f"(max by (job, instance) (up offset {span.length}) == 1) and on (job, instance) count_over_time({ranged})"
    ]
    asked += [f"group by (job, instance) ({selectors.text(_earlier(one, span))})" for one in dict.fromkeys(seen)]
    found = {target for query in asked for target in client.query(query, span.end).by_labels}
    # Without a label of its own instance no target can be told from another.
    return {target for target in found if dict(target).get("instance")}


def _picked(labels: Labels, names: tuple[str, ...]) -> Labels:
    return tuple(pair for pair in labels if pair[0] in names)
