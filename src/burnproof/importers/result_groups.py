"""A PromQL tree to the labels that tell its results apart, where its aggregations fix them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from promrules.syntax.nodes import Aggregate, Binary, Call, Negation, Paren
from promrules.syntax.types import ValueType, type_of

if TYPE_CHECKING:
    from promrules.syntax.nodes import Node

_NOTHING: Final = frozenset({"vector", "absent"})
_LABELLING: Final = frozenset({"label_replace", "label_join", "info", "absent_over_time"})
_OF_BUCKETS: Final = frozenset({"histogram_quantile", "histogram_fraction"})


def result_groups(node: Node) -> tuple[str, ...] | None:
    """Give the labels of a result where its aggregations fix them; None where they depend on the data."""
    match node:
        case Paren(expr=inner) | Negation(expr=inner):
            return result_groups(inner)
        case Aggregate(op=op, grouping=by, without=False) if op not in ("topk", "bottomk", "limitk", "limit_ratio"):
            return by
        case Binary(left=left, right=right, matching=matching):
            sides = [side for side in (left, right) if type_of(side) is ValueType.VECTOR]
            found = [result_groups(side) for side in sides]
            if matching.on and matching.cardinality.value == "one-to-one" and len(sides) == 2:
                return matching.labels if None in found else found[0]
            return found[0] if found else ()
        case Call(func=func) if func in _NOTHING:
            return ()
        case Call(func=func) if func in _LABELLING:
            return None
        case Call(func=func, args=args):
            below = [result_groups(arg) for arg in args if type_of(arg) is ValueType.VECTOR]
            labels = below[0] if below else _of_subquery(node)
            gone = ("le",) if func in _OF_BUCKETS else ()
            return None if labels is None else tuple(label for label in labels if label not in gone)
        case _:
            return None


def _of_subquery(node: Node) -> tuple[str, ...] | None:
    """Give the labels of a function of time over a subquery."""
    args = node.args if isinstance(node, Call) else ()
    inner = [arg.expr for arg in args if hasattr(arg, "expr")]
    return result_groups(inner[0]) if inner else None
