"""The rules of Sloth and Pyrra by their own formulas, or as a file gives them.

Sources: slok/sloth, internal/plugin/slo/core/{sli_rules,alert_rules}_v1; pyrra-dev/pyrra, slo/rules.go.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Final

from burnproof.model.decimals import plain
from burnproof.rules import selectors
from promrules.rule_tests.rule_file import load_rules

if TYPE_CHECKING:
    from collections.abc import Iterable

    from burnproof.importers.model import Before, Objective
    from burnproof.model.slo import Tier
    from promrules.rule_tests.rule_file import RuleGroup

_RATIO: Final = "old:error:ratio"
_EVERY: Final = "5m"


@dataclass(frozen=True, slots=True)
class OldRules:
    """Rules to run, and the query that gives the budget that is left at the end of a period.

    Attributes:
        groups: the rules.
        budget: the query, "" where there is none.
        mine: labels of which an alert of this objective has one; () where all alerts are its own.
    """

    groups: tuple[RuleGroup, ...]
    budget: str
    mine: tuple[tuple[str, str], ...] = ()


def rules_of(objective: Objective) -> OldRules:
    """Make the rules that the other tool makes of an objective."""
    before = objective.before
    if before is None:
        raise ValueError(objective.name)
    windows = dict.fromkeys(
        str(window) for tier in before.tiers for window in (tier.short, tier.long) if window is not None
    )
    windows[_EVERY] = None
    recorded = [_record(f"{_RATIO}{window}", _over(before, window)) for window in windows]
    make = _sloth_alerts if before.tool == "Sloth" else _pyrra_alerts
    limit = plain(1 - objective.objective)
    text = json.dumps({"groups": [{"name": "old", "rules": [*recorded, *make(before, limit)]}]})
    if before.tool == "Sloth":
        mean = f"sum_over_time({_RATIO}{_EVERY}[{before.period}]) / count_over_time({_RATIO}{_EVERY}[{before.period}])"
    else:
        mean = _over(before, str(before.period))
    return OldRules(tuple(load_rules(text, file="old rules").groups), f"1 - ({mean}) / {limit}")


def rules_from(groups: Iterable[RuleGroup], objective: Objective) -> OldRules:
    """Take the rules of files, and find the objective in them by its labels."""
    mine = (("sloth_id", f"{objective.service}-{objective.name}"), ("slo", objective.name))
    budget = f'slo:period_error_budget_remaining:ratio{{sloth_id="{objective.service}-{objective.name}"}}'
    return OldRules(tuple(groups), budget, mine)


def _record(name: str, expr: str) -> dict[str, object]:
    return {"record": name, "expr": expr}


def _over(before: Before, window: str) -> str:
    return before.ratio.replace(selectors.WINDOW, window)


def _sloth_alerts(before: Before, limit: str) -> Iterable[dict[str, object]]:
    """Sloth has one alert for each severity, with all its windows."""
    for severity, tiers in groupby(before.tiers, key=lambda tier: tier.severity):
        expr = "\nor\n".join(f"({_condition(tier, limit)})" for tier in tiers)
        yield {"alert": "Old", "expr": expr, "labels": {"severity": severity}}


def _pyrra_alerts(before: Before, limit: str) -> Iterable[dict[str, object]]:
    for tier in before.tiers:
        labels = {"severity": tier.severity, "long": str(tier.long)}
        hold = {"for": str(tier.hold)} if tier.hold is not None and tier.hold.ms else {}
        yield {"alert": "Old", "expr": _condition(tier, limit), "labels": labels, **hold}


def _condition(tier: Tier, limit: str) -> str:
    sides = [f"{_RATIO}{window} > ({plain(tier.factor)} * {limit})" for window in (tier.short, tier.long) if window]
    return " and ".join(sides)
