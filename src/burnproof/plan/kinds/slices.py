"""Slices: a stretch of time is bad or good as a whole, and the objective is a share of stretches.

Each evaluation judges the slice that ends just then, so no rule depends on where an evaluation falls;
longer windows read these verdicts one slice apart, so each slice counts once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from burnproof import naming
from burnproof.decimals import plain
from burnproof.plan import selectors
from burnproof.plan.measure import Measure, Record, hour_sums, no_raw_ratio, slice_pair

if TYPE_CHECKING:
    from decimal import Decimal

    from burnproof.model import Compare, Comparison, Quantile, Query, Slo, Threshold
    from burnproof.plan.measure import Pair

# What breaks a condition; NaN breaks none of them, so an idle slice is never bad.
BROKEN_BY: dict[Comparison, str] = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}
# The instance that is worst off speaks for all where a value is not grouped.
WORST: dict[Comparison, str] = {"<": "max", "<=": "max", ">": "min", ">=": "min", "==": "min", "!=": "max"}


def quantile(slo: Slo, indicator: Quantile) -> Measure:
    """A slice is bad where the quantile of its observations breaks the bound."""
    base = selectors.read(indicator.histogram)
    window = indicator.slice
    if indicator.native:
        by, buckets = slo.by, selectors.text(base, window)
    else:
        by, buckets = ("le", *slo.by), selectors.text(selectors.with_suffix(base, "_bucket"), window)
    value = f"histogram_quantile({plain(indicator.quantile)}, {selectors.aggregated('sum', by, f'rate({buckets})')})"
    if slo.min_events is not None:
        counted = base if indicator.native else selectors.with_suffix(base, "_count")
        events = selectors.aggregated("sum", slo.by, f"increase({selectors.text(counted, window)})")
        if indicator.native:
            events = f"histogram_count({events})"
        # Too few observations are no verdict: the value turns to NaN, as it is where nothing was observed.
        enough = f"({events} >= {plain(slo.min_events)})"
        value = f"{value}\nand on ({', '.join(slo.by)})\n{enough}\nor on ({', '.join(slo.by)})\n{events} * NaN"
    return judged(slo, Record(naming.SLICE_VALUE, value), indicator.op, indicator.bound, slice_pair(window))


def threshold(slo: Slo, indicator: Threshold) -> Measure:
    """A slice is bad where a value breaks a bound; of several series the worst counts."""
    text = indicator.value.text.strip().replace(selectors.WINDOW, str(indicator.slice))
    value = selectors.aggregated(WORST[indicator.op], slo.by, text)
    return judged(slo, Record(naming.SLICE_VALUE, value), indicator.op, indicator.bound, slice_pair(indicator.slice))


def judged(slo: Slo, value: Record, op: Comparison, bound: Decimal, pair: Pair) -> Measure:
    """A slice is bad where a recorded value breaks a bound."""
    series = naming.selector(value.name, slo.id)
    # NaN equals nothing, itself included: the filter leaves idle slices out of the count.
    seen = f"({series} == {series})" if slo.no_traffic == "ignore" else series
    return _measure((value,), f"{seen} {BROKEN_BY[op]} bool {plain(bound)}", slo, pair, value.name)


def compare(slo: Slo, indicator: Compare) -> Measure:
    """A slice is bad where left fails right by more than the tolerance.

    A left side that is missing while the right side moves reads as 0: a consumer that died before its
    first message keeps up with nothing. The comparison needs no quotient, so an idle right side divides nothing.
    """
    join = f"on ({', '.join(slo.by)})"
    right = naming.selector(naming.SLICE_RIGHT, slo.id)
    left = naming.selector(naming.SLICE_LEFT, slo.id)

    def summed(query: Query) -> str:
        return selectors.aggregated("sum", slo.by, selectors.rate(query, indicator.slice))

    factor = 1 - indicator.tolerance if indicator.op in (">=", ">") else 1 + indicator.tolerance
    bound = right if factor == 1 else f"{plain(factor)} * {right}"
    # An idle slice has neither left nor right; where only the right side rests, the comparison still counts.
    moving = f"({right} > 0 or {left} > 0)" if slo.no_traffic == "ignore" else right
    verdict = f"({left} {BROKEN_BY[indicator.op]} bool {join_identity(slo)} {bound})"
    records = (
        Record(naming.SLICE_RIGHT, summed(indicator.right)),
        Record(naming.SLICE_LEFT, f"{summed(indicator.left)}\nor {join}\n0 * {right}"),
    )
    bad = f"{verdict}\nand {join_identity(slo)}\n{moving}" if slo.no_traffic == "ignore" else verdict
    return _measure(records, bad, slo, slice_pair(indicator.slice), naming.SLICE_RIGHT)


def join_identity(slo: Slo) -> str:
    """Join two recorded series of one SLO: on identity and group labels."""
    return f"on ({', '.join((*naming.IDENTITY, *slo.by))})"


def _measure(records: tuple[Record, ...], bad: str, slo: Slo, pair: Pair, presence: str) -> Measure:
    errors = naming.selector(naming.SLICE_ERRORS, slo.id)
    return Measure(
        records=(
            *records,
            Record(naming.SLICE_ERRORS, bad),
            Record(naming.SLICE_TOTAL, f"0 * {errors} + 1"),
            *hour_sums(pair, slo.id),
        ),
        pair=pair,
        ratio=no_raw_ratio,
        presence=presence,
    )
