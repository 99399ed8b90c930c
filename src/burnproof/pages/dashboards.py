"""Plan the dashboards: one for each service, one of all, and the boards that specs declare."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING

from burnproof.model import naming
from burnproof.pages.custom import board_dashboard
from burnproof.pages.grid import Grid
from burnproof.pages.markdown import escaped
from burnproof.pages.panels import slo_panels
from burnproof.pages.select import DATASOURCE, JOB, SERVICE, TEAM, histogram_metric, variable_of
from burnproof.pages.tables import (
    Scope,
    blind_table,
    budget_table,
    firing_table,
    headline_panels,
    lowest_budgets,
)
from burnproof.pages.types import Dashboard, Variable
from burnproof.pages.words import promise, title
from burnproof.rules import selectors
from burnproof.rules.kinds import measure_of
from promrules.syntax.nodes import Matcher, MatchOp, VectorSelector

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from burnproof.model.boards import Board
    from burnproof.model.slo import Slo
    from burnproof.pages.types import Panel, Row

OVERVIEW_NAME = "_overview"  # no service's name begins like this
OVERVIEW_UID = "slos"
OPEN_ROWS = 3
"""Up to so many SLOs a service's rows stand open; more of them are folded, so that opening the page asks little."""

SOURCE_VARIABLE = Variable(DATASOURCE, "Data source", "datasource", "prometheus", "The Prometheus that runs the rules.")
TAGS = ("burnproof", "slo")


def dashboards(slos: Sequence[Slo], boards: Iterable[Board] = ()) -> tuple[Dashboard, ...]:
    """Plan all dashboards.

    Args:
        slos: the objectives, sorted by service.
        boards: those that specs declare.
    """
    if not slos:
        return ()
    services = [(service, tuple(members)) for service, members in groupby(slos, key=lambda slo: slo.service)]
    own = tuple(service_dashboard(service, members) for service, members in services)
    ordered = sorted(boards, key=lambda board: (board.service, naming.board_name(board.title)))
    return (_overview([service for service, _ in services]), *own, *(board_dashboard(board) for board in ordered))


def service_dashboard(service: str, slos: tuple[Slo, ...]) -> Dashboard:
    """Plan the dashboard of one service: all of its SLOs in a table, then each in a row of its own."""
    grid, scope = Grid(), Scope(service)
    panels = (*headline_panels(scope, grid), budget_table(scope, grid), lowest_budgets(scope, grid))
    panels += (firing_table(scope, grid), blind_table(scope, grid))
    return Dashboard(
        name=service,
        source=service,
        uid=naming.dashboard_uid(service),
        title=f"SLOs of {service}",
        description="What was promised, what is left of each error budget, how fast it goes, and what alerts.",
        tags=TAGS,
        span="7d",
        variables=(SOURCE_VARIABLE, *_job_variable(slos), *_group_variables(service, slos)),
        firing=f'ALERTS{{alertstate="firing",{naming.SERVICE}="{service}",{naming.ID}!=""}}',
        links=(("All SLOs", f"/d/{OVERVIEW_UID}"),),
        panels=panels,
        rows=tuple(_row(slo, grid, folded=len(slos) > OPEN_ROWS) for slo in slos),
    )


def _row(slo: Slo, grid: Grid, *, folded: bool) -> Row:
    row = grid.row(f"{slo.id}/row", f"{title(slo)}: {promise(slo)}")
    return replace(row, collapsed=folded, panels=slo_panels(slo, measure_of(slo), grid))


def _job_variable(slos: Sequence[Slo]) -> tuple[Variable, ...]:
    """Let the reader choose jobs where panels read the service's raw series."""
    metrics = sorted({metric for slo in slos if (metric := histogram_metric(slo))})
    if not metrics or any(JOB in slo.by for slo in slos):
        return ()
    if len(metrics) == 1:
        name = Matcher("__name__", MatchOp.EQUAL, metrics[0])
    else:
        name = Matcher("__name__", MatchOp.REGEX, "|".join(map(re.escape, metrics)))
    query = f"label_values({selectors.text(VectorSelector((name,)))}, {JOB})"
    return (
        Variable(JOB, "Job", "query", query, "Jobs whose percentiles are drawn; SLOs are about what the spec names."),
    )


def _group_variables(service: str, slos: Sequence[Slo]) -> tuple[Variable, ...]:
    labels = sorted({label for slo in slos for label in slo.by})
    selected = f'{naming.BUDGET_REMAINING}{{{naming.SERVICE}="{service}"}}'
    return tuple(
        Variable(variable_of(label), label, "query", f"label_values({selected}, {label})", f"Groups by {label}.")
        for label in labels
    )


def _overview(services: Sequence[str]) -> Dashboard:
    """Plan the dashboard of all SLOs, the worst budget first."""
    grid, scope = Grid(), Scope()
    plain = all(naming.dashboard_uid(service) == f"slo-{service}" for service in services)
    link = ("The service's dashboard", f"/d/slo-${{__data.fields.{naming.SERVICE}}}") if plain else None
    panels: tuple[Panel, ...] = (
        *headline_panels(scope, grid),
        budget_table(scope, grid, link),
        lowest_budgets(scope, grid),
    )
    panels += (firing_table(scope, grid), blind_table(scope, grid))
    listed = "\n".join(f"- [{escaped(service)}](/d/{naming.dashboard_uid(service)})" for service in services)
    panels += (grid.panel("services", "text", "Services", "", 12, 9, content=listed),)
    return Dashboard(
        name=OVERVIEW_NAME,
        source="",
        uid=OVERVIEW_UID,
        title="SLOs of all services",
        description="Every SLO, the worst error budget first; what fires, and what cannot be judged for want of data.",
        tags=TAGS,
        span="7d",
        variables=(
            SOURCE_VARIABLE,
            Variable(
                SERVICE, "Service", "query", f"label_values({naming.INFO}, {naming.SERVICE})", "Services to show."
            ),
            Variable(TEAM, "Owner", "query", f"label_values({naming.INFO}, {naming.TEAM})", "Owners to show."),
        ),
        firing="",
        links=(),
        panels=panels,
    )
