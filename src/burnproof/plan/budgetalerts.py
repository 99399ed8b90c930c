"""An SLO's error-budget policy to its alerts: one for each step, while less than its share is left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from burnproof import naming
from burnproof.decimals import percent, plain
from burnproof.model import Tier
from burnproof.plan.alerts import alert_labels
from burnproof.plan.annotations import escape, group_text, pointers
from burnproof.plan.calendars import calendar_of
from burnproof.plan.measure import HOUR
from burnproof.plan.rules import period, period_text, sorted_labels
from burnproof.plan.types import AlertingRule

if TYPE_CHECKING:
    from burnproof.model import BudgetStep, Slo
    from burnproof.plan.measure import Measure
    from burnproof.plan.types import Labels


def budget_rules(slo: Slo, measure: Measure) -> tuple[AlertingRule, ...]:
    """Give an alert per step of the SLO's error-budget policy."""
    return tuple(
        AlertingRule(
            alert=budget_alert_name(slo),
            expr=budget_expr(slo, measure, step),
            labels=budget_labels(slo, step),
            annotations=_annotations(slo, step),
        )
        for step in slo.budget_policy
    )


def budget_alert_name(slo: Slo) -> str:
    """Name the alert that the budget is low; its steps differ in the label ``slo_budget_below``."""
    return slo.alert_name.removesuffix("BurnRateHigh") + naming.BUDGET_SUFFIX


def budget_expr(slo: Slo, measure: Measure, step: BudgetStep) -> str:
    """Write a step's condition: little is left, and the period is covered.

    On the day of deployment the period's figure is made of an hour, and would call a bad hour a spent month.
    """
    compare = "<" if step.below else "<="
    text = f"{naming.selector(naming.BUDGET_REMAINING, slo.id)} {compare} {plain(step.below)}"
    if measure.pair is None or calendar_of(slo):
        return text  # a count needs no coverage: what was counted was counted; and a calendar unit spends what it saw
    covered = f"count_over_time({naming.selector(naming.ANCHOR, slo.id)}[{HOUR}:5m] offset {period(slo)})"
    return f"{text}\nand on ({naming.ID})\n{covered}"


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
