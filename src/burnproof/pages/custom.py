"""Make a dashboard from a board that a spec declares, two panels to a line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from burnproof.model import naming
from burnproof.pages.grid import Grid, letter
from burnproof.pages.select import DATASOURCE, JOB
from burnproof.pages.types import Dashboard, Step, Target, Variable

if TYPE_CHECKING:
    from burnproof.model.boards import Board, BoardPanel
    from burnproof.pages.types import Level, Panel, PanelKind

_KINDS: dict[str, PanelKind] = {"distribution": "bargauge"}
_WIDTHS = {"stat": 6, "gauge": 6}
_HEIGHT = 8


def board_dashboard(board: Board) -> Dashboard:
    """Plan one board."""
    grid = Grid()
    name = f"{board.service}.{naming.board_name(board.title)}"
    job = (_job(board),) if _uses_job(board) else ()
    return Dashboard(
        name=name,
        source=board.service,
        uid=naming.dashboard_uid(name),
        title=board.title,
        description=board.description or f"A board of {board.service}.",
        tags=("burnproof", "slo", "board"),
        span="6h",
        variables=(Variable(DATASOURCE, "Data source", "datasource", "prometheus", "Where the queries go."), *job),
        firing=f'ALERTS{{alertstate="firing",{naming.SERVICE}="{board.service}",{naming.ID}!=""}}',
        links=((f"SLOs of {board.service}", f"/d/{naming.dashboard_uid(board.service)}"),),
        panels=tuple(_panel(panel, number, grid) for number, panel in enumerate(board.panels)),
    )


def _uses_job(board: Board) -> bool:
    return any(
        f"${JOB}" in query.expr or f"${{{JOB}" in query.expr for panel in board.panels for query in panel.queries
    )


def _job(board: Board) -> Variable:
    return Variable(JOB, "Job", "query", f"label_values(up, {JOB})", f"Jobs of {board.service} to show.")


def _panel(panel: BoardPanel, number: int, grid: Grid) -> Panel:
    now = panel.kind in ("stat", "gauge", "bargauge", "table")
    distribution = panel.kind == "distribution"
    queries = tuple(
        Target(
            letter(index),
            query.expr,
            query.legend or ("{{le}}" if distribution else ""),
            instant=now or distribution,
            format="heatmap" if distribution else "table" if panel.kind == "table" else "time_series",
            empty="The query is the user's own: what it finds is not burnproof's to say.",
            foreign=True,
        )
        for index, query in enumerate(panel.queries)
    )
    return grid.panel(
        f"{number}/{panel.title}",
        _KINDS.get(panel.kind, panel.kind),  # type: ignore[arg-type]  # what is left are Grafana's own names
        panel.title,
        panel.description or panel.title,
        _WIDTHS.get(panel.kind, 12),
        _HEIGHT,
        targets=queries,
        unit=panel.unit or "short",
        steps=_steps(panel),
    )


def _steps(panel: BoardPanel) -> tuple[Step, ...]:
    """Lay the bounds out from the lowest value up; cells of a table would take the colour of the lowest, texts too."""
    if panel.kind == "table":
        return (Step(None, "neutral"),)
    warning, critical = panel.warning, panel.critical
    if panel.low_is_worse:
        falling = [Step(warning, "ok")] if warning is not None else []
        if critical is not None:
            falling.insert(0, Step(critical, "warning" if warning is not None else "ok"))
        lowest: Level = "critical" if critical is not None else "warning"
        return (Step(None, lowest), *falling)
    rising = [Step(None, "ok" if warning is not None or critical is not None else "neutral")]
    rising += [Step(warning, "warning")] if warning is not None else []
    rising += [Step(critical, "critical")] if critical is not None else []
    return tuple(rising)
