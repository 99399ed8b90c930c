"""A second value for labels that patterns match: another status of the same class, or one just outside of it.

Where every series has the same value, a pattern that matches that one alone passes as well as one that matches a class.
So the second instance of a counter has another value wherever no selector of the SLO tells the two apart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from burnproof.proofs.series.example_labels import metric, regex_examples
from burnproof.proofs.series.queries import raw_selectors
from burnproof.proofs.types import InputSeries
from promrules.syntax.labels import get, labels_of, matches, predicate
from promrules.syntax.nodes import MatchOp, VectorSelector
from promrules.syntax.parse import parse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from burnproof.model.slo import Slo

_SECOND = frozenset({"b", "slow"})
"""What the label ``replica`` has on the second instance of a counter."""


def with_second_examples(slo: Slo, series: tuple[InputSeries, ...]) -> tuple[InputSeries, ...]:
    """Give the second instance of each counter other values of its labels, where that changes nothing."""
    selectors = tuple(raw_selectors(slo))
    patterns = {
        matcher.name: matcher
        for selector in selectors
        for matcher in selector.matchers
        if matcher.op is MatchOp.REGEX and matcher.name not in (*slo.by, "le", "__name__", "replica")
    }
    if not patterns:
        return series
    taken = {one.series for one in series}
    made = []
    for one in series:
        other = _varied(one.series, selectors, tuple(patterns)) if _is_second(one.series) else one.series
        made.append(one if other in taken else InputSeries(other, one.values))
    return tuple(made)


def _is_second(text: str) -> bool:
    return any(f'replica="{name}"' in text for name in _SECOND)


def _varied(text: str, selectors: tuple[VectorSelector, ...], names: tuple[str, ...]) -> str:
    node = parse(text)
    if not isinstance(node, VectorSelector):
        return text
    labels = labels_of((matcher.name, matcher.value) for matcher in node.matchers)
    for name in names:
        before = tuple(matches(labels, one.matchers) for one in selectors)
        for value in _values(get(labels, name), name, selectors):
            other = labels_of([*(pair for pair in labels if pair[0] != name), (name, value)])
            if tuple(matches(other, one.matchers) for one in selectors) == before:
                labels = other
                break
    return metric(VectorSelector(()), labels)


def _values(value: str, name: str, selectors: tuple[VectorSelector, ...]) -> Iterator[str]:
    """Yield values to try: other examples of a pattern that matches, near misses of one that does not."""
    found = [
        matcher
        for selector in selectors
        for matcher in selector.matchers
        if matcher.name == name and matcher.op is MatchOp.REGEX
    ]
    if not value:
        return
    if any(predicate(matcher)(value) for matcher in found):
        yield f"{value[:-1]}1"
        yield from (one for matcher in found for one in regex_examples(matcher.value) if one != value)
    else:
        yield from (near_miss(one) for matcher in found for one in regex_examples(matcher.value)[:1] if one)


def near_miss(value: str) -> str:
    """Change the first letter or digit to the one before: ``500`` to ``400``."""
    return chr(ord(value[0]) - 1) + value[1:]
