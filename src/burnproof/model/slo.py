"""The domain: one ``Slo`` per objective, defaults filled in, units gone, exact decimals.

Everything behind ``normalise`` works on these values and knows nothing of YAML.
Latencies and other bounds are in seconds (or the metric's own unit), ratios lie in 0..1.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Final, Literal, Protocol

from burnproof.model.quantities import Duration

if TYPE_CHECKING:
    from burnproof.diagnostics import Span

DEFAULT_SCRAPE: Final = Duration(60_000)
"""Prometheus' own default of ``scrape_interval``; a spec that knows better declares its own."""

Comparison = Literal["<", "<=", ">", ">=", "==", "!="]
NoTraffic = Literal["ignore", "good"]


class Written(Protocol):
    """Knows where the characters of a text stand in the user's file."""

    def part(self, start: int, end: int) -> Span:
        """Give the place of the characters ``[start, end)``."""


@dataclass(frozen=True, slots=True)
class Query:
    """The user's own PromQL: a bare selector, or an expression in which ``$window`` stands for the range.

    Attributes:
        dedup: the labels that tell replicas of one scrape apart; whoever reads series takes them out.
        written: where the characters of ``text`` stand, for carets under a part of it.
    """

    text: str
    is_selector: bool
    span: Span | None = None
    dedup: tuple[str, ...] = ()
    written: Written | None = field(default=None, compare=False, repr=False)

    def place(self, start: int, end: int) -> Span | None:
        """Give the place of the characters ``[start, end)`` of ``text``, or of all of it where parts are not known."""
        return self.span if self.written is None else self.written.part(start, end)


@dataclass(frozen=True, slots=True)
class Ratio:
    """Events: bad / total, where either the good or the bad ones are counted."""

    total: Query
    counted: Query
    counts: Literal["good", "bad"]


@dataclass(frozen=True, slots=True)
class Latency:
    """Events: requests slower than ``bound`` seconds / all requests, read off a histogram."""

    histogram: Query  # base name with matchers, without _bucket
    bound: Decimal
    buckets: tuple[Decimal, ...]  # upper bounds declared by the user, () where none were
    native: bool = False


@dataclass(frozen=True, slots=True)
class Floor:
    """Events: observations at or below ``bound`` / all observations (a minimum that most must exceed)."""

    histogram: Query
    bound: Decimal
    buckets: tuple[Decimal, ...]
    native: bool = False


@dataclass(frozen=True, slots=True)
class Quantile:
    """Slices: bad where the quantile of the slice's observations breaks the bound."""

    histogram: Query
    quantile: Decimal
    op: Comparison  # what must hold: "<=" or "<"
    bound: Decimal
    slice: Duration
    buckets: tuple[Decimal, ...] = ()
    native: bool = False


@dataclass(frozen=True, slots=True)
class Compare:
    """Slices: bad where ``left op right`` fails by more than the tolerance (a share of right)."""

    left: Query
    op: Comparison
    right: Query
    tolerance: Decimal
    slice: Duration
    over: Duration | None = None  # the window that must fail, too; chosen by tolerance and scrapes unless given
    lag: Duration | None = None  # how long after its end a slice is judged

    def judged_over(self, scrape: Duration) -> Duration:
        """Give the window of which the tolerance is most of a scrape, and that is no shorter than a slice."""
        if self.over is not None:
            return self.over
        needed = _SHARE_OF_SCRAPE * scrape.ms / self.tolerance if self.tolerance else _LONGEST_OVER
        minutes = -(-min(needed, _LONGEST_OVER) // 60_000)
        return max(self.slice, Duration(int(minutes) * 60_000))

    def lag_at(self, scrape: Duration) -> Duration:
        """Give how long events may be under way, and samples late."""
        return self.lag or Duration(_USUAL_LAG + 2 * scrape.ms)

    def judged_after(self, scrape: Duration) -> Duration:
        """Give how long after its end a slice is judged: the lag, in whole slices, for verdicts stand on the clock."""
        return Duration(-(-self.lag_at(scrape).ms // self.slice.ms) * self.slice.ms)


_SHARE_OF_SCRAPE: Final = Decimal("0.8")
"""Below, healthy pipelines were found bad; above, a loss of twice the tolerance is found later (measured)."""
_LONGEST_OVER: Final = Decimal(3_600_000)
_USUAL_LAG: Final = 120_000


@dataclass(frozen=True, slots=True)
class Threshold:
    """Slices: bad where ``value op bound`` fails."""

    value: Query
    op: Comparison
    bound: Decimal
    slice: Duration


@dataclass(frozen=True, slots=True)
class Count:
    """A count that is its own budget: what ``counter`` rises by in ``per`` must stay below ``limit``."""

    counter: Query
    limit: Decimal  # the first count that breaks it: fewer_than 3 -> 3, at_most 2 -> 3
    per: Duration


@dataclass(frozen=True, slots=True)
class Weighted:
    """Events: the bad events of several SLOs out of all their events, those of each counted ``weight`` times."""

    members: tuple[tuple[Decimal, Slo], ...]


@dataclass(frozen=True, slots=True)
class AnyBad:
    """Slices: bad where any of several SLOs is bad in it."""

    members: tuple[Slo, ...]
    slice: Duration


Indicator = Ratio | Latency | Floor | Quantile | Compare | Threshold | Count | Weighted | AnyBad


def slice_of(indicator: Indicator) -> Duration | None:
    """Give the length of an indicator's slices; None where it is judged by events."""
    match indicator:
        case Quantile(slice=length) | Compare(slice=length) | Threshold(slice=length) | AnyBad(slice=length):
            return length
        case _:
            return None


def queries_of(indicator: Indicator) -> tuple[tuple[str, Query], ...]:
    """Give the user's own queries with the key that each stands under; a composite has none of its own."""
    match indicator:
        case Ratio(total=total, counted=counted, counts=counts):
            return (("total", total), (counts, counted))
        case Latency(histogram=histogram) | Floor(histogram=histogram) | Quantile(histogram=histogram):
            return (("histogram", histogram),)
        case Compare(left=left, right=right):
            return (("left", left), ("right", right))
        case Threshold(value=value):
            return (("value", value),)
        case Count(counter=counter):
            return (("counter", counter),)
        case _:
            return ()


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
    spans: dict[str, Span] = field(default_factory=dict, compare=False, hash=False)  # field path -> place

    @property
    def scrape(self) -> Duration:
        """The time between two scrapes of the SLO's series: as declared, else what Prometheus does by itself."""
        return self.scrape_interval or DEFAULT_SCRAPE

    @property
    def dedup(self) -> tuple[str, ...]:
        """The labels that tell replicas of one scrape apart, of all the SLO's own queries."""
        return tuple(dict.fromkeys(label for _, query in queries_of(self.indicator) for label in query.dedup))

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
