"""Warn of names that nearly match within one SLI: of two that differ in a letter, one is a slip."""

from __future__ import annotations

import re
from itertools import combinations
from typing import TYPE_CHECKING, Final

from burnproof.model.indicators import Compare, Ratio
from burnproof.specs.checks.mistakes.reading import Finding, matcher_span, name_span
from promrules.syntax.nodes import Call, MatrixSelector, selectors, walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from burnproof.model.slo import Slo
    from burnproof.specs.checks.mistakes.reading import Reading
    from promrules.syntax.nodes import VectorSelector

_LONG_ENOUGH: Final = 5
"""Letters from which on a word that differs in one is taken for a slip; tx and rx, in and on are words."""
_TWO_WORDS: Final = (frozenset({"http", "https"}),)
_ENDINGS: Final = frozenset({"d", "r", "s"})
"""Of produced, producer and produces each is a word."""
_COUNTERS: Final = frozenset({"rate", "irate", "increase"})
_OTHER_SUFFIX: Final = re.compile(r"_(total|count|sum|bucket|created)$")


def near_names(_: Slo, readings: tuple[Reading, ...]) -> Iterator[Finding]:
    """Metrics whose names differ in a letter, a plural or an underscore are one metric, and one of the names a slip."""
    seen: dict[str, tuple[Reading, VectorSelector]] = {}
    for reading in readings:
        for selector in selectors(reading.node):
            if selector.name:
                seen.setdefault(selector.name, (reading, selector))
    for one, two in combinations(seen, 2):
        if nearly(one, two):
            reading, selector = seen[two]
            message = f"{two} is nearly {one}, which this SLI reads too: one of the two is probably misspelt"
            yield Finding(
                "near-name", reading, name_span(reading.query, selector), message, f"write {one}, if it is meant"
            )


def near_labels(_: Slo, readings: tuple[Reading, ...]) -> Iterator[Finding]:
    """Labels whose names nearly match are one label: a matcher of one that is not there matches all or nothing."""
    seen: dict[str, tuple[Reading, VectorSelector, int]] = {}
    for reading in readings:
        for selector in selectors(reading.node):
            for number, matcher in enumerate(selector.matchers):
                seen.setdefault(matcher.name, (reading, selector, number))
    for one, two in combinations(seen, 2):
        if nearly(one, two):
            reading, selector, number = seen[two]
            span = matcher_span(reading.query, selector, selector.matchers[number])
            message = f"the label {two} is nearly {one}, which this SLI reads too: one of the two is probably misspelt"
            yield Finding("near-name", reading, span, message, f"write {one}, if it is meant")


def without_total(slo: Slo, readings: tuple[Reading, ...]) -> Iterator[Finding]:
    """Beside a counter that ends in ``_total``, one of the same exporter that does not is probably misspelt."""
    if not isinstance(slo.indicator, Ratio | Compare):
        return
    names: dict[str, tuple[Reading, VectorSelector]] = {}
    for reading in readings:
        for selector in counters_of(reading):
            if selector.name and ":" not in selector.name:
                names.setdefault(selector.name, (reading, selector))
    families = {name.partition("_")[0]: name for name in names if name.endswith("_total")}
    for name, (reading, selector) in names.items():
        other = families.get(name.partition("_")[0])
        if other is None or _OTHER_SUFFIX.search(name) or "_" not in name or f"{name}_total" in names:
            continue
        message = f"{name} does not end in _total, as {other} beside it does and clients have counters end"
        yield Finding(
            "near-name",
            reading,
            name_span(reading.query, selector),
            message,
            f"write {name}_total, if that is its name",
        )


def counters_of(reading: Reading) -> Iterator[VectorSelector]:
    """Yield the selectors that are read as counters."""
    if reading.query.is_selector:
        yield from selectors(reading.node)
        return
    for item in walk(reading.node):
        match item:
            case Call(func=func, args=(MatrixSelector(selector=selector),)) if func in _COUNTERS:
                yield selector


def nearly(one: str, two: str) -> bool:
    """Tell whether two names differ by a slip: an underscore, capitals, a plural, or one letter of a long word."""
    if one.replace("_", "").lower() == two.replace("_", "").lower():
        return one != two
    first, second = one.lower().split("_"), two.lower().split("_")
    if len(first) != len(second):
        return _dropped_total(one, two)
    differ = [(a, b) for a, b in zip(first, second, strict=True) if a != b]
    return len(differ) == 1 and _slip(*differ[0])


def _dropped_total(one: str, two: str) -> bool:
    return f"{one}_total" == two or f"{two}_total" == one


def _slip(one: str, two: str) -> bool:
    """Tell whether two words are one, misspelt: a plural, or a letter more, less, other or exchanged."""
    if {one, two} in _TWO_WORDS or any(letter.isdigit() for letter in one + two):
        return False
    if f"{one}s" == two or f"{two}s" == one:
        return True
    if one[:-1] == two[:-1] and {one[-1], two[-1]} <= _ENDINGS:
        return False
    return min(len(one), len(two)) >= _LONG_ENOUGH and _distance_is_one(one, two)


def _distance_is_one(one: str, two: str) -> bool:
    """Tell whether one edit makes one word of the other: a letter put in, left out, replaced, or two exchanged."""
    if abs(len(one) - len(two)) > 1 or one == two:
        return False
    start = next((i for i, (a, b) in enumerate(zip(one, two, strict=False)) if a != b), min(len(one), len(two)))
    a, b = one[start:], two[start:]
    exchanged = len(a) == len(b) > 1 and a[0] == b[1] and a[1] == b[0] and a[2:] == b[2:]
    return exchanged or a[1:] == b[1:] or a[1:] == b or a == b[1:]
