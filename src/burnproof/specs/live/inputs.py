"""SLOs to the selectors that they read: each with its part in the SLI, and its place in the spec."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING, Final

from burnproof.model.indicators import OfHistogram
from burnproof.model.slo import Compare, Count, Ratio, Threshold
from burnproof.rules import selectors
from promrules.syntax.nodes import Call, MatrixSelector, VectorSelector, walk
from promrules.syntax.parse import parse

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from burnproof.diagnostics import Span
    from burnproof.model.slo import Query, Slo
    from promrules.syntax.nodes import Node

_COUNTING: Final = frozenset({"rate", "increase", "irate", "resets"})
_STAND_IN: Final = "999983s"  # as long as $window, so that positions stay
_FROM_0: Final = (Ratio, Compare, Count)
"""Kinds in which a bare selector is a counter."""


class Part(Enum):
    """What a selector is for."""

    COUNTER = "a counter"
    GAUGE = "a value"
    HISTOGRAM = "a histogram by its base name"


@dataclass(frozen=True)
class Input:
    """One selector of one query of an SLO.

    Attributes:
        slo: whose it is.
        key: the key of the query, such as ``total``.
        selector: without offset and ``@``.
        part: what it is for.
        span: where it is written.
        rare: whether having no series is the rule as long as nothing goes wrong.
    """

    slo: Slo
    key: str
    selector: VectorSelector
    part: Part
    span: Span | None
    rare: bool

    @cached_property
    def text(self) -> str:
        """The selector of the series that are read: of a classic histogram its ``_count``."""
        return selectors.text(self.read)

    @property
    def read(self) -> VectorSelector:
        """The selector of what tells that there are data."""
        if self.part is Part.HISTOGRAM and not self.native:
            return selectors.with_suffix(self.selector, "_count")
        return self.selector

    @property
    def native(self) -> bool:
        """Whether the spec says that the histogram is a native one."""
        return self.part is Part.HISTOGRAM and bool(getattr(self.slo.indicator, "native", False))

    @property
    def named(self) -> str:
        """The selector as the user knows it."""
        return selectors.text(self.selector)


def inputs_of(slos: Sequence[Slo], texts: Mapping[str, str]) -> tuple[Input, ...]:
    """Give each selector of each SLO; the members of a composite are SLOs of their own.

    Args:
        slos: the objectives.
        texts: file name -> text, in which selectors are looked for.
    """
    found: dict[tuple[str, str, str], Input] = {}
    for slo in slos:
        for key, query in slo.indicator.queries:
            for one in _of_query(slo, key, query, texts):
                found.setdefault((slo.id, key, one.text), one)
    return tuple(found.values())


def _of_query(slo: Slo, key: str, query: Query, texts: Mapping[str, str]) -> Iterator[Input]:
    # Not by the shape that other readers keep: its characters are others.
    node = parse(query.text.replace(selectors.WINDOW, _STAND_IN))
    counted = set(_counted(node))
    for selector in (one for one in walk(node) if isinstance(one, VectorSelector)):
        bare = replace(selector, offset=0, at=None)
        part = Part.GAUGE
        if isinstance(slo.indicator, OfHistogram):
            part = Part.HISTOGRAM
        elif selector in counted or (query.is_selector and isinstance(slo.indicator, _FROM_0)):
            part = Part.COUNTER
        rare = key == "bad" or isinstance(slo.indicator, Count | Threshold)
        yield Input(slo, key, bare, part, place(query, selector.span, texts), rare)


def _counted(node: Node) -> Iterator[VectorSelector]:
    """Yield the selectors that a query takes for counters."""
    for call in walk(node):
        if isinstance(call, Call) and call.func in _COUNTING:
            yield from (one.selector for one in call.args if isinstance(one, MatrixSelector))


def place(query: Query, part: tuple[int, int], texts: Mapping[str, str]) -> Span | None:
    """Find characters of a query in the file: those that read alike, else the whole query."""
    whole = query.span
    wanted = query.text[slice(*part)].strip()
    if whole is None or not wanted or whole.file not in texts:
        return whole
    lines = texts[whole.file].splitlines()
    earlier = query.text[: part[0]].count(wanted)
    for number in range(whole.line, min(whole.end_line, len(lines)) + 1):
        line = lines[number - 1]
        at = line.find(wanted, whole.column - 1 if number == whole.line else 0)
        while at >= 0:
            if not earlier:
                return replace(whole, line=number, end_line=number, column=at + 1, end_column=at + 1 + len(wanted))
            earlier -= 1
            at = line.find(wanted, at + 1)
    return whole
