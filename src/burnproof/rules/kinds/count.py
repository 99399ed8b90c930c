"""Measure a count, which is its own budget: ``restarts < 3 per 24h`` is spent at the third restart."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from burnproof.model import naming
from burnproof.model.decimals import plain
from burnproof.rules import selectors
from burnproof.rules.measure import SLOW, Measure, Record, nothing_raw

if TYPE_CHECKING:
    from burnproof.model.quantities import Duration
    from burnproof.model.slo import Count, Query, Slo


def allowed(indicator: Count, window: Duration) -> Decimal:
    """Give the share of the limit that falls to ``window``: 3 per day are 0.125 per hour."""
    return indicator.limit * window.ms / indicator.per.ms


def measure(slo: Slo, indicator: Count) -> Measure:
    """Count events over each window straight from the counter."""
    query = indicator.counter

    def ratio(window: Duration) -> str | None:
        if window == indicator.per:
            return f"{naming.selector(naming.count_over(window), slo.id)} / {plain(indicator.limit)}"
        # n * per / (limit * window) has whole numbers only, where the share itself may have no finite decimal.
        counted = counted_in(query, slo.by, window, slo.scrape)
        return f"{counted} * {indicator.per.ms} / {plain(indicator.limit * window.ms)}"

    present = selectors.deduped(selectors.text(selectors.read(query)), query.dedup)
    counted = counted_in(query, slo.by, indicator.per, slo.scrape)
    return Measure(
        records=(
            Record(naming.SERIES, selectors.aggregated("count", slo.by, present)),
            Record(naming.count_over(indicator.per), counted, pace="slow" if indicator.per >= SLOW else "fast"),
        ),
        pair=None,
        ratio=ratio,
        presence=naming.SERIES,
        total=nothing_raw,
        breaks_at=True,
    )


def counted_in(query: Query, by: tuple[str, ...], window: Duration, scrape: Duration) -> str:
    """Write by how much a counter rose in a window, as a whole number.

    ``increase`` extrapolates to the edges of its range: a pod of two samples that restarted once reads 1.5. A series
    without resets rose by its largest value less its smallest, exactly. One with resets is rounded by itself, so that
    what is extrapolated of many does not add up, and its range of a scrape more is scaled back to the window.
    Replicas of one scrape have the same counter, so the largest and the smallest value are those of all of them.
    """
    ranged = selectors.text(selectors.read(query), selectors.longer(window, scrape))

    def over(function: str, aggregation: str = "max") -> str:
        return selectors.deduped(f"{function}({ranged})", query.dedup, aggregation)

    whole, more = (plain(Decimal(length.ms) / 1000) for length in (window, selectors.longer(window, scrape)))
    scaled = f" * {whole} / {more}" if scrape.ms else ""
    rose = f"{over('max_over_time')} - {over('min_over_time', 'min')} unless {over('resets')} > 0"
    rounded = f"round({over('increase')}{scaled})"
    return f"round({selectors.aggregated('sum', by, f'{rose} or {rounded}')})"
