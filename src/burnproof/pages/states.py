"""Make the panels that show states: which alert fires, and whether data and rules are there."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from burnproof.model import naming
from burnproof.model.decimals import percent
from burnproof.pages.grid import targets
from burnproof.pages.select import anchor, group_matchers
from burnproof.pages.types import Said, Step
from burnproof.rules.alerting import group_no_data_name, no_data_labels, no_data_name
from burnproof.rules.budget_policy import budget_alert_name
from burnproof.rules.coverage import needs_coverage
from burnproof.rules.data_quality import bad_data_rules, missing_rules

if TYPE_CHECKING:
    from burnproof.model.slo import Slo
    from burnproof.pages.grid import Grid
    from burnproof.pages.types import Panel
    from burnproof.rules.measure import Measure

MUTED, QUIET, PENDING, FIRING = Decimal(-1), Decimal(0), Decimal(1), Decimal(2)


def data_state(slo: Slo, measure: Measure, grid: Grid) -> Panel:
    """Tell data that arrive from data that are gone, and both from rules that do not run."""
    there = naming.selector(measure.presence, slo.id)
    gone = f"{anchor(slo)} * 0 + 1 unless on ({naming.ID}) {there}"
    return grid.panel(
        f"{slo.id}/data",
        "stat",
        "Data",
        "Whether the series that the SLO is measured by arrive; an idle service has data. While they are gone, no "
        "other figure here is news.",
        4,
        5,
        targets=targets((f"({gone}) or on ({naming.ID}) {anchor(slo)} * 0", "data"), instant=True),
        steps=(Step(None, "ok"), Step(Decimal(1), "critical")),
        said=(
            Said(Decimal(0), Decimal(0), "arriving", "ok"),
            Said(Decimal(1), Decimal(1), "gone", "critical"),
        ),
        no_value="the rules do not run",
    )


def alert_states(slo: Slo, measure: Measure, grid: Grid) -> Panel | None:
    """Draw the state of every alert of the SLO over time, of several groups the worst; None where it has no alert."""
    states = tuple((_state(slo, name, more, muted), legend) for name, more, legend, muted in _alerts(slo, measure))
    if not states:
        return None
    return grid.panel(
        f"{slo.id}/alerts",
        "state-timeline",
        "Alerts",
        "The state of each alert, of all chosen groups the worst. Muted: the rules have not run for as long as the "
        "window reaches back, so the alert cannot fire yet. Nothing is drawn while the rules did not run.",
        24,
        2 + len(states),
        targets=targets(*states),
        steps=(Step(None, "ok"), Step(PENDING, "warning"), Step(FIRING, "critical")),
        said=(
            Said(MUTED, MUTED, "muted", "neutral"),
            Said(QUIET, QUIET, "quiet", "ok"),
            Said(PENDING, PENDING, "pending", "warning"),
            Said(FIRING, FIRING, "firing", "critical"),
        ),
        no_value="the rules do not run",
    )


def _alerts(slo: Slo, measure: Measure) -> list[tuple[str, str, str, str]]:
    """List the SLO's alerts: name, further matchers, what to call it, the series that is 0 while it is muted."""
    groups = group_matchers(slo)
    found = [
        (
            slo.alert_name,
            f',{naming.TIER}="{tier.long}",{naming.SEVERITY}="{tier.severity}"{groups}',
            f"{tier.severity}, {tier.long}",
            naming.selector(naming.covered(tier.long), slo.id) if needs_coverage(measure, tier.long) else "",
        )
        for tier in slo.policy.tiers
    ]
    for step in slo.budget_policy:
        below = percent(step.below)
        found.append((budget_alert_name(slo), f',{naming.BUDGET_BELOW}="{below}"{groups}', f"budget below {below}", ""))
    if slo.no_data_alert:
        severity = dict(no_data_labels(slo))[naming.SEVERITY]
        found.append((no_data_name(slo), "", f"{severity}, no data", ""))
    if slo.no_data_per_group:
        found.append((group_no_data_name(slo), groups, f"{slo.no_data_severity}, no data of a group", ""))
    for rules, said in ((missing_rules, "missing series"), (bad_data_rules, "wrong counts")):
        found += [(rule.alert, groups, f"{slo.no_data_severity}, {said}", "") for rule in rules(slo, measure)]
    return found


def _state(slo: Slo, name: str, more: str, muted: str) -> str:
    """Write a state as a number; the anchor stands in for an alert that is quiet."""
    matchers = f'alertname="{name}",{naming.ID}="{slo.id}"{more}'
    firing = f'max(ALERTS{{{matchers},alertstate="firing"}}) * {FIRING}'
    pending = f'max(ALERTS{{{matchers},alertstate="pending"}}) * {PENDING}'
    waits = f"max({muted} == 0) - 1 or " if muted else ""
    return f"{firing} or {pending} or {waits}max({anchor(slo)}) * 0"
