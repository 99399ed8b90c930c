"""Judge results by objectives; a number that is missing, uncertain or of another unit fails.

A verdict is the AND of everything that can be said: the file is sound, the number is there and is one, enough
requests are behind it and not all of them failed, its unit is the bound's, it keeps the target, and it is no
regression. A regression rule never replaces the absolute bound.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from fnmatch import fnmatch
from pathlib import PurePath
from typing import TYPE_CHECKING, Final

from burnproof.loadtest import gate
from burnproof.loadtest.gate.limits import LimitError, Limits, limits_for, overridden
from burnproof.loadtest.gate.model import Compared, Outcome, Verdict
from burnproof.loadtest.gate.recovery import longest_break
from burnproof.loadtest.gate.reliability import distrust, failing, samples_of, sentence, unsure
from burnproof.model.measured import PERCENT, SECONDS, Dimension, Quantity
from burnproof.model.result_check import CRITICAL_LEVEL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from burnproof.loadtest.results.model import Reading, Result
    from burnproof.model.result_check import Bound, Check, Objective

_SEVERITY: Final = (Outcome.PASS, Outcome.WARN, Outcome.FAIL)


@dataclass(frozen=True, slots=True)
class Baseline:
    """The run that another is compared with, or why there is none that it may be compared with."""

    result: Result | None
    refusal: str = ""
    is_itself: bool = False  # there is one, and it was made of the very run: nothing is known, and nothing wrong


def no_baseline(_result: Result, _operation: str) -> Baseline:
    """Stand for a gate that was given no baseline."""
    return Baseline(None, "no baseline was given; name one with --baseline, or --no-baseline to do without")


def judge(
    objectives: Sequence[Objective],
    results: Sequence[Result],
    *,
    env: Mapping[str, str] | None = None,
    baseline_of: Callable[[Result, str], Baseline] | None = no_baseline,
) -> list[Verdict]:
    """Judge every objective on every result that it is about.

    Args:
        objectives: what must hold.
        results: the files, faulty ones too.
        env: the environment whose variables override targets.
        baseline_of: finds the run to compare a result with, of the operation that the rule names, "" for the result's
            own; None leaves regression rules out.

    Returns:
        A failure for each file that is at fault, then verdicts in the order of the objectives, then a warning for
        each file that no objective reads.
    """
    faults = [
        Verdict(PurePath(found.name).name, Outcome.FAIL, source=found.name, reasons=(sentence(found.fault),))
        for found in results
        if found.fault
    ]
    verdicts = [made for objective in objectives for made in _objective(objective, results, env or {}, baseline_of)]
    judged = {made.source for made in verdicts}
    unread = [
        Verdict(PurePath(found.name).name, Outcome.WARN, source=found.name, reasons=("No objective reads this file.",))
        for found in results
        if not found.fault and found.name not in judged
    ]
    return [*faults, *verdicts, *unread]


def _objective(
    objective: Objective,
    results: Iterable[Result],
    env: Mapping[str, str],
    baseline_of: Callable[[Result, str], Baseline] | None,
) -> list[Verdict]:
    """Judge one objective; where no file has its number, that is a failure."""
    check = objective.check
    meant = [found for found in results if _is_meant(check, found)]
    picked = [found for found in meant if found.has(check.metric)]
    if check.file or check.operation:  # these files must have it
        picked = [found for found in meant if not found.fault or found in picked]
    # Locust leaves figures and course in different files; each check reads the kind it is about.
    wants_course = check.recovers_within is not None or check.drift is not None
    picked = [found for found in picked if _fits(check, found, wants_course=wants_course)] or picked
    if not picked:
        sound = [found for found in meant if not found.fault]
        failed = _failed(objective, sound[0].name if len(sound) == 1 else "", _missing(check, sound))
        return [_described(objective, failed, env)]
    return [_described(objective, _judged(objective, found, env, baseline_of), env) for found in picked]


def _described(objective: Objective, verdict: Verdict, env: Mapping[str, str]) -> Verdict:
    """Say of a verdict which variable set its target; where nothing was held against it, it is the one that counts."""
    found = overridden(objective.check, env)
    if found is None:
        return verdict
    target = verdict.target if verdict.actual is not None else found.target
    return replace(verdict, override=found, target=target, op=verdict.op if target is not None else "")


def _is_meant(check: Check, result: Result) -> bool:
    path = PurePath(result.name)
    if check.file and not (fnmatch(path.name, check.file) or fnmatch(str(path), check.file)):
        return False
    return not check.operation or result.run.operation == check.operation


def _fits(check: Check, result: Result, *, wants_course: bool) -> bool:
    """Tell whether a result has the metric as a course, or as a figure of the whole run."""
    if wants_course:
        return check.metric in result.series
    reading = result.readings.get(check.metric)
    return reading is None or reading.value is not None or check.metric not in result.series


def _missing(check: Check, results: Sequence[Result]) -> str:
    """Say that a metric is nowhere, and what looks like it."""
    if not results:
        where = check.file or check.operation
        return f"No sound result{f' of {where}' if where else ''} holds {check.metric!r}."
    near = [path for found in results for path in found.near(check.metric)]
    hint = f" Did you mean {', '.join(dict.fromkeys(near[:3]))}?" if near else ""
    return f"The metric {check.metric!r} is missing.{hint}"


def _judged(
    objective: Objective,
    result: Result,
    env: Mapping[str, str],
    baseline_of: Callable[[Result, str], Baseline] | None,
) -> Verdict:
    """Judge one objective on one result."""
    try:
        if objective.check.recovers_within is not None:
            return _recovery(objective, result, env)
        reading = _reading(objective.check, result)
        if objective.check.drift is not None:
            reading = gate.end_level(objective.check, result, reading)
        limits = limits_for(objective.check, reading, env)
    except LimitError as error:
        return _failed(objective, result.name, str(error))
    troubles = (*distrust(objective.check, result, reading), *limits.troubles)
    if reading.value is None or limits.target is None:
        return _failed(objective, result.name, *troubles)
    drifted = gate.judge_drift(objective.check, result, limits.unit) if objective.check.drift else Compared()
    baseline = baseline_of and baseline_of(result, objective.check.baseline_operation)
    compared = _both(_regression(objective.check, limits, reading, baseline), drifted)
    return _verdict(objective, result, reading, limits, troubles, compared)


def _both(first: Compared, second: Compared) -> Compared:
    """Give the worse of two comparisons, with the reasons of both."""
    outcome = max(first.outcome, second.outcome, key=_SEVERITY.index)
    return Compared(outcome, first.baseline, (*first.reasons, *second.reasons))


def _verdict(
    objective: Objective,
    result: Result,
    reading: Reading,
    limits: Limits,
    troubles: tuple[str, ...],
    compared: Compared,
) -> Verdict:
    """Put together what bounds, levels, trust and regression say."""
    check, value = objective.check, reading.value
    reasons = (*troubles, *compared.reasons)
    if value is None or limits.target is None:
        return _failed(objective, result.name, *reasons)
    doubts = unsure(check, reading)
    broken = [level for level, limit in limits.levels if not level.bound.holds(value, limit)]
    warned = next((level.name for level in broken if level.warns), "")
    outcomes = [compared.outcome, Outcome.WARN if warned or doubts else Outcome.PASS]
    if troubles:
        outcomes.append(Outcome.FAIL)
    if not check.bound.holds(value, limits.target):
        outcomes.append(Outcome.FAIL)
        reasons = (*reasons, _side(check.bound, equal=value == limits.target))
    elif warned:
        reasons = (*reasons, f"It is beyond the level {warned}.")
    critical = any(not level.warns for level in broken)
    if critical:
        outcomes.append(Outcome.FAIL)
    headroom, share = _headroom(check.bound, limits, value)
    outcome = max(outcomes, key=_SEVERITY.index)
    return Verdict(
        slo=objective.name,
        outcome=outcome,
        metric=check.metric,
        source=result.name,
        op=check.bound.op,
        actual=Quantity(value, limits.unit),
        target=Quantity(limits.target, limits.unit),
        headroom=headroom,
        headroom_share=share,
        samples=samples_of(check, result, reading),
        level=CRITICAL_LEVEL if critical else warned if outcome is Outcome.WARN else "",
        reasons=(*reasons, *doubts),
        baseline=compared.baseline,
        in_percent=limits.unit.dimension is Dimension.RATIO and check.bound.limit.unit is PERCENT,
        span=objective.span,
    )


def _side(bound: Bound, *, equal: bool) -> str:
    """Say on which side of the target a number is."""
    below, above = ("below", "above") if bound.is_ceiling else ("above", "below")
    if equal:
        return f"It is exactly the target, and must stay {below} it."
    return f"It is {above} the target."


def _failed(objective: Objective, source: str, *reasons: str) -> Verdict:
    """Give the verdict on an objective for which there is no number."""
    check = objective.check
    return Verdict(
        slo=objective.name,
        outcome=Outcome.FAIL,
        metric=check.metric,
        source=source,
        op=check.bound.op,
        target=check.bound.limit,
        reasons=reasons,
        span=objective.span,
    )


def _reading(check: Check, result: Result) -> Reading:
    """Find the number of a check.

    Raises:
        LimitError: it is not there, or several are meant.
    """
    if check.metric in result.ambiguous:
        choices = ", ".join(result.ambiguous[check.metric][:4])
        raise LimitError(f"Several numbers have this name; name one of {choices}.")
    reading = result.readings.get(check.metric)
    if reading is None:
        raise LimitError(_missing(check, [result]))
    return reading


def _regression(check: Check, limits: Limits, reading: Reading, baseline: Baseline | None) -> Compared:
    """Hold a number against the baseline; a rule without anything to compare with fails."""
    rules = ((check.fail_change, Outcome.FAIL), (check.warn_change, Outcome.WARN))
    if all(change is None for change, _ in rules) or baseline is None or reading.value is None:
        return Compared()
    if baseline.result is None:
        outcome = Outcome.WARN if baseline.is_itself else Outcome.FAIL
        return Compared(outcome, reasons=(sentence(f"It cannot be compared: {baseline.refusal}"),))
    before = baseline.result.readings.get(check.metric)
    if before is None or before.value is None or before.trouble or baseline.result.fault:
        return Compared(Outcome.FAIL, reasons=(f"The baseline {baseline.result.name} has no usable {check.metric}.",))
    if before.unit != reading.unit:
        return Compared(Outcome.FAIL, reasons=("The baseline has it in another unit.",))
    was = Quantity(before.value, limits.unit)
    for change, outcome in rules:
        if change is None:
            continue
        if change.in_points and limits.unit.dimension is not Dimension.RATIO:
            return Compared(Outcome.FAIL, was, (f"{change} are percentage points, and it is no ratio.",))
        scaled = replace(change, amount=change.amount / limits.unit.scale) if change.in_points else change
        limit = scaled.limit(before.value, is_ceiling=check.bound.is_ceiling)
        if reading.value > limit if check.bound.is_ceiling else reading.value < limit:
            return Compared(outcome, was, (f"It is more than {change} worse than the baseline of {was}.",))
    return Compared(Outcome.PASS, was)


def _headroom(bound: Bound, limits: Limits, value: Decimal) -> tuple[Quantity | None, Decimal | None]:
    """Give what is left: of a ratio the share of its error budget, of true or false nothing, else the distance."""
    if limits.target is None:
        return None, None
    distance = limits.target - value if bound.is_ceiling else value - limits.target
    if limits.unit.dimension is Dimension.RATIO:
        budget = limits.target if bound.is_ceiling else 1 / limits.unit.scale - limits.target
        share = distance / budget if budget else None
        return (None if share is None else Quantity(share * 100, PERCENT)), share
    if limits.unit.dimension is Dimension.TRUTH:
        return None, None
    return Quantity(distance, limits.unit), distance / abs(limits.target) if limits.target else None


def _recovery(objective: Objective, result: Result, env: Mapping[str, str]) -> Verdict:
    """Judge the longest stretch for which a bound was broken.

    Raises:
        LimitError: the file has no course of the metric, or the bound does not fit it.
    """
    check = objective.check
    course, reading = result.series.get(check.metric), result.readings.get(check.metric)
    if not course or reading is None or check.recovers_within is None:
        raise LimitError(f"{result.name} has no course of {check.metric!r}, only figures of the whole run.")
    limits = limits_for(check, reading, env)
    target = limits.target
    if target is None or limits.troubles:
        raise LimitError(" ".join(limits.troubles))
    allowed = Decimal(check.recovers_within.ms) / 1000
    found = longest_break(course, lambda value: check.bound.holds(value, target))
    needed = max(check.min_samples or 2, 2)
    reasons = [sentence(result.fault)] if result.fault else []
    reasons += failing(check, result, reading)
    if found.samples < needed:
        reasons.append(f"{found.samples} samples are too few: {needed} are needed.")
    if found.open:
        reasons.append("It had not recovered when the run ended.")
    if found.length >= allowed:
        reasons.append(f"It was out of bounds for {Quantity(found.length, SECONDS)}.")
    left = allowed - found.length
    return Verdict(
        slo=objective.name,
        outcome=Outcome.FAIL if reasons else Outcome.PASS,
        metric=check.metric,
        source=result.name,
        op="<",
        actual=Quantity(found.length, SECONDS),
        target=Quantity(allowed, SECONDS),
        headroom=Quantity(left, SECONDS),
        headroom_share=left / allowed,
        samples=found.samples,
        reasons=tuple(dict.fromkeys(reasons)),
        span=objective.span,
    )
