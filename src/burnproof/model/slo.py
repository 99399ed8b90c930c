"""Hold one ``Slo`` for each objective: defaults filled in, units converted, exact decimals.

Everything behind ``normalise`` works on these values and knows nothing of YAML.
Latencies and other bounds are in seconds (or the metric's own unit), ratios lie in 0..1.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Final, Literal

from burnproof.model.decimals import plain
from burnproof.model.indicators import (
    Compare,
    Comparison,
    Count,
    Floor,
    Kind,
    Latency,
    OwnIndicator,
    Quantile,
    Query,
    Ratio,
    Slices,
    Threshold,
    slice_of,
)
from burnproof.model.quantities import Duration

if TYPE_CHECKING:
    from burnproof.diagnostics import Span

__all__ = [
    "CALENDAR", "AnyBad", "BudgetStep", "Calendar", "Compare", "Comparison", "Count", "Floor", "Indicator", "Latency",
    "NoTraffic", "Owner", "Policy", "Quantile", "Query", "Ratio", "Report", "Rolling", "Slo", "Threshold", "Tier",
    "UnitLength", "Weighted", "slice_of",
]  # fmt: skip

DEFAULT_SCRAPE: Final = Duration(60_000)
"""Prometheus' own default of ``scrape_interval``; a spec that knows better declares its own."""

NoTraffic = Literal["ignore", "good"]


@dataclass(frozen=True, slots=True)
class Weighted(Kind):
    """Events: the bad events of several SLOs out of all their events, those of each counted ``weight`` times."""

    key = "composite"
    reads_as = "events"
    unguarded = ""

    members: tuple[tuple[Decimal, Slo], ...]

    @property
    def queries(self) -> tuple[tuple[str, Query], ...]:
        """None of its own."""
        return ()

    @property
    def good_means(self) -> str:
        """When an event is good."""
        shown = ", ".join(f"{plain(weight)} x {member.id}" for weight, member in self.members)
        return f"an event is good as its own SLO says, and counts by weight: {shown}"

    @property
    def measured(self) -> None:
        """No series of its own."""
        return


@dataclass(frozen=True, slots=True)
class AnyBad(Slices):
    """Slices: bad where any of several SLOs is bad in it."""

    key = "composite"
    reads_as = "events"
    unguarded = "any_bad judges slices, by the guards of its members"
    never_idle = "each member says it for itself"

    members: tuple[Slo, ...]
    slice: Duration

    @property
    def queries(self) -> tuple[tuple[str, Query], ...]:
        """None of its own."""
        return ()

    @property
    def good_means(self) -> str:
        """When a slice is good."""
        return f"a slice is good while none is bad of {', '.join(member.id for member in self.members)}"

    @property
    def measured(self) -> None:
        """No series of its own."""
        return


Indicator = OwnIndicator | Weighted | AnyBad


@dataclass(frozen=True, slots=True)
class Tier:
    """One alert of a policy: burn faster than ``factor`` over the long window, and still over the short one."""

    factor: Decimal
    long: Duration
    short: Duration | None
    severity: str
    hold: Duration | None = None  # the alert's `for`
    keep_firing: Duration | None = None
    note: str = ""  # what an `adapt` policy changed, in words for people
    labels: tuple[tuple[str, str], ...] = ()  # on its alert alone
    annotations: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Policy:
    """A named set of tiers, strongest first."""

    name: str
    tiers: tuple[Tier, ...]


@dataclass(frozen=True, slots=True)
class Rolling:
    """A budget period that ends now."""

    length: Duration


@dataclass(frozen=True, slots=True)
class Calendar:
    """A budget period that starts anew with each calendar unit of a time zone."""

    unit: Literal["week", "month", "quarter"]
    timezone: str


@dataclass(frozen=True, slots=True)
class UnitLength:
    """How long a calendar unit is: for scaling windows as people count, and at most, which budgets are made for."""

    usual: Duration
    longest: Duration


