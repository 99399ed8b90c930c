"""Find what an expression takes from behind Prometheus' feature flags, and what can be written instead."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from promrules.syntax.nodes import Aggregate, Binary, Call, DurationCall, MatrixSelector, Subquery, VectorSelector, walk
from promrules.syntax.signatures import EXPERIMENTAL

if TYPE_CHECKING:
    from collections.abc import Iterator

    from promrules.syntax.nodes import Node, Span

_AGGREGATES: Final = frozenset({"limitk", "limit_ratio"})
_INSTEAD: Final = {
    "limitk": "write topk or bottomk, which are stable",
    "mad_over_time": "write stddev_over_time or quantile_over_time, which are stable",
    "info": "join the labels: … * on (job, instance) group_left (version) target_info",
    "double_exponential_smoothing": "write predict_linear or avg_over_time, which are stable",
    "sort_by_label": "leave it out: the order of series means nothing to rules",
    "sort_by_label_desc": "leave it out: the order of series means nothing to rules",
    "fill": "write the zeros: (a or 0 * b) + (b or 0 * a)",
}


class Experimental(NamedTuple):
    """Something experimental.

    Attributes:
        what: how it is called in a message; ``word`` as it stands in the text.
        span: the characters of the expression that it stands in.
        instead: what to write for it.
    """

    what: str
    word: str
    span: Span
    instead: str


def experimental(node: Node) -> Iterator[Experimental]:
    """Yield everything in an expression that Prometheus refuses unless a feature flag is set."""
    for item in walk(node):
        match item:
            case Call(func=word) if word in EXPERIMENTAL:
                yield _named(f"the function {word}", word, item)
            case Aggregate(op=word) if word in _AGGREGATES:
                yield _named(f"the aggregation {word}", word, item)
            case Binary(matching=matching):
                fills = (matching.fill_left, matching.fill_right)
                if fills != (None, None):
                    word = "fill" if None not in fills else "fill_right" if fills[0] is None else "fill_left"
                    yield Experimental(f"the modifier {word}", word, item.span, _INSTEAD["fill"])
            case VectorSelector(mode=mode) if mode:
                yield Experimental(f"the modifier {mode}", mode, item.span, f"leave {mode} out")
            case MatrixSelector(range=DurationCall()) | Subquery(range=DurationCall()):
                yield Experimental("arithmetic on durations", "", item.span, "write the length itself, such as 5m")


def _named(what: str, word: str, node: Node) -> Experimental:
    return Experimental(what, word, node.span, _INSTEAD.get(word, "write it with functions that are stable"))
