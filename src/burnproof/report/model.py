"""Hold a report: one line for each SLO and group, with figures, incidents, alerts, gaps and trend.

Ratios lie in 0..1, times are seconds since the epoch, lengths are seconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from burnproof.model.slo import BudgetStep, Slo, Tier
    from burnproof.report.operations import Operation
    from burnproof.report.periods import Span

Group = tuple[tuple[str, str], ...]
"""The labels that tell the groups of an SLO apart, sorted by name; () where it has none."""


class Status(StrEnum):
    """The verdict on a line. What was not measured is never called met."""

    MISSED = "missed"
    UNKNOWN = "no data"
    IDLE = "no events"
    PARTIAL = "met, as far as known"
    MET = "met"


@dataclass(frozen=True, slots=True)
class Alert:
    """A stretch in which an alert fired, as far as it lies in the span."""

    name: str
    severity: str
    tier: str
    start: int
    end: int
    group: Group = ()

    @property
    def seconds(self) -> int:
        """How long it fired."""
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Incident:
    """A stretch in which budget was burnt faster than the objective allows.

    Attributes:
        start: when it began.
        end: when it was over.
        bad: bad events or bad slices in it; for a count the most that one window held.
        share: the share of the span's budget that it cost.
        peak: the fastest burn within it; None where that was not answered.
        alerts: the alerts that fired on it.
        open: whether it went on when the span ended.
    """

    start: int
    end: int
    bad: float
    share: float | None
    peak: float | None
    alerts: tuple[Alert, ...] = ()
    open: bool = False

    @property
    def seconds(self) -> int:
        """How long it lasted."""
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch without data."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Figures:
    """What was counted over a span.

    Attributes:
        bad: bad events or slices; for a count the most that one of its windows held.
        total: all events or slices; for a count its limit.
        attainment: the share of good ones, None where there was none; for a count the share of windows within limit.
        spent: the share of the span's budget that is spent; more than 1 where the objective was missed.
    """

    bad: float
    total: float
    attainment: float | None
    spent: float | None


@dataclass(frozen=True, slots=True)
class Trend:
    """An earlier span and what was attained in it; None where nothing was measured, or where it was not answered."""

    span: Span
    figures: Figures | None
    coverage: float | None


@dataclass(frozen=True, slots=True)
class Chart:
    """Bad and total per bucket over the span; None where a bucket has no data.

    Attributes:
        start: the end of the first bucket.
        step: the length of a bucket.
        bad: bad events or slices per bucket; for a count the windows that end there.
        total: all of them.
    """

    start: int
    step: int
    bad: tuple[float | None, ...]
    total: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """All that the report says of one SLO, or of one of its groups.

    Attributes:
        slo: the objective.
        group: which of its groups.
        status: the verdict.
        figures: what was counted; None where nothing was measured.
        target: the objective as a ratio; None for a count.
        budget_minutes: the budget as minutes of full outage; None for a count.
        coverage: the share of the span with data, and …
        rules_ran: … the share in which the rules were running; None where neither could be asked.
        remaining: what the recorded rules say is left of the SLO's own period at the end of the span.
        burn_now: the recorded current burn rate there.
        step: the step of the error-budget policy that holds there.
        muted: the tiers that cannot fire there, because the rules are not as old as their window.
        incidents: costliest first, as many as were asked for.
        longest: the longest of all incidents.
        incident_count: how many there were in all.
        alerts: all alerts that fired, in order of time.
        firing: those of them that fired when the span ended.
        gaps: stretches without data.
        trend: earlier spans, oldest first.
        chart: the course over the span.
        notes: what a reader must know to read the numbers rightly.
    """

    slo: Slo
    group: Group
    status: Status
    figures: Figures | None
    target: float | None
    budget_minutes: float | None
    coverage: float | None = None
    rules_ran: float | None = None
    remaining: float | None = None
    burn_now: float | None = None
    step: BudgetStep | None = None
    muted: tuple[Tier, ...] = ()
    incidents: tuple[Incident, ...] = ()
    longest: Incident | None = None
    incident_count: int = 0
    alerts: tuple[Alert, ...] = ()
    firing: tuple[Alert, ...] = ()
    gaps: tuple[Gap, ...] = ()
    trend: tuple[Trend, ...] = ()
    chart: Chart | None = None
    notes: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """``service/slo``, with the group's labels behind it."""
        labels = ", ".join(f"{name}={value}" for name, value in self.group)
        return f"{self.slo.service}/{self.slo.name}{f' {{{labels}}}' if labels else ''}"

    @property
    def unit(self) -> str:
        """What is counted."""
        return unit_of(self.slo)


@dataclass(frozen=True, slots=True)
class Report:
    """A whole report.

    Attributes:
        title: what it is called.
        recipient: whom it is for; "" where nobody in particular.
        span: what it is about.
        zone: the zone that times are written in.
        server: the URL that was asked; "" where the report is about recorded load tests alone.
        made: when it was made.
        lines: worst first.
        troubles: what the server did not answer, and what is missing for that reason.
        queries: how many HTTP queries it took.
        operations: what recorded load tests say, where they were asked for.
    """

    title: str
    recipient: str
    span: Span
    zone: ZoneInfo
    server: str
    made: int
    lines: tuple[Line, ...]
    troubles: tuple[str, ...] = ()
    queries: int = 0
    operations: tuple[Operation, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether nothing is known of any SLO."""
        return bool(self.lines) and all(line.status is Status.UNKNOWN for line in self.lines)

    def count(self, status: Status) -> int:
        """Count the lines of a status."""
        return sum(line.status is status for line in self.lines)


def unit_of(slo: Slo) -> str:
    """Name what an SLO counts: events, the counted things themselves, or slices of a length."""
    indicator = slo.indicator
    if slo.objective is None:
        return "events"
    length = getattr(indicator, "slice", None)
    return "events" if length is None else f"slices of {length}"
