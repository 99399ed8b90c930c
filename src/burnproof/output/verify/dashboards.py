"""Check that dashboards say what was planned, and that they can be drawn.

Proved of each: ids are unique, no panel covers another, each query parses, joins match, and reads nothing that
neither a rule writes nor a spec names.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from burnproof.model import naming
from burnproof.output.plan import Plan
from burnproof.output.verify.context import at_file
from burnproof.output.verify.documents import NotADocumentError
from burnproof.output.verify.expressions import RECORDED, Expressions
from burnproof.output.verify.facts import missing, read_json, shown
from burnproof.pages.types import WIDTH
from burnproof.specs.keys.promql.fields import plain_promql
from promrules.syntax.tokens import PromqlSyntaxError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from burnproof.diagnostics import Problem
    from burnproof.output.verify.context import Written
    from burnproof.pages.types import Dashboard, Panel, Row, Target

HINT = "A template decides how a page looks; what it says is the plan's. Compare yours with the one burnproof ships."
_PROMETHEUS = frozenset({"ALERTS", "ALERTS_FOR_STATE", "up"})
_NOT_OF_COUNTS = frozenset({naming.OBJECTIVE})
"""What a board reads of every SLO and counts lack: where there are counts alone, the column is empty."""
_LABEL_VALUES = re.compile(r"label_values\((?:(?P<series>.+), )?(?P<label>\w+)\)", re.DOTALL)


def dashboards(written: Written) -> Iterator[Problem]:
    """Hold every dashboard against the plan, and the plan against what can be drawn."""
    if "dashboards" not in written.kinds:
        return
    everything = Expressions.of(written.plan)
    # A page of one service reads that service alone; looking it up among all would take time squared.
    own = {file.service: Plan((file,), ()) for file in written.plan.rules}
    for board in written.plan.dashboards:
        path = f"dashboards/{board.name}.json"
        try:
            document = read_json(written.files[path])
        except KeyError:
            yield at_file(path, "the dashboard was planned and not rendered")
            continue
        except NotADocumentError as error:
            yield at_file(path, f"what the template wrote is not a JSON document: {error}", HINT)
            continue
        for place, want, have in missing(_board(board), document):
            yield at_file(path, f"{place} should be {shown(want)}, but reads {shown(have)}", HINT)
        alone = own.get(board.source) if not _reads_others(board) else None
        expressions = everything if alone is None else Expressions.of(alone)
        yield from (at_file(path, message) for message in (*_layout(board), *_queries(written, board, expressions)))
    yield from _uids(written)


def _reads_others(board: Dashboard) -> bool:
    return any(target.foreign for panel in board.panels for target in panel.targets)


def _uids(written: Written) -> Iterator[Problem]:
    seen = Counter(board.uid for board in written.plan.dashboards)
    for uid, times in seen.items():
        if times > 1:
            yield at_file("dashboards/", f"{times} dashboards have the uid {uid}", "Rename a service or a board.")


def _layout(board: Dashboard) -> Iterator[str]:
    """Find ids used twice, and panels that cover each other or the margin."""
    panels = board.all_panels()
    ids = Counter([*(panel.id for panel in panels), *(row.id for row in board.rows)])
    yield from (f"{times} panels have the id {one}" for one, times in ids.items() if times > 1)
    taken: dict[tuple[int, int], str] = {(x, row.y): row.title for row in board.rows for x in range(WIDTH)}
    for panel in panels:
        if panel.x + panel.w > WIDTH:
            yield f"the panel {panel.title!r} ends beyond the grid"
        cells = [(x, y) for x in range(panel.x, panel.x + panel.w) for y in range(panel.y, panel.y + panel.h)]
        covered = {taken[cell] for cell in cells if cell in taken}
        yield from (f"the panel {panel.title!r} covers {other!r}" for other in sorted(covered))
        taken.update(dict.fromkeys(cells, panel.title))


def _queries(written: Written, board: Dashboard, expressions: Expressions) -> Iterator[str]:
    """Check every query of a dashboard: of its panels, its variables, its annotations."""
    for panel in board.all_panels():
        for target in panel.targets:
            place = f"panel {panel.title!r}, query {target.ref}"
            yield from (f"{place}: {said}" for said in _query(target.expr, written, expressions, target.foreign))
    if board.firing:
        yield from (f"annotation: {said}" for said in _query(board.firing, written, expressions))
    for variable in board.variables:
        found = _LABEL_VALUES.fullmatch(variable.query)
        if variable.kind == "query" and found is None:
            yield f"variable {variable.name}: {variable.query} lists no label's values"
        elif found is not None and found["series"]:
            said = _query(found["series"], written, expressions)
            yield from (f"variable {variable.name}: {text}" for text in said)


def _query(expr: str, written: Written, expressions: Expressions, foreign: bool = False) -> Iterator[str]:
    text = plain_promql(expr)
    try:
        reads = expressions.reads(text)
        refuted = () if foreign else expressions.refuted(text)
    except PromqlSyntaxError as error:
        yield f"it does not parse: {error.message}"
        return
    yield from refuted
    for resolved in reads:
        metric = resolved.read.metric
        known = foreign or metric in written.plan.inputs or metric in _PROMETHEUS or not metric
        if resolved.entries or metric in _NOT_OF_COUNTS or (known and not metric.startswith(RECORDED)):
            continue
        whose = ", ".join(f'{name}="{value}"' for name, value in resolved.read.equal.items())
        yield f"it reads {metric}{{{whose}}}, which no rule records and no spec names"


def _board(board: Dashboard) -> dict[str, Any]:
    """Give the facts of a dashboard in the shape of Grafana's JSON."""
    return {
        "uid": board.uid,
        "title": board.title,
        "schemaVersion": 42,
        "tags": list(board.tags),
        "time": {"from": f"now-{board.span}", "to": "now"},
        "templating": {"list": [{"name": v.name, "type": v.kind, "query": v.query} for v in board.variables]},
        "links": [{"title": title, "url": url} for title, url in board.links],
        "panels": [*map(_panel, board.panels), *(item for row in board.rows for item in _row(row))],
    }


def _row(row: Row) -> Iterator[dict[str, Any]]:
    inside = [_panel(panel) for panel in row.panels]
    yield {
        "id": row.id,
        "type": "row",
        "title": row.title,
        "collapsed": row.collapsed,
        "panels": inside if row.collapsed else [],
    }
    if not row.collapsed:
        yield from inside


def _panel(panel: Panel) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "id": panel.id,
        "type": panel.kind,
        "title": panel.title,
        "description": panel.description,
        "gridPos": {"x": panel.x, "y": panel.y, "w": panel.w, "h": panel.h},
    }
    if panel.kind == "text":
        return {**facts, "options": {"content": panel.content}}
    bounds = {name: value for name, value in (("min", panel.low), ("max", panel.high)) if value is not None}
    facts["targets"] = [_target(target) for target in panel.targets]
    facts["fieldConfig"] = {
        "defaults": {
            "unit": panel.unit,
            "noValue": panel.no_value,
            "thresholds": {"mode": "absolute", "steps": [{"value": step.value} for step in panel.steps]},
            "mappings": [
                {
                    "type": "range",
                    "options": {"from": said.low, "to": said.high, "result": {"text": said.text} if said.text else {}},
                }
                for said in panel.said
            ],
            **bounds,
        }
    }
    return facts


def _target(target: Target) -> dict[str, Any]:
    return {
        "refId": target.ref,
        "expr": target.expr,
        "legendFormat": target.legend,
        "format": target.format,
        "instant": target.instant,
    }
