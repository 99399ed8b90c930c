"""A schedule and the input of a test to the part of the schedule that can have a result.

A rule all of whose selectors find nothing gives nothing, at every time, and cannot fail. A service's rule file holds
the rules of all its objectives, and a test feeds one of them: most rules cannot have a result in most tests.
"""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache
from typing import TYPE_CHECKING

from promrules.rule_tests.rule_file import AlertingRule
from promrules.rule_tests.schedule import Component, Schedule
from promrules.syntax.labels import NAME, get, matches
from promrules.syntax.nodes import (
    Aggregate,
    Binary,
    Call,
    MatrixSelector,
    Negation,
    Node,
    Paren,
    Subquery,
    VectorSelector,
    selectors,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from promrules.syntax.labels import Labels

# Functions that give something for nothing.
_FROM_NOTHING = frozenset({"absent", "absent_over_time", "vector", "scalar", "time", "pi", "info"})


def fed(plan: Schedule, inputs: Iterable[Labels]) -> Schedule:
    """Leave out the rules that the input series cannot feed, neither directly nor through other rules."""
    by_name: dict[str, list[Labels]] = defaultdict(list)
    for labels in inputs:
        by_name[get(labels, NAME)].append(labels)
    live = [_gives_anything(plan, index) for index in range(len(plan.rules))]
    for index, item in enumerate(plan.rules):
        live[index] = live[index] or any(_finds(one, by_name) for one in selectors(item.rule.node))
    kept: list[Component] = []
    alive: set[int] = set()
    # Components come after all they read, so one pass sees every feeder before what it feeds.
    for component in plan.components:
        members = [item.index for item in component.members]
        if any(live[index] or not plan.reads[index].isdisjoint(alive) for index in members):
            kept.append(component)
            alive.update(members)
    return Schedule(tuple(item for item in plan.rules if item.index in alive), tuple(kept), plan.reads)


def _gives_anything(plan: Schedule, index: int) -> bool:
    """Tell whether a rule can give a result though its selectors find nothing."""
    rule = plan.rules[index].rule
    templated = isinstance(rule, AlertingRule) and any(template.uses_time for _, template in rule.labels)
    return templated or not _empty_if_unreachable(rule.node)


def _finds(selector: VectorSelector, by_name: dict[str, list[Labels]]) -> bool:
    if selector.name is not None:
        return any(matches(labels, selector.matchers) for labels in by_name.get(selector.name, ()))
    return any(matches(labels, selector.matchers) for found in by_name.values() for labels in found)


@lru_cache(maxsize=65536)
def _empty_if_unreachable(node: Node) -> bool:
    """Tell whether an expression is empty where all its selectors are; in doubt it is not."""
    match node:
        case VectorSelector() | MatrixSelector():
            return True
        case Paren(expr=inner) | Negation(expr=inner) | Subquery(expr=inner):
            return _empty_if_unreachable(inner)
        case Aggregate(expr=inner):
            return _empty_if_unreachable(inner)
        case Call(func=func, args=args):
            return func not in _FROM_NOTHING and any(_empty_if_unreachable(arg) for arg in args)
        case Binary(op="or", left=left, right=right):
            return _empty_if_unreachable(left) and _empty_if_unreachable(right)
        case Binary(op="unless", left=left):
            return _empty_if_unreachable(left)
        case Binary(left=left, right=right, matching=matching):
            filled = matching.fill_left is not None or matching.fill_right is not None
            return not filled and (_empty_if_unreachable(left) or _empty_if_unreachable(right))
        case _:
            return False
