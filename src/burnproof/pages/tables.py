"""Make the panels over many SLOs: the table of budgets, worst first, what fires, what lacks data."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from burnproof.model import naming
from burnproof.pages.grid import rows_of, targets
from burnproof.pages.select import SERVICE, TEAM
from burnproof.pages.types import Column, Said, Step

if TYPE_CHECKING:
    from burnproof.pages.grid import Grid
    from burnproof.pages.types import Panel

LOWEST = 10
"""Lines in the graph of the lowest budgets."""

_PRESENT = f"{naming.TOTAL}|{naming.SLICE_VALUE}|{naming.SLICE_RIGHT}|{naming.SERIES}"
_BELOW_ZERO = Decimal("-0.000000001")
_ZERO, _ONE = Decimal(0), Decimal(1)
_PLAIN = (Step(None, "neutral"),)
_ANY = (Step(_ONE, "critical"),)
_HIDDEN = ("Time", "__name__", naming.ID)
_QUIET = "Empty while no alert fires."
_COMPLETE = "Empty while all SLOs have data."


class Scope:
    """The SLOs that tables speak of: those of one service, or those chosen by the variables of the overview."""

    def __init__(self, service: str = "") -> None:
        """Take all of one service, or with "" the chosen ones of all."""
        self.one = bool(service)
        self._matchers = f'{naming.SERVICE}="{service}"' if service else f'{naming.SERVICE}=~"${SERVICE}"'
        info = self._matchers if service else f'{self._matchers},{naming.TEAM}=~"${TEAM}"'
        self.info = f"{naming.INFO}{{{info}}}"

    def all(self, metric: str, more: str = "") -> str:
        """Select a metric of every SLO in scope."""
        found = f"{metric}{{{self._matchers}{more}}}"
        return found if self.one else f"{found} and on ({naming.ID}) {self.info}"


def headline_panels(scope: Scope, grid: Grid) -> tuple[Panel, ...]:
    """Place four numbers: how many SLOs there are, are missed, are alerting, are blind."""
    there = scope.all(naming.ANCHOR)
    spent = f"{scope.all(naming.BUDGET_REMAINING)} < 0" if scope.one else f"({scope.all(naming.BUDGET_REMAINING)}) < 0"
    firing = scope.all("ALERTS", f',alertstate="firing",{naming.ID}!=""')
    blind = f'({there}) unless on ({naming.ID}) {{__name__=~"{_PRESENT}",{naming.ID}!=""}}'
    said = (
        ("slos", "SLOs", "SLOs whose rules run.", f"count({there})", ()),
        ("spent", "Missed", "SLOs, or groups of them, whose budget is spent.", _counted(spent, there), _ANY),
        ("firing", "Alerts firing", "Alerts of these SLOs that fire now.", _counted(firing, there), _ANY),
        (
            "blind",
            "Without data",
            "SLOs without data; nothing is known of them.",
            _counted(blind, there),
            _ANY,
        ),
    )
    return tuple(
        grid.panel(
            f"{key}", "stat", title, text, 6, 4, targets=targets((expr, title), instant=True),
            steps=(Step(None, "ok" if steps else "neutral"), *steps), no_value="the rules do not run",
        )
        for key, title, text, expr, steps in said
    )  # fmt: skip


def _counted(expr: str, there: str) -> str:
    """Count series; 0 where there are none, but only while there are SLOs at all."""
    return f"count({expr}) or count({there}) * 0"


def budget_table(scope: Scope, grid: Grid, link: tuple[str, str] | None = None) -> Panel:
    """Place the table of all SLOs in scope, the smallest budget first."""
    left = f"{naming.BUDGET_REMAINING}"
    labels = f"{naming.TEAM}, period, {naming.LEVEL}"
    worst = f"({scope.all(left)}) * on ({naming.ID}) group_left ({labels}) {scope.info}"
    # A count has no objective. No series of objectives is read: a service of counts alone records none.
    told = f'on ({naming.ID}) {naming.INFO}{{objective!=""}}'
    objective = f"on ({naming.ID}) group_left () (1 - {naming.ERROR_BUDGET})"
    promised = f"({scope.all(left)}) * 0 + {objective} and {told}"
    share = f"({scope.all(naming.PERIOD_BURN_RATE)}) * on ({naming.ID}) group_left () {naming.ERROR_BUDGET}"
    attained = f"1 - {share} and {told}"
    daily = f"({scope.all(naming.CURRENT_BURN_RATE)}) / on ({naming.ID}) group_left () {naming.PERIOD_DAYS}"
    columns = (
        *(() if scope.one else (Column(naming.SERVICE, "Service"),)),
        Column(naming.SLO, "SLO"),
        Column(naming.LEVEL, "Level"),
        Column("Value #A", "Budget left"),
        Column("Value #C", "Attained"),
        Column("Value #B", "Objective"),
        Column("Value #D", "Budget spent per day at the rate of now"),
        Column(naming.TEAM, "Owner"),
        Column("period", "Period"),
    )
    return grid.panel(
        "budgets", "table", "Error budgets, worst first",
        "One line per SLO, or per group of it. Below zero the SLO is missed. An SLO without any data in its period is "
        "not here but among those without data; a count has no objective.",
        24, 10,
        targets=rows_of(worst, promised, attained, daily),
        unit="percentunit",
        # Not a threshold: Grafana gives cells of text the colour of the lowest one.
        steps=(Step(None, "neutral"),),
        said=(Said(None, _BELOW_ZERO, "", "critical"),),
        columns=columns,
        hidden=(*_HIDDEN, *((naming.SERVICE,) if scope.one else ())),
        sort_by="Budget left",
        link=link,
    )  # fmt: skip


def lowest_budgets(scope: Scope, grid: Grid) -> Panel:
    """Place the graph of the lowest budgets."""
    legend = "{{slo}}" if scope.one else "{{slo_service}} {{slo}}"
    return grid.panel(
        "lowest", "timeseries", f"The {LOWEST} lowest budgets", "At each moment the lowest ones of that moment.", 12, 9,
        targets=targets((f"bottomk({LOWEST}, {scope.all(naming.BUDGET_REMAINING)})", legend)),
        unit="percentunit",
        steps=(Step(None, "critical"), Step(_ZERO, "ok")),
        high=_ONE,
    )  # fmt: skip


def firing_table(scope: Scope, grid: Grid) -> Panel:
    """Place the table of alerts that fire."""
    firing = scope.all("ALERTS", f',alertstate="firing",{naming.ID}!=""')
    return grid.panel(
        "firing-alerts", "table", "Firing alerts", f"Every alert of these SLOs that fires now. {_QUIET}", 12, 9,
        targets=rows_of(firing, empty=_QUIET),
        columns=(
            *(() if scope.one else (Column(naming.SERVICE, "Service"),)),
            Column(naming.SLO, "SLO"),
            Column(naming.LEVEL, "Level"),
            Column(naming.SEVERITY, "Severity"),
            Column(naming.TIER, "Window"),
            Column("alertname", "Alert"),
            Column(naming.TEAM, "Owner"),
        ),
        hidden=(*_HIDDEN, "alertstate", "Value", *((naming.SERVICE,) if scope.one else ())),
        steps=_PLAIN,
        sort_by="Severity",
        no_value="no alert fires",
    )  # fmt: skip


def blind_table(scope: Scope, grid: Grid) -> Panel:
    """Place the table of SLOs whose input is gone."""
    blind = f'({scope.all(naming.ANCHOR)}) unless on ({naming.ID}) {{__name__=~"{_PRESENT}",{naming.ID}!=""}}'
    return grid.panel(
        "blind-slos", "table", "SLOs without data",
        f"Their rules run and find nothing: a target is down, not scraped, or renamed. {_COMPLETE}", 12, 9,
        targets=rows_of(blind, empty=_COMPLETE),
        columns=(
            *(() if scope.one else (Column(naming.SERVICE, "Service"),)),
            Column(naming.SLO, "SLO"),
        ),
        hidden=(*_HIDDEN, "Value", *((naming.SERVICE,) if scope.one else ())),
        steps=_PLAIN,
        sort_by="SLO",
        no_value="all SLOs have data",
    )  # fmt: skip
