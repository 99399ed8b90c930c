"""Calculate the retention that rules need, of raw series and of recorded ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from burnproof.model import naming
from burnproof.model.quantities import Duration
from promrules.syntax.nodes import MatrixSelector, Subquery, VectorSelector, children
from promrules.syntax.parse import parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from burnproof.rules.types import Rule
    from promrules.syntax.nodes import Node

_LOOKBACK_MS = 300_000  # Prometheus' default: how old the sample of an instant selector may be


@dataclass(frozen=True, slots=True)
class Retention:
    """The length of history that the rules read."""

    raw: Duration
    recorded: Duration


def retention(rules: Iterable[Rule]) -> Retention:
    """Find the furthest reach of all rules."""
    reaches = {True: 0, False: 0}
    for rule in rules:
        for is_recorded, reach in _reaches(parse(rule.expr), 0):
            reaches[is_recorded] = max(reaches[is_recorded], reach)
    return Retention(raw=Duration(reaches[False]), recorded=Duration(reaches[True]))


def _reaches(node: Node, before: int) -> Iterator[tuple[bool, int]]:
    """Yield, for each selector, whether it selects recorded series and how many ms it reaches back."""
    match node:
        case VectorSelector():
            yield _is_recorded(node), before + _offset(node) + _LOOKBACK_MS
        case MatrixSelector(selector=selector, range=int(length)):
            yield _is_recorded(selector), before + _offset(selector) + length
        case Subquery(expr=expr, range=int(length), offset=offset):
            yield from _reaches(expr, before + length + (offset if isinstance(offset, int) else 0))
        case _:
            for child in children(node):
                yield from _reaches(child, before)


def _offset(selector: VectorSelector) -> int:
    return selector.offset if isinstance(selector.offset, int) else 0


def _is_recorded(selector: VectorSelector) -> bool:
    return any(matcher.name == naming.ID for matcher in selector.matchers)
