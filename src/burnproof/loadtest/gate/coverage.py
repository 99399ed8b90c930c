"""Find gaps in the data of a span: an early end or a hole fails, a late start warns.

A rate over a span is the same whether its series went on to the end or the target died half-way. So the times of the
samples are looked at besides. A counter that stands still has samples; one that is gone has none.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING, Final

from burnproof.model.indicators import Events
from burnproof.model.slo import Compare, Count, Quantile
from burnproof.rules import selectors
from burnproof.rules.kinds.composite import ratio_of_events
from promrules.syntax.nodes import selectors as selectors_in
from promrules.syntax.parse import parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from burnproof.model.slo import Query, Slo
    from burnproof.prometheus import Client, Labels
    from burnproof.prometheus.span import Span

# Four scrapes are the fewest that a rate is commonly taken of: two of them may be lost.
_SCRAPES: Final = 4
# In how many places a span is looked at; a server gives up to 11 000.
_LOOKS: Final = 1000


def holes(slo: Slo, client: Client, span: Span) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Say, as sentences, where a span holds no data of an SLO, and where only its start has none.

    A target that was deployed within the span has no data before; one that crashed has none after. Without any data at
    all nothing is said.

    Raises:
        QueryError: the server gives no usable answer.
        RefusedError: it refuses the query.
    """
    found = [_gaps(some, slo, client, span) for some in _sources(slo, span)]
    lost, late = (dict.fromkeys(gaps[which] for gaps in found if gaps[which]) for which in (0, 1))
    return tuple(lost), tuple(late)


def early_ends(slo: Slo, client: Client, span: Span) -> dict[Labels, str]:
    """Say, as a sentence each, of which groups the data end before the span does, though others go on.

    A route of an instance that was replaced is away until somebody asks for it; a region that is away is an outage.
    Nobody but the reader can tell the two.

    Raises:
        QueryError: the server gives no usable answer.
        RefusedError: it refuses the query.
    """
    stamps: dict[Labels, list[float]] = {}
    asked = {selector for some in _sources(slo, span) for selector in some} if slo.by else set()
    for selector in sorted(asked):
        newest = selectors.aggregated("max", slo.by, f"timestamp({selector})")
        answer = client.query_range(newest, span.end - span.seconds, span.end, _step(span))
        for group, points in answer.by_labels.items():
            stamps.setdefault(group, []).extend(stamp for _, stamp in points)
    found = {}
    for group, seen in stamps.items():
        interval = slo.scrape_interval.seconds if slo.scrape_interval else _interval([sorted(set(seen))])
        if span.end - max(seen) > _SCRAPES * max(interval, _step(span)):
            found[group] = f"Its data end {span.end - max(seen):.0f} s before the span does."
    return found


def _step(span: Span) -> float:
    """Give the time between two looks at a span."""
    return max(span.seconds / _LOOKS, 0.5)


def _sources(slo: Slo, span: Span) -> list[tuple[str, ...]]:
    """List sets of selectors; of each set something must have data from one end of the span to the other.

    What is counted out of a total is not among them: most error counters are not there before their first error.
    """
    if slo.parts != (slo,):
        return [found for member in slo.parts for found in _sources(member, span)]
    match slo.indicator:
        case Compare(right=query) | Count(counter=query):
            return [_selectors(query, span)]
        case Quantile(histogram=histogram, native=native):
            return [_selectors(histogram, span, suffixed=not native)]
        case Events():
            return [_selectors(ratio_of_events(slo).total, span)]
        case indicator:
            return [(selector,) for _, query in indicator.queries for selector in _selectors(query, span)]


def _selectors(query: Query, span: Span, *, suffixed: bool = False) -> tuple[str, ...]:
    """Write the selectors of a query as of now; of a classic histogram, that of its buckets."""
    found: Iterable[str] = (
        selectors.text(replace(selectors.with_suffix(one, "_bucket") if suffixed else one, offset=0, at=None))
        for one in selectors_in(parse(selectors.rate(query, span.length)))
    )
    return tuple(dict.fromkeys(found))


def _gaps(some: Sequence[str], slo: Slo, client: Client, span: Span) -> tuple[str, str]:
    """Name the longest hole in the data of some selectors, and the one before they begin, where these are too long."""
    step = _step(span)
    start = span.end - span.seconds
    each: list[list[float]] = []
    for selector in some:
        newest = f"max by (job, instance) (timestamp({selector}))"
        answer = client.query_range(newest, start, span.end, step)
        each += [sorted({stamp for _, stamp in points}) for points in answer.by_labels.values()]
    if not each:
        return "", ""
    interval = slo.scrape_interval.seconds if slo.scrape_interval else _interval(each)
    allowed = _SCRAPES * max(interval, step)
    rhythm = f"a sample every {interval:.3g} s" if interval else "a single sample"
    stamps = sorted({stamp for stamps in each for stamp in stamps})

    def said(began: float, ended: float) -> str:
        where = "at the start of" if began <= start else "at the end of" if ended == span.end else "within"
        return (
            f"There are no data for {ended - began:.0f} s {where} the span ({', '.join(some)}): with {rhythm}, "
            f"{allowed:.3g} s are let pass."
        )

    began, ended = max(pairwise([*stamps, span.end]), key=lambda pair: pair[1] - pair[0])
    late = said(start, stamps[0]) if stamps[0] - start > allowed else ""
    return said(began, ended) if ended - began > allowed else "", late


def _interval(each: Iterable[Sequence[float]]) -> float:
    """Give the time between two samples of one target, of the slowest one; 0 where none has two."""
    gaps = ([later - earlier for earlier, later in pairwise(stamps)] for stamps in each)
    return max((median(found) for found in gaps if found), default=0.0)
