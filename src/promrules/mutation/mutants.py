"""A rule to its mutants: each the same rule with one thing wrong, as a slip of the pen would have it.

The list is of what goes wrong in hand-written rules; each entry gives (what was changed, the changed rule).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, TypeAlias

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
_THRESHOLD: Final = 0.02
"""The share by which thresholds are changed; other numbers change by a fifth."""
_MINUTE: Final = 60_000

Place: TypeAlias = tuple[int, int]
"""Where a rule stands: the number of its group, and its own in the group."""


@dataclass(frozen=True, slots=True)
class Conventions:
    """What rules call things, so that mutants are mistakes that could be made in them.

    Attributes:
        identity: The label that every selector of a rule names, with one value; it is dropped everywhere at once, since
            a join puts it back where one side alone loses it. "" for none.
        tier: The label that tells alerts of one name apart, for titles. "" for none.
        severity: The label that says how urgent an alert is.
        severities: Its values; a mutant has another one than the rule.
    """

    identity: str = ""
    tier: str = ""
    severity: str = "severity"
    severities: tuple[str, ...] = ("page", "ticket")


USUAL: Final = Conventions()
"""Rules of nobody in particular."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """One changed file.

    Attributes:
        rule: which rule is changed, for people.
        change: what is changed in it.
        original: the rule as it is.
        changed: the rule as it would be; None where it is left out, or has another's name.
        edits: by place (number of the group, number of the rule in it) what stands there then, None for nothing.
        before: the groups as they are.
    """

    rule: str
    change: str
    original: Rule
    changed: Rule | None
    edits: tuple[tuple[Place, Rule | None], ...]
    before: tuple[RuleGroup, ...]

    @property
    def groups(self) -> tuple[RuleGroup, ...]:
        """The groups as they would be."""
        found = list(self.before)
        for at in {group for (group, _), _ in self.edits}:
            edited = {number: rule for (group, number), rule in self.edits if group == at}
            rules = (edited.get(number, rule) for number, rule in enumerate(found[at].rules))
            found[at] = replace(found[at], rules=tuple(rule for rule in rules if rule is not None))
        return tuple(found)


def mutants(groups: tuple[RuleGroup, ...], conventions: Conventions = USUAL) -> Iterator[Mutant]:
    """Yield every mutant of some groups: each rule's own, each rule left out, each two records swapped."""
    for at, group in enumerate(groups):
        for number, rule in enumerate(group.rules):
            name, place = title(rule, conventions), (at, number)
            for change, changed in _of_rule(rule, conventions):
                yield Mutant(name, change, rule, changed, ((place, changed),), groups)
            yield Mutant(name, "removed", rule, None, ((place, None),), groups)
            before = group.rules[number - 1] if number else None
            # Neighbours that record the same value may change places.
            if isinstance(rule, RecordingRule) and isinstance(before, RecordingRule) and before.node != rule.node:
                swapped = (
                    ((at, number - 1), replace(before, name=rule.name)),
                    (place, replace(rule, name=before.name)),
                )
                yield Mutant(name, f"records swapped with {before.name}", rule, None, swapped, groups)


def title(rule: Rule, conventions: Conventions = USUAL) -> str:
    """Name a rule for people; alerts of one name differ in their tier."""
    if isinstance(rule, RecordingRule):
        return rule.name
    tier = dict(rule.labels).get(conventions.tier)
    return f"{rule.name} {tier.text}" if tier else rule.name


def _of_rule(rule: Rule, conventions: Conventions) -> Iterator[tuple[str, Rule]]:
    for change, node in of_expr(rule.node, conventions):
        yield change, replace(rule, node=node, expr=to_text(node))
    if isinstance(rule, AlertingRule):
        yield from _of_alert(rule, conventions)


