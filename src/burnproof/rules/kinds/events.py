"""Measure events by counters: ``ratio``, and ``latency`` and ``floor`` by the buckets of a histogram.

A missing error series reads as no errors where total exists; a missing good series in an outage reads as
all bad. The zeros come from the recorded total, not from a second pass over the raw series.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from burnproof.model import naming
from burnproof.model.decimals import plain
from burnproof.model.quantities import Duration
from burnproof.model.slo import Floor, Latency, Query, Ratio
from burnproof.rules import selectors
from burnproof.rules.calendars import long_tile
from burnproof.rules.measure import BASE, RAW, Measure, Pair, Record, is_slow, on_clock, step_at_marks, times
from burnproof.rules.query_terms import counts_increases, counts_per_second

if TYPE_CHECKING:
    from collections.abc import Iterator

    from burnproof.model.slo import Indicator, Slo
    from burnproof.rules.measure import Pace

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
    """Count with a native histogram; a share of no observations is NaN, which the comparison leaves out.

    There is no largest of two histograms, so of replicas the counts are compared, series by series.
    """
    rate = f"rate({histogram.text.strip()}[{selectors.WINDOW}])"
    summed = rate if histogram.dedup else selectors.aggregated("sum", by, rate)
    total = f"histogram_count({summed})"
    within = f"(histogram_fraction(-Inf, {plain(bound)}, {summed}) <= 1) * {total}"
    return Ratio(
        total=Query(selectors.deduped(total, histogram.dedup), is_selector=False, span=histogram.span),
        counted=Query(selectors.deduped(within, histogram.dedup), is_selector=False, span=histogram.span),
        counts=counts,
    )


def _by_bucket(histogram: Query, bound: Decimal, counts: Literal["good", "bad"], _by: tuple[str, ...]) -> Ratio:
    base = selectors.read(histogram)
    below = selectors.with_matcher(selectors.with_suffix(base, "_bucket"), selectors.le_matcher(bound))
    return Ratio(
        total=replace(histogram, text=selectors.text(selectors.with_suffix(base, "_count")), is_selector=True),
        counted=replace(histogram, text=selectors.text(below), is_selector=True),
        counts=counts,
    )


def measure(slo: Slo, indicator: Ratio | Latency | Floor) -> Measure:
    """Measure an events SLI."""
    ratio = as_ratio(indicator, slo.by)
    total, counted = ((_ONE, ratio.total),), ((_ONE, ratio.counted),)
    return measure_sums(slo, Sums(slo.by, slo.scrape, total, counted, ratio.counts, one_source=is_classic(indicator)))


def is_classic(indicator: Indicator) -> bool:
    """Tell whether good and all events are read off one classic histogram."""
    return isinstance(indicator, Latency | Floor) and not indicator.native


def buckets_missing(by: tuple[str, ...], total: Query, counted: Query) -> str:
    """Count the series of a histogram's ``_count`` that have no bucket at the bound beside them."""
    counts, buckets = (selectors.aggregated("count", by, query.text) for query in (total, counted))
    join = f"on ({', '.join(by)})"
    return f"{counts} - {join} ({buckets} or {join} 0 * {counts}) > 0"


def measure_sums(slo: Slo, sums: Sums) -> Measure:
    """Measure events that are counted by sums of queries.

    No rule computes with raw series and with a recording of the same instant: rulers that see a recording only at the
    next evaluation would find errors where traffic falls. A recorded total is good for its presence alone.
    """
    total = sums.total
    seen = naming.selector(naming.TOTAL, slo.id)
    pair = _pair(slo, sums)

    def raw_ratio(window: Duration) -> str | None:
        if window > RAW:
            return None
        # What is evaluated more seldom than the total asks which groups were there in the window.
        existing = f"last_over_time({seen}[{window}])" if is_slow(slo, window) else seen
        # `or` binds weakest, so it can follow any quotient.
        idle = f"\nor {sums.join}\n0 * {existing}" if slo.no_traffic == "good" else ""
        if window == BASE:
            return f"{naming.selector(naming.ERRORS, slo.id)}\n/\n({seen} > 0){idle}"
        quotient = sums.ratio(window, existing)
        if sums.one_source:
            lately = f"max_over_time({naming.selector(naming.MISSING, slo.id)}[{window}])"
            quotient = f"({quotient}\nunless {sums.join} ({sums.missing})\nunless {sums.join} {lately})"
        return quotient + idle

    def raw_total(window: Duration) -> str | None:
        return None if window > RAW else times(sums.all(window), events_of(slo.scrape, total, window))

    return Measure(
        records=(*_gaps(sums), *_live(slo, sums), *_tiles(slo, sums, pair), *_long_tiles(slo, sums, pair)),
        pair=pair,
        ratio=raw_ratio,
        presence=naming.TOTAL,
        total=raw_total,
    )


