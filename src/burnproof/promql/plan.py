"""What is known of an expression before any data: equal parts, parts that do not depend on the evaluation time."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Final

from burnproof.promql.nodes import (
    Boundary,
    Call,
    MatrixSelector,
    NumberLiteral,
    StringLiteral,
    Subquery,
    VectorSelector,
    children,
    walk,
)

if TYPE_CHECKING:
    from burnproof.promql.nodes import Node

TIME_BOUND: Final = frozenset(
    """day_of_month day_of_week day_of_year days_in_month hour minute month predict_linear start end range step time
    timestamp year info""".split()  # noqa: SIM905 (a list of words reads best as words)
)
"""Functions whose result depends on the evaluation time even where their arguments do not."""

_NODE_FIELDS: Final = frozenset({"expr", "param", "args", "left", "right", "selector", "span"})


@dataclass(frozen=True, slots=True)
class Plan:
    """Facts about the nodes of one expression, by ``id``.

    Attributes:
        root: Keeps the nodes, and so their ids, alive.
        key: Equal numbers for equal sub-expressions.
        shared: Keys that occur more than once.
        fixed: Nodes that give the same in every column.
    """

    root: Node
    key: dict[int, int]
    shared: frozenset[int]
    fixed: frozenset[int]


_PLANS: dict[int, Plan] = {}
_MOST_PLANS: Final = 4096


def plan(root: Node) -> Plan:
    """Look at an expression once; nodes are frozen and usually come from the parser's cache, so plans are kept."""
    known = _PLANS.get(id(root))
    if known is not None and known.root is root:
        return known
    if len(_PLANS) >= _MOST_PLANS:
        _PLANS.clear()
    made = _PLANS[id(root)] = _make(root)
    return made


def _make(root: Node) -> Plan:
    """Number equal nodes alike, children first."""
    numbers: dict[Any, int] = {}
    keys: dict[int, int] = {}
    counts: dict[int, int] = {}
    fixed: set[int] = set()
    for node in reversed(list(walk(root))):
        below = children(node)
        own = tuple(getattr(node, item.name) for item in fields(node) if item.name not in _NODE_FIELDS)
        shape = (type(node), repr(own), tuple(keys[id(child)] for child in below))
        number = keys[id(node)] = numbers.setdefault(shape, len(numbers))
        counts[number] = counts.get(number, 0) + 1
        if _is_fixed(node, fixed):
            fixed.add(id(node))
    shared = frozenset(
        keys[id(node)]
        for node in walk(root)
        if counts[keys[id(node)]] > 1 and not isinstance(node, NumberLiteral | StringLiteral)
    )
    literal = {id(node) for node in walk(root) if isinstance(node, NumberLiteral | StringLiteral)}
    return Plan(root, keys, shared, frozenset(fixed - literal))


def _is_fixed(node: Node, fixed: set[int]) -> bool:
    """Tell whether ``node`` gives the same in every column, its children being known."""
    match node:
        case VectorSelector(at=at) | Subquery(at=at):
            return at is not None
        case MatrixSelector(selector=selector):
            return selector.at is not None
        case Call(func=func) if func in TIME_BOUND:
            return False
        case _:
            return all(id(child) in fixed for child in children(node))


def needs_origin(node: Node) -> bool:
    """Tell whether a subquery's inside asks for the boundaries of the query (``@ start()``, ``start()``, …)."""
    return any(
        (isinstance(item, VectorSelector | Subquery) and isinstance(item.at, Boundary))
        or (isinstance(item, Call) and item.func in ("start", "end"))
        for item in walk(node)
    )


def looks_ahead(node: Node) -> bool:
    """Tell whether a part of ``node`` may look beyond its evaluation time: ``@`` or a negative offset."""
    return any(
        isinstance(item, VectorSelector | Subquery)
        and (item.at is not None or not isinstance(item.offset, int) or item.offset < 0)
        for item in walk(node)
    )
