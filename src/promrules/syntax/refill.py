"""A shape's tree and the values taken out of its text, to the tree of the text itself.

Parsing costs a hundred times as much as this, and the thousand queries of an organisation have a handful of
shapes (see ``promrules.syntax.label_values``).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from promrules.syntax.nodes import (
    Aggregate,
    Binary,
    Call,
    Matcher,
    MatchOp,
    MatrixSelector,
    Negation,
    Paren,
    Subquery,
    VectorSelector,
    selectors,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from promrules.syntax.nodes import Node

_PLAIN = (MatchOp.EQUAL, MatchOp.NOT_EQUAL)


def holes(node: Node) -> int:
    """Count the matchers from which a value may have been taken out."""
    return sum(_is_hole(matcher) for selector in selectors(node) for matcher in selector.matchers)


def _is_hole(matcher: Matcher) -> bool:
    return not matcher.value and matcher.op in _PLAIN


def refill(node: Node, values: Iterator[str]) -> Node:
    """Put ``values``, in the order of the text, into the holes of ``node``; there must be as many."""
    match node:
        case VectorSelector():
            return _selector(node, values)
        case MatrixSelector(selector=selector):
            return replace(node, selector=_selector(selector, values))
        case Paren(expr=expr) | Negation(expr=expr) | Subquery(expr=expr):
            return replace(node, expr=refill(expr, values))
        case Call(args=args):
            return replace(node, args=tuple(refill(arg, values) for arg in args))
        case Aggregate(expr=expr, param=param):
            filled = None if param is None else refill(param, values)
            return replace(node, param=filled, expr=refill(expr, values))
        case Binary(left=left, right=right):
            return replace(node, left=refill(left, values), right=refill(right, values))
        case _:
            return node


def _selector(node: VectorSelector, values: Iterator[str]) -> VectorSelector:
    """Fill one selector."""
    full = tuple(Matcher(m.name, m.op, next(values)) if _is_hole(m) else m for m in node.matchers)
    return replace(node, matchers=full)
