"""Judge the drift of a run: a leak is found even if every figure of the whole run is good."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from burnproof.loadtest.baseline.drift import drift
from burnproof.loadtest.baseline.drift_page import level_text
from burnproof.loadtest.baseline.rank_statistics import ALPHA, FEWEST
from burnproof.loadtest.gate.model import Compared, Outcome
from burnproof.model.measured import Dimension

if TYPE_CHECKING:
    from burnproof.loadtest.baseline.drift import Drift
    from burnproof.loadtest.results.model import Reading, Result
    from burnproof.model.measured import Unit
    from burnproof.model.result_check import Change, Check


def judge_drift(check: Check, result: Result, unit: Unit) -> Compared:
    """Hold the drift of a check's number over a run against the check's rule.

    It passes where the whole 95 % confidence interval of the change stays within the rule, fails where the change is
    beyond it and the order no chance, and warns where the course cannot tell: too few stretches fail, since a run
    that is too short to show a drift shows nothing.
    """
    rule = check.drift
    if rule is None:
        return Compared()
    if rule.in_points and unit.dimension is not Dimension.RATIO:
        return Compared(Outcome.FAIL, reasons=(f"{rule} are percentage points, and it is no ratio.",))
    course = result.series.get(check.metric)
    if not course:
        return Compared(Outcome.FAIL, reasons=(f"{result.name} has no course of {check.metric!r}, so no drift shows.",))
    found = drift(course, result.series)
    if found is None:
        reason = f"The steady part of the run has fewer than {FEWEST} values: too short to tell a drift."
        return Compared(Outcome.FAIL, reasons=(reason,))
    if not rule.in_points and found.first <= 0:
        return _from_nothing(found)
    sign = 1 if check.bound.is_ceiling else -1
    worse, low, high = (sign * value for value in (found.change, found.low, found.high))
    limit = float(rule.amount / unit.scale) if rule.in_points else float(rule.amount) * found.first
    if worse > limit and found.p < ALPHA:
        return Compared(Outcome.FAIL, reasons=(_described("It drifted", rule, found, unit),))
    if max(low, high) > limit:
        return Compared(
            Outcome.WARN, reasons=(_described("The data are too noisy to tell a drift", rule, found, unit),)
        )
    return Compared()


def end_level(check: Check, result: Result, reading: Reading) -> Reading:
    """Give a reading its value where a file has a course only, such as Locust's history: the level at the run's end."""
    course = result.series.get(check.metric)
    found = drift(course, result.series) if check.drift and course and reading.value is None else None
    if found is None:
        return reading
    value = Decimal(repr(round(found.last, 6)))
    return replace(reading, value=value, samples=result.run.requests, failures=result.run.failures, trouble="")


def _from_nothing(found: Drift) -> Compared:
    """Judge what began at 0, of which no share can be taken: it may not move."""
    if found.change == found.low == found.high == 0:
        return Compared()
    return Compared(Outcome.FAIL, reasons=("It began at 0, of which nothing is a share; write pp for a ratio.",))


def _described(what: str, rule: Change, found: Drift, unit: Unit) -> str:
    start, end = (level_text(level, unit) for level in (found.first, found.last))
    return f"{what}: from {start} to {end} in {found.seconds:.0f} s at full load; {rule} worse is let pass."
