"""Resolve SLOs of the kind ``check``, which the gate judges and no rule is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from burnproof.diagnostics import problem
from burnproof.loadtest.results.any_json import impossible
from burnproof.model.measured import PERCENT, UNKNOWN, Dimension, Quantity
from burnproof.model.result_check import OPS, Objective
from burnproof.specs.keys.result_check import BaselineSpec, to_check

if TYPE_CHECKING:
    from burnproof.diagnostics import Problem
    from burnproof.model.measured import Unit
    from burnproof.model.result_check import Bound, Check
    from burnproof.specs.keys import SliSpec, SloSpec, Spec

_KEYS: Final = {op: key for key, op in OPS.items()}


def is_client_side(slo: SloSpec) -> bool:
    """Tell whether an SLO is judged on results of load tests and CI instead of series."""
    sli: SliSpec | None = slo.sli  # None where the spec lacks it
    return sli is not None and sli.client_side is not None


def client_objectives(spec: Spec, problems: list[Problem]) -> list[Objective]:
    """Give a spec's client-side objectives; what is wrong with them is added to ``problems``."""
    made = []
    for slo in spec.slos or ():
        if not is_client_side(slo):
            continue
        before = len(problems)
        _refuse_objective(slo, problems)
        _refuse_twins(spec, slo, problems)
        _refuse_two_courses(slo, problems)
        _refuse_empty_baseline(slo, problems)
        if slo.broken or slo.sli.client_side is None or len(problems) > before:
            continue
        check = to_check(slo.sli.client_side)
        _refuse_units(slo, check, problems)
        _refuse_bounds(slo, check, problems)
        _refuse_points(slo, check, problems)
        _refuse_late_warning(slo, check, problems)
        if len(problems) > before:
            continue
        _warn_of_levels(slo, check, problems)
        name = f"{spec.service or ''}/{slo.name}"
        made.append(Objective(name, check, slo.description or "", slo.remediation or "", slo.spans.get("sli.check")))
    return made


def _refuse_objective(slo: SloSpec, problems: list[Problem]) -> None:
    if slo.objective is not None:
        message = "a check has no objective: its bound is all that must hold"
        problems.append(problem("objective-unused", message, slo.spans.get("objective"), "remove it"))


def _refuse_twins(spec: Spec, slo: SloSpec, problems: list[Problem]) -> None:
    """Refuse a name that an earlier SLO of the service has; verdicts could not be told apart."""
    for other in spec.slos or ():
        if other is slo:
            return
        if other.name == slo.name:
            message = f"the service has a second SLO named {slo.name!r}"
            problems.append(problem("duplicate-name", message, slo.spans.get("name"), "rename one of the two"))
            return


# What the longest break of a course has no use for, with the reason.
_NOT_OF_A_RECOVERY: Final = {
    "drift": "a check judges either a recovery or a drift",
    "levels": "a recovery has one bound, so levels would never be used",
    "baseline": "a recovery is not compared with a baseline",
    "samples": "a recovery counts the samples of the course itself",
}


def _refuse_two_courses(slo: SloSpec, problems: list[Problem]) -> None:
    """Refuse what a recovery would pass over in silence: a verdict is on one number, the longest break."""
    check = slo.sli.client_side
    if check is None or check.recovers_within is None:
        return
    for key, message in _NOT_OF_A_RECOVERY.items():
        if getattr(check, key) is not None:
            span = slo.spans.get(f"sli.check.{key}")
            problems.append(problem("one-of", message, span, "make two SLOs of it, or leave it out"))


def _refuse_empty_baseline(slo: SloSpec, problems: list[Problem]) -> None:
    """Refuse baseline rules that hold no rule: the author believes that something is compared."""
    rules = slo.sli.client_side.baseline if slo.sli.client_side is not None else None
    if isinstance(rules, BaselineSpec) and rules.fail is None and rules.warn is None:
        message = "the baseline rules say neither fail nor warn"
        problems.append(problem("missing-key", message, slo.spans.get("sli.check.baseline"), "write fail: 20%"))