def _of_alert(rule: AlertingRule, conventions: Conventions) -> Iterator[tuple[str, Rule]]:
    name = conventions.severity
    severity = dict(rule.labels).get(name)
    if severity is not None:
        other = next(word for word in (*conventions.severities, "mutant") if word != severity.text)
        labels = tuple((k, AlertTemplate(rule.name, other) if k == name else v) for k, v in rule.labels)
        yield f"{name} {other}", replace(rule, labels=labels)
    if rule.hold_ms:
        yield "for removed", replace(rule, hold_ms=0)
        yield "for half as long again", replace(rule, hold_ms=rule.hold_ms * 3 // 2)
    else:
        yield "for 30m", replace(rule, hold_ms=1_800_000)
    for at, (label, _) in enumerate(rule.labels):
        if label != name:
            yield f"label {label} dropped", replace(rule, labels=(*rule.labels[:at], *rule.labels[at + 1 :]))


def of_expr(root: Node, conventions: Conventions = USUAL) -> Iterator[tuple[str, Node]]:
    """Yield every expression that differs from ``root`` in one place."""
    identity = conventions.identity
    yield from _at(root, lambda node: node, identity)
    # Where one side of a join loses its identity, the other puts it back: it must be lost everywhere to matter.
    pinned = {m for node in walk(root) if isinstance(node, VectorSelector) for m in node.matchers if m.name == identity}
    for matcher in sorted(pinned, key=lambda m: m.value):
        yield f"{matcher.name}{matcher.op.value}{matcher.value!r} dropped", _without(root, matcher)


def _without(node: Node, matcher: Matcher) -> Node:
    if isinstance(node, VectorSelector):
        return replace(node, matchers=tuple(m for m in node.matchers if m != matcher))
    for field, child in parts(node):
        node = put(node, field, _without(child, matcher))
    return node


def _at(node: Node, rebuild: Callable[[Node], Node], identity: str) -> Iterator[tuple[str, Node]]:
    """Yield the mutants of a node and of all below it, each put back into the whole by ``rebuild``."""
    for change, changed in _of_node(node, identity):
        yield change, rebuild(changed)
    for field, child in parts(node):
        yield from _at(child, lambda new, field=field: rebuild(put(node, field, new)), identity)  # type: ignore[misc]


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
    return node.op in _COMPARISONS and not node.return_bool and isinstance(node.left, VectorSelector | Call)


def put(node: Node, field: str, new: Node) -> Node:
    """Give a node with another one below it."""
    if isinstance(node, Call):
        at = int(field)
        return replace(node, args=(*node.args[:at], new, *node.args[at + 1 :]))
    return replace(node, **{field: new})  # type: ignore[arg-type]


def _of_node(node: Node, identity: str) -> Iterator[tuple[str, Node]]:
    match node:
        case NumberLiteral(value=value):
            yield from _numbers(node, value)
        case MatrixSelector(range=int(window)):
            yield from _windows(node, window, _MINUTE if window % _MINUTE == 0 else _MINUTE // 2, "")
        case Subquery(range=int(window), step=step):
            yield from _windows(node, window, step if isinstance(step, int) else _MINUTE, ":")
            if isinstance(step, int):
                yield f"step {_seconds(step)} doubled", replace(node, step=2 * step)
        case Binary(op=op):
            yield from _operators(node, op)
        case VectorSelector():
            yield from _matchers(node, identity)
        case Aggregate(op="sum"):
            yield "sum to max", replace(node, op="max")
        case _:
            return


def _windows(node: MatrixSelector | Subquery, window: int, step: int, colon: str) -> Iterator[tuple[str, Node]]:
    """Yield windows of other lengths: by a factor, and by a single step of the clock or of the subquery."""
    name = f"window [{_seconds(window)}{colon}]"
    for change, length in (
        ("doubled", 2 * window),
        ("halved", window // 2),
        ("a step longer", window + step),
        ("a step shorter", window - step),
    ):
        if length > 0:
            yield f"{name} {change}", replace(node, range=length)


def _numbers(node: NumberLiteral, value: float, share: float = 0.2) -> Iterator[tuple[str, Node]]:
    if value != value or value in (float("inf"), float("-inf")):  # noqa: PLR0124 - NaN alone differs from itself
        return
    if value == 0:
        yield "0 to 1", replace(node, value=1.0)
        return
    yield f"{value:g} plus {share:.0%}", replace(node, value=value * (1 + share))
    yield f"{value:g} minus {share:.0%}", replace(node, value=value * (1 - share))


def _operators(node: Binary, op: str) -> Iterator[tuple[str, Node]]:
    if _is_threshold(node) and isinstance(node.right, NumberLiteral):
        name = next((one.name for one in walk(node.left) if isinstance(one, VectorSelector)), "")
        for change, right in _numbers(node.right, node.right.value, _THRESHOLD):
            yield f"{name} {op} {change}", replace(node, right=right)
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
        yield "or … dropped", node.left
        yield "… or dropped", node.right


def _matchers(node: VectorSelector, identity: str) -> Iterator[tuple[str, Node]]:
    for at, matcher in enumerate(node.matchers):
        if matcher.name == "__name__":
            continue
        rest = (*node.matchers[:at], *node.matchers[at + 1 :])
        if matcher.name != identity and len(node.matchers) > 1:
            yield f"{matcher.name}{matcher.op.value}{matcher.value!r} dropped", replace(node, matchers=rest)
        changed = replace(matcher, op=MatchOp.EQUAL, value="mutant")
        yield (
            f"{matcher.name}{matcher.op.value}{matcher.value!r} changed",
            replace(node, matchers=(*node.matchers[:at], changed, *node.matchers[at + 1 :])),
        )
        for change, value in _patterns(matcher):
            other = replace(matcher, value=value)
            yield change, replace(node, matchers=(*node.matchers[:at], other, *node.matchers[at + 1 :]))
    if node.offset:
        yield "offset dropped", replace(node, offset=0)


def _patterns(matcher: Matcher) -> Iterator[tuple[str, str]]:
    """Yield patterns that match a little more, and a little less: ``5..`` to ``[45]..`` and to ``5.0``."""
    value = matcher.value
    if matcher.op not in (MatchOp.REGEX, MatchOp.NOT_REGEX) or not value or "|" in value or not value[0].isalnum():
        return
    before = chr(ord(value[0]) - 1)
    yield f"{matcher.name}{matcher.op.value}{value!r} widened", f"[{before}{value[0]}]{value[1:]}"
    if value.endswith("."):
        yield f"{matcher.name}{matcher.op.value}{value!r} narrowed", f"{value[:-1]}0"


def _seconds(window: int) -> str:
    return f"{window // 1000}s"
