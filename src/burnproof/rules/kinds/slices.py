"""Measure slices: a stretch of time is good or bad as a whole.

Slices are those of the clock: at every evaluation the last whole one is judged, from raw series, wherever the
evaluation falls. Windows add up these verdicts, so each slice counts once. The value that is recorded beside them is
that of the time up to now.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from burnproof.model import naming
from burnproof.model.decimals import plain
from burnproof.rules import selectors
from burnproof.rules.calendars import long_tile
from burnproof.rules.measure import HOUR, Measure, Record, Verdict, nothing_raw, on_clock, slice_pair, tiles_over

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal

    from burnproof.model.quantities import Duration
    from burnproof.model.slo import Comparison, Quantile, Slo, Threshold
    from burnproof.rules.measure import Pace, Pair

# What breaks a condition; NaN breaks none of them, so an idle slice is never bad.
BROKEN_BY: dict[Comparison, str] = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}
# The instance that is worst off speaks for all where a value is not grouped.
WORST: dict[Comparison, str] = {"<": "max", "<=": "max", ">": "min", ">=": "min", "==": "min", "!=": "max"}


def quantile(slo: Slo, indicator: Quantile) -> Measure:
    """A slice is bad where the quantile of its observations breaks the bound."""
    base = selectors.read(indicator.histogram)
    window = selectors.longer(indicator.slice, slo.scrape)
    if indicator.native:
        by, buckets = slo.by, selectors.text(base, window)
    else:
        by, buckets = ("le", *slo.by), selectors.text(selectors.with_suffix(base, "_bucket"), window)
    rates = selectors.deduped(f"rate({buckets})", indicator.histogram.dedup)
    value = f"histogram_quantile({plain(indicator.quantile)}, {selectors.aggregated('sum', by, rates)})"
    if slo.min_events is not None:
        counted = base if indicator.native else selectors.with_suffix(base, "_count")
        seen = selectors.deduped(f"increase({selectors.text(counted, window)})", indicator.histogram.dedup)
        events = selectors.aggregated("sum", slo.by, seen)
        if indicator.native:
            events = f"histogram_count({events})"
        # Too few observations are no verdict: the value turns to NaN, as it is where nothing was observed.
        # An increase over a scrape more than the slice is extrapolated to all of that.
        enough = f"({events} >= {plain(slo.min_events)} * {window.ms} / {indicator.slice.ms})"
        value = f"{value}\nand on ({', '.join(slo.by)})\n{enough}\nor on ({', '.join(slo.by)})\n{events} * NaN"
    return judged(slo, value, indicator.op, indicator.bound, indicator.slice)


def threshold(slo: Slo, indicator: Threshold) -> Measure:
    """A slice is bad where a value breaks a bound; of several series the worst counts."""
    amounts = selectors.scaled(indicator.value, indicator.slice, slo.scrape)
    text = selectors.with_window(amounts, indicator.slice, slo.scrape)
    value = selectors.aggregated(WORST[indicator.op], slo.by, text)
    return judged(slo, value, indicator.op, indicator.bound, indicator.slice)


def judged(slo: Slo, value: str, op: Comparison, bound: Decimal, length: Duration) -> Measure:
    """A slice is bad where a value breaks a bound."""
    # NaN is not above anything: the filter leaves idle slices out of the count.
    seen = f"(({value}) >= -Inf)" if slo.no_traffic == "ignore" else f"({value})"
    bad = f"{seen} {BROKEN_BY[op]} bool {plain(bound)}"
    shown = Record(naming.SLICE_VALUE, value, _pace(length))
    return sliced(slo, (shown,), on_clock(f"({bad})", length), length, Verdict(bad, value))


def sliced(slo: Slo, records: tuple[Record, ...], last: str, length: Duration, verdict: Verdict) -> Measure:
    """Measure an SLO that is judged in slices.

    Args:
        slo: the SLO.
        records: what is recorded beside the verdicts; the first is there as long as data arrive.
        last: PromQL that is 1 where the last whole slice of the clock is bad, and 0 where it is good.
        length: of a slice.
        verdict: the same for the slice that ends now.
    """
    pair = slice_pair(length, long_tile(slo) or HOUR)
    pace = _pace(length)
    errors = naming.selector(naming.SLICE_ERRORS, slo.id)
    return Measure(
        records=(
            *records,
            Record(naming.SLICE_ERRORS, last, pace),
            Record(naming.SLICE_TOTAL, f"0 * {errors} + 1", pace),
            *_long_tiles(slo, pair),
        ),
        pair=pair,
        ratio=nothing_raw,
        presence=records[0].name,
        total=nothing_raw,
        verdict=verdict,
    )


def _pace(length: Duration) -> Pace:
    """Give how often slices of a length are judged."""
    return "slow" if length >= HOUR else "fast"


def _long_tiles(slo: Slo, pair: Pair) -> Iterator[Record]:
    """Record how many slices of the last whole hour were judged and bad, and of the one before it once more.

    They stand behind the verdicts that they add up, and cost little.
    """
    if pair.long is None:
        return
    for again in (False, True):
        for side in _SIDES:
            summed = on_clock(tiles_over(pair, side, slo.id, pair.long, at_mark=True), pair.long, again=again)
            yield Record(naming.tile(side, pair.long, again=again), summed)


_SIDES: tuple[naming.Side, naming.Side] = ("total", "errors")
