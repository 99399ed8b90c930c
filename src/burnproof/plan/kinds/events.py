"""Events: bad / total by counters. ``ratio``, and ``latency`` and ``floor`` by the buckets of a histogram.

A missing error series reads as no errors where total exists; a missing good series in an outage reads as
all bad. The zeros come from the recorded total, not from a second pass over the raw series.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from burnproof import naming
from burnproof.model import Floor, Latency, Query, Ratio
from burnproof.plan import selectors
from burnproof.plan.measure import BASE, EVENTS_PAIR, RAW_LIMIT, Measure, Record

if TYPE_CHECKING:
    from decimal import Decimal

    from burnproof.model import Slo
    from burnproof.units import Duration


def as_ratio(indicator: Ratio | Latency | Floor) -> Ratio:
    """Read a latency or floor as the ratio it is: observations at or below the bound out of all."""
    match indicator:
        case Ratio():
            return indicator
        case Latency(histogram=histogram, bound=bound):
            return _by_bucket(histogram, bound, "good")
        case Floor(histogram=histogram, bound=bound):
            return _by_bucket(histogram, bound, "bad")


def _by_bucket(histogram: Query, bound: Decimal, counts: Literal["good", "bad"]) -> Ratio:
    base = selectors.read(histogram)
    below = selectors.with_matcher(selectors.with_suffix(base, "_bucket"), selectors.le_matcher(bound))
    return Ratio(
        total=Query(selectors.text(selectors.with_suffix(base, "_count")), is_selector=True, span=histogram.span),
        counted=Query(selectors.text(below), is_selector=True, span=histogram.span),
        counts=counts,
    )


def measure(slo: Slo, indicator: Ratio | Latency | Floor) -> Measure:
    """Measure an events SLI: raw counters up to an hour, the recorded pair beyond."""
    ratio = as_ratio(indicator)
    total = naming.selector(naming.TOTAL, slo.id)
    join = f"on ({', '.join(slo.by)})"

    # `or` binds weakest, so it can follow any quotient.
    idle = f"\nor {join}\n0 * {total}" if slo.no_traffic == "good" else ""

    def summed(query: Query, window: Duration) -> str:
        return selectors.aggregated("sum", slo.by, selectors.rate(query, window))

    def counted(window: Duration) -> str:
        return f"({summed(ratio.counted, window)} or {join} 0 * {total})"

    def raw_ratio(window: Duration) -> str | None:
        if window > RAW_LIMIT:
            return None
        if window == BASE:
            return f"{naming.selector(naming.ERRORS, slo.id)}\n/\n({total} > 0)" + idle
        quotient = f"{counted(window)}\n/ {join}\n({summed(ratio.total, window)} > 0)"
        if ratio.counts == "good":
            quotient = f"clamp_min(1 - {quotient}, 0)"
        return quotient + idle

    errors = counted(BASE)
    if ratio.counts == "good":
        errors = f"clamp_min({total} - {join} {errors}, 0)"
    return Measure(
        records=(Record(naming.TOTAL, summed(ratio.total, BASE)), Record(naming.ERRORS, errors)),
        pair=EVENTS_PAIR,
        ratio=raw_ratio,
        presence=naming.TOTAL,
    )
