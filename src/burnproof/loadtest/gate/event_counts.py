"""Count events of a span by group: bad events of all events, or the increase of one counter."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from burnproof.loadtest.gate.new_series import FirstValues, NewSeries, find_new_series
from burnproof.prometheus.span import Tally
from burnproof.rules import selectors
from burnproof.rules.kinds.count import counted_in

if TYPE_CHECKING:
    from burnproof.model.slo import Count, Query, Ratio, Slo
    from burnproof.prometheus import Answer, Client, Labels
    from burnproof.prometheus.span import Span

Tallies = tuple["dict[Labels, Tally]", tuple[str, ...]]
"""What was counted by group, and the server's warnings."""


def count_events(slo: Slo, ratio: Ratio, client: Client, span: Span) -> Tallies:
    """Count events: a missing bad series is no error, a missing good one an outage."""
    total, counted = (_summed(query, slo, client, span) for query in (ratio.total, ratio.counted))
    new_total, new_counted = (
        find_new_series(query, slo.by, client, span, ratio.total) for query in (ratio.total, ratio.counted)
    )
    # What a user's own expression gives is per second unless it says increase.
    scale = 1.0 if not ratio.total.is_selector and "increase(" in ratio.total.text else span.seconds
    found: dict[Labels, Tally] = {}
    for group in dict.fromkeys((*total.by_labels, *new_total.groups)):
        events, part = total.number(group) * scale, counted.number(group) * scale
        faults = (*_impossible("total", events, events), *_impossible(ratio.counts, part, events))
        if faults:
            found[group] = Tally(0.0, 0.0, faults)
            continue
        of_all, of_part = _added(new_total, group), _added(new_counted, group)
        events, part = events + of_all.within, part + of_part.within
        bad, more = (part, of_part) if ratio.counts == "bad" else (events - part, of_all.plus(of_part, -1.0))
        doubts = (*_left_out("total", new_total, group), *_left_out(ratio.counts, new_counted, group))
        found[group] = Tally(max(bad, 0.0), max(events, 0.0), unsure=max(more.unsure, 0.0), doubts=doubts)
    return found, (*total.warnings, *counted.warnings)


def count_one(slo: Slo, indicator: Count, client: Client, span: Span) -> Tallies:
    """Count by how much a counter rose, as the whole number that it is."""
    answer = client.query(counted_in(indicator.counter, slo.by, span.length, selectors.AT_ONCE), span.end)
    new = find_new_series(indicator.counter, slo.by, client, span, indicator.counter)
    found: dict[Labels, Tally] = {}
    for group in dict.fromkeys((*answer.by_labels, *new.groups)):
        number = answer.number(group)
        faults = _impossible("counter", number, number)
        more = _added(new, group)
        count = 0.0 if faults else float(round(max(number, 0.0) + more.within))
        found[group] = Tally(count, 1, faults, unsure=more.unsure)
    return found, answer.warnings


def _summed(query: Query, slo: Slo, client: Client, span: Span) -> Answer:
    return client.query(selectors.aggregated("sum", slo.by, selectors.rate(query, span.length)), span.end)


def _added(new: NewSeries, group: Labels) -> FirstValues:
    """Give what may be added to what a query gives."""
    return new.groups.get(group, FirstValues()) if new.is_sum else FirstValues()


def _left_out(what: str, new: NewSeries, group: Labels) -> tuple[str, ...]:
    """Say what a query that is no sum of rates has not seen."""
    first_values = new.groups.get(group, FirstValues())
    events = first_values.within + first_values.unsure
    if new.is_sum or not events:
        return ()
    return (f"Series of {what} began within the span; the {events:.6g} that they had counted by then are left out.",)


def _impossible(what: str, number: float, events: float) -> tuple[str, ...]:
    """Say that a query gave what no count can be.

    Differences of rates may come out just below 0, since Prometheus extrapolates each series by itself.
    """
    if not math.isfinite(number):
        return (f"The query of {what} gives {number}, which is no count.",)
    noise = max(0.5, 0.001 * events) if math.isfinite(events) else 0.5
    return (f"The query of {what} gives a negative count, {number:.6g}.",) if number < -noise else ()