def _gaps(sums: Sums) -> Iterator[Record]:
    """Record where buckets are missing, which windows look back at."""
    if sums.one_source:
        yield Record(naming.MISSING, sums.missing, pace="slow")


def _pair(slo: Slo, sums: Sums) -> Pair:
    long, fine = long_tile(slo), None
    if long is not None and step_at_marks(slo.scrape, MINUTE_TILE).ms and _is_counted(sums.total):
        fine = MINUTE_TILE
    weight, long_weight, fine_weight = (
        events_of(_shared(slo.scrape, length or BASE), sums.total, length or BASE) for length in (BASE, long, fine)
    )
    names = (naming.tile("errors", BASE), naming.tile("total", BASE))
    return Pair(*names, BASE, weight, long, long_weight, slices=False, fine=fine, fine_weight=fine_weight)


def _is_counted(total: Sum) -> bool:
    """Tell whether an SLO's events are increments of counters, of which each part of a window has its own."""
    queries = [query for _, query in total]
    return all(counts_per_second(query) for query in queries) or all(counts_increases(query) for query in queries)


def _shared(scrape: Duration, length: Duration) -> Duration:
    """Give by how much the range of a tile is longer than the tile: a scrape where it is not read at steps."""
    step = step_at_marks(scrape, min(length, BASE))
    return selectors.overlap(step) if step.ms else scrape


def events_of(scrape: Duration, total: Sum, window: Duration) -> Decimal:
    """Give the events in a window for which its expression reads 1.

    A rate is per second. An increase over a scrape more than the window is extrapolated to all of that.
    """
    queries = [query for _, query in total]
    if all(counts_per_second(query) for query in queries):
        return Decimal(window.ms) / 1000
    if all(counts_increases(query) for query in queries):
        return Decimal(window.ms) / (window.ms + scrape.ms)
    return _ONE


def _live(slo: Slo, sums: Sums) -> tuple[Record, Record]:
    return sums.pair(slo.id, naming.TOTAL, naming.ERRORS, BASE)


def _tiles(slo: Slo, sums: Sums, pair: Pair) -> Iterator[Record]:
    """Record what happened in the last whole five minutes of the clock, and in the last whole minute."""
    for length in (BASE, pair.fine):
        if length is not None:
            clocked = replace(sums, clock=length)
            yield from clocked.pair(slo.id, naming.tile("total", length), naming.tile("errors", length), length)


def _long_tiles(slo: Slo, sums: Sums, pair: Pair) -> Iterator[Record]:
    """Record what happened in the last whole hour of the clock, and in the one before it once more."""
    if pair.long is None:
        return
    for again in (False, True):
        clocked = replace(sums, clock=pair.long, again=again)
        total, errors = (naming.tile(side, pair.long, again=again) for side in _SIDES)
        yield from clocked.pair(slo.id, total, errors, pair.long, pace="slow")


