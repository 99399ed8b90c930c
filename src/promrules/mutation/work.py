"""A mutant to what must be evaluated anew: the changed rules, then those that read them, in an order that works."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from promrules.rule_tests.schedule import (
    Schedule,
    ScheduledRule,
    Writers,
    fixed_labels,
    order_groups,
    schedule,
    written_names,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from promrules.mutation.mutants import Mutant, Place
    from promrules.rule_tests.rule_file import Rule, RuleGroup


@dataclass(frozen=True, slots=True)
class Work:
    """What a mutant may change.

    Attributes:
        items: the changed rules and all that read them, directly or not, in order of work.
        changed: the indexes of those that are changed themselves.
        removed: the indexes of those that are left out.
        reads: by index of a rule: the indexes of those it may read.
    """

    items: tuple[ScheduledRule, ...]
    changed: frozenset[int]
    removed: frozenset[int]
    reads: Sequence[frozenset[int]]


@dataclass(slots=True)
class Plan:
    """The rules of a subject with those around them, in order of evaluation.

    Attributes:
        schedule: all of them, unchanged.
        places: by place in the subject the index in the schedule.
    """

    before: tuple[RuleGroup, ...]
    groups: tuple[RuleGroup, ...]
    behind: tuple[RuleGroup, ...]
    order: Sequence[str]
    schedule: Schedule = field(init=False)
    places: dict[Place, int] = field(init=False)
    writers: Writers = field(init=False)
    dependents: dict[int, tuple[ScheduledRule, ...]] = field(init=False, default_factory=dict)
    latest: tuple[Mutant | None, Work | None] = field(init=False, default=(None, None))

    def __post_init__(self) -> None:
        """Find what each rule reads."""
        self.schedule = schedule(self._ordered(self.groups))
        self.writers = Writers(self.schedule.rules)
        first: dict[int, int] = {}
        for item in self.schedule.rules:
            first.setdefault(id(item.group), item.index)
        self.places = {
            (at, number): first[id(group)] + number
            for at, group in enumerate(self.groups)
            for number in range(len(group.rules))
        }

    def _ordered(self, groups: tuple[RuleGroup, ...]) -> list[RuleGroup]:
        return order_groups((*self.before, *groups, *self.behind), self.order)

    def work(self, mutant: Mutant) -> Work | None:
        """Give what a mutant makes necessary; None where rules then read their own results."""
        if self.latest[0] is not mutant:
            self.latest = mutant, self._work(mutant)
        return self.latest[1]

    def _work(self, mutant: Mutant) -> Work | None:
        edits = {self.places[place]: rule for place, rule in mutant.edits}
        if all(rule is None or _writes_alike(rule, self.schedule.rules[index].rule) for index, rule in edits.items()):
            return self._with_one_changed(*next(iter(edits.items()))) if len(edits) == 1 else None
        made = schedule(self._ordered(mutant.groups))
        if any(component.is_cyclic for component in made.components):
            return None
        items = tuple(component.members[0] for component in made.components)
        return Work(items, frozenset(edits), frozenset(), made.reads)

    def _with_one_changed(self, index: int, rule: Rule | None) -> Work | None:
        """Give the work where everything is written under the names as before, or not at all."""
        item, behind = self.schedule.rules[index], self._behind(index)
        if rule is None:
            return Work((item, *behind), frozenset([index]), frozenset([index]), self.schedule.reads)
        read = frozenset(self.writers.read_by(rule))
        if index in read or not read.isdisjoint(one.index for one in behind):
            return None
        changed = ScheduledRule(index, item.group, rule)
        return Work((changed, *behind), frozenset([index]), frozenset(), self.schedule.reads)

    def _behind(self, index: int) -> tuple[ScheduledRule, ...]:
        """Give all rules that read a rule, directly or not, in order of work."""
        if index not in self.dependents:
            found, reached = [], {index}
            for component in self.schedule.components:
                for item in component.members:
                    if item.index != index and not self.schedule.reads[item.index].isdisjoint(reached):
                        reached.add(item.index)
                        found.append(item)
            self.dependents[index] = tuple(found)
        return self.dependents[index]


def _writes_alike(one: Rule, other: Rule) -> bool:
    """Tell whether two rules write under the same names and known labels."""
    return written_names(one) == written_names(other) and fixed_labels(one) == fixed_labels(other)
