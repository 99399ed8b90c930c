"""Find the queries that an SLO reads, and what they say about time without traffic."""

from __future__ import annotations

from typing import TYPE_CHECKING

from burnproof.model.slo import Count, Floor, Latency, Quantile, Ratio
from burnproof.rules import selectors
from burnproof.rules.kinds.events import as_ratio
from promrules.syntax.nodes import selectors as selectors_in
from promrules.syntax.parse import parse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from burnproof.model.slo import Query, Slo
    from promrules.syntax.nodes import VectorSelector


def queries(slo: Slo) -> tuple[Query, ...]:
    """List the queries of an SLO's indicator, or of those that a composite is made of."""
    return tuple(query for part in slo.parts for _, query in part.indicator.queries)


def has_gauge(slo: Slo) -> bool:
    """Tell whether a value is judged: it is there at the first evaluation, and does not rest when traffic does."""
    return any(not part.indicator.rests for part in slo.parts)


def judges_at_once(slo: Slo) -> bool:
    """Tell whether a verdict can be had of one sample: at the very first evaluation, where a rate has no value yet."""
    values = [part.indicator for part in slo.parts if not part.indicator.rests]
    return any(not any(selectors.needs_two_samples(query) for _, query in one.queries) for one in values)


def looks_elsewhere(slo: Slo) -> bool:
    """Tell whether a query reads another time than now, by ``offset`` or ``@``: no story is told as of then."""
    read = (one for query in queries(slo) for one in _selected(query))
    return any(one.offset not in (0, None) or one.at is not None for one in read)


def raw_selectors(slo: Slo) -> Iterator[VectorSelector]:
    """Yield the raw selectors of an SLO as its rules read them."""
    for part in slo.parts:
        match part.indicator:
            case Latency(native=True) | Floor(native=True) | Quantile(native=True):
                continue  # their proofs run on promtools that read native histograms, and need no le to be told apart
            case Ratio() | Latency() | Floor() as indicator:
                ratio = as_ratio(indicator)
                yield from _selected(ratio.total)
                yield from _selected(ratio.counted)
            case Quantile(histogram=histogram):
                yield selectors.with_suffix(selectors.read(histogram), "_bucket")
                if part.min_events is not None:
                    yield selectors.with_suffix(selectors.read(histogram), "_count")
            case Count(counter=counter):
                yield selectors.read(counter)
            case _:
                for _, query in part.indicator.queries:
                    yield from _selected(query)


def _selected(query: Query) -> Iterator[VectorSelector]:
    yield from selectors_in(parse(query.text.replace(selectors.WINDOW, "5m")))
