"""A changed expression to the reason why it means the same as before, read off the expressions themselves."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from math import isnan
from typing import TYPE_CHECKING

from promrules.mutation.mutants import parts, put
from promrules.syntax.nodes import (
    Binary,
    Call,
    MatrixSelector,
    NumberLiteral,
    Paren,
    Subquery,
    VectorSelector,
    walk,
)
from promrules.syntax.printer import to_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from promrules.rule_tests.rule_file import RuleGroup
    from promrules.syntax.nodes import Node

_FINE = 1e-9
"""A ratio that differs by less is the same to any threshold: objectives have six digits at most."""


def by_shape(groups: tuple[RuleGroup, ...], node: Node, changed: Node) -> str:
    """Say why an expression with one change means the same, or give ""."""
    if _compared(node) == _compared(changed):
        return "what is not a number passes no comparison"
    path = _path(node, changed)
    for (outer, _), (inner, other) in pairwise(path):
        if _is_unit(outer, inner, other):
            return "a ratio rounded to another unit below a billionth is the same to every threshold"
    old, new = path[-1]
    if isinstance(old, Subquery) and isinstance(new, Subquery) and _is_open(groups, old, new):
        return "the condition on the time ends the sum before the window does"
    if isinstance(old, Subquery) and isinstance(new, Subquery) and _is_last_of_whole(path):
        return "what is taken away from the total is there only where the total is"
    if _is_told_twice(groups, node, path):
        return "what is recorded as missing says the same, and is looked at beside it"
    if isinstance(old, MatrixSelector) and isinstance(new, MatrixSelector) and _fills(groups, path):
        return "zeros are filled in beside a total alone, whose events are within both windows"
    return ""


def _compared(node: Node) -> Node:
    """Leave out what is multiplied by NaN wherever it is compared, and so is filtered out again."""
    for name, below in parts(node):
        node = put(node, name, _compared(below))
    if isinstance(node, Binary) and node.op in _ORDERS and not node.return_bool:
        return replace(node, left=_numbers(node.left))
    return node


def _numbers(node: Node) -> Node:
    match node:
        case Paren(expr=inner):
            return _numbers(inner)
        case Binary(op="or", left=left, right=Binary(op="*", right=NumberLiteral(value=value))) if isnan(value):
            return _numbers(left)
        case _:
            return node


_ORDERS = frozenset({">", ">=", "<", "<=", "=="})


def _path(node: Node, changed: Node) -> list[tuple[Node, Node]]:
    """Give the nodes from the root to the one that is changed, each beside what it has become."""
    found = [(node, changed)]
    while type(node) is type(changed):
        before, after = tuple(parts(node)), tuple(parts(changed))
        if len(before) != len(after):
            break
        below = [(one, other) for (_, one), (_, other) in zip(before, after, strict=True) if one != other]
        if len(below) != 1:
            break
        node, changed = below[0]
        found.append((node, changed))
    return found


def _is_unit(outer: Node, inner: Node, other: Node) -> bool:
    """Tell whether a number is the unit of ``round``, and as good as none before and after."""
    return (
        isinstance(outer, Call)
        and outer.func == "round"
        and isinstance(inner, NumberLiteral)
        and isinstance(other, NumberLiteral)
        and inner is outer.args[1]
        and max(inner.value, other.value) < _FINE
    )


def _is_open(groups: tuple[RuleGroup, ...], old: Subquery, new: Subquery) -> bool:
    """Tell whether a sum over ``tiles and vector(time()) > closed @ end()`` reaches back to what is closed.

    That is recorded as ``time() - c - (time() - c) % m``, so at most ``c + m`` seconds ago.
    """
    inner = old.expr
    while isinstance(inner, Paren):
        inner = inner.expr
    if not (isinstance(inner, Binary) and inner.op == "and" and old.step == new.step and old.expr == new.expr):
        return False
    closed = [one for one in walk(inner.right) if isinstance(one, VectorSelector) and one.at is not None]
    if len(closed) != 1 or not isinstance(new.range, int):
        return False
    rule = next((rule for group in groups for rule in group.rules if rule.name == closed[0].name), None)
    if rule is None or not any(isinstance(one, Binary) and one.op == "%" for one in walk(rule.node)):
        return False
    reach = sum({one.value for one in walk(rule.node) if isinstance(one, NumberLiteral)})
    return new.range >= 1000 * reach


def _fills(groups: tuple[RuleGroup, ...], path: list[tuple[Node, Node]]) -> bool:
    """Tell whether ``0 * last_over_time(rate5m[w])`` stands beside a total that is gone where it alone is left.

    What is recorded of a rate lives on for its range less two scrapes after the last sample; the total's window is
    longer than that by the window that it is filled in for.
    """
    zero = next((one for one, _ in path if isinstance(one, Binary) and one.op == "*" and _is_zero(one.left)), None)
    whole = next((one for one, _ in path if isinstance(one, Binary) and one.op == "/"), None)
    old, new = path[-1]
    if zero is None or whole is None or not (isinstance(old, MatrixSelector) and isinstance(new, MatrixSelector)):
        return False
    if old.selector != new.selector or not isinstance(new.range, int):
        return False
    rule = next((rule for group in groups for rule in group.rules if rule.name == old.selector.name), None)
    lives = min(_ranges(rule.node), default=0) if rule is not None else 0
    return bool(lives) and new.range >= max(_ranges(whole.right), default=0) - lives + 2 * _MOST_APART


def _is_last_of_whole(path: list[tuple[Node, Node]]) -> bool:
    """Tell whether ``last_over_time(all[w:w]) - counted`` looks back farther for all events alone.

    That matters where the total is gone: there is nothing of it to be counted then, nor to be filled in.
    """
    for (outer, _), (inner, _) in pairwise(path):
        if isinstance(outer, Binary) and outer.op == "-" and inner is outer.left:
            old, new = path[-1]
            if not (isinstance(old, Subquery) and isinstance(new, Subquery)) or old.expr != new.expr:
                return False
            longer = isinstance(old.range, int) and isinstance(new.range, int) and new.range > old.range
            whole = {m for one in walk(old.expr) if isinstance(one, VectorSelector) for m in one.matchers}
            whole = {m for m in whole if m.name != "__name__"}
            raw = [one for one in walk(outer.right) if isinstance(one, VectorSelector) and not _is_recorded(one)]
            return longer and bool(whole) and all(whole <= set(one.matchers) for one in raw)
    return False


def _is_recorded(selector: VectorSelector) -> bool:
    return (selector.name or "").startswith("slo:")


def _is_told_twice(groups: tuple[RuleGroup, ...], root: Node, path: list[tuple[Node, Node]]) -> bool:
    """Tell whether a change lies in ``unless X`` beside ``unless max_over_time(M[w])``, where M is recorded as X."""
    read = {one.selector.name for one in walk(root) if isinstance(one, MatrixSelector)}
    recorded = [rule.node for group in groups for rule in group.rules if rule.name in read]
    for outer, _ in path:
        if isinstance(outer, Binary) and outer.op == "unless":
            inside = any(inner is outer.right for inner, _ in path)
            dropped = path[-1][0] is outer and path[-1][1] == outer.left
            right = outer.right
            while isinstance(right, Paren):
                right = right.expr
            if (inside or dropped) and any(to_text(right) == to_text(node) for node in recorded):
                return True
    return False


def _is_zero(node: Node) -> bool:
    return isinstance(node, NumberLiteral) and node.value == 0


def _ranges(node: Node) -> Iterator[int]:
    return (one.range for one in walk(node) if isinstance(one, MatrixSelector) and isinstance(one.range, int))


_MOST_APART = 60_000
"""Milliseconds between two samples of a proof that has raw windows of hours, at most."""
