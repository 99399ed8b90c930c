"""What is known of an expression before any data: equal parts, parts that do not depend on the evaluation time."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Final, get_args

from promrules.syntax.nodes import (
    Aggregate,
    Binary,
    Boundary,
    Call,
    Matching,
    MatrixSelector,
    Node,
    NumberLiteral,
    StringLiteral,
    Subquery,
    VectorSelector,
    children,
    walk,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

TIME_BOUND: Final = frozenset(
    """day_of_month day_of_week day_of_year days_in_month hour minute month predict_linear start end range step time
    timestamp year info""".split()  # noqa: SIM905 (a list of words reads best as words)
)
"""Functions whose result depends on the evaluation time even where their arguments do not."""

_NODE_FIELDS: Final = frozenset({"expr", "param", "args", "left", "right", "selector", "span"})
_OWN_FIELDS: Final = {
    kind: tuple(item.name for item in fields(kind) if item.name not in _NODE_FIELDS) for kind in get_args(Node)
}
"""The fields of each kind of node that are no nodes and no place in the text."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Facts about the nodes of one expression, by ``id``.

    Attributes:
        root: Keeps the nodes, and so their ids, alive.
        key: Equal numbers for equal sub-expressions.
        shared: Keys that occur more than once.
        fixed: Nodes that give the same in every column.
        bucketless: Selectors of which Prometheus reads count and sum of histograms alone.
    """

    root: Node
    key: dict[int, int]
    shared: frozenset[int]
    fixed: frozenset[int]
    bucketless: frozenset[int]


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
    nodes = list(walk(root))
    bucketless = _bucketless(root, nodes)
    for node in reversed(nodes):
        kind = type(node)
        own = tuple([_distinct(getattr(node, name)) for name in _OWN_FIELDS[kind]])
        shape = (kind, own, id(node) in bucketless, tuple([keys[id(child)] for child in children(node)]))
        number = keys[id(node)] = numbers.setdefault(shape, len(numbers))
        counts[number] = counts.get(number, 0) + 1
        if _is_fixed(node, fixed):
            fixed.add(id(node))
    shared = frozenset(
        keys[id(node)]
        for node in nodes
        if counts[keys[id(node)]] > 1 and not isinstance(node, NumberLiteral | StringLiteral)
    )
    literal = {id(node) for node in nodes if isinstance(node, NumberLiteral | StringLiteral)}
    return Plan(root, keys, shared, frozenset(fixed - literal), bucketless)


_STATISTICS: Final = frozenset({"histogram_count", "histogram_sum", "histogram_avg"})
_NEEDS_BUCKETS: Final = frozenset({"histogram_quantile", "histogram_quantiles", "histogram_fraction"})


def _bucketless(root: Node, nodes: Sequence[Node]) -> frozenset[int]:
    """Find the selectors below a statistic of histograms, and below nothing that needs their buckets.

    Prometheus then looks for counter resets where it reads the samples (``detectHistogramStatsDecoding``), which
    shows in rates of gauges, and compares count and sum alone.
    """
    if not any(isinstance(node, Call) and node.func in _STATISTICS for node in nodes):
        return frozenset()
    found: set[int] = set()
    stack = [(root, False)]
    while stack:
        node, below = stack.pop()
        if isinstance(node, Subquery) or (isinstance(node, Call) and node.func in _NEEDS_BUCKETS):
            continue
        if isinstance(node, Binary) and node.op in ("</", ">/"):
            continue
        if isinstance(node, VectorSelector) and below:
            found.add(id(node))
        below = below or (isinstance(node, Call) and node.func in _STATISTICS)
        stack += [(child, below) for child in children(node)]
    return frozenset(found)


def _distinct(value: Any) -> Any:
    """Give what a field is told apart by: -0 is not 0 here, NaN is itself, and 1 is not 1.0."""
    if isinstance(value, Matching):
        return value if value.fill_left is None and value.fill_right is None else repr(value)
    return value if isinstance(value, str | tuple) else repr(value)


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


def step_invariant(node: Node) -> bool:
    """Tell whether Prometheus takes ``node`` for the same at every step of a query (``preprocessExprHelper``)."""
    match node:
        case VectorSelector(at=at) | Subquery(at=at):
            return at is not None
        case MatrixSelector(selector=selector):
            return selector.at is not None
        case Aggregate(expr=expr):
            return step_invariant(expr)
        case Call(func="timestamp", args=(VectorSelector(at=at),)):
            return at is not None
        case Call(func=func) if func in TIME_BOUND:
            return False
        case _:
            return all(step_invariant(child) for child in children(node))


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