CALENDAR: Final[dict[str, UnitLength]] = {
    unit: UnitLength(Duration(usual * 86_400_000), Duration(longest * 86_400_000))
    for unit, usual, longest in (("week", 7, 7), ("month", 30, 31), ("quarter", 90, 92))
}
"""A month counts as 30 days where windows are scaled, as does the period that policies are written for."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Who answers for an SLO."""

    team: str = ""
    contact: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """A report of the schedule: how often, what, to whom."""

    every: Literal["day", "week", "month"]
    title: str
    to: str


@dataclass(frozen=True, slots=True)
class BudgetStep:
    """A step of an error-budget policy: what the team does while less than a share of the budget is left.

    Attributes:
        below: the share of the budget, 0 where it is spent.
        action: what is done then, such as ``freeze releases``.
        severity: the severity label of the step's alert.
    """

    below: Decimal
    action: str
    severity: str


@dataclass(frozen=True, slots=True)
class Slo:
    """One objective with everything that its rules, proofs and pages need."""

    service: str
    name: str
    id: str
    indicator: Indicator
    objective: Decimal | None  # a ratio, exclusive of 0 and 1; None for a count
    period: Rolling | Calendar
    policy: Policy
    alert_name: str
    by: tuple[str, ...] = ()
    min_events: Decimal | None = None
    no_traffic: NoTraffic = "ignore"
    expected_rate: Decimal | None = None  # events per second, as the spec declares it
    scrape_interval: Duration | None = None
    query_offset: Duration | None = None  # how long samples may be under way before rules read them
    description: str = ""
    journeys: tuple[tuple[str, str], ...] = ()  # (id, text)
    owner: Owner = Owner()
    labels: tuple[tuple[str, str], ...] = ()
    runbook: str = ""
    dashboard: str = ""
    remediation: str = ""
    no_data_alert: bool = True
    no_data_severity: str = "ticket"
    alert_labels: tuple[tuple[str, str], ...] = ()  # on the alerts alone, beside `labels`
    annotations: tuple[tuple[str, str], ...] = ()  # the user's own, beside those burnproof writes
    level: str = ""  # of an SLO with several levels: target, critical, …; they share name and differ in id
    external_labels: tuple[str, ...] = ()  # names of labels that others add to all alerts, such as cluster
    no_data_per_group: bool = False  # whether each group that vanishes alerts, too
    reports: tuple[Report, ...] = ()
    budget_policy: tuple[BudgetStep, ...] = ()  # mildest first: the largest share left
    compat: str = ""  # the tool under whose names its series are recorded, too: sloth or pyrra
    spans: dict[str, Span] = field(default_factory=dict, compare=False, hash=False)  # field path -> place

    @property
    def scrape(self) -> Duration:
        """The time between two scrapes of the SLO's series: as declared, else what Prometheus does by itself."""
        return self.scrape_interval or DEFAULT_SCRAPE

    @property
    def budget(self) -> Decimal:
        """The error budget as a ratio; of a count, which is its own budget, 1."""
        return Decimal(1) if self.objective is None else 1 - self.objective

    @property
    def dedup(self) -> tuple[str, ...]:
        """The labels that tell replicas of one scrape apart, of all the SLO's own queries."""
        return tuple(dict.fromkeys(label for _, query in self.indicator.queries for label in query.dedup))

    @property
    def parts(self) -> tuple[Slo, ...]:
        """The SLOs whose queries are read: those that a composite is made of, else this one alone."""
        match self.indicator:
            case Weighted(members=weighted):
                return tuple(member for _, member in weighted)
            case AnyBad(members=members):
                return members
            case _:
                return (self,)

    def span(self, path: str) -> Span | None:
        """The place of a field such as ``objective`` or ``alerting.policy``, or of the nearest one around it."""
        while path:
            if path in self.spans:
                return self.spans[path]
            path = path.rpartition(".")[0]
        return self.spans.get("")
