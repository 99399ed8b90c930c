"""A rule to its mutants: each the same rule with one thing wrong, as a slip of the pen would have it.

The list is of what goes wrong in hand-written rules; each entry gives (what was changed, the changed rule).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from burnproof import naming
from promrules.go_templates import AlertTemplate
from promrules.rule_tests.rule_file import AlertingRule, RecordingRule, RuleGroup
from promrules.syntax.nodes import (
    Aggregate,
    Binary,
    Call,
    Matcher,
    MatchOp,
    MatrixSelector,
    Negation,
    Node,
    NumberLiteral,
    Paren,
    Subquery,
    VectorSelector,
    walk,
)
from promrules.syntax.printer import to_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from promrules.rule_tests.rule_file import Rule

_COMPARISONS = {">": ("<", "=="), ">=": ("<", "=="), "<": (">", "=="), "<=": (">", "=="), "==": (">",), "!=": ("==",)}
_SET_OPS = {"and": "or", "unless": "and"}


@dataclass(frozen=True, slots=True)
class Mutant:
    """One changed file: which rule, what was changed, and the rule and the groups as they would be then."""

    rule: str
    change: str
    original: Rule
    changed: Rule | None  # None where it is left out, or has another's name
    groups: tuple[RuleGroup, ...]


def mutants(groups: tuple[RuleGroup, ...]) -> Iterator[Mutant]:
    """Yield every mutant of some groups: each rule's own, each rule left out, each two records swapped."""
    for at, group in enumerate(groups):
        for number, rule in enumerate(group.rules):
            for change, changed in _of_rule(rule):
                rules = (*group.rules[:number], changed, *group.rules[number + 1 :])
                yield Mutant(title(rule), change, rule, changed, _with(groups, at, rules))
            without = (*group.rules[:number], *group.rules[number + 1 :])
            yield Mutant(title(rule), "removed", rule, None, _with(groups, at, without))
            before = group.rules[number - 1] if number else None
            # Neighbours that record the same value may change places.
            if isinstance(rule, RecordingRule) and isinstance(before, RecordingRule) and before.node != rule.node:
                yield _swapped(groups, at, number)


def title(rule: Rule) -> str:
    """Name a rule for people; alerts of one name differ in their tier."""
    if isinstance(rule, RecordingRule):
        return rule.name
    tier = dict(rule.labels).get(naming.TIER)
    return f"{rule.name} {tier.text}" if tier else rule.name


def _with(groups: tuple[RuleGroup, ...], at: int, rules: tuple[Rule, ...]) -> tuple[RuleGroup, ...]:
    return (*groups[:at], replace(groups[at], rules=rules), *groups[at + 1 :])


def _swapped(groups: tuple[RuleGroup, ...], at: int, number: int) -> Mutant:
    """Let two neighbours record under each other's names."""
    rules = list(groups[at].rules)
    first, second = rules[number - 1], rules[number]
    rules[number - 1], rules[number] = replace(first, name=second.name), replace(second, name=first.name)
    return Mutant(title(second), f"records swapped with {title(first)}", second, None, _with(groups, at, tuple(rules)))


def _of_rule(rule: Rule) -> Iterator[tuple[str, Rule]]:
    for change, node in of_expr(rule.node):
        yield change, replace(rule, node=node, expr=to_text(node))
    if isinstance(rule, AlertingRule):
        yield from _of_alert(rule)


def _of_alert(rule: AlertingRule) -> Iterator[tuple[str, Rule]]:
    severity = dict(rule.labels).get(naming.SEVERITY)
    if severity is not None:
        other = "ticket" if severity.text == "page" else "page"
        labels = tuple((k, AlertTemplate(rule.name, other) if k == naming.SEVERITY else v) for k, v in rule.labels)
        yield f"severity {other}", replace(rule, labels=labels)
    if rule.hold_ms:
        yield "for removed", replace(rule, hold_ms=0)
        yield "for tripled", replace(rule, hold_ms=3 * rule.hold_ms)
    else:
        yield "for 30m", replace(rule, hold_ms=1_800_000)


def of_expr(root: Node) -> Iterator[tuple[str, Node]]:
    """Yield every expression that differs from ``root`` in one place."""
    yield from _at(root, lambda node: node)
    # Where one side of a join loses its identity, the other puts it back: it must be lost everywhere to matter.
    pinned = {
        m for node in walk(root) if isinstance(node, VectorSelector) for m in node.matchers if m.name == naming.ID
    }
    for matcher in sorted(pinned, key=lambda m: m.value):
        yield f"{matcher.name}{matcher.op.value}{matcher.value!r} dropped", _without(root, matcher)


