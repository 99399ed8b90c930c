"""Find series that queries may read, and how each of them moves."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import TYPE_CHECKING, Final, Literal

from burnproof.proofs.series.example_labels import example, regex_examples
from burnproof.proofs.series.steady import RISES
from promrules.syntax.labels import get, labels_of, matches
from promrules.syntax.nodes import (
    Binary,
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
    from collections.abc import Iterable, Iterator, Mapping

    from promrules.syntax.labels import Labels
    from promrules.syntax.nodes import Node

Moves = Literal["counter", "gauge", "state"]
"""How a series is read: by its rise, by its samples in a range, or at one moment."""

_GROUP: Final = re.compile(r"\((?!\?)[^()]*\)")
_MOST_MOVING: Final = 8
_MOST_CONFIGURATIONS: Final = 64


@dataclass(frozen=True, slots=True)
class Read:
    """A selector as a query reads it: the labels that its series must carry, and how they move."""

    selector: VectorSelector
    fixed: Labels
    moves: Moves


@dataclass(frozen=True, slots=True)
class Candidates:
    """Series that two queries may read.

    Attributes:
        moving: those that are read over ranges.
        states: those that are read at one moment, and stay as they are.
        counters: which of the former are counters.
        pool: levels of states worth trying, the likeliest first.
        ahead: by how many seconds the queries look back at each.
    """

    moving: tuple[Labels, ...]
    states: tuple[Labels, ...]
    counters: frozenset[Labels]
    pool: tuple[Fraction, ...]
    ahead: Mapping[Labels, int]

    def configurations(self) -> Iterator[dict[Labels, Fraction]]:
        """Yield levels of all states together."""
        found = product(self.pool, repeat=len(self.states))
        for _, levels in zip(range(_MOST_CONFIGURATIONS), found, strict=False):
            yield dict(zip(self.states, levels, strict=True))


def candidates_of(roots: Iterable[Node], group: Labels) -> Candidates:
    """List label sets worth trying: each selector's, alone and outside each of the others."""
    roots = tuple(roots)
    reads = list(dict.fromkeys(read for root in roots for read in reads_of(root, group)))
    found: dict[Labels, None] = {}
    for read in reads:
        others = (other.selector.matchers for other in reads if other.selector != read.selector)
        for unwanted in (None, *others):
            made = example(read.selector.matchers, unwanted, read.fixed)
            if made is not None:
                found[made] = None
    moves = {labels: {one.moves for one in reads if matches(labels, one.selector.matchers)} for labels in found}
    moving = [labels for labels, ways in moves.items() if ways - {"state"} and not {"counter", "gauge"} <= ways]
    states = [labels for labels, ways in moves.items() if ways == {"state"}]
    return Candidates(
        moving=tuple(moving[:_MOST_MOVING]),
        states=tuple(_one_each(states, reads)),
        counters=frozenset(labels for labels in moving if "counter" in moves[labels]),
        pool=_pool(roots),
        ahead={labels: _ahead(labels, reads) for labels in found},
    )


def _one_each(states: list[Labels], reads: list[Read]) -> Iterator[Labels]:
    """Yield one series for each selector of a state: the first that it takes."""
    seen: dict[Labels, None] = {}
    for read in reads:
        if read.moves == "state":
            first = next((labels for labels in states if matches(labels, read.selector.matchers)), None)
            if first is not None:
                seen[first] = None
    yield from seen


def _ahead(labels: Labels, reads: list[Read]) -> int:
    """Give by how much ranges of a series end before the evaluation; a state stays the same for ever."""
    found = (one for one in reads if one.moves != "state" and matches(labels, one.selector.matchers))
    return max((one.selector.offset // 1000 for one in found if isinstance(one.selector.offset, int)), default=0)


def _pool(roots: tuple[Node, ...]) -> tuple[Fraction, ...]:
    """List levels for states: 0 and 1, on either side of each number they are compared with, and far in the past."""
    numbers = [
        Fraction(str(side.value))
        for root in roots
        for item in walk(root)
        if isinstance(item, Binary)
        for side in (item.left, item.right)
        if isinstance(side, NumberLiteral) and abs(side.value) < float("inf")
    ]
    around = [value for number in numbers for value in (number, number + 1, number - 1, -2 * abs(number) - 10_000)]
    return tuple(dict.fromkeys((Fraction(1), Fraction(0), *around)))


def reads_of(node: Node, fixed: Labels, moves: Moves = "state") -> Iterator[Read]:
    """Yield the selectors of a query, each with the labels that its series must carry to end up in the group."""
    match node:
        case VectorSelector():
            yield Read(node, fixed, moves)
        case Call(func="label_replace", args=(inner, StringLiteral(value=target), *texts)) if get(fixed, target):
            text, source, pattern = (_text(one) for one in texts)
            yield from reads_of(inner, _before(fixed, target, text, source, pattern), moves)
        case Call(func="label_join", args=(inner, StringLiteral(value=target), *texts)) if get(fixed, target):
            yield from reads_of(inner, _apart(fixed, target, *(_text(one) for one in texts)), moves)
        case Call(func=func, args=args) if any(isinstance(one, MatrixSelector | Subquery) for one in args):
            own: Moves = "counter" if func in RISES else "gauge"
            for child in args:
                yield from reads_of(child, fixed, own)
        case _:
            for child in children(node):
                yield from reads_of(child, fixed, moves)


def _text(node: Node) -> str:
    return node.value if isinstance(node, StringLiteral) else ""


def _apart(fixed: Labels, target: str, separator: str, *sources: str) -> Labels:
    """Give the labels that ``label_join`` makes the fixed ones of; unchanged where they cannot be taken apart."""
    parts = get(fixed, target).split(separator) if separator else [get(fixed, target)]
    if len(parts) != len(sources):
        return fixed
    return labels_of([*(pair for pair in fixed if pair[0] != target), *zip(sources, parts, strict=True)])


def _before(fixed: Labels, target: str, text: str, source: str, pattern: str) -> Labels:
    """Give the labels that ``label_replace`` makes the fixed ones of; unchanged where none were found."""
    wanted = get(fixed, target)
    rest = [pair for pair in fixed if pair[0] != target]
    if text in ("$1", "${1}"):
        given = _GROUP.sub(lambda _: re.escape(wanted), pattern, count=1)
        for value in regex_examples(given):
            return labels_of([*rest, (source, value)])
    return fixed
