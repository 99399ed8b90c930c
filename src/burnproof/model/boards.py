"""Hold the boards that a spec declares under ``dashboards:``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from decimal import Decimal

BoardPanelKind = Literal["timeseries", "stat", "gauge", "bargauge", "table", "distribution"]


@dataclass(frozen=True, slots=True)
class BoardQuery:
    """One query of a panel: PromQL, which may hold Grafana's own variables, and the name of its series."""

    expr: str
    legend: str = ""


@dataclass(frozen=True, slots=True)
class BoardPanel:
    """One panel.

    Attributes:
        unit: Grafana's name of the unit, "" for plain numbers.
        warning: the bound from which the value is worrying, in the panel's unit.
        critical: the bound from which it is bad.
        low_is_worse: whether values below the bounds are the bad ones, as for a throughput.
    """

    title: str
    kind: BoardPanelKind
    queries: tuple[BoardQuery, ...]
    description: str = ""
    unit: str = ""
    warning: Decimal | None = None
    critical: Decimal | None = None
    low_is_worse: bool = False


@dataclass(frozen=True, slots=True)
class Board:
    """One dashboard of a service, beside the one that its SLOs get."""

    service: str
    title: str
    panels: tuple[BoardPanel, ...]
    description: str = ""
