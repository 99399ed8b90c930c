"""Query a server for the raw numbers of a report: a few queries over all SLOs, and what was not answered."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Final

from burnproof.model import naming
from burnproof.model.slo import Count
from burnproof.prometheus import MAX_POINTS, LostError, QueryError
from burnproof.report import queries
from burnproof.report.periods import Span
from burnproof.rules.kinds import measure_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from burnproof.model.slo import Slo
    from burnproof.prometheus import Answer, Client, Series
    from burnproof.report.model import Group
    from burnproof.report.queries import Reading
    from burnproof.rules.measure import Measure

Key = tuple[str, "Group"]
"""The id of an SLO, and one of its groups."""
Numbers = dict[int, float]
"""Values by time in seconds."""

ALERT_STEPS: Final = (60, 300, 900, 3600)
_ALERT_POINTS: Final = 3 * MAX_POINTS
HOUR_SECONDS: Final = 3600


@dataclass(slots=True)
class Raw:
    """What the server said, by SLO and group.

    Attributes:
        now: when it was asked, seconds since the epoch.
        sums: (series, start, end) -> the sum over that stretch.
        chart: series -> sums per bucket, at the buckets' ends.
        seen: series -> steps of five minutes in which it was there, per bucket.
        burning: the error ratio at each moment at which it was above the budget, and …
        burnt: … the errors then; for slices the number of bad ones in both.
        counts: what a count's trailing window held.
        state: the rules' own words on budget and burn, and on which windows they are old enough for.
        alerts: the labels of firing alerts and when they fired.
        firing: the labels of the alerts that fire at the end of the span.
        copies: keys for which more than one series was found.
        troubles: what could not be asked, with the reason.
        unanswered: for each kind of question the services it was not answered for.
    """

    now: int
    sums: dict[Key, dict[tuple[str, int, int], float]] = field(default_factory=lambda: defaultdict(dict))
    chart: dict[Key, dict[str, Numbers]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(dict)))
    seen: dict[Key, dict[str, Numbers]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(dict)))
    burning: dict[Key, Numbers] = field(default_factory=lambda: defaultdict(dict))
    burnt: dict[Key, Numbers] = field(default_factory=lambda: defaultdict(dict))
    counts: dict[Key, Numbers] = field(default_factory=lambda: defaultdict(dict))
    state: dict[Key, dict[str, float]] = field(default_factory=lambda: defaultdict(dict))
    alerts: list[Series] = field(default_factory=list)
    firing: list[Series] = field(default_factory=list)
    copies: set[Key] = field(default_factory=set)
    troubles: dict[str, None] = field(default_factory=dict)
    unanswered: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))


@dataclass(frozen=True, slots=True)
class Ways:
    """How an SLO is read over the span; ``pair`` ones are None for a count.

    Attributes:
        slo: the objective.
        measure: its rules' view of it.
        chart: how the chart is read.
        bucket: the chart's buckets, seconds.
        fine: how incidents are found.
        step: the steps in which incidents are found, seconds.
    """

    slo: Slo
    measure: Measure
    chart: Reading | None
    bucket: int
    fine: Reading | None
    step: int


def ways_of(slo: Slo, span: Span) -> Ways:
    """Decide how an SLO is read over a span."""
    measure = measure_of(slo)
    if measure.pair is None:
        step = count_step(slo)
        return Ways(slo, measure, None, queries.bucket(span.seconds, queries.BASE_SECONDS), None, step)
    chart = queries.chart_reading(measure.pair, span.seconds)
    fine = queries.fine_reading(measure.pair, span.seconds)
    return Ways(slo, measure, chart, queries.bucket(span.seconds, chart.tile), fine, fine.tile)


def count_step(slo: Slo) -> int:
    """Give the seconds between two looks at a count's trailing window: a whole part of it, an hour at most."""
    if not isinstance(slo.indicator, Count):
        return 0
    per = slo.indicator.per.ms // 1000
    return max(60, per // max(1, -(-per // HOUR_SECONDS)))


def gather(client: Client, ways: Sequence[Ways], span: Span, earlier: Sequence[Span], now: int) -> Raw:
    """Ask everything that a report needs.

    Raises:
        QueryError: the server could not be reached at all, so there is nothing to report.
    """
    raw = Raw(now)
    asker = _Asker(client, {way.slo.id: way.slo for way in ways}, raw)
    _sums(asker, ways, (*earlier, span))
    _charts(asker, ways, span)
    _presence(asker, ways, span)
    _incidents(asker, ways, span)
    _counts(asker, ways, (*earlier, span))
    _alerts(asker, ways, span)
    _state(asker, ways, span)
    if ways and not client.answers:
        raise LostError(next(iter(raw.troubles)).partition(": ")[2])
    return raw


def _state(asker: _Asker, ways: Sequence[Ways], span: Span) -> None:
    """Ask what the rules themselves say at the end of the span; of several copies the worst."""
    for found in asker.instant("recorded budgets", (way.slo for way in ways), queries.state, span.end):
        key = asker.key(found)
        if key and found.points:
            name = found.labels.get("__name__", "")
            value = found.points[-1][1]
            state = asker.raw.state[key]
            worse = max if name == naming.CURRENT_BURN_RATE else min
            state[name] = worse(state.get(name, value), value)


@dataclass(slots=True)
class _Asker:
    """Asks one question for all services, in as few queries as matchers allow; notes what went unanswered."""

    client: Client
    slos: dict[str, Slo]
    raw: Raw

    def key(self, found: Series) -> Key | None:
        """Tell which SLO and group a series belongs to; None for one that the specs do not hold."""
        slo = self.slos.get(found.labels.get(naming.ID, ""))
        if slo is None:
            return None
        return slo.id, tuple((name, found.labels.get(name, "")) for name in sorted(slo.by))

    def instant(
        self, what: str, slos: Iterable[Slo], query: Callable[[str], str], at: int, stretch: str = ""
    ) -> list[Series]:
        """Ask at a moment; ``stretch`` is what the question is noted under as well where it goes unanswered."""
        return self._each(what, slos, lambda matcher: self.client.query(query(matcher), at), stretch)

    def over(
        self, what: str, slos: Iterable[Slo], query: Callable[[str], str], times: tuple[int, int], step: int
    ) -> list[Series]:
        """Ask over a stretch of time."""
        return self._each(what, slos, lambda matcher: self.client.query_range(query(matcher), *times, step))

    def _each(self, what: str, slos: Iterable[Slo], ask: Callable[[str], Answer], stretch: str = "") -> list[Series]:
        answers: list[Series] = []
        for matcher, services in queries.matchers(slo.service for slo in slos):
            try:
                answers += (one.finite() for one in ask(matcher).series)
            except QueryError as error:
                self.raw.troubles[f"{what}: {error}"] = None
                for kind in filter(None, (what, stretch)):
                    self.raw.unanswered[kind].update(services)
        return answers

    def added(self, what: dict[Key, Numbers], found: Iterable[Series], slos: Iterable[Slo]) -> None:
        """Add series up by key; a service's other SLOs, which were read in other steps, are left out."""
        seen: set[tuple[Key, int]] = set()
        asked = {slo.id for slo in slos}
        for series in found:
            key = self.key(series)
            if key is None or key[0] not in asked:
                continue
            numbers = what[key]
            for at, value in series.points:
                if (key, round(at)) in seen:
                    self.raw.copies.add(key)
                seen.add((key, round(at)))
                numbers[round(at)] = numbers.get(round(at), 0.0) + value


def _sums(asker: _Asker, ways: Sequence[Ways], spans: Sequence[Span]) -> None:
    """Add up both sides over each span, and the presence of data over those before the last.

    One moment at a time: caches in front of Thanos and VictoriaMetrics move range queries to whole multiples of their
    step, and spans do not end there.
    """
    names = sorted({way.measure.presence for way in ways})
    for span in spans:
        for (start, end), (readings, slos) in sorted(_parts(ways, span, asker.raw.now).items()):
            query = partial(queries.sums, readings, end - start)
            found = asker.instant("sums", slos, query, end, stretch_name(start, end))
            _keep(asker, found, start, end)
    for span in spans[:-1]:
        query = partial(queries.presence, names, span.seconds)
        found = asker.instant("coverage of earlier spans", [way.slo for way in ways], query, span.end)
        _keep(asker, found, span.start, span.end)


def stretch_name(start: int, end: int) -> str:
    """Name a stretch whose sums may go unanswered."""
    return f"sums of {start} to {end}"


def _parts(ways: Sequence[Ways], span: Span, now: int) -> dict[tuple[int, int], tuple[set[Reading], list[Slo]]]:
    """Find which stretches are to be added up, how, and of which SLOs."""
    stretches: dict[tuple[int, int], tuple[set[Reading], list[Slo]]] = {}
    for way in ways:
        if way.measure.pair is not None:
            for part in queries.parts(way.measure.pair, span, now):
                readings, slos = stretches.setdefault((part.start, part.end), (set(), []))
                readings.add(part.way)
                slos.append(way.slo)
    return stretches


def _keep(asker: _Asker, found: Iterable[Series], start: int, end: int) -> None:
    """Add sums up by key, series and stretch."""
    seen = set()
    for series in found:
        key, name = asker.key(series), series.labels.get(queries.SIDE, "")
        if key is None:
            continue
        if (key, name) in seen:
            asker.raw.copies.add(key)
        seen.add((key, name))
        kept = asker.raw.sums[key]
        for _, value in series.points:
            kept[name, start, end] = kept.get((name, start, end), 0.0) + value


def _charts(asker: _Asker, ways: Sequence[Ways], span: Span) -> None:
    """Add up both sides per bucket."""
    for size in sorted({way.bucket for way in ways if way.chart}):
        chosen = [way for way in ways if way.chart and way.bucket == size]
        readings = {way.chart for way in chosen if way.chart}
        query = partial(queries.sums, readings, size)
        found = asker.over("course", [way.slo for way in chosen], query, grid(span, size), size)
        _by_side(asker, asker.raw.chart, found)


def _by_side(asker: _Asker, into: dict[Key, dict[str, Numbers]], found: Iterable[Series]) -> None:
    for series in found:
        key = asker.key(series)
        if key is not None:
            numbers = into[key][series.labels.get(queries.SIDE, "")]
            for at, value in series.points:
                numbers[round(at)] = numbers.get(round(at), 0.0) + value


def _presence(asker: _Asker, ways: Sequence[Ways], span: Span) -> None:
    """Count per bucket how long data and rules were there."""
    for size in sorted({way.bucket for way in ways}):
        chosen = [way for way in ways if way.bucket == size]
        names = sorted({way.measure.presence for way in chosen} | {naming.ANCHOR})
        query = partial(queries.presence, names, size)
        found = asker.over("coverage", [way.slo for way in chosen], query, grid(span, size), size)
        _by_side(asker, asker.raw.seen, found)


def _incidents(asker: _Asker, ways: Sequence[Ways], span: Span) -> None:
    """Find when budgets burnt; answers hold those moments alone, so even a month at five minutes is small."""
    for way in sorted({w.fine for w in ways if w.fine and not _slices(w)}, key=str):
        slos = [w.slo for w in ways if w.fine == way and not _slices(w)]
        times = grid(span, way.tile)
        burning = asker.over("incidents", slos, partial(queries.burning, way), times, way.tile)
        for series in burning:
            key = asker.key(series)
            if key is not None:
                numbers = asker.raw.burning[key]
                for at, value in series.points:
                    numbers[round(at)] = max(value, numbers.get(round(at), 0.0))
        burnt = asker.over("incidents", slos, partial(queries.burnt, way), times, way.tile)
        asker.added(asker.raw.burnt, burnt, slos)
    for way in sorted({w.fine for w in ways if w.fine and _slices(w)}, key=str):
        slos = [w.slo for w in ways if w.fine == way and _slices(w)]
        bad = asker.over("incidents", slos, partial(queries.bad_slices, way), grid(span, way.tile), way.tile)
        asker.added(asker.raw.burnt, bad, slos)


def _slices(way: Ways) -> bool:
    return way.measure.pair is not None and way.measure.pair.slices


def _counts(asker: _Asker, ways: Sequence[Ways], spans: Sequence[Span]) -> None:
    """Look at the trailing windows of counts over all spans."""
    counted = [way for way in ways if isinstance(way.slo.indicator, Count)]
    for per in sorted({way.slo.indicator.per for way in counted if isinstance(way.slo.indicator, Count)}):
        chosen = [way for way in counted if isinstance(way.slo.indicator, Count) and way.slo.indicator.per == per]
        query = partial(queries.counted, per)
        slos = [way.slo for way in chosen]
        whole = Span(spans[0].start, spans[-1].end, "")
        step = chosen[0].step
        found = asker.over("sums", slos, query, grid(whole, step), step)
        ends = {span.end for span in spans if span.end % step}
        for end in sorted(ends):
            found += asker.instant("sums", slos, query, end)
        asker.added(asker.raw.counts, found, slos)


def _alerts(asker: _Asker, ways: Sequence[Ways], span: Span) -> None:
    """Find when alerts fired."""
    step = alert_step(span)
    asker.raw.alerts += asker.over("alerts", (way.slo for way in ways), queries.firing, grid(span, step), step)
    # A look each few minutes misses what began since the last one.
    asker.raw.firing += asker.instant("alerts", (way.slo for way in ways), queries.firing, span.end)


def alert_step(span: Span) -> int:
    """Give the seconds between two looks at alerts."""
    return next((step for step in ALERT_STEPS if span.seconds / step <= _ALERT_POINTS), ALERT_STEPS[-1])


def grid(span: Span, step: int) -> tuple[int, int]:
    """Give the first and last whole multiple of a step in a span, its start left out."""
    return (span.start // step + 1) * step, span.end // step * step
