"""Specs to client-side objectives: the SLOs whose kind is ``check``, which the gate judges and no rule is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from burnproof.clientcheck import Objective
from burnproof.diagnostics import problem
from burnproof.spec.checks import BaselineSpec, to_check

if TYPE_CHECKING:
    from burnproof.clientcheck import Check
    from burnproof.diagnostics import Problem
    from burnproof.spec import SliSpec, SloSpec, Spec


def is_client_side(slo: SloSpec) -> bool:
    """Tell whether an SLO is judged on results of load tests and CI instead of series."""
    sli: SliSpec | None = slo.sli  # None where the spec lacks it
    return sli is not None and sli.check is not None


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
        if slo.broken or slo.sli.check is None or len(problems) > before:
            continue
        check = to_check(slo.sli.check)
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
    "levels": "a recovery has one bound, so levels beside it would never be looked at",
    "baseline": "a recovery is not compared with a baseline",
    "samples": "a recovery counts the samples of the course itself",
}


def _refuse_two_courses(slo: SloSpec, problems: list[Problem]) -> None:
    """Refuse what a recovery would pass over in silence: a verdict is on one number, the longest break."""
    check = slo.sli.check
    if check is None or check.recovers_within is None:
        return
    for key, message in _NOT_OF_A_RECOVERY.items():
        if getattr(check, key) is not None:
            span = slo.spans.get(f"sli.check.{key}")
            problems.append(problem("one-of", message, span, "make two SLOs of it, or leave it out"))


def _refuse_empty_baseline(slo: SloSpec, problems: list[Problem]) -> None:
    """Refuse baseline rules that hold no rule: the author believes that something is compared."""
    rules = slo.sli.check.baseline if slo.sli.check is not None else None
    if isinstance(rules, BaselineSpec) and rules.fail is None and rules.warn is None:
        message = "the baseline rules say neither fail nor warn"
        problems.append(problem("missing-key", message, slo.spans.get("sli.check.baseline"), "write fail: 20%"))


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
