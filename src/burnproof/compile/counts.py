"""Count what a plan holds: recording rules, alerts and tests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from burnproof.rules.types import AlertingRule

if TYPE_CHECKING:
    from burnproof.output.plan import Plan


@dataclass(frozen=True, slots=True)
class Counts:
    """How many recording rules, alerting rules and unit tests a compilation made."""

    records: int = 0
    alerts: int = 0
    tests: int = 0

    @classmethod
    def of(cls, plan: Plan) -> Self:
        """Count what ``plan`` holds."""
        rules = [rule for file in plan.rules for group in file.groups for rule in group.rules]
        alerts = sum(isinstance(rule, AlertingRule) for rule in rules)
        return cls(len(rules) - alerts, alerts, sum(len(file.proofs) for file in plan.proofs))

    def __add__(self, other: Counts) -> Counts:
        """Add up the counts of two parts of a compilation."""
        return Counts(self.records + other.records, self.alerts + other.alerts, self.tests + other.tests)
