"""Solve a query for one of its series: the value it needs for the result to be good, or bad.

The query is read as arithmetic on numbers, one per selector; only what is linear in one selector is solved.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from burnproof.proofs.series.example_labels import example
from burnproof.rules import selectors
from promrules.syntax.nodes import (
    Aggregate,
    Binary,
    Call,
    MatrixSelector,
    Negation,
    NumberLiteral,
    Paren,
    VectorSelector,
)
from promrules.syntax.nodes import selectors as selectors_in
from promrules.syntax.parse import parse

if TYPE_CHECKING:
    from burnproof.model.slo import Query
    from promrules.syntax.labels import Labels
    from promrules.syntax.nodes import Node

_SINGLE = frozenset({"sum", "max", "min", "avg"})  # of one series, the series itself
_CONSTANT = frozenset({"avg_over_time", "max_over_time", "min_over_time", "last_over_time"})  # of a constant, itself


@dataclass(frozen=True, slots=True)
class Line:
    """``value = base + slope * x`` where ``atom`` has the value x and the ``others`` are 1."""

    atom: Labels
    others: tuple[Labels, ...]
    base: Fraction
    slope: Fraction

    def x_for(self, value: Fraction) -> Fraction:
        """Give the x that makes the query give ``value``."""
        return (value - self.base) / self.slope


def line_of(query: Query, group: Labels) -> Line | None:
    """Solve a query for the first selector in which it is a rising or falling line."""
    root = parse(query.text.replace(selectors.WINDOW, "5m"))
    atoms: dict[VectorSelector, Labels] = {}
    for selector in selectors_in(root):
        atom = example(selector.matchers, None, group)
        if atom is None:
            return None
        atoms[selector] = atom
    names = tuple(dict.fromkeys(atoms.values()))
    for atom in names:
        found = [_value(root, atoms, {name: Fraction(x if name == atom else 1) for name in names}) for x in (1, 2, 3)]
        if None in found:
            continue
        one, two, three = (value or Fraction(0) for value in found)
        if one != two and three - two == two - one:
            return Line(atom, tuple(name for name in names if name != atom), 2 * one - two, two - one)
    return None


def _value(node: Node, atoms: dict[VectorSelector, Labels], at: dict[Labels, Fraction]) -> Fraction | None:
    """Compute a node from the values of its selectors; None where it is no plain arithmetic."""
    match node:
        case NumberLiteral(value=value):
            return Fraction(str(value)) if abs(value) < float("inf") else None
        case Paren(expr=inner):
            return _value(inner, atoms, at)
        case Negation(expr=inner):
            found = _value(inner, atoms, at)
            return None if found is None else -found
        case VectorSelector():
            return at[atoms[node]]
        case Aggregate(op=op, expr=inner) if op in _SINGLE:
            return _value(inner, atoms, at)
        case Call(func=func, args=(MatrixSelector(selector=selector),)) if func in _CONSTANT:
            return at[atoms[selector]]
        case Binary(op=op, left=left, right=right):
            return _combined(op, _value(left, atoms, at), _value(right, atoms, at))
        case _:
            return None


def _combined(op: str, left: Fraction | None, right: Fraction | None) -> Fraction | None:
    if left is None or right is None or (op == "/" and right == 0):
        return None
    match op:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case "/":
            return left / right
        case _:
            return None
