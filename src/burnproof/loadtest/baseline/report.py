"""Write comparisons, trends and records as text, Markdown and JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from burnproof.loadtest.baseline.compare import change_text
from burnproof.model.measured import shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from burnproof.loadtest.baseline.compare import Compared
    from burnproof.loadtest.baseline.tables import Figure, FigureTable
    from burnproof.loadtest.baseline.thresholds import Threshold
    from burnproof.loadtest.baseline.trend import Course, Outlook
    from burnproof.loadtest.results.model import Result


def rows_text(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Give a table in columns."""
    widths = [max(len(line[index]) for line in (header, *rows)) for index in range(len(header))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in (header, *rows)
    ]
    return "\n".join(lines) + "\n"


COMPARED = ("Metric", "Baseline", "Run", "Change", "Allowed", "Verdict")


def compared_rows(found: Sequence[Compared]) -> list[tuple[str, ...]]:
    """Give the rows of a comparison."""
    return [
        (
            one.rule.title,
            str(one.was) if one.was else "-",
            str(one.now) if one.now else "-",
            change_text(one),
            f"{'+' if one.rule.is_ceiling else '-'}{one.rule.worst}",
            (f"REGRESSION {one.remark}" if one.regressed else "ok").strip(),
        )
        for one in found
    ]


def compared_json(run: Result, baseline: Result, found: Sequence[Compared]) -> str:
    """Give a comparison as JSON; numbers are in the unit beside them."""
    document = {
        "schema": "burnproof/compare/v1",
        "run": run.name,
        "baseline": baseline.name,
        "regressed": any(one.regressed for one in found),
        "metrics": [
            {
                "metric": one.rule.metric,
                "baseline": float(one.was.value) if one.was else None,
                "run": float(one.now.value) if one.now else None,
                "unit": one.was.unit.name if one.was else None,
                "change": None if one.change is None else float(one.change),
                "in_points": one.rule.worst.in_points,
                "regressed": one.regressed,
                "remark": one.remark or None,
            }
            for one in found
        ],
    }
    return json.dumps(document, indent=2) + "\n"


COURSES = ("Metric", "Direction", "Change", "95 % interval", "p", "")


def course_rows(found: Outlook) -> list[tuple[str, ...]]:
    """Give the rows of an outlook."""
    return [
        (
            course.rule.title,
            course.direction.value,
            _change(course, course.change),
            "-" if course.low is None else f"{_change(course, course.low)} to {_change(course, course.high)}",
            chance_text(course.p),
            course.note,
        )
        for course in found.courses
    ]


def chance_text(p: float | None) -> str:
    """Write how likely an order is by chance."""
    return "-" if p is None else "<0.001" if p < 0.001 else f"{p:.3f}"


def _change(course: Course, value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value * 100:+.1f}{'pp' if course.rule.worst.in_points else '%'}"


def outlook_json(operation: str, days: int, found: Outlook) -> str:
    """Give an outlook as JSON; changes are relative, or absolute for a ratio."""
    document: dict[str, Any] = {
        "schema": "burnproof/trend/v1",
        "operation": operation,
        "days": days,
        "direction": found.direction.value,
        "runs": len(found.runs),
        "left_out": found.left_out,
        "metrics": [
            {
                "metric": course.rule.metric,
                "direction": course.direction.value,
                "change": course.change,
                "low": course.low,
                "high": course.high,
                "p": course.p,
                "note": course.note or None,
            }
            for course in found.courses
        ],
    }
    return json.dumps(document, indent=2) + "\n"


RECORDS = ("Time", "Operation", "Environment", "Version", "Users", "Duration", "P95", "RPS", "Errors")


def record_rows(records: Sequence[Result]) -> list[tuple[str, ...]]:
    """Give the rows of a list of records."""
    return [
        (
            f"{found.run.timestamp:%Y-%m-%d %H:%M:%S}" if found.run.timestamp else "-",
            found.run.operation,
            found.run.environment,
            found.run.version,
            "-" if found.run.users is None else str(found.run.users),
            "-" if found.run.duration is None else f"{shown(found.run.duration)} s",
            *(_value(found, metric) for metric in ("response_time_p95", "requests_per_second", "error_rate")),
        )
        for found in records
    ]


def _value(found: Result, metric: str) -> str:
    reading = found.readings.get(metric)
    if reading is None or reading.quantity is None:
        return "-"
    if metric == "error_rate":
        return f"{shown(reading.quantity.value * 100)}%"
    return str(reading.quantity)


THRESHOLDS = ("Metric", "Level", "Base", "Distance", "Threshold")


def threshold_rows(made: Sequence[Threshold]) -> list[tuple[str, ...]]:
    """Give the rows of derived thresholds; error ratios in percent."""
    rows: list[tuple[str, ...]] = []
    for one in made:
        is_ratio = one.metric == "error_rate"
        base, limit = (
            (f"{shown(one.base.value * 100)}%", f"{shown(one.limit.value * 100)}%")
            if is_ratio
            else (str(one.base), str(one.limit))
        )
        side = "above" if one.is_ceiling else "below"
        rows.append((one.title, one.level, base, f"{one.change} {side}", limit))
    return rows


def table_rows(table: FigureTable) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Give the header and the rows of a documented table; each figure with its unit, and ``~`` where it is about so."""
    rows = [(name, *(_figure(row[column]) for column in table.columns)) for name, row in table.rows.items()]
    return ("", *table.columns), rows


def _figure(figure: Figure | None) -> str:
    if figure is None:
        return "no data"
    about = "~" if figure.approximate else ""
    return about + (str(figure.low) if figure.low == figure.high else f"{figure.low} to {figure.high}")


TABLES = ("Table", "Rows", "Columns")


def tables_rows(tables: Sequence[FigureTable]) -> list[tuple[str, ...]]:
    """Give the rows of a list of documented tables."""
    return [(table.name, str(len(table.rows)), ", ".join(table.columns)) for table in tables]
