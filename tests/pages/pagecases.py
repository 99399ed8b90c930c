"""The spec that tests of pages compile, and ways to look into what comes out."""

from __future__ import annotations

from pathlib import Path

SPEC = Path(__file__).parent / "shop.yaml"
PAGES = ("dashboards", "alertmanager", "runbooks")
MINIMAL = """\
version: burnproof/v1
service: api
slos:
  - name: availability
    objective: 99.9%
    sli: {ratio: {total: 'requests_total{job="api"}', bad: 'requests_total{job="api",code=~"5.."}'}}
"""


def panels_of(board):
    """Every panel of a parsed dashboard, those in closed rows too, without the rows."""
    for panel in board["panels"]:
        if panel["type"] == "row":
            yield from panel["panels"]
        else:
            yield panel


def panel(board, title, row=""):
    """The first panel of a title, below the row whose title begins with ``row``."""
    found = list(board["panels"])
    if row:
        at = next(i for i, one in enumerate(found) if one["type"] == "row" and one["title"].startswith(row))
        found = found[at]["panels"] or found[at + 1 :]
    return next(one for one in found if one["title"] == title)


def exprs(one):
    """The queries of a panel."""
    return [target["expr"] for target in one["targets"]]


def steps(one):
    """The thresholds of a panel as (value, colour)."""
    return [(step["value"], step["color"]) for step in one["fieldConfig"]["defaults"]["thresholds"]["steps"]]