def _without(node: Node, matcher: Matcher) -> Node:
    if isinstance(node, VectorSelector):
        return replace(node, matchers=tuple(m for m in node.matchers if m != matcher))
    for field, child in parts(node):
        node = put(node, field, _without(child, matcher))
    return node


def _at(node: Node, rebuild: Callable[[Node], Node]) -> Iterator[tuple[str, Node]]:
    """Yield the mutants of a node and of all below it, each put back into the whole by ``rebuild``."""
    for change, changed in _of_node(node):
        yield change, rebuild(changed)
    for field, child in parts(node):
        yield from _at(child, lambda new, field=field: rebuild(put(node, field, new)))  # type: ignore[misc]


def parts(node: Node) -> Iterable[tuple[str, Node]]:
    """List the nodes below a node that have mutants of their own, with what ``put`` knows them by."""
    match node:
        case Paren(expr=expr) | Negation(expr=expr) | Subquery(expr=expr) | Aggregate(expr=expr):
            return (("expr", expr),)
        case MatrixSelector(selector=selector):
            return (("selector", selector),)
        case Call(args=args):
            return tuple((str(number), arg) for number, arg in enumerate(args))
        case Binary(left=left, right=NumberLiteral()) if _is_threshold(node):
            return (("left", left),)  # the threshold itself is changed where its comparison is
        case Binary(left=left, right=right):
            return (("left", left), ("right", right))
        case _:
            return ()


def _is_threshold(node: Binary) -> bool:
    return node.op in _COMPARISONS and not node.return_bool and isinstance(node.left, VectorSelector)


def put(node: Node, field: str, new: Node) -> Node:
    """Give a node with another one below it."""
    if isinstance(node, Call):
        at = int(field)
        return replace(node, args=(*node.args[:at], new, *node.args[at + 1 :]))
    return replace(node, **{field: new})  # type: ignore[arg-type]


def _of_node(node: Node) -> Iterator[tuple[str, Node]]:
    match node:
        case NumberLiteral(value=value):
            yield from _numbers(node, value)
        case MatrixSelector(range=int(window)):
            yield f"window [{_seconds(window)}] doubled", replace(node, range=2 * window)
            yield f"window [{_seconds(window)}] halved", replace(node, range=max(1, window // 2))
        case Subquery(range=int(window)):
            yield f"window [{_seconds(window)}:] doubled", replace(node, range=2 * window)
            yield f"window [{_seconds(window)}:] halved", replace(node, range=max(1, window // 2))
        case Binary(op=op):
            yield from _operators(node, op)
        case VectorSelector():
            yield from _matchers(node)
        case Aggregate(op="sum"):
            yield "sum to max", replace(node, op="max")
        case _:
            return


def _numbers(node: NumberLiteral, value: float) -> Iterator[tuple[str, Node]]:
    if value != value or value in (float("inf"), float("-inf")):  # noqa: PLR0124 - NaN alone differs from itself
        return
    if value == 0:
        yield "0 to 1", replace(node, value=1.0)
        return
    yield f"{value:g} plus a fifth", replace(node, value=value * 1.2)
    yield f"{value:g} minus a fifth", replace(node, value=value * 0.8)


def _operators(node: Binary, op: str) -> Iterator[tuple[str, Node]]:
    if _is_threshold(node) and isinstance(node.right, NumberLiteral) and isinstance(node.left, VectorSelector):
        for change, right in _numbers(node.right, node.right.value):
            yield f"{node.left.name} {op} {change}", replace(node, right=right)
    for other in _COMPARISONS.get(op, ()):
        yield f"{op} to {other}", replace(node, op=other)
    if op in _COMPARISONS and not node.return_bool and isinstance(node.right, NumberLiteral):
        yield f"guard {op} {node.right.value:g} dropped", node.left
    if op in _SET_OPS:
        yield f"{op} to {_SET_OPS[op]}", replace(node, op=_SET_OPS[op])
        yield f"{op} … dropped", node.left
        if op == "and":
            yield f"… {op} dropped", node.right
    if op == "or":
        yield "zero filling dropped", node.left


def _matchers(node: VectorSelector) -> Iterator[tuple[str, Node]]:
    for at, matcher in enumerate(node.matchers):
        if matcher.name == "__name__":
            continue
        rest = (*node.matchers[:at], *node.matchers[at + 1 :])
        if matcher.name != naming.ID:
            yield f"{matcher.name}{matcher.op.value}{matcher.value!r} dropped", replace(node, matchers=rest)
        changed = replace(matcher, op=MatchOp.EQUAL, value="mutant")
        yield (
            f"{matcher.name}{matcher.op.value}{matcher.value!r} changed",
            replace(node, matchers=(*node.matchers[:at], changed, *node.matchers[at + 1 :])),
        )


def _seconds(window: int) -> str:
    return f"{window // 1000}s"