@dataclass(frozen=True, slots=True)
class Sums:
    """What an SLO counts, as sums of queries, and how they are written for a window.

    Attributes:
        by: the group labels.
        scrape: the time between two scrapes.
        total: what all events are counted by; ``counted`` what the good or the bad ones are.
        clock: read at the last whole multiple of this length, not at the evaluation; None for the evaluation.
        again: read one such length earlier.
        one_source: whether both come of one histogram: where one is missing nothing is known, and nothing is filled.
    """

    by: tuple[str, ...]
    scrape: Duration
    total: Sum
    counted: Sum
    counts: Literal["good", "bad"]
    clock: Duration | None = None
    again: bool = False
    one_source: bool = False

    @property
    def join(self) -> str:
        """The labels that two sums are joined on."""
        return f"on ({', '.join(self.by)})"

    @property
    def missing(self) -> str:
        """Where buckets of a histogram are missing, of which nothing is known; for those of one source."""
        ((_, total),), ((_, counted),) = self.total, self.counted
        return buckets_missing(self.by, total, counted)

    def all(self, window: Duration) -> str:
        """Sum all events in a window."""
        return self._filled(self.total, window)

    def pair(
        self, slo_id: str, total: str, errors: str, window: Duration, *, pace: Pace = "fast"
    ) -> tuple[Record, Record]:
        """Record all events and the bad ones, in the order to run: each but the first looks whether that is there."""
        seen, found = naming.selector(total, slo_id), naming.selector(errors, slo_id)
        everything, bad = self.all(window), self.errors(window, seen)
        if self.one_source:
            known = f"({bad})\nunless {self.join} ({self.missing})"
            return Record(errors, known, pace), Record(total, f"{everything}\nand {self.join} {found}", pace)
        return Record(total, everything, pace), Record(errors, bad, pace)

    def errors(self, window: Duration, existing: str) -> str:
        """Sum the bad events in a window; ``existing`` is a series with the groups that have events at all."""
        counted = self._filled(self.counted, window, existing)
        return counted if self.counts == "bad" else f"{self.all(window)} - {self.join} {counted}"

    def ratio(self, window: Duration, existing: str) -> str:
        """Give the error ratio over a window."""
        quotient = f"{self._filled(self.counted, window, existing)}\n/ {self.join}\n({self.all(window)} > 0)"
        return f"1 - {quotient}" if self.counts == "good" else quotient

    def _filled(self, terms: Sum, window: Duration, existing: str = "") -> str:
        """Sum queries to the groups; what is added up is filled with zeros, from ``existing`` or from each other."""
        existing = "" if self.one_source else existing
        parts = [
            (sign if factor > 0 else _OPPOSITE[sign], abs(factor), self._read(expr))
            for factor, query in terms
            for sign, expr in self._addends(query, window)
        ]
        if len(parts) == 1 and not existing:
            return _times(parts[0][1], parts[0][2])
        filled = []
        for number, (sign, factor, expr) in enumerate(parts):
            others = [existing] if existing else [other for at, (_, _, other) in enumerate(parts) if at != number]
            zeros = "".join(f" or {self.join} 0 * {other}" for other in others)
            first = "" if not number and sign == "+" else f"{sign} {self.join} " if number else "-"
            filled.append(f"{first}({_times(factor, expr)}{zeros})")
        return filled[0] if len(filled) == 1 else f"({' '.join(filled)})"

    def _addends(self, query: Query, window: Duration) -> Iterator[tuple[str, str]]:
        """Split a query; for tiles its counters are read at steps, so that no increment falls between two of them."""
        step = Duration(0) if self.clock is None else step_at_marks(self.scrape, min(self.clock, BASE))
        if not step.ms:
            yield from selectors.addends(query, window, self.scrape)
            return
        for sign, expr in selectors.addends(query, window, selectors.overlap(step)):
            yield sign, selectors.at_steps(expr, window, step)

    def _read(self, expr: str) -> str:
        """Sum one query to the groups, now or at the last mark of the clock."""
        summed = selectors.aggregated("sum", self.by, expr)
        return summed if self.clock is None else on_clock(summed, self.clock, again=self.again)


def _times(factor: Decimal, expr: str) -> str:
    return expr if factor == 1 else f"{plain(factor)} * {expr}"


_ONE = Decimal(1)
MINUTE_TILE = Duration(60_000)
_OPPOSITE = {"+": "-", "-": "+"}
_SIDES: tuple[naming.Side, naming.Side] = ("total", "errors")