def _bounds(check: Check) -> list[tuple[str, Bound]]:
    """List the target and the levels with the key that each stands under."""
    levels = [(f"sli.check.levels.{level.name}", level.bound) for level in check.levels]
    return [(f"sli.check.{_KEYS[check.bound.op]}", check.bound), *levels]


def _unit(check: Check, limit: Quantity) -> Unit:
    """Give the unit that a bound is meant in, unknown where the spec leaves it to the file."""
    return limit.unit if limit.unit is not UNKNOWN else check.unit or UNKNOWN


def _refuse_units(slo: SloSpec, check: Check, problems: list[Problem]) -> None:
    """Refuse bounds in a unit that the number cannot have: the gate could never compare the two."""
    for path, bound in _bounds(check):
        own = _unit(check, check.bound.limit) if check.unit is None else check.unit
        given = bound.limit.unit
        if UNKNOWN in (own, given) or own.dimension is given.dimension:
            continue
        of = "unit says" if check.unit is not None else "the target is"
        message = f"{bound.limit} is {given.dimension}, and {of} {own.dimension}"
        problems.append(problem("check-unit", message, slo.spans.get(path), "write both in units of one kind"))


def _refuse_bounds(slo: SloSpec, check: Check, problems: list[Problem]) -> None:
    """Refuse bounds that no number can reach or break, such as 150 % of a ratio."""
    for path, bound in _bounds(check):
        unit = _unit(check, bound.limit)
        wrong = impossible(bound.limit.value, unit)
        if wrong:
            if unit is PERCENT:
                wrong = f"{Quantity(bound.limit.value, unit)} is not between 0% and 100%"
            hint = "write a ratio as 0.99 or 99%" if unit.dimension is Dimension.RATIO else "write it without a sign"
            problems.append(problem("out-of-range", wrong, slo.spans.get(path), hint))


def _refuse_points(slo: SloSpec, check: Check, problems: list[Problem]) -> None:
    """Refuse percentage points of what is known to be no ratio."""
    unit = _unit(check, check.bound.limit)
    if unit is UNKNOWN or unit.dimension is Dimension.RATIO:
        return
    changes = (("baseline.fail", check.fail_change), ("baseline.warn", check.warn_change), ("drift", check.drift))
    for key, change in changes:
        if change is not None and change.in_points:
            message = f"{change} are percentage points, and the number is {unit.dimension}"
            path = f"sli.check.{key}"
            span = slo.spans.get(path) or slo.spans.get(path.rpartition(".")[0])
            problems.append(problem("check-unit", message, span, f"write {str(change)[:-2]}% for a relative change"))


def _refuse_late_warning(slo: SloSpec, check: Check, problems: list[Problem]) -> None:
    """Refuse a warning of a regression that is one already."""
    warn, fail = check.warn_change, check.fail_change
    if warn is None or fail is None or warn.in_points != fail.in_points or warn.amount < fail.amount:
        return
    message = f"what is more than {warn} worse has failed before it warns: {fail} fails"
    hint = "warn of less than what fails" if warn.amount == fail.amount else "swap the two"
    problems.append(problem("baseline-order", message, slo.spans.get("sli.check.baseline.warn"), hint))


def _warn_of_levels(slo: SloSpec, check: Check, problems: list[Problem]) -> None:
    """Warn of a warning that comes after the failure, and of a critical level that comes before it."""
    target = check.bound.limit
    for level in check.levels:
        limit = level.bound.limit
        if limit.unit.dimension is not target.unit.dimension or level.bound.is_ceiling != check.bound.is_ceiling:
            continue
        stricter = limit.canonical < target.canonical if check.bound.is_ceiling else limit.canonical > target.canonical
        if limit.canonical != target.canonical and stricter is not level.warns:
            span = slo.spans.get(f"sli.check.levels.{level.name}")
            what = "is broken only after the target" if level.warns else "is broken before the target"
            hint = f"the target is {target}; swap the two if the target was meant to be the last resort"
            problems.append(problem("level-order", f"the level {level.name} of {limit} {what}", span, hint))
