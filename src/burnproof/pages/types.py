"""Hold dashboards, Alertmanager configurations and runbooks before they are text.

A template decides how these look. What they say, from each query to each threshold, is decided here, and
``burnproof.output.verify`` holds what was written against it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from decimal import Decimal

PanelKind = Literal["timeseries", "stat", "gauge", "bargauge", "table", "state-timeline", "text"]
Level = Literal["ok", "warning", "critical", "neutral"]
WIDTH = 24
"""Columns of Grafana's grid."""


@dataclass(frozen=True, slots=True)
class Target:
    """One query of a panel.

    Attributes:
        ref: its letter within the panel.
        legend: the name of its series; ``{{label}}`` is Grafana's.
        instant: whether it is asked for now alone, or for the dashboard's time range.
        format: ``table`` for rows, ``heatmap`` for buckets, else ``time_series``.
        empty: why it may give nothing while all is well, "" where it must give something.
        foreign: whether it is the user's own query, which may read any metric.
    """

    ref: str
    expr: str
    legend: str = ""
    instant: bool = False
    format: Literal["time_series", "table", "heatmap"] = "time_series"
    empty: str = ""
    foreign: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """From ``value`` on, in the panel's unit, things are at ``level``; None for minus infinity."""

    value: Decimal | None
    level: Level


@dataclass(frozen=True, slots=True)
class Said:
    """Values from ``low`` to ``high`` (None: without end) are shown as ``text``; with "" as they are, but coloured."""

    low: Decimal | None
    high: Decimal | None
    text: str
    level: Level


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: the field that the data source gives, and its heading."""

    field: str
    heading: str


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel in its place on the grid.

    Attributes:
        id: unique within the dashboard, and the same at every compilation.
        unit: Grafana's name for it.
        steps: thresholds, the lowest first; drawn as lines where there is an axis.
        said: values that are shown as words.
        no_value: what stands there where the query gives nothing.
        columns: of a table, in their order; labels that are not listed come after them.
        hidden: fields that a table does not show.
        sort_by: heading of the column by which a table is sorted, the smallest first.
        link: where a click on a value leads, as (title, address).
        content: Markdown of a text panel.
    """

    id: int
    kind: PanelKind
    title: str
    description: str
    x: int
    y: int
    w: int
    h: int
    targets: tuple[Target, ...] = ()
    unit: str = "short"
    steps: tuple[Step, ...] = ()
    said: tuple[Said, ...] = ()
    low: Decimal | None = None
    high: Decimal | None = None
    no_value: str = "no data"
    columns: tuple[Column, ...] = ()
    hidden: tuple[str, ...] = ()
    sort_by: str = ""
    link: tuple[str, str] | None = None
    content: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A row that folds: with its panels inside where it is closed, and after it where it is open."""

    id: int
    title: str
    y: int
    collapsed: bool
    panels: tuple[Panel, ...]


@dataclass(frozen=True, slots=True)
class Variable:
    """A choice at the top of a dashboard: a data source, or the values of a label."""

    name: str
    label: str
    kind: Literal["datasource", "query"]
    query: str  # ``prometheus``, or ``label_values(…)``
    description: str


@dataclass(frozen=True, slots=True)
class Dashboard:
    """One dashboard.

    Attributes:
        name: its file's name without ending.
        source: whose spec it comes from: a service, or "" for all.
        firing: the query whose series are marked on all graphs, "" for none.
        links: to other pages, as (title, address).
        panels: those above the first row.
    """

    name: str
    source: str
    uid: str
    title: str
    description: str
    tags: tuple[str, ...]
    span: str  # the time range it opens with, such as 7d
    variables: tuple[Variable, ...]
    firing: str
    links: tuple[tuple[str, str], ...]
    panels: tuple[Panel, ...]
    rows: tuple[Row, ...] = ()

    def all_panels(self) -> tuple[Panel, ...]:
        """Give every panel, in rows or not."""
        return (*self.panels, *(panel for row in self.rows for panel in row.panels))


@dataclass(frozen=True, slots=True)
class Inhibition:
    """While a ``source`` alert fires, ``target`` alerts with the same ``equal`` labels notify nobody."""

    source: tuple[str, ...]  # matchers
    target: tuple[str, ...]
    equal: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TeamRoute:
    """The alerts of one team, to the receiver of its name."""

    team: str
    contact: str  # for the reader; Alertmanager is not told
    matchers: tuple[str, ...]  # in Alertmanager's notation, as everywhere here


@dataclass(frozen=True, slots=True)
class AlertmanagerConfig:
    """Routes and inhibitions for all services.

    Attributes:
        default: the receiver of alerts that nobody owns.
        teams: one route each, sorted by name.
        group_by: labels that make alerts one notification.
        ours: the matcher of burnproof's alerts.
        urgent: the matcher of severities that wake somebody, and thus wait for less; "" where there are none.
    """

    default: str
    teams: tuple[TeamRoute, ...]
    group_by: tuple[str, ...]
    ours: str
    urgent: str
    inhibitions: tuple[Inhibition, ...]

    @property
    def receivers(self) -> tuple[str, ...]:
        """Name every receiver."""
        return (self.default, *(route.team for route in self.teams))


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a runbook: a heading for each column, and the rows."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Query:
    """A query to look at first, and what it shows."""

    shows: str
    expr: str


@dataclass(frozen=True, slots=True)
class RunbookEntry:
    """What to know and to do about one SLO."""

    name: str
    slo_id: str
    facts: tuple[tuple[str, str], ...]  # (what, value), in reading order
    remediation: str
    alerts: Table
    reading: tuple[str, ...]  # sentences on how to read the table
    policy: Table | None
    queries: tuple[Query, ...]
    links: tuple[tuple[str, str], ...]  # (title, address)


@dataclass(frozen=True, slots=True)
class Runbook:
    """The runbook of one service."""

    service: str
    owner: str
    journeys: tuple[tuple[str, str], ...]
    entries: tuple[RunbookEntry, ...]
