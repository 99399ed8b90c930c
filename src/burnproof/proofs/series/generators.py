"""Generate the raw series that play a scenario, for each kind of SLI."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING

from burnproof.model.decimals import plain
from burnproof.model.slo import AnyBad, Compare, Count, Floor, Latency, Quantile, Ratio, Threshold, Weighted
from burnproof.proofs.series.composites import ApartFeed, together
from burnproof.proofs.series.counters import bundles, instance, uncounted
from burnproof.proofs.series.example_labels import example, group_values, metric
from burnproof.proofs.series.linear_solver import line_of
from burnproof.proofs.series.queries import looks_elsewhere, queries
from burnproof.proofs.series.replicas import PairFeed, dedup_labels, replicated
from burnproof.proofs.series.value_solver import value_feed
from burnproof.proofs.timeline import Stretch, Timeline, counter_values, gauge_values, grained
from burnproof.proofs.types import InputSeries
from burnproof.rules import selectors
from burnproof.rules.kinds.events import as_ratio, is_classic
from burnproof.rules.query_terms import terms_of
from promrules.syntax.nodes import Matcher, MatchOp, VectorSelector
from promrules.syntax.nodes import selectors as selectors_in
from promrules.syntax.parse import parse

if TYPE_CHECKING:
    from burnproof.model.slo import Query, Slo
    from burnproof.proofs.series.feed import Feed
    from burnproof.proofs.series.linear_solver import Line
    from promrules.syntax.labels import Labels


@dataclass(frozen=True, slots=True)
class EventFeed:
    """Counters of good and bad events."""

    good: tuple[Labels, ...]
    bad: tuple[Labels, ...]
    uncounted: Labels | None = None  # a series of what is counted that the total lacks
    counts: str = "good"  # whether good or bad events are counted
    one_source: bool = False  # of one histogram: good or bad series do not vanish by themselves

    def series(self, story: Timeline, sample: int, *, without: str = "") -> tuple[InputSeries, ...] | None:
        """See ``Feed``; ``"total"`` adds what is counted and not in the total: a stretch's share is the excess."""
        if without == "total":
            return self._with_uncounted(story, sample)
        if self.one_source and without in ("good", "bad"):
            return None
        alone = {"bad": set(self.bad) - set(self.good), "good": set(self.good) - set(self.bad)}
        only = alone.get(self.counts if without in _COUNTED else without, set())
        if without and not only:
            return None
        made = []
        for atom in dict.fromkeys((*self.good, *self.bad)):
            if without == "bad" and atom in only:
                continue
            gone = without in ("good", *_COUNTED) and atom in only
            pair = replicated(atom, self._increments(atom, story, sample, gone=gone))
            if gone and without == "one counted":
                pair[0] = replicated(atom, self._increments(atom, story, sample, gone=False))[0]
            made += pair
        return tuple(made)

    def _with_uncounted(self, story: Timeline, sample: int) -> tuple[InputSeries, ...] | None:
        usual = self.series(Timeline(tuple(replace(s, share=Decimal(0)) for s in story.stretches)), sample)
        if self.uncounted is None or usual is None:
            return None
        # All the usual events are good; where bad ones are counted, the excess begins beyond as many bad.
        missing = 0 if self.counts == "good" else 1
        rises = tuple(
            (s.seconds // sample, (s.rate or Decimal(0)) * sample * (missing + s.share if s.share else 0))
            for s in story.stretches
        )
        return (*usual, InputSeries(metric(_NO_SELECTOR, self.uncounted), counter_values(rises)))

    def _increments(
        self, atom: Labels, story: Timeline, sample: int, *, gone: bool
    ) -> tuple[tuple[int, Decimal | None], ...]:
        return tuple(
            (stretch.seconds // sample, self._increment(atom, stretch, sample, gone=gone))
            for stretch in story.stretches
        )

    def _increment(self, atom: Labels, stretch: Stretch, sample: int, *, gone: bool) -> Decimal | None:
        if stretch.rate is None or (gone and stretch.share == 1):
            return None
        events = stretch.rate * sample
        return events * ((1 - stretch.share) * (atom in self.good) + stretch.share * (atom in self.bad))


@dataclass(frozen=True, slots=True)
class CountFeed:
    """A counter that rises by one at each event; a stretch's share is the events at its start."""

    atoms: tuple[Labels, ...]

    def series(self, story: Timeline, sample: int, *, without: str = "") -> tuple[InputSeries, ...] | None:
        """See ``Feed``."""
        if without:
            return None
        made = []
        for number, atom in enumerate(self.atoms):
            steps: list[tuple[int, Decimal | None]] = []
            for at, stretch in enumerate(story.stretches):
                samples = stretch.seconds // sample
                mine = stretch.share if at % len(self.atoms) == number else Decimal(0)
                flat = None if stretch.rate is None else Decimal(0)
                if mine:
                    steps.append((1, mine))
                    samples -= 1
                steps.append((samples, flat))
            made.append(InputSeries(metric(_NO_SELECTOR, atom), counter_values(tuple(steps), start=Decimal(7))))
        return tuple(made)


@dataclass(frozen=True, slots=True)
class HistogramFeed:
    """A histogram in which a little less of the observations than the quantile tolerates is slow, or a little more.

    Slow ones lie just above the bound, so that neither the quantile nor the bound can be off unnoticed. Two replicas
    have half of the fast ones each, and one has all the slow: only their sum has the quantile, and enough of them.
    """

    base: Labels
    bound: Decimal
    tolerated: Decimal  # 1 - quantile

    def series(self, story: Timeline, sample: int, *, without: str = "") -> tuple[InputSeries, ...] | None:
        """See ``Feed``."""
        if without:
            return None
        made = []
        fast = self._rises(story, sample, slow=False)
        for name, rises in (("fast", fast), ("slow", self._rises(story, sample, slow=True))):
            labels = instance(self.base, "replica", name)
            for top, values in ((self.bound, fast), (self.bound * Decimal("1.1"), rises), (None, rises)):
                le = "+Inf" if top is None else selectors.le_text(top)
                bucket = instance(self._named("_bucket", labels), "le", le)
                made.append(InputSeries(metric(_NO_SELECTOR, bucket), values))
            made.append(InputSeries(metric(_NO_SELECTOR, self._named("_count", labels)), rises))
        return tuple(made)

    def _named(self, suffix: str, labels: Labels) -> Labels:
        return _renamed(labels, dict(self.base)["__name__"] + suffix)

    def _rises(self, story: Timeline, sample: int, *, slow: bool) -> str:
        """Give the count of half the fast observations, and of the slow ones that a good or a bad slice has."""
        steps: list[tuple[int, Decimal | None]] = []
        for stretch in story.stretches:
            part = min(Decimal(1), self.tolerated * (Decimal("1.15") if stretch.share else Decimal("0.85")))
            counted = (1 - part) / 2 + (part if slow else 0)
            steps.append((stretch.seconds // sample, None if stretch.rate is None else stretch.rate * sample * counted))
        return counter_values(tuple(steps))


@dataclass(frozen=True, slots=True)
class NativeFeed:
    """A native histogram with a bucket up to the bound and one just above it."""

    base: Labels
    indicator: Latency | Floor | Quantile

    def series(self, story: Timeline, sample: int, *, without: str = "") -> tuple[InputSeries, ...] | None:
        """See ``Feed``."""
        if without:
            return None
        low = high = _NATIVE_START
        items, gone = [self._histogram(low, high)], False
        for stretch in story.stretches:
            samples = stretch.seconds // sample
            if not samples:
                continue
            if stretch.rate is None:
                items += [f"_x{samples}"] if gone else ["stale", *([f"_x{samples - 1}"] if samples > 1 else [])]
                gone = True
                continue
            within = grained(stretch.rate * sample * self._within(stretch.share))
            beyond = grained(stretch.rate * sample) - within
            first = self._histogram(low + within, high + beyond)
            items.append(f"{first}+{self._histogram(within, beyond)}x{samples - 1}" if samples > 1 else first)
            low, high, gone = low + within * samples, high + beyond * samples, False
        return (InputSeries(metric(_NO_SELECTOR, self.base), " ".join(items)),)

    def _within(self, share: Decimal) -> Decimal:
        """Give the share of observations up to the bound."""
        match self.indicator:
            case Latency():
                return 1 - share
            case Floor():
                return share
            case Quantile(quantile=quantile):
                return 1 - min(Decimal(1), (1 - quantile) * (Decimal("1.15") if share else Decimal("0.85")))

    def _histogram(self, within: Decimal, beyond: Decimal) -> str:
        bounds = f"{plain(self.indicator.bound)} {plain(self.indicator.bound * Decimal('1.1'))}"
        counts = f"{plain(within)} {plain(beyond)}"
        return f"{{{{schema:-53 count:{plain(within + beyond)} custom_values:[{bounds}] buckets:[{counts}]}}}}"


_COUNTED = ("counted", "one counted")
_NATIVE_START = Decimal(10**9)


@dataclass(frozen=True, slots=True)
class CompareFeed:
    """Two counters: right moves at the story's rate, and left falls short of it (or exceeds it) by a stretch's share.

    Slices are judged some time after their end. So the counters are that much ahead of the story: what a story says of
    a time is what is judged then.
    """

    left: Labels
    right: Labels
    left_must_keep_up: bool  # a left side that is missing then breaks the comparison
    late: int  # seconds
    scrape: int

    def series(self, story: Timeline, sample: int, *, without: str = "") -> tuple[InputSeries, ...] | None:
        """See ``Feed``; a share below 0 is a left side that catches up."""
        if without == "bad" or (without == "good" and not self.left_must_keep_up) or self.late % sample:
            return None
        values: dict[Labels, list[tuple[int, Decimal | None]]] = {self.left: [], self.right: []}
        for stretch in self._recovering(story).ahead(self.late).stretches:
            samples = stretch.seconds // sample
            right = None if stretch.rate is None else stretch.rate * sample
            short = stretch.share if self.left_must_keep_up else -stretch.share
            left = None if right is None else right * (1 - short)
            if without == "good" and stretch.share > 0:
                left = None
            values[self.left].append((samples, left))
            values[self.right].append((samples, Decimal(0) if without == "right" else right))
        return tuple(series for atom, steps in values.items() for series in replicated(atom, tuple(steps)))

    def _recovering(self, story: Timeline) -> Timeline:
        """Let left keep up in the last scrape of what is bad.

        Ranges that are closed on the left hold a scrape of the slice before, which is no part of the one judged.
        """
        told: list[Stretch] = []
        for stretch, after in pairwise((*story.stretches, None)):
            ends = stretch is not None and stretch.share > 0 and after is not None and after.share == 0
            if stretch is None or not ends or stretch.seconds <= self.scrape:
                told += [stretch] if stretch else []
                continue
            told.append(replace(stretch, seconds=stretch.seconds - self.scrape))
            told.append(replace(stretch, seconds=self.scrape, share=Decimal(0)))
        return Timeline(tuple(told))


@dataclass(frozen=True, slots=True)
class GaugeFeed:
    """A gauge that puts a value on the good or the bad side of its bound; others that it is computed with stay at 1."""

    atom: Labels
    others: tuple[Labels, ...]
    good: str
    bad: str

    def series(self, story: Timeline, sample: int, *, without: str = "") -> tuple[InputSeries, ...] | None:
        """See ``Feed``."""
        if without:
            return None
        made = []
        for atom in (self.atom, *self.others):
            good, bad = (self.good, self.bad) if atom == self.atom else ("1", "1")
            levels = tuple(
                (s.seconds // sample, None if s.rate is None else bad if s.share else good) for s in story.stretches
            )
            made.append(InputSeries(metric(_NO_SELECTOR, atom), gauge_values(levels)))
        return tuple(made)


@dataclass(frozen=True, slots=True)
class ProbeFeed:
    """The mean of many probes' 0 and 1: a gauge that is the share of those that are counted."""

    atom: Labels
    counts_good: bool

    def series(self, story: Timeline, sample: int, *, without: str = "") -> tuple[InputSeries, ...] | None:
        """See ``Feed``; a probe cannot rest, and its failures have no series of their own."""
        rates = {stretch.rate for stretch in story.stretches} - {None}
        if without or 0 in rates or len(rates) > 1:
            return None
        levels = tuple(
            (s.seconds // sample, None if s.rate is None else plain(1 - s.share if self.counts_good else s.share))
            for s in story.stretches
        )
        # Like a rate, it has nothing to say at the very first evaluation: one look would pass for a whole hour.
        _, _, later = gauge_values(levels).partition(" ")
        return (InputSeries(metric(_NO_SELECTOR, self.atom), f"_ {later}"),)


_NO_SELECTOR = VectorSelector(matchers=())


def feed_of(slo: Slo, group: Labels = ()) -> Feed | None:
    """Find how to feed an SLO's rules with raw series of one group; None where its queries defy example."""
    if looks_elsewhere(slo) or _judges_late(slo):
        return None
    feed = _feed(slo, group)
    if feed is None or isinstance(feed, ApartFeed):  # members that are fed apart have replicas of their own
        return feed
    labels = dedup_labels(slo)
    return PairFeed(feed, labels) if labels else feed if labels is not None else None


def _judges_late(slo: Slo) -> bool:
    """Tell whether a composite has a comparison, which judges a slice some time after its end; others do at once."""
    members = slo.indicator.members if isinstance(slo.indicator, AnyBad) else ()
    return any(isinstance(member.indicator, Compare) for member in members)


def _feed(slo: Slo, group: Labels) -> Feed | None:
    match slo.indicator:
        case Latency(native=True) | Floor(native=True) | Quantile(native=True) as indicator:
            base = example(selectors.read(indicator.histogram).matchers, None, group)
            return None if base is None else NativeFeed(base, indicator)
        case Ratio() | Latency() | Floor() as indicator:
            ratio = as_ratio(indicator)
            found = bundles(ratio, group)
            if found is None:
                return _probe_feed(ratio, group)
            counted, other = found.counted, found.other
            good, bad = (counted, other) if ratio.counts == "good" else (other, counted)
            return EventFeed(good, bad, uncounted(ratio, group), ratio.counts, is_classic(indicator))
        case Count(counter=counter):
            atom = example(selectors.read(counter).matchers, None, group)
            if atom is None:
                return None
            return CountFeed((atom, instance(atom, "instance", "second")))
        case Quantile(histogram=histogram, bound=bound, quantile=quantile):
            base = example(selectors.read(histogram).matchers, None, group)
            return None if base is None else HistogramFeed(base, bound, 1 - quantile)
        case Compare() as indicator:
            return _compare_feed(slo, indicator, group)
        case Threshold(value=value, op=op, bound=bound, slice=length) as indicator:
            # Sums and quotients of gauges and rates first; what is left is solved as a line.
            return value_feed(value, op, bound, length, group) or _threshold_feed(indicator, group)
        case Weighted() | AnyBad():
            return together(slo, tuple(feed_of(part, group) for part in slo.parts), group)


def _threshold_feed(indicator: Threshold, group: Labels) -> GaugeFeed | None:
    """Choose values on either side of the bound, and what the query's series must be for them."""
    line = line_of(indicator.value, group)
    if line is None:
        return None
    bound, op = indicator.bound, indicator.op
    step = abs(bound) / 10 or Decimal(1)
    below, above = bound - step, bound + step
    sides = {"<": (below, above), "<=": (bound, above), ">": (above, below), ">=": (bound, below)}
    good, bad = (sides | {"==": (bound, above), "!=": (above, bound)})[op]
    if line.slope != 1 or line.base != 0:
        # What was solved for is rounded, so it stays clear of the bound itself.
        good = {"<=": below, ">=": above}.get(op, good)
    return GaugeFeed(line.atom, line.others, _level(line, good), _level(line, bad))


def _level(line: Line, value: Decimal) -> str:
    """Write the level of the solved series with twelve digits at most."""
    return f"{float(line.x_for(Fraction(value))):.12g}"


def _probe_feed(ratio: Ratio, group: Labels) -> ProbeFeed | None:
    """Recognise a gauge of 0 and 1, summed for what is counted, its samples counted for the total."""
    total, counted = terms_of(ratio.total), terms_of(ratio.counted)
    if total is None or counted is None or len(total) != 1 or len(counted) != 1:
        return None
    if (total[0].func, counted[0].func) != ("count_over_time", "sum_over_time") or total[0].factor != counted[0].factor:
        return None
    atom = example((*total[0].selector.matchers, *counted[0].selector.matchers), None, group)
    return None if atom is None else ProbeFeed(atom, counts_good=ratio.counts == "good")


def _compare_feed(slo: Slo, indicator: Compare, group: Labels) -> CompareFeed | None:
    left, right = _counter(indicator.left, group), _counter(indicator.right, group)
    if left is None or right is None or left == right:
        return None
    late = indicator.judged_after(slo.scrape).ms // 1000
    if 2 * indicator.tolerance * indicator.judged_over(slo.scrape).ms >= indicator.slice.ms:
        return None  # half a slice is no loss in so long a window
    return CompareFeed(left, right, indicator.op in (">=", ">"), late, slo.scrape.ms // 1000)


def _counter(query: Query, group: Labels) -> Labels | None:
    terms = terms_of(query)
    if terms is None or len(terms) != 1 or terms[0].factor != 1:
        return None
    return example(terms[0].selector.matchers, None, group)


def _renamed(labels: Labels, name: str) -> Labels:
    return instance(labels, "__name__", name)


def groups_of(slo: Slo, count: int = 2) -> tuple[Labels, ...]:
    """Give example groups: ``((route, route-1),)``, ``((route, route-2),)``; one empty group where there are none."""
    if not slo.by:
        return ((),)
    matchers = tuple(m for query in queries(slo) for m in _matchers(query))
    columns = [group_values(name, matchers, count) for name in slo.by]
    if not all(columns):
        return ()
    rows = max(len(column) for column in columns)
    return tuple(
        tuple(sorted((name, column[row % len(column)]) for name, column in zip(slo.by, columns, strict=True)))
        for row in range(rows)
    )


def _matchers(query: Query) -> tuple[Matcher, ...]:
    read = selectors_in(parse(query.text.replace(selectors.WINDOW, "5m")))
    return tuple(m for selector in read for m in selector.matchers if m.op is not MatchOp.NOT_EQUAL or m.value)
