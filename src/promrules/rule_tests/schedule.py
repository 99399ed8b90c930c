"""Rule groups to an order of work: which rules read which, and what can be computed column by column.

A rule may be computed for all steps at once as soon as every rule it reads is complete. Rules that read themselves or
each other in a circle form one component, which is evaluated step by step.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from promrules.rule_tests.rule_file import AlertingRule, RecordingRule, Rule, RuleGroup
from promrules.syntax.labels import NAME, predicate
from promrules.syntax.nodes import MatchOp, VectorSelector, selectors

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

ALERTS, ALERTS_FOR_STATE = "ALERTS", "ALERTS_FOR_STATE"
ALERT_NAME, ALERT_STATE = "alertname", "alertstate"


@dataclass(frozen=True, slots=True)
class ScheduledRule:
    """A rule and its place in the sequence of one evaluation."""

    index: int
    group: RuleGroup
    rule: Rule


@dataclass(frozen=True, slots=True)
class Component:
    """Rules that must be evaluated together; `is_cyclic` when one of them reads what they write."""

    members: tuple[ScheduledRule, ...]
    is_cyclic: bool


@dataclass(frozen=True, slots=True)
class Schedule:
    """All rules in order of evaluation, and the components in an order that computes inputs first."""

    rules: tuple[ScheduledRule, ...]
    components: tuple[Component, ...]
    reads: tuple[frozenset[int], ...]  # by index of a rule: the indexes of those it may read


def order_groups(groups: Iterable[RuleGroup], order: Sequence[str]) -> list[RuleGroup]:
    """Sort groups as promtool does: by place in `group_eval_order`, those not listed as if first; ties as loaded."""
    places = {name: place for place, name in enumerate(order)}
    return sorted(groups, key=lambda group: places.get(group.name, 0))


def schedule(groups: Iterable[RuleGroup]) -> Schedule:
    """Find what each rule reads, and with it the order of work."""
    rules = tuple(
        ScheduledRule(index, group, rule)
        for index, (group, rule) in enumerate((group, rule) for group in groups for rule in group.rules)
    )
    writers = Writers(rules)
    reads = [writers.read_by(item.rule) for item in rules]
    components = tuple(
        Component(tuple(rules[index] for index in sorted(members)), len(members) > 1 or members[0] in reads[members[0]])
        for members in _components(reads)
    )
    return Schedule(rules, components, tuple(map(frozenset, reads)))


def fixed_labels(rule: Rule) -> dict[str, str]:
    """Give the labels that everything a rule writes is known to have; an empty value: known to lack."""
    if isinstance(rule, RecordingRule):
        return dict(rule.labels)
    fixed = {name: template.text for name, template in rule.labels if template.is_constant}
    return {**fixed, ALERT_NAME: rule.name}


def written_names(rule: Rule) -> tuple[str, ...]:
    """Give the metric names a rule writes."""
    return (rule.name,) if isinstance(rule, RecordingRule) else (ALERTS, ALERTS_FOR_STATE)


class Writers:
    """Finds the rules that may write what a selector selects, by name and equality matchers."""

    def __init__(self, rules: Sequence[ScheduledRule]) -> None:
        self.rules = rules
        self.fixed = [fixed_labels(item.rule) for item in rules]
        self.by_name: dict[str, set[int]] = defaultdict(set)
        self.by_label: dict[tuple[str, str, str], set[int]] = defaultdict(set)
        self.open: dict[tuple[str, str], set[int]] = {}
        for item, fixed in zip(rules, self.fixed, strict=True):
            for name in written_names(item.rule):
                self.by_name[name].add(item.index)
                for label, value in fixed.items():
                    self.by_label[name, label, value].add(item.index)

    def read_by(self, rule: Rule) -> set[int]:
        """Give the rules whose results `rule` may read."""
        if isinstance(rule, AlertingRule) and any(template.uses_time for _, template in rule.labels):
            return set(range(len(self.rules)))  # a label template may query anything
        found: set[int] = set()
        for selector in selectors(rule.node):
            found |= self.selected(selector)
        return found

    def selected(self, selector: VectorSelector) -> set[int]:
        """Give the rules that may write what a selector selects."""
        names: Mapping[str, set[int]] = self.by_name
        if selector.name is not None:
            names = {selector.name: self.by_name[selector.name]} if selector.name in self.by_name else {}
        else:
            for matcher in selector.matchers:
                if matcher.name == NAME:
                    names = {name: found for name, found in names.items() if predicate(matcher)(name)}
        chosen: set[int] = set()
        for name, indexes in names.items():
            left = indexes
            for matcher in selector.matchers:
                if matcher.op is MatchOp.EQUAL and matcher.name != NAME and left:
                    known = self.by_label.get((name, matcher.name, matcher.value), set())
                    left = (left & known) | (left & self.without(name, matcher.name))
            chosen |= {index for index in left if self.may_match(index, selector)}
        return chosen

    def without(self, name: str, label: str) -> set[int]:
        """Give the writers of `name` for which nothing is known of `label`."""
        if (name, label) not in self.open:
            self.open[name, label] = {index for index in self.by_name[name] if label not in self.fixed[index]}
        return self.open[name, label]

    def may_match(self, index: int, selector: VectorSelector) -> bool:
        """Tell whether what is known of a rule's labels contradicts no matcher."""
        fixed = self.fixed[index]
        return all(
            matcher.name == NAME or matcher.name not in fixed or predicate(matcher)(fixed[matcher.name])
            for matcher in selector.matchers
        )


def _components(reads: Sequence[set[int]]) -> list[list[int]]:
    """Give the strongly connected components, each after all it reads (Tarjan 1972, without recursion)."""
    number: dict[int, int] = {}
    low: dict[int, int] = {}
    stack: list[int] = []
    on_stack: set[int] = set()
    found: list[list[int]] = []
    for root in range(len(reads)):
        if root in number:
            continue
        work = [(root, iter(sorted(reads[root])))]
        number[root] = low[root] = len(number)
        stack.append(root)
        on_stack.add(root)
        while work:
            node, pending = work[-1]
            following = next(pending, None)
            if following is None:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == number[node]:
                    found.append(_unwind(stack, on_stack, node))
            elif following not in number:
                number[following] = low[following] = len(number)
                stack.append(following)
                on_stack.add(following)
                work.append((following, iter(sorted(reads[following]))))
            elif following in on_stack:
                low[node] = min(low[node], number[following])
    return found


def _unwind(stack: list[int], on_stack: set[int], root: int) -> list[int]:
    members: list[int] = []
    while not members or members[-1] != root:
        members.append(stack.pop())
    on_stack.difference_update(members)
    return members
