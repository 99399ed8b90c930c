"""An SLO to the feed of its raw series: the kind's own, with replicas where the spec has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from burnproof.model.slo import AnyBad, Compare, Count, Floor, Latency, Quantile, Ratio, Threshold, Weighted
from burnproof.proofs.series.compare_feed import compare_feed
from burnproof.proofs.series.composites import ApartFeed, together
from burnproof.proofs.series.count_feed import count_feed
from burnproof.proofs.series.event_feeds import event_feed
from burnproof.proofs.series.example_labels import group_values
from burnproof.proofs.series.gauge_feed import line_feed
from burnproof.proofs.series.histogram_feeds import histogram_feed, native_feed
from burnproof.proofs.series.queries import looks_elsewhere, queries
from burnproof.proofs.series.replicas import PairFeed, dedup_labels
from burnproof.proofs.series.value_solver import value_feed
from burnproof.rules import selectors
from promrules.syntax.nodes import Matcher, MatchOp
from promrules.syntax.nodes import selectors as selectors_in
from promrules.syntax.parse import parse

if TYPE_CHECKING:
    from burnproof.model.slo import Query, Slo
    from burnproof.proofs.series.feed import Feed
    from promrules.syntax.labels import Labels


def feed_of(slo: Slo, group: Labels = ()) -> Feed | None:
    """Find how to feed an SLO's rules with raw series of one group; None where its queries defy example."""
    if looks_elsewhere(slo) or _judges_late(slo):
        return None
    feed = own_feed(slo, group)
    if feed is None or isinstance(feed, ApartFeed):  # members that are fed apart have replicas of their own
        return feed
    labels = dedup_labels(slo)
    return PairFeed(feed, labels) if labels else feed if labels is not None else None


def _judges_late(slo: Slo) -> bool:
    """Tell whether a composite has a comparison, which judges a slice some time after its end; others do at once."""
    members = slo.indicator.members if isinstance(slo.indicator, AnyBad) else ()
    return any(isinstance(member.indicator, Compare) for member in members)


def own_feed(slo: Slo, group: Labels) -> Feed | None:
    """Find the series of a kind, without replicas."""
    match slo.indicator:
        case Latency(native=True) | Floor(native=True) | Quantile(native=True) as indicator:
            return native_feed(indicator, group)
        case Ratio() | Latency() | Floor() as indicator:
            return event_feed(indicator, group)
        case Quantile() as indicator:
            return histogram_feed(indicator, group)
        case Compare() as indicator:
            return compare_feed(slo, indicator, group)
        case Threshold(value=value, op=op, bound=bound, slice=length) as indicator:
            # Sums and quotients of gauges and rates first; what is left is solved as a line.
            return value_feed(value, op, bound, length, group) or line_feed(indicator, group)
        case Count() as indicator:
            return count_feed(indicator, group)
        case Weighted() | AnyBad():
            return together(slo, tuple(feed_of(part, group) for part in slo.parts), group)


def groups_of(slo: Slo, count: int = 2) -> tuple[Labels, ...]:
    """Give example groups: ``((route, route-1),)``, ``((route, route-2),)``; one empty group where there are none."""
    if not slo.by:
        return ((),)
    matchers = tuple(m for query in queries(slo) for m in _matchers(query))
    columns = [group_values(name, matchers, count) for name in slo.by]
    if not all(columns):
        return ()
    rows = max(len(column) for column in columns)
    return tuple(
        tuple(sorted((name, column[row % len(column)]) for name, column in zip(slo.by, columns, strict=True)))
        for row in range(rows)
    )


def _matchers(query: Query) -> tuple[Matcher, ...]:
    read = selectors_in(parse(query.text.replace(selectors.WINDOW, "5m")))
    return tuple(m for selector in read for m in selector.matchers if m.op is not MatchOp.NOT_EQUAL or m.value)
