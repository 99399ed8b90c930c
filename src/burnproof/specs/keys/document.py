"""Define the keys of a spec file: one table for each part, from the document down to a tier."""

# ruff: noqa: RUF009 - key() is dataclasses.field with a name: a default, not a shared value

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from burnproof.specs.keys import boards, fields
from burnproof.specs.keys.boards import BoardSpec
from burnproof.specs.keys.kinds import SLI, SliSpec
from burnproof.specs.keys.table import ListOf, MapOf, Table, TextOr, key

if TYPE_CHECKING:
    from decimal import Decimal
    from typing import Literal

    from burnproof.diagnostics import Span
    from burnproof.model.quantities import Duration

Pairs = tuple[tuple[str, str], ...]
LABELS: Final = MapOf(fields.LABEL, fields.TEXT, "labels")
ANNOTATIONS: Final = MapOf(fields.LABEL, fields.TEXT, "annotations")


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerSpec:
    """Who answers for it."""

    team: str | None = key(fields.TEXT, "the team, a label on every alert")
    contact: str | None = key(fields.TEXT, "how to reach it: a channel, an address")


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarSpec:
    """A budget period that starts anew with each calendar unit."""

    calendar: Literal["week", "month", "quarter"] = key(fields.CALENDAR, "the unit", required=True)
    timezone: str | None = key(fields.TIMEZONE, "where midnight is; UTC unless given")


