"""Counts: the count is the budget. ``restarts < 3 per 24h`` is spent when the third restart comes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from burnproof import naming
from burnproof.decimals import plain
from burnproof.plan import selectors
from burnproof.plan.measure import Measure, Record, nothing_raw

if TYPE_CHECKING:
    from decimal import Decimal

    from burnproof.model import Count, Slo
    from burnproof.units import Duration


def allowed(indicator: Count, window: Duration) -> Decimal:
    """Give the share of the limit that falls to ``window``: 3 per day are 0.125 per hour."""
    return indicator.limit * window.ms / indicator.per.ms


def measure(slo: Slo, indicator: Count) -> Measure:
    """Count events over each window straight from the counter.

    ``increase`` extrapolates to the edges of its window, so whole events come out as 1.0012: they are rounded.
    """
    counter = selectors.read(indicator.counter)

    def counted(window: Duration) -> str:
        increase = f"increase({selectors.text(counter, window)})"
        return f"round({selectors.aggregated('sum', slo.by, increase)})"

    def ratio(window: Duration) -> str | None:
        if window == indicator.per:
            return f"{naming.selector(naming.count_over(window), slo.id)} / {plain(indicator.limit)}"
        # n * per / (limit * window) has whole numbers only, where the share itself may have no finite decimal.
        return f"{counted(window)} * {indicator.per.ms} / {plain(indicator.limit * window.ms)}"

    return Measure(
        records=(
            Record(naming.SERIES, selectors.aggregated("count", slo.by, selectors.text(counter))),
            Record(naming.count_over(indicator.per), counted(indicator.per)),
        ),
        pair=None,
        ratio=ratio,
        presence=naming.SERIES,
        total=nothing_raw,
        breaks_at=True,
    )
