"""Assemble the lines of a report from raw numbers; what was not measured never counts as met."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from burnproof.model import naming
from burnproof.model.slo import Count
from burnproof.report import queries
from burnproof.report.gather import alert_step, grid, stretch_name
from burnproof.report.incidents import alerts, count_incidents, incidents, with_alerts
from burnproof.report.model import Chart, Figures, Gap, Line, Status, Trend
from burnproof.report.numbers import duration_text, share_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from burnproof.model.slo import BudgetStep, Slo, Tier
    from burnproof.prometheus import Series
    from burnproof.report.gather import Key, Numbers, Raw, Ways
    from burnproof.report.model import Alert, Group, Incident
    from burnproof.report.periods import Span

_EXACT: Final = 1e-12  # sums of floats may miss the objective by this and still meet it
_LITTLE: Final = 0.01
_LONG: Final = 2 * 3600  # of a part, in seconds: beyond, it is made of hours

ORDER: Final = (Status.MISSED, Status.UNKNOWN, Status.PARTIAL, Status.MET, Status.IDLE)
"""The order of lines: what needs a reader first."""


def lines(
    raw: Raw, ways: Sequence[Ways], span: Span, earlier: Sequence[Span], shown: int, *, doubtful: bool
) -> list[Line]:
    """Make the lines of all SLOs, worst first; ``doubtful`` says that the server itself called answers partial."""
    found = [_Maker(raw, way, key, span, earlier, shown, doubtful).line() for way in ways for key in _keys(raw, way)]
    return sorted(found, key=_worst_first)


def _worst_first(line: Line) -> tuple[bool, int, float, str]:
    spent = line.figures.spent if line.figures is not None else None
    paging = any(alert.severity == "page" for alert in line.firing)
    return not paging, ORDER.index(line.status), -(spent or 0.0), line.name


def _keys(raw: Raw, way: Ways) -> list[Key]:
    """Give the groups of an SLO that have left any trace; one without a name where there is none."""
    bare = tuple((name, "") for name in sorted(way.slo.by))
    tables = (raw.sums, raw.chart, raw.counts, raw.seen)
    found = {key for table in tables for key in table if key[0] == way.slo.id}
    named = {key for key in found if key[1] != bare} or found
    return sorted(named) or [(way.slo.id, ())]


@dataclass(frozen=True, slots=True)
class _Maker:
    """Makes the line of one group."""

    raw: Raw
    way: Ways
    key: Key
    span: Span
    earlier: Sequence[Span]
    shown: int
    doubtful: bool

    @property
    def slo(self) -> Slo:
        """The objective."""
        return self.way.slo

    def line(self) -> Line:
        """Put everything together."""
        figures = self._figures(self.span)
        coverage, ran = self._share(self.way.measure.presence), self._share(naming.ANCHOR)
        found = with_alerts(self._incidents(figures), self._alerts(), max(self.way.step, alert_step(self.span)))
        costly = sorted(found, key=lambda incident: (-(incident.share or 0.0), incident.start))
        status, notes = self._verdict(figures, coverage, ran)
        remaining = self.raw.state.get(self.key, {}).get(naming.BUDGET_REMAINING)
        target = None if self.slo.objective is None else float(self.slo.objective)
        return Line(
            slo=self.slo,
            group=self.key[1],
            status=status,
            figures=figures,
            target=target,
            budget_minutes=None if target is None else float(self.slo.budget) * self.span.seconds / 60,
            coverage=coverage,
            rules_ran=ran,
            remaining=remaining,
            burn_now=self.raw.state.get(self.key, {}).get(naming.CURRENT_BURN_RATE),
            step=_step(self.slo, remaining),
            muted=self._muted(),
            incidents=tuple(costly[: self.shown]),
            longest=max(found, key=lambda incident: incident.seconds, default=None),
            incident_count=len(found),
            alerts=self._alerts(),
            firing=self._firing(),
            gaps=self._gaps(),
            trend=tuple(Trend(one, self._figures(one), self._covered(one)) for one in self.earlier),
            chart=self._chart(),
            notes=notes,
        )

    def _muted(self) -> tuple[Tier, ...]:
        """List the tiers whose window is not covered at the end of the span."""
        said = self.raw.state.get((self.slo.id, self._bare), {})
        return tuple(tier for tier in self.slo.policy.tiers if said.get(naming.covered(tier.long)) == 0)

    @property
    def _bare(self) -> Group:
        """What series have for a group that speak of the SLO as a whole."""
        return tuple((name, "") for name in sorted(self.slo.by))

    def _figures(self, span: Span) -> Figures | None:
        """Count what was good and bad over a span; None where nothing was measured."""
        if isinstance(self.slo.indicator, Count):
            return self._counted(self.slo.indicator, span)
        added = list(self._added(span))
        if not added or self._unanswered(span) or any(bad is None or total is None for _, bad, total in added):
            return None
        all_bad = sum(part.way.weight * (bad or 0.0) for part, bad, _ in added)
        total = sum(part.way.weight * (total or 0.0) for part, _, total in added)
        if total <= 0:
            return Figures(0.0, 0.0, None, None)
        ratio = all_bad / total
        return Figures(all_bad, total, 1 - ratio, ratio / float(self.slo.budget))

    def _unanswered(self, span: Span) -> bool:
        """Tell whether some part of a span was not answered: what is left of it says nothing of the whole."""
        return any(
            self.slo.service in self.raw.unanswered[stretch_name(part.start, part.end)] for part in self._parts(span)
        )

    def _parts(self, span: Span) -> tuple[queries.Part, ...]:
        pair = self.way.measure.pair
        return () if pair is None else queries.parts(pair, span, self.raw.now)

    def _lacks_hours(self) -> bool:
        """Tell whether no hour of the span was recorded, while its tiles of five minutes were."""
        hours = {part for part in self._parts(self.span) if part.end - part.start >= _LONG}
        added = {part for part, _, _ in self._added(self.span)}
        return bool(added) and not hours <= added

    def _added(self, span: Span) -> Iterator[tuple[queries.Part, float | None, float | None]]:
        """Yield what was bad and what there was in each part of a span of which anything was recorded."""
        sums = self.raw.sums.get(self.key, {})
        for part in self._parts(span):
            bad, total = (sums.get((side, part.start, part.end)) for side in part.way.sides)
            if bad is not None or total is not None:
                yield part, bad, total

    def _counted(self, indicator: Count, span: Span) -> Figures | None:
        """Judge a count by the windows that lie wholly within the span, or the last one where none does."""
        counts = list(self._windows(indicator, span).values())
        if not counts:
            return None
        limit = float(indicator.limit)
        kept = sum(value < limit for value in counts)
        return Figures(max(counts), limit, kept / len(counts), max(counts) / limit)

    def _windows(self, indicator: Count, span: Span) -> Numbers:
        """Give what those windows of a count held, at their ends."""
        least = min(span.end, span.start + indicator.per.ms // 1000)
        counts = self.raw.counts.get(self.key, {})
        return {at: value for at, value in counts.items() if least <= at <= span.end}

    def _incidents(self, figures: Figures | None) -> list[Incident]:
        if isinstance(self.slo.indicator, Count):
            limit = float(self.slo.indicator.limit)
            windows = self._windows(self.slo.indicator, self.span)
            return count_incidents(windows, self.way.step, self.span, limit)
        if self.way.fine is None:
            return []
        allowance = float(self.slo.budget) * (figures.total if figures is not None else 0.0)
        return incidents(
            self.raw.burnt.get(self.key, {}),
            self.raw.burning.get(self.key, {}),
            self.way.fine.tile,
            self.span,
            weight=self.way.fine.weight,
            allowed=allowance,
            budget=float(self.slo.budget),
            slices=self.way.measure.pair is not None and self.way.measure.pair.slices,
        )

    def _alerts(self) -> tuple[Alert, ...]:
        """Give the alerts of this group, and those that speak of the SLO as a whole."""
        return self._own(self.raw.alerts)

    def _firing(self) -> tuple[Alert, ...]:
        """Give those that fire when the span ends, each with the time since which it was seen to."""
        since = {(one.name, one.tier, one.group): one for one in self._alerts()}
        step = 2 * alert_step(self.span)
        return tuple(
            replace(one, start=earlier.start) if earlier is not None and one.end - earlier.end <= step else one
            for one in self._own(self.raw.firing)
            for earlier in (since.get((one.name, one.tier, one.group)),)
        )

    def _own(self, series: Iterable[Series]) -> tuple[Alert, ...]:
        own = [one for one in series if one.labels.get(naming.ID) == self.slo.id]
        found = alerts(own, self.slo.by, alert_step(self.span))
        return tuple(alert for alert in found if alert.group == self.key[1] or not any(v for _, v in alert.group))

    def _share(self, series: str) -> float | None:
        """Give the share of the span in which a series was there; None where that was not answered."""
        if self.slo.service in self.raw.unanswered["coverage"]:
            return None
        buckets = self._buckets()
        if not buckets:
            return None
        seen = self._seen(series)
        full = self.way.bucket // queries.BASE_SECONDS
        return sum(min(full, seen.get(at, 0.0)) for at in buckets) / (full * len(buckets))

    def _covered(self, span: Span) -> float | None:
        """Give the share of an earlier span that has data; None where that was not answered."""
        if self.slo.service in self.raw.unanswered["coverage of earlier spans"]:
            return None
        seen = self.raw.sums.get(self.key, {}).get((self.way.measure.presence, span.start, span.end), 0.0)
        return min(1.0, seen / max(1, span.seconds // queries.BASE_SECONDS))

    def _seen(self, series: str) -> Numbers:
        """Look up when a series was there; the anchor has no groups."""
        key = (self.slo.id, self._bare) if series == naming.ANCHOR else self.key
        return self.raw.seen.get(key, {}).get(series, {})

    def _buckets(self) -> range:
        first, last = grid(self.span, self.way.bucket)
        return range(first, last + 1, self.way.bucket)

    def _gaps(self) -> tuple[Gap, ...]:
        """List the stretches of whole buckets without data."""
        if self.slo.service in self.raw.unanswered["coverage"]:
            return ()
        size, seen = self.way.bucket, self._seen(self.way.measure.presence)
        found: list[Gap] = []
        for at in self._buckets():
            if seen.get(at, 0.0) > 0:
                continue
            start = max(self.span.start, at - size)
            if found and found[-1].end >= start:
                found[-1] = Gap(found[-1].start, at)
            else:
                found.append(Gap(start, at))
        return tuple(found)

    def _chart(self) -> Chart | None:
        """Give the course of bad and total, or of a count's trailing windows."""
        if isinstance(self.slo.indicator, Count):
            counts = self._windows(self.slo.indicator, self.span)
            if not counts:
                return None
            first = -(-min(counts) // self.way.step) * self.way.step
            times = range(first, max(first, *counts) + 1, self.way.step)
            values = tuple(counts.get(at) for at in times)
            limits = tuple(None if value is None else float(self.slo.indicator.limit) for value in values)
            return Chart(times[0], self.way.step, values, limits)
        way = self.way.chart
        if way is None or self.key not in self.raw.chart:
            return None
        own, buckets = self.raw.chart[self.key], self._buckets()
        sides = [
            tuple(None if (value := own[name].get(at)) is None else value * way.weight for at in buckets)
            for name in way.sides
        ]
        return Chart(buckets.start, self.way.bucket, sides[0], sides[1])

    def _verdict(
        self, figures: Figures | None, coverage: float | None, ran: float | None
    ) -> tuple[Status, tuple[str, ...]]:
        """Judge; whatever is missing is said, and met is only what would be met in the worst case too."""
        notes = [*self._data_notes(coverage, ran), *self._event_notes(figures)]
        if figures is None:
            return Status.UNKNOWN, (*self._why_nothing(), *notes)
        if figures.spent is None:
            return Status.IDLE, ("There was no event, so there is nothing to judge.", *notes)
        if figures.spent >= 1 if isinstance(self.slo.indicator, Count) else figures.spent > 1 + _EXACT:
            return Status.MISSED, tuple(notes)
        if not self._unsure(figures, coverage):
            return Status.MET, tuple(notes)
        return Status.PARTIAL, (*notes, "What was not measured could have spent the rest of the budget.")

    def _unsure(self, figures: Figures, coverage: float | None) -> bool:
        """Tell whether what was not measured could have spent the rest of the budget."""
        if self.doubtful or coverage is None or self._lost_errors() > 0:
            return True
        if isinstance(self.slo.indicator, Count):
            return coverage < 1 - _LITTLE
        spent = figures.spent or 0.0
        if self._lacks_hours():
            return True
        return 1 - coverage > float(self.slo.budget) * max(0.0, 1 - spent)

    def _lost_errors(self) -> int:
        """Count the buckets whose total is known and whose errors are not."""
        chart = self._chart()
        if chart is None:
            return 0
        return sum(bad is None and bool(total) for bad, total in zip(chart.bad, chart.total, strict=True))

    def _why_nothing(self) -> tuple[str, ...]:
        """Say why there are no figures."""
        if self.slo.service in self.raw.unanswered["sums"]:
            return ("The server did not answer what this line is made of.",)
        if not isinstance(self.slo.indicator, Count):
            lost = [part.way for part, bad, _ in self._added(self.span) if bad is None]
            if lost:
                return (f"{lost[0].total} is there and {lost[0].errors} is not, so attainment is unknown.",)
        return ("Nothing was recorded in this span: are the generated rules loaded there, and the SLO's id the same?",)

    def _data_notes(self, coverage: float | None, ran: float | None) -> list[str]:
        notes = []
        if coverage is None:
            notes.append("How much of the span has data could not be asked.")
        elif coverage < 1:
            gone = duration_text((1 - coverage) * self.span.seconds)
            off = ran is not None and ran < 1 and (1 - ran) * self.span.seconds
            why = f"; the rules were not running for {duration_text(off)} of it" if off else ""
            notes.append(f"No data for {gone}, {share_text(1 - coverage)} of the span{why}.")
        lost = self._lost_errors()
        if lost:
            notes.append(f"Errors are missing in {lost} of the stretches that have a total: attainment reads too high.")
        if self.key in self.raw.copies:
            notes.append(
                "The server holds this series more than once and they were added up: of replicas, event counts are "
                "multiplied (ratios are not); ask an address that deduplicates."
            )
        unasked = [what for what in ("incidents", "alerts") if self.slo.service in self.raw.unanswered[what]]
        if unasked:
            notes.append(f"The server did not answer for {' and '.join(unasked)}: none shown does not mean none.")
        return notes

    def _event_notes(self, figures: Figures | None) -> list[str]:
        if figures is None or self.slo.objective is None or not figures.total:
            return []
        allowance = float(self.slo.budget) * figures.total
        if allowance < 1:
            return [f"Only {figures.total:,.0f} {_counted_in(self.slo)}: a single bad one misses the objective."]
        return []


def _counted_in(slo: Slo) -> str:
    """Name what is counted, short."""
    return "slices" if getattr(slo.indicator, "slice", None) is not None else "events"


def _step(slo: Slo, remaining: float | None) -> BudgetStep | None:
    """Give the strictest step of the error-budget policy that holds with so much left."""
    if remaining is None:
        return None
    holding = [
        step for step in slo.budget_policy if remaining < float(step.below) or (not step.below and remaining <= 0)
    ]
    return min(holding, key=lambda step: step.below, default=None)
