"""Make the alerts of an error-budget policy: one for each step."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from burnproof.model import naming
from burnproof.model.decimals import percent, plain
from burnproof.model.slo import Tier
from burnproof.rules.alerting import alert_labels
from burnproof.rules.annotations import escape, group_text, pointers
from burnproof.rules.periods import period, period_text
from burnproof.rules.recording import sorted_labels
from burnproof.rules.types import AlertingRule

MARGIN = Decimal("0.02")
"""Of the budget: so much more must be left for a step to end before a day is over."""

if TYPE_CHECKING:
    from burnproof.model.slo import BudgetStep, Slo
    from burnproof.rules.types import Labels


def budget_rules(slo: Slo) -> tuple[AlertingRule, ...]:
    """Give an alert per step of the SLO's error-budget policy."""
    return tuple(
        AlertingRule(
            alert=budget_alert_name(slo),
            expr=budget_expr(slo, step),
            labels=budget_labels(slo, step),
            annotations=_annotations(slo, step),
        )
        for step in slo.budget_policy
    )


def budget_alert_name(slo: Slo) -> str:
    """Name the alert that the budget is low; its steps differ in the label ``slo_budget_below``."""
    return slo.alert_name.removesuffix("BurnRateHigh") + naming.BUDGET_SUFFIX


def budget_expr(slo: Slo, step: BudgetStep) -> str:
    """Write a step's condition: so little is left, or it was within a day and hardly more is left now.

    What is left sways a little with the traffic of the day. A step does not begin and end with it: it ends once
    clearly more is left, or a day after.
    """
    compare = "<" if step.below else "<="
    left, limit = naming.selector(naming.BUDGET_REMAINING, slo.id), plain(step.below)
    join = f"on ({', '.join((naming.ID, *slo.by))})"
    was = f"min_over_time({left}[1d:30m]) {compare} {limit}"
    return f"{left} {compare} {limit}\nor\n{left} < {plain(step.below + MARGIN)}\nand {join}\n{was}"


def budget_labels(slo: Slo, step: BudgetStep) -> Labels:
    """Give the labels that a step's rule adds."""
    return sorted_labels(
        (*alert_labels(slo), (naming.SEVERITY, step.severity), (naming.BUDGET_BELOW, percent(step.below)))
    )


def as_tier(slo: Slo, step: BudgetStep) -> Tier:
    """Read a step as a tier over the whole period: less than a quarter left is more than three quarters spent."""
    return Tier(1 - step.below, period(slo), None, step.severity)


def _annotations(slo: Slo, step: BudgetStep) -> Labels:
    left = f"less than {percent(step.below)} of its error budget left" if step.below else "no error budget left"
    said = f"{{{{ $value | humanizePercentage }}}} of the {period_text(slo)} budget is left."
    when = f"below {percent(step.below)}" if step.below else "when it is spent"
    return sorted_labels(
        (
            ("summary", f"{slo.service} {slo.name}{group_text(slo)} has {left}: {escape(step.action)}"),
            ("description", f"{said} The error-budget policy says what to do {when}: {escape(step.action)}."),
            ("action", escape(step.action)),
            ("value", "{{ $value | humanizePercentage }}"),
            ("threshold", percent(step.below)),
            *pointers(slo),
            *slo.annotations,
        )
    )
