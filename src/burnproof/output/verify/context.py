"""Hold what the checks look at: the plan, the texts made from it, and the name of each rule's place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from burnproof.diagnostics import Problem
from burnproof.rules.types import RecordingRule

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from burnproof.output.plan import Plan
    from burnproof.rules.types import Rule, RuleGroup


@dataclass(frozen=True, slots=True)
class Written:
    """A compilation before it is written: the plan, its texts by path, and the kinds that were asked for."""

    plan: Plan
    files: Mapping[str, str]
    kinds: Sequence[str]

    def groups(self) -> Iterator[RuleGroup]:
        """Yield every rule group of every service, in order."""
        return (group for file in self.plan.rules for group in file.groups)


def rule_name(rule: Rule) -> str:
    """Give the metric or alert that a rule makes."""
    return rule.record if isinstance(rule, RecordingRule) else rule.alert


def at_rule(group: RuleGroup, rule: Rule, message: str, hint: str = "") -> Problem:
    """Say what is wrong with one rule."""
    return Problem("generated", f"group {group.name}, {rule_name(rule)}: {message}", None, hint)


def at_group(group: RuleGroup, message: str, hint: str = "") -> Problem:
    """Say what is wrong with a group."""
    return Problem("generated", f"group {group.name}: {message}", None, hint)


def at_file(path: str, message: str, hint: str = "") -> Problem:
    """Say what is wrong with a text about to be written."""
    return Problem("generated", f"{path}: {message}", None, hint)
