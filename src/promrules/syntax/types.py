"""A PromQL tree to what it gives: its value type, and the labels its result can have."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final

from promrules.syntax.nodes import (
    Aggregate,
    Binary,
    Call,
    Cardinality,
    MatrixSelector,
    Negation,
    NumberLiteral,
    Paren,
    StringLiteral,
    Subquery,
    VectorSelector,
)

if TYPE_CHECKING:
    from promrules.syntax.nodes import Node

_SCALAR_CALLS: Final = frozenset({"scalar", "time", "pi", "start", "end", "step", "range", "max_of", "min_of"})
_SELECTING: Final = frozenset({"topk", "bottomk", "limitk", "limit_ratio"})
_LABEL_WRITERS: Final = frozenset({"label_replace", "label_join", "info"})
_LABELLESS: Final = frozenset({"vector", "absent", "absent_over_time"})


class ValueType(Enum):
    """The four types of PromQL."""

    VECTOR = "instant vector"
    SCALAR = "scalar"
    STRING = "string"
    MATRIX = "range vector"


def type_of(node: Node) -> ValueType:
    """Give the type of an expression that has parsed."""
    match node:
        case Paren(expr=expr) | Negation(expr=expr):
            return type_of(expr)
        case NumberLiteral():
            return ValueType.SCALAR
        case StringLiteral():
            return ValueType.STRING
        case MatrixSelector() | Subquery():
            return ValueType.MATRIX
        case Call(func=func):
            return ValueType.SCALAR if func in _SCALAR_CALLS else ValueType.VECTOR
        case Binary(left=left, right=right):
            both = {type_of(left), type_of(right)}
            return ValueType.SCALAR if both == {ValueType.SCALAR} else ValueType.VECTOR
        case _:
            return ValueType.VECTOR


def can_have(node: Node, label: str) -> bool:
    """Tell whether series of the result can have ``label``, as far as the expression alone shows.

    Selectors can have any label; aggregations and matches take labels away.
    """
    match node:
        case Paren(expr=expr) | Negation(expr=expr) | Subquery(expr=expr):
            return can_have(expr, label)
        case MatrixSelector() | VectorSelector():
            return True
        case Call(func=func) if func in _LABELLESS or func in _LABEL_WRITERS:
            # absent() takes labels from equality matchers, label_replace makes them: nothing is certain.
            return func != "vector"
        case Call(func=func, args=args):
            kept = label != "le" or not func.startswith("histogram_")
            vectors = [arg for arg in args if type_of(arg) in (ValueType.VECTOR, ValueType.MATRIX)]
            return kept and any(can_have(arg, label) for arg in vectors)
        case Aggregate(op=op, expr=expr) if op in _SELECTING:
            return can_have(expr, label)
        case Aggregate(expr=expr, grouping=grouping, without=without):
            return ((label in grouping) != without) and can_have(expr, label)
        case Binary():
            return _after_match(node, label)
        case _:
            return True


def _after_match(node: Binary, label: str) -> bool:
    """Tell whether a binary operation between vectors can leave the label."""
    left, right = type_of(node.left), type_of(node.right)
    if left is ValueType.SCALAR or right is ValueType.SCALAR:
        return can_have(node.right if left is ValueType.SCALAR else node.left, label)
    matching = node.matching
    if node.op in ("and", "unless"):
        return can_have(node.left, label)
    if node.op == "or":
        return can_have(node.left, label) or can_have(node.right, label)
    if label in matching.include:
        return True
    if matching.cardinality is Cardinality.ONE_TO_ONE and (label in matching.labels) != matching.on:
        return False
    many = node.right if matching.cardinality is Cardinality.ONE_TO_MANY else node.left
    return can_have(many, label)


def never_matches(node: Binary) -> tuple[str, ...]:
    """Give the labels that one side of a match must have and the other cannot: ``sum by (a)`` beside ``sum by (b)``.

    Empty where the sides can match, as far as the expression alone shows.
    """
    if type_of(node.left) is not ValueType.VECTOR or type_of(node.right) is not ValueType.VECTOR:
        return ()
    if node.op == "or" or node.matching.cardinality not in (Cardinality.ONE_TO_ONE, Cardinality.MANY_TO_MANY):
        return ()
    left, right = _exact(node.left), _exact(node.right)
    if left is None or right is None:
        return ()
    matching = node.matching
    differ = {label for label in left ^ right if (label in matching.labels) == matching.on}
    return tuple(sorted(differ))


def _exact(node: Node) -> frozenset[str] | None:
    """Give the labels that an aggregation leaves, where the expression fixes them."""
    match node:
        case Paren(expr=expr) | Negation(expr=expr):
            return _exact(expr)
        case Aggregate(op=op, grouping=grouping, without=False) if op not in _SELECTING and op != "count_values":
            return frozenset(grouping)
        case Call(func="vector"):
            return frozenset()
        case Call(func="histogram_quantile", args=(_, vector)):
            inner = _exact(vector)
            return None if inner is None else inner - {"le"}
        case Binary(left=left, right=right):
            if type_of(left) is ValueType.SCALAR:
                return _exact(right)
            if type_of(right) is ValueType.SCALAR:
                return _exact(left)
            return None
        case _:
            return None
