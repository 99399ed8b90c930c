"""Resolve what a spec says about its pages: boards, links, and the error-budget policy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from burnproof.diagnostics import problem
from burnproof.model import naming
from burnproof.model.decimals import percent
from burnproof.model.slo import BudgetStep
from burnproof.specs.keys.boards import to_board

if TYPE_CHECKING:
    from burnproof.diagnostics import Problem
    from burnproof.model.boards import Board
    from burnproof.specs.keys import SloSpec, Spec

BUDGET_SEVERITY = "ticket"
"""The severity of a budget step's alert unless the step says otherwise: it asks for a decision, not for a rescue."""


def add_boards(spec: Spec, boards: dict[tuple[str, str], Board], problems: list[Problem]) -> None:
    """Add a spec's own dashboards, whose titles are unique within a service over all files."""
    if spec.broken & {"service", "dashboards"}:
        return
    for index, declared in enumerate(spec.dashboards or ()):
        board = to_board(declared, spec.service)
        place = (spec.service, naming.board_name(board.title))
        if not place[1] or place in boards:
            said = f"there is a dashboard {board.title!r} of {spec.service} already" if place[1] else "no letter in it"
            span = spec.spans.get(f"dashboards.{index}.title")
            problems.append(problem("duplicate-name" if place[1] else "name", said, span, "choose another title"))
        boards.setdefault(place, board)


def runbook_link(spec: Spec, slo: SloSpec) -> str:
    """Link to the SLO's part of the runbook that is generated, where the spec says where those are published."""
    return naming.runbook_url(spec.runbooks, spec.service or "", slo.name or "") if spec.runbooks else ""


def dashboard_link(spec: Spec) -> str:
    """Link to the service's dashboard, where the spec says where Grafana is."""
    return f"{spec.grafana}/d/{naming.dashboard_uid(spec.service or '')}" if spec.grafana else ""


def budget_policy(
    spec: Spec, slo: SloSpec, problems: list[Problem], severity: str | None = None
) -> tuple[BudgetStep, ...]:
    """Give the steps of an SLO's error-budget policy, the mildest first; an SLO's own replace the spec's.

    A level's own ``severity`` stands for those of its steps.
    """
    own = slo.budget_policy is not None
    spans = slo.spans if own else spec.spans
    seen: dict[object, BudgetStep] = {}
    for index, step in enumerate((slo if own else spec).budget_policy or ()):
        if None in (step.below, step.do):
            continue
        if step.below in seen:
            message = f"there is a step below {percent(step.below)} already"
            found = problem("duplicate-name", message, spans.get(f"budget_policy.{index}.below"), "remove one of them")
            problems += [] if found in problems else [found]
        seen.setdefault(step.below, BudgetStep(step.below, step.do, severity or step.severity or BUDGET_SEVERITY))
    return tuple(sorted(seen.values(), key=lambda step: -step.below))
