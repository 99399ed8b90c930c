"""Events: bad / total by counters. ``ratio``, and ``latency`` and ``floor`` by the buckets of a histogram.

A missing error series reads as no errors where total exists; a missing good series in an outage reads as
all bad. The zeros come from the recorded total, not from a second pass over the raw series.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from burnproof import naming
from burnproof.decimals import plain
from burnproof.model import Floor, Latency, Query, Ratio
from burnproof.plan import selectors
from burnproof.plan.measure import BASE, HOUR, RECORDED, Measure, Record, events_pair
from burnproof.plan.terms import counts_per_second

if TYPE_CHECKING:
    from burnproof.model import Slo
    from burnproof.units import Duration

Sum = tuple[tuple[Decimal, Query], ...]
"""Queries added up, each with its factor."""


def as_ratio(indicator: Ratio | Latency | Floor, by: tuple[str, ...] = ()) -> Ratio:
    """Read a latency or floor as the ratio it is: observations at or below the bound out of all.

    ``by`` are the group labels, which only native histograms need: their share is taken of a sum.
    """
    if isinstance(indicator, Ratio):
        return indicator
    counts: Literal["good", "bad"] = "good" if isinstance(indicator, Latency) else "bad"
    form = _by_fraction if indicator.native else _by_bucket
    return form(indicator.histogram, indicator.bound, counts, by)


def _by_fraction(histogram: Query, bound: Decimal, counts: Literal["good", "bad"], by: tuple[str, ...]) -> Ratio:
    """Count with a native histogram; a share of no observations is NaN, which the comparison leaves out."""
    summed = selectors.aggregated("sum", by, f"rate({histogram.text.strip()}[{selectors.WINDOW}])")
    total = f"histogram_count({summed})"
    within = f"(histogram_fraction(-Inf, {plain(bound)}, {summed}) <= 1) * {total}"
    return Ratio(
        total=Query(total, is_selector=False, span=histogram.span),
        counted=Query(within, is_selector=False, span=histogram.span),
        counts=counts,
    )


def _by_bucket(histogram: Query, bound: Decimal, counts: Literal["good", "bad"], _by: tuple[str, ...]) -> Ratio:
    base = selectors.read(histogram)
    below = selectors.with_matcher(selectors.with_suffix(base, "_bucket"), selectors.le_matcher(bound))
    return Ratio(
        total=Query(selectors.text(selectors.with_suffix(base, "_count")), is_selector=True, span=histogram.span),
        counted=Query(selectors.text(below), is_selector=True, span=histogram.span),
        counts=counts,
    )


def measure(slo: Slo, indicator: Ratio | Latency | Floor) -> Measure:
    """Measure an events SLI."""
    ratio = as_ratio(indicator, slo.by)
    return measure_sums(slo, ((_ONE, ratio.total),), ((_ONE, ratio.counted),), ratio.counts)


def measure_sums(slo: Slo, total: Sum, counted: Sum, counts: Literal["good", "bad"]) -> Measure:
    """Measure events that are counted by sums of queries: raw counters below two hours, else the recorded pair."""
    join = f"on ({', '.join(slo.by)})"
    seen = naming.selector(naming.TOTAL, slo.id)
    # `or` binds weakest, so it can follow any quotient.
    idle = f"\nor {join}\n0 * {seen}" if slo.no_traffic == "good" else ""

    def pair(window: Duration, total_name: str, errors_name: str) -> tuple[Record, Record]:
        existing = naming.selector(total_name, slo.id)
        errors = filled_sum(counted, window, slo.by, existing)
        if counts == "good":
            errors = f"{existing} - {join} {errors}"
        return Record(total_name, filled_sum(total, window, slo.by)), Record(errors_name, errors)

    def raw_ratio(window: Duration) -> str | None:
        if window >= RECORDED:
            return None
        if window in _PAIRED:
            errors_name, total_name = _PAIRED[window]
            quotient = f"{naming.selector(errors_name, slo.id)}\n/\n({naming.selector(total_name, slo.id)} > 0)"
            return quotient + idle
        return ratio_of(total, counted, counts, window, slo.by, seen) + idle

    return Measure(
        records=(*pair(BASE, naming.TOTAL, naming.ERRORS), *pair(HOUR, naming.TOTAL_HOUR, naming.ERRORS_HOUR)),
        pair=events_pair(per_second=all(counts_per_second(query) for _, query in total)),
        ratio=raw_ratio,
        presence=naming.TOTAL,
    )


def ratio_of(
    total: Sum, counted: Sum, counts: Literal["good", "bad"], window: Duration, by: tuple[str, ...], existing: str
) -> str:
    """Give the error ratio over a window from raw series; ``existing`` has zeros for what is not counted."""
    quotient = (
        f"{filled_sum(counted, window, by, existing)}\n/ on ({', '.join(by)})\n({filled_sum(total, window, by)} > 0)"
    )
    return f"1 - {quotient}" if counts == "good" else quotient


def filled_sum(terms: Sum, window: Duration, by: tuple[str, ...], existing: str = "") -> str:
    """Sum queries to the groups; what is added up is filled with zeros, from ``existing`` or from each other."""
    parts = [
        (sign if factor > 0 else _OPPOSITE[sign], abs(factor), selectors.aggregated("sum", by, expr))
        for factor, query in terms
        for sign, expr in selectors.addends(query, window)
    ]
    if len(parts) == 1 and not existing:
        return _times(parts[0][1], parts[0][2])
    join = f"on ({', '.join(by)})"
    filled = []
    for number, (sign, factor, expr) in enumerate(parts):
        others = [existing] if existing else [other for at, (_, _, other) in enumerate(parts) if at != number]
        zeros = "".join(f" or {join} 0 * {other}" for other in others)
        first = "" if not number and sign == "+" else f"{sign} {join} " if number else "-"
        filled.append(f"{first}({_times(factor, expr)}{zeros})")
    return filled[0] if len(filled) == 1 else f"({' '.join(filled)})"


def _times(factor: Decimal, expr: str) -> str:
    return expr if factor == 1 else f"{plain(factor)} * {expr}"


_ONE = Decimal(1)
_OPPOSITE = {"+": "-", "-": "+"}
# Windows whose errors and total are recorded in any case.
_PAIRED = {BASE: (naming.ERRORS, naming.TOTAL), HOUR: (naming.ERRORS_HOUR, naming.TOTAL_HOUR)}
