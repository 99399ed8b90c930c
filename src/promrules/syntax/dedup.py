"""Take replicas of one scrape out of an expression: ``rate(x[5m])`` to ``max without (replica) (rate(x[5m]))``.

Two servers that scrape the same targets have each series twice, told apart by a label. A sum would count each event
twice, and while one of them is down, once. So whatever reads series is made one series of both before anything is added
up. It is done behind the function of time, since a range cannot be aggregated: the replica that saw most is taken.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from promrules.syntax.nodes import (
    Aggregate,
    Binary,
    Call,
    MatchOp,
    MatrixSelector,
    Node,
    Span,
    StringLiteral,
    VectorSelector,
    children,
    unwrapped,
    walk,
)
from promrules.syntax.parse import parse

if TYPE_CHECKING:
    from collections.abc import Iterator

# Their result has no labels of the series that they look for.
_ABSENCE = frozenset({"absent", "absent_over_time"})
# Numbers taken from a native histogram; those can be compared, and histograms cannot.
_OF_HISTOGRAMS = frozenset(
    {
        "histogram_avg",
        "histogram_count",
        "histogram_fraction",
        "histogram_stddev",
        "histogram_stdvar",
        "histogram_sum",
    }
)
_RELABELS = frozenset({"label_replace", "label_join"})


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why replicas cannot be taken out of an expression.

    Attributes:
        message: what is in the way; ``hint`` what to do.
        span: the characters at fault.
    """

    message: str
    hint: str
    span: Span


def deduplicated(text: str, labels: tuple[str, ...]) -> str:
    """Rewrite an expression so that no series of it has the labels; what the user took out already stays as it is."""
    made, at = [], 0
    for start, end in sorted(_read(parse(text), frozenset(labels))):
        made += [text[at:start], f"max without ({', '.join(labels)}) ({text[start:end].strip()})"]
        at = end
    return "".join((*made, text[at:]))


def _read(node: Node, labels: frozenset[str]) -> Iterator[Span]:
    """Yield the places of what reads series: functions of ranges, and selectors outside of any."""
    match node:
        case Aggregate(op="max", without=True, grouping=grouping) if labels <= set(grouping):
            return
        case Call(func=func) if func in _ABSENCE:
            return
        case Call(func=func, args=args) if _reads(func, args):
            yield node.span
        case VectorSelector():
            yield node.span
        case _:
            for child in children(node):
                yield from _read(child, labels)


def _reads(func: str, args: tuple[Node, ...]) -> bool:
    inner = [unwrapped(one) for one in args]
    if func == "timestamp":
        return any(isinstance(one, VectorSelector) for one in inner)
    if func in _OF_HISTOGRAMS:
        return any(isinstance(one, VectorSelector) or _is_over_time(one) for one in inner)
    return any(isinstance(one, MatrixSelector) for one in inner)


def _is_over_time(node: Node) -> bool:
    return isinstance(node, Call) and any(isinstance(one, MatrixSelector) for one in node.args)


def taken_out(node: Node) -> tuple[VectorSelector, tuple[str, ...]] | None:
    """Read ``max without (replica) (x)``, also around ``rate`` or ``increase``, as the selector and the labels."""
    node = unwrapped(node)
    if not isinstance(node, Aggregate) or node.op != "max" or not node.without or not node.grouping:
        return None
    match unwrapped(node.expr):
        case VectorSelector() as selector:
            return selector, node.grouping
        case Call(func="rate" | "increase", args=(MatrixSelector(selector=selector),)):
            return selector, node.grouping
        case _:
            return None


def taken_by_hand(node: Node) -> frozenset[str]:
    """Give the labels that an expression takes out itself, by ``max without (…)`` around a function of time."""
    return frozenset(
        label
        for item in walk(node)
        if isinstance(item, Aggregate) and item.op == "max" and item.without and _is_over_time(unwrapped(item.expr))
        for label in item.grouping
    )


def obstacles(node: Node, labels: tuple[str, ...]) -> Iterator[Obstacle]:
    """Yield what keeps the labels from being taken out of an expression."""
    wanted = frozenset(labels)
    for item in walk(node):
        match item:
            case VectorSelector(matchers=matchers):
                yield from _selected(item, wanted, [m.name for m in matchers if m.op is MatchOp.EQUAL and m.value])
            case Aggregate(grouping=grouping, without=False):
                yield from _kept(item, wanted & set(grouping), "groups by")
            case Binary(matching=matching):
                used = {*matching.include, *(matching.labels if matching.on else ())}
                yield from _kept(item, wanted & used, "matches on")
            case Call(func=func, args=args) if func in _RELABELS:
                used = {one.value for one in args if isinstance(one, StringLiteral)}
                yield from _kept(item, wanted & used, "rewrites")
            case Call(func=func) if func in _OF_HISTOGRAMS and not _reads(func, item.args):
                hint = f"apply {func} to rate(…[$window]) of one series, and sum afterwards"
                yield Obstacle("there is no largest of two native histograms", hint, item.span)
            case Call(func="histogram_quantile") if any(_may_be_native(one) for one in walk(item)):
                hint = "read the classic _bucket series, or select one replica by a matcher and remove dedup"
                yield Obstacle("there is no largest of two native histograms", hint, item.span)


def _selected(item: VectorSelector, labels: frozenset[str], fixed: list[str]) -> Iterator[Obstacle]:
    for label in sorted(labels.intersection(fixed)):
        message = f"the selector takes one {label} only, so there is none to take out"
        yield Obstacle(message, f"remove the matcher of {label}, or take it out of dedup", item.span)


def _kept(item: Node, labels: set[str] | frozenset[str], what: str) -> Iterator[Obstacle]:
    for label in sorted(labels):
        message = f"the expression {what} {label}, which dedup takes out"
        yield Obstacle(message, f"remove {label} from the expression, or take it out of dedup", item.span)


def _may_be_native(node: Node) -> bool:
    """Tell whether a selector names no buckets; a regular expression for the name may be of either."""
    return isinstance(node, VectorSelector) and node.name is not None and not node.name.endswith("_bucket")