@dataclass(frozen=True, slots=True, kw_only=True)
class TierSpec:
    """One alert of a policy."""

    factor: Decimal = key(fields.FACTOR, "the burn rate above which it fires", required=True)
    long: Duration = key(fields.DURATION, "the window that must burn", required=True)
    short: Duration | None = key(fields.DURATION, "the window that must still burn, so that the alert ends soon")
    severity: str = key(fields.NAME, "the severity label, such as page or ticket", required=True)
    hold: Duration | None = key(fields.DURATION, "how long the condition must hold", name="for")
    keep_firing_for: Duration | None = key(fields.DURATION, "how long the alert goes on after it")
    labels: Pairs | None = key(LABELS, "further labels on this alert, such as where it is routed; no templates")
    annotations: Pairs | None = key(ANNOTATIONS, "further annotations on this alert")


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicySpec:
    """A policy of one's own."""

    name: str = key(fields.NAME, "its name", required=True)
    tiers: tuple[TierSpec, ...] = key(
        ListOf(Table(TierSpec, "a tier"), at_least=1), "its alerts, the most urgent first", required=True
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class NoDataSpec:
    """How missing data alert."""

    per_group: bool | None = key(
        fields.BOOLEAN, "whether each group or target that had data within a day alerts when it has none"
    )
    severity: str | None = key(fields.NAME, "the severity of alerts about missing data; ticket unless given")


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedAlertingSpec:
    """How all SLOs of a spec alert, unless they say otherwise."""

    policy: str | PolicySpec | None = key(
        TextOr(fields.NAME, Table(PolicySpec, "a policy of your own")), "a policy's name, or one of your own"
    )
    runbook: str | None = key(fields.LINK, "where to read what to do")
    dashboard: str | None = key(fields.LINK, "where to look")
    labels: Pairs | None = key(LABELS, "further labels on the alerts; no templates")
    annotations: Pairs | None = key(ANNOTATIONS, "further annotations on the alerts")
    no_data: str | NoDataSpec | None = key(
        TextOr(fields.NO_DATA, Table(NoDataSpec, "how missing data alert")),
        "whether missing data alert: true, false, or a severity; with `by`, when no group has any, or `per_group`",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertingSpec(SharedAlertingSpec):
    """How an SLO alerts."""

    name: str | None = key(fields.ALERT_NAME, "the alert's name")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportSpec:
    """A report of the schedule."""

    every: Literal["day", "week", "month"] = key(fields.EVERY, "how often", required=True)
    title: str | None = key(fields.TEXT, "what it is called")
    to: str | None = key(fields.TEXT, "who reads it")


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetStepSpec:
    """A step of the error-budget policy."""

    below: Decimal = key(
        boards.SHARE_LEFT, "the share of the budget below which it holds; 0% is a spent budget", required=True
    )
    do: str = key(fields.TEXT, "what is done then, such as freeze releases", required=True)
    severity: str | None = key(fields.NAME, "the severity of the step's alert; ticket unless given")


_BUDGET_POLICY: Final = ListOf(Table(BudgetStepSpec, "a step of the error-budget policy"))
_WINDOW: Final = TextOr(fields.DURATION, Table(CalendarSpec, "a calendar window"))
_ALERTING: Final = Table(AlertingSpec, "alerting")
_SHARED_ALERTING: Final = Table(SharedAlertingSpec, "alerting")
_OWNER: Final = Table(OwnerSpec, "an owner")


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelSpec:
    """A further level of an SLO: the same measure against another objective or bound."""

    name: str = key(fields.NAME, "what it is called: critical, warning; it follows the SLO's name", required=True)
    objective: Decimal | None = key(fields.OBJECTIVE, "its own objective")
    at_most: Decimal | None = key(fields.SECONDS, "its own bound, inclusive")
    less_than: Decimal | None = key(fields.SECONDS, "its own bound, exclusive")
    at_least: Decimal | None = key(fields.BOUND, "its own minimum")
    more_than: Decimal | None = key(fields.BOUND, "its own minimum, exclusive")
    bound: Decimal | None = key(fields.BOUND, "its own bound of a threshold")
    fewer_than: Decimal | None = key(fields.NATURAL, "its own limit of a count")
    severity: str | None = key(
        fields.NAME, "the severity of all its alerts, instead of its policy's and of its budget steps'"
    )
    alerting: AlertingSpec | None = key(_ALERTING, "how it alerts, if it differs")
    budget_policy: tuple[BudgetStepSpec, ...] | None = key(
        _BUDGET_POLICY, "what is done when its own budget runs low; that of the SLO is about the target alone"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SloSpec:
    """One objective."""

    name: str = key(fields.NAME, "its name, unique within the service", required=True)
    description: str | None = key(fields.TEXT, "what it promises")
    journey: tuple[str, ...] | None = key(ListOf(fields.NAME, single=True), "the user journeys it protects")
    objective: Decimal | None = key(fields.OBJECTIVE, "the share that must be good, in percent")
    window: Duration | CalendarSpec | None = key(_WINDOW, "the budget's period, if it differs")
    sli: SliSpec = key(SLI, "what is measured", required=True)
    levels: tuple[LevelSpec, ...] | None = key(
        ListOf(Table(LevelSpec, "a level with a name, and an objective or a bound of its own"), at_least=1),
        "further levels, such as critical, each with its own objective or bound",
    )
    alerting: AlertingSpec | None = key(_ALERTING, "how it alerts")
    labels: Pairs | None = key(LABELS, "labels on its alerts and its info series; no templates")
    owner: OwnerSpec | None = key(_OWNER, "who answers for it, if it differs")
    remediation: str | None = key(fields.TEXT, "what to do when it is missed")
    budget_policy: tuple[BudgetStepSpec, ...] | None = key(
        _BUDGET_POLICY, "what is done when the budget runs low, if it differs"
    )
    runbook: str | None = key(fields.LINK, "where to read what to do")
    dashboard: str | None = key(fields.LINK, "where to look")
    scrape_interval: Duration | None = key(fields.DURATION, "how often its series are scraped, if it differs")
    query_offset: Duration | None = key(fields.LATENESS, "how late its samples may arrive, if it differs")
    expected_rate: Decimal | None = key(fields.RATE, "how many events to expect, such as 10rps")
    spans: dict[str, Span] = field(default_factory=dict, compare=False, hash=False)
    broken: frozenset[str] = frozenset()  # top-level keys below which something is wrong


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """A spec: one service and its objectives."""

    version: str = key(fields.VERSION, "the format: burnproof/v1", required=True)
    service: str = key(fields.NAME, "the service", required=True)
    owner: OwnerSpec | None = key(_OWNER, "who answers for it")
    labels: Pairs | None = key(LABELS, "labels on all alerts and info series, never on recorded series; no templates")
    window: Duration | CalendarSpec | None = key(_WINDOW, "the budget's period; 30d unless given")
    journeys: Pairs | None = key(MapOf(fields.NAME, fields.TEXT, "journeys"), "user journeys: id and text")
    scrape_interval: Duration | None = key(
        fields.DURATION, "how often series are scraped; 1m unless given, as Prometheus does"
    )
    query_offset: Duration | None = key(
        fields.LATENESS,
        "how late samples may arrive, as by remote write: rules look that far back; needs Prometheus 2.53 or later",
    )
    alerting: SharedAlertingSpec | None = key(_SHARED_ALERTING, "how the SLOs alert unless they say otherwise")
    policies: tuple[PolicySpec, ...] | None = key(
        ListOf(Table(PolicySpec, "a policy"), at_least=1), "policies of your own, used by name"
    )
    reports: tuple[ReportSpec, ...] | None = key(ListOf(Table(ReportSpec, "a report")), "which reports go to whom")
    budget_policy: tuple[BudgetStepSpec, ...] | None = key(
        _BUDGET_POLICY, "what is done when an SLO's budget runs low, step by step"
    )
    external_labels: tuple[str, ...] | None = key(
        ListOf(fields.LABEL, single=True),
        "labels that Prometheus adds to all alerts and by which environments differ, in addition to the common ones",
    )
    runbooks: str | None = key(
        boards.URL, "where generated/runbooks/ is published; alerts without a runbook of their own link there"
    )
    grafana: str | None = key(boards.URL, "Grafana's address; alerts without a dashboard of their own link there")
    dashboards: tuple[BoardSpec, ...] | None = key(
        ListOf(Table(BoardSpec, "a dashboard")), "boards of your own, in addition to that of the SLOs"
    )
    slos: tuple[SloSpec, ...] = key(
        ListOf(Table(SloSpec, "an SLO", scoped=True), at_least=1), "the objectives", required=True
    )
    spans: dict[str, Span] = field(default_factory=dict, compare=False, hash=False)
    broken: frozenset[str] = frozenset()


SPEC: Final = Table(Spec, "a spec", scoped=True)
