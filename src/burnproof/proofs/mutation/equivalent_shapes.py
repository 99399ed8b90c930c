"""A changed expression to the reason why it means the same as before, read off the expressions themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from promrules.mutation.mutants import parts
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

if TYPE_CHECKING:
    from collections.abc import Iterator

    from promrules.rule_tests.rule_file import RuleGroup
    from promrules.syntax.nodes import Node

_FINE = 1e-9
"""A ratio that differs by less is the same to any threshold: objectives have six digits at most."""


def by_shape(groups: tuple[RuleGroup, ...], node: Node, changed: Node) -> str:
    """Say why an expression with one change means the same, or give ""."""
    path = _path(node, changed)
    if not path:
        return ""
    for (outer, _), (inner, other) in zip(path, path[1:], strict=False):
        if _is_unit(outer, inner, other):
            return "a ratio rounded to another unit below a billionth is the same to every threshold"
    old, new = path[-1]
    if isinstance(old, Subquery) and isinstance(new, Subquery) and _is_open(groups, old, new):
        return "the condition on the time ends the sum before the window does"
    if isinstance(old, MatrixSelector) and isinstance(new, MatrixSelector) and _fills(groups, path):
        return "zeros are filled in beside a total alone, whose events are within both windows"
    return ""


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


def _is_zero(node: Node) -> bool:
    return isinstance(node, NumberLiteral) and node.value == 0


def _ranges(node: Node) -> Iterator[int]:
    return (one.range for one in walk(node) if isinstance(one, MatrixSelector) and isinstance(one.range, int))


_MOST_APART = 60_000
"""Milliseconds between two samples of a proof that has raw windows of hours, at most."""
