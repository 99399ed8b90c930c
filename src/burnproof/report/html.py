"""Write a report as one HTML page that loads nothing; it draws its own charts."""

from __future__ import annotations

import json
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import jinja2
from markupsafe import Markup

from burnproof.report import operations, rows
from burnproof.report.model import Status
from burnproof.report.numbers import attainment_text, share_text
from burnproof.report.operationdata import chart_values
from burnproof.report.periods import moment_text
from burnproof.rules.periods import period_text

if TYPE_CHECKING:
    from burnproof.report.model import Figures, Incident, Line, Report
    from burnproof.report.operations import Operation

_WHOLE = 0.99
_CLASSES = {
    Status.MET: "met",
    Status.MISSED: "missed",
    Status.PARTIAL: "partial",
    Status.UNKNOWN: "unknown",
    Status.IDLE: "idle",
}


def as_html(report: Report) -> str:
    """Give the report as the text of a page."""
    return _template().render(
        report=report,
        rows=rows,
        span=rows.span_text(report),
        firing=rows.firing_texts(report),
        made=moment_text(report.made, report.zone),
        tiles=[(_CLASSES[status], rows.MARKS[status], report.count(status), str(status)) for status in _CLASSES],
        lines=[_view(number, line, report) for number, line in enumerate(report.lines)],
        data=_embedded([_data(line) for line in report.lines]),
        operations=[_operation_view(one) for one in report.operations],
        operation_header=operations.HEADER,
        operation_data=_embedded([chart_values(one) for one in report.operations]),
        zone=report.zone.key,
        css=_part("page.css"),
        scripts=[_part("charts.js"), *([_part("trends.js")] if report.operations else []), _part("page.js")],
    )


def _operation_view(one: Operation) -> tuple[Any, ...]:
    """Give what the template shows of an operation: headline, rows, and the table of drifts."""
    return operations.headline(one), operations.rows(one), operations.drift_table(one)


@lru_cache(maxsize=1)
def _template() -> jinja2.Template:
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, autoescape=True, trim_blocks=True)
    return environment.from_string(files("burnproof.report").joinpath("page", "page.html.j2").read_text("utf-8"))


def _part(name: str) -> Markup:
    """Read a part of the page that goes in as it is."""
    return Markup(files("burnproof.report").joinpath("page", name).read_text("utf-8"))  # noqa: S704 - our own file


def _embedded(value: Any) -> Markup:
    """Write a value as JSON that cannot end the element it stands in."""
    text = json.dumps(value, separators=(",", ":"), allow_nan=False, ensure_ascii=True)
    return Markup(text.replace("<", "\\u003c").replace("&", "\\u0026"))  # noqa: S704 - nothing in it can be markup


def _view(number: int, line: Line, report: Report) -> dict[str, Any]:
    """Give what the template shows of a line; sorting is by numbers, worst first where there is none."""
    figures = line.figures
    return {
        "number": number,
        "name": line.name,
        "status": _CLASSES[line.status],
        "cells": rows.cells(line),
        "keys": (
            line.name,
            number,
            line.target or 0,
            -1 if figures is None or figures.attainment is None else figures.attainment,
            -1e9 if rows.left(line) is None else rows.left(line),
            -1 if figures is None or figures.spent is None else figures.spent,
            0 if figures is None else figures.bad,
            0 if figures is None else figures.total,
            line.incident_count,
            line.slo.owner.team,
        ),
        "open": rows.worth_details(line),
        "description": line.slo.description,
        "journeys": [text or name for name, text in line.slo.journeys],
        "labels": [f"{name}={value}" for name, value in line.slo.labels],
        "details": rows.details(line, report),
        "tiles": _tiles(line),
    }


def _tiles(line: Line) -> list[tuple[str, str]]:
    attained = None if line.figures is None else line.figures.attainment
    found = [
        ("Objective", rows.objective(line)),
        ("Attained", attainment_text(attained, line.target)),
        ("Budget left", share_text(rows.left(line))),
    ]
    if line.remaining is not None:
        found.append((f"Left of its {period_text(line.slo)}", share_text(line.remaining)))
    return found


def _data(line: Line) -> dict[str, Any]:
    """Give what the page's charts are drawn from."""
    chart = line.chart
    return {
        "name": line.name,
        "target": line.target,
        "unit": line.unit,
        "limit": line.figures.total if line.figures is not None and line.target is None else None,
        "allowed": (1 - line.target) * line.figures.total if line.target is not None and line.figures else None,
        "start": chart.start if chart else 0,
        "step": chart.step if chart else 0,
        "bad": [_short(value) for value in chart.bad] if chart else [],
        "total": [_short(value) for value in chart.total] if chart else [],
        "incidents": [_stretch(one) for one in line.incidents],
        "alerts": [[one.start, one.end, f"{one.name} {one.severity} {one.tier}".strip()] for one in line.alerts],
        "gaps": [[gap.start, gap.end] for gap in line.gaps],
        "trend": [[one.span.name, _spent(one.figures), _seen(one.coverage)] for one in line.trend]
        + [["this span", _spent(line.figures), _seen(line.coverage)]],
    }


def _spent(figures: Figures | None) -> float | None:
    return None if figures is None else figures.spent


def _seen(coverage: float | None) -> str:
    """Say of how much of a span a number speaks; "" where it is nearly all."""
    if coverage is None or coverage >= _WHOLE:
        return ""
    return f"of the {share_text(coverage)} with data"


def _stretch(incident: Incident) -> list[int]:
    return [incident.start, incident.end]


def _short(value: float | None) -> float | None:
    """Round to six digits: more cannot be seen, and the page grows with them."""
    return None if value is None else float(f"{value:.6g}")
