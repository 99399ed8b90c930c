"""Write operations as plain values, for the JSON report and the charts of the page."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING, Any, Final

from burnproof.loadtest.baseline.drift_page import drifts, level_text, title_of, unit_of
from burnproof.loadtest.baseline.rank_statistics import trend
from burnproof.loadtest.baseline.trend import Direction
from burnproof.model.measured import Dimension
from burnproof.report.operations import headline, versions

if TYPE_CHECKING:
    from burnproof.loadtest.baseline.trend import Course
    from burnproof.loadtest.results.model import Result, Sample
    from burnproof.model.measured import Unit
    from burnproof.report.operations import Operation

_TOLD: Final = (Direction.IMPROVING, Direction.DEGRADING)


def as_values(one: Operation) -> dict[str, Any]:
    """Give an operation with every number unrounded; times in seconds since the epoch."""
    run = one.soaked
    return {
        "operation": one.name,
        "environment": one.environment,
        "days": one.days,
        "direction": one.outlook.direction.value,
        "left_out": one.outlook.left_out,
        "metrics": [
            {
                "metric": course.rule.metric,
                "direction": course.direction.value,
                "change": course.change,
                "low": course.low,
                "high": course.high,
                "p": course.p,
                "note": course.note or None,
                "thresholds": {
                    found.level: float(found.limit.value)
                    for found in one.thresholds
                    if found.metric == course.rule.metric
                },
                "unit": _unit_name(one, course.rule.metric),
                "values": _points(one, course.rule.metric),
            }
            for course in one.outlook.courses
        ],
        "versions": [{"since": at, "version": version} for at, version in versions(one)],
        "drift": None if run is None else _drift_values(run),
    }


def _drift_values(run: Result) -> dict[str, Any]:
    figures = {
        found.path: None
        if found.drift is None
        else {
            "first": found.drift.first, "last": found.drift.last, "change": found.drift.change,
            "low": found.drift.low, "high": found.drift.high, "p": found.drift.p, "unit": found.unit.name,
        }
        for found in drifts(run)
    }  # fmt: skip
    return {"run": run.name, "figures": figures}


def chart_values(one: Operation) -> dict[str, Any]:
    """Give what the page draws of an operation: a chart a metric over time, and the newest course beside it."""
    charts = [_metric_chart(one, course) for course in one.outlook.courses]
    run = one.soaked
    return {
        "name": headline(one),
        "charts": [chart for chart in charts if chart["points"]],
        "course": [] if run is None else _course_charts(run),
    }


def _metric_chart(one: Operation, course: Course) -> dict[str, Any]:
    metric, unit = course.rule.metric, _unit(one, course.rule.metric)
    points = [
        [at, value, f"{level_text(value, unit)}, version {version}"] for at, value, version in _known(one, metric)
    ]
    limits = [[found.level, float(found.limit.value), level_text(float(found.limit.value), unit)]
              for found in one.thresholds if found.metric == metric]  # fmt: skip
    return {
        "title": f"{course.rule.title}: {course.direction.value}{f', {course.note}' if course.note else ''}",
        "verdict": course.direction.value.replace(" ", "-"),
        "points": points,
        "limits": limits,
        "marks": versions(one),
        "fit": _fit(one, course),
        **_scale(unit),
    }


def _known(one: Operation, metric: str) -> list[tuple[int, float, str]]:
    """Give (time, value, version) of each run that has the metric."""
    return [
        (int(run.run.timestamp.timestamp()), float(reading.value), run.run.version)
        for run in one.runs
        if run.run.timestamp and (reading := run.readings.get(metric)) and reading.value is not None
    ]


def _points(one: Operation, metric: str) -> list[dict[str, Any]]:
    return [{"at": at, "value": value, "version": version} for at, value, version in _known(one, metric)]


def _fit(one: Operation, course: Course) -> list[list[float]]:
    """Give the ends of Theil and Sen's line where there is a trend; none where there is none to be shown."""
    known = _known(one, course.rule.metric)
    found = trend([at for at, _, _ in known], [value for _, value, _ in known]) if course.direction in _TOLD else None
    if found is None:
        return []
    start, end = known[0][0], known[-1][0]
    level = median(value - found.slope * (at - start) for at, value, _ in known)
    return [[start, level], [end, level + found.slope * (end - start)]]


def _course_charts(run: Result) -> list[dict[str, Any]]:
    """Give a chart for each course of a run; its times are seconds from the start."""
    start = run.run.timestamp.timestamp() if run.run.timestamp else 0.0
    verdicts = {found.path: found for found in drifts(run)}
    made = []
    for path, samples in run.series.items():
        found, unit = verdicts.get(path), unit_of(run, path)
        told = f": {found.verdict}" if found else ""
        points = [_stretch(one, start, unit) for one in samples]
        if sum(value is not None for _, value, _ in points) > 1:
            made.append({"title": f"{title_of(path)}{told}", "verdict": "", "points": points, "limits": [],
                         "marks": [], "fit": [], **_scale(unit)})  # fmt: skip
    return made


def _stretch(sample: Sample, start: float, unit: Unit) -> tuple[float, float | None, str]:
    """Give seconds from the start, the value, and what a reader is told of it."""
    value = None if sample.value is None else float(sample.value)
    told = "no data" if value is None else level_text(value, unit)
    return round(float(sample.time) - start, 3), value, told


def _unit(one: Operation, metric: str) -> Unit:
    return unit_of(one.runs[-1], metric)


def _unit_name(one: Operation, metric: str) -> str:
    return _unit(one, metric).name


def _scale(unit: Unit) -> dict[str, Any]:
    """Say how the page writes ticks: a number times the scale, with the unit behind it."""
    if unit.dimension is Dimension.RATIO:
        return {"scale": float(unit.scale) * 100, "unit": "%", "zero": True}
    if unit.dimension is Dimension.SIZE:
        return {"scale": float(unit.scale) / 1e6, "unit": " MB", "zero": False}
    return {"scale": 1.0, "unit": f" {unit.name}" if unit.name else "", "zero": False}
