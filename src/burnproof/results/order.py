"""The figures of one distribution to why they cannot be: percentiles that fall, or lie beyond what was measured."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# Locust keeps two digits of a percentile and all of the extremes, so one may seem beyond the other by this much.
_SHARE: Final = Decimal("0.1")
_MILLISECONDS: Final = 10


def disorder(
    percentiles: Iterable[tuple[str, Any]],
    lowest: tuple[str, Any] | None = None,
    highest: tuple[str, Any] | None = None,
) -> str:
    """Say what contradicts the order of a distribution's figures; "" where they can be.

    Args:
        percentiles: Name and value from the lowest percentile to the highest; values that are no numbers are left out.
        lowest: The name and value of the minimum, exactly as measured.
        highest: The same of the maximum.
    """
    known = [(name, value) for name, value in percentiles if _is_number(value)]
    for (lower, below), (upper, above) in pairwise(known):
        if below > above:
            return f"{lower} is {below} and {upper} is {above}, which cannot be lower"
    least = lowest if lowest and _is_number(lowest[1]) else None
    most = highest if highest and _is_number(highest[1]) else None
    if least and most and least[1] > most[1]:
        return f"{least[0]} is {least[1]} and {most[0]} is {most[1]}, which cannot be lower"
    if known and most and known[-1][1] > _above(most[1]):
        return f"{known[-1][0]} is {known[-1][1]} and {most[0]} is {most[1]}, which cannot be lower"
    if known and least and _above(known[0][1]) < least[1]:
        return f"{least[0]} is {least[1]} and {known[0][0]} is {known[0][1]}, which cannot be lower"
    return ""


def at(values: Mapping[str, Any], names: Iterable[str]) -> list[tuple[str, Any]]:
    """Pair names with what stands under them, None where nothing does."""
    return [(name, values.get(name)) for name in names]


def _is_number(value: Any) -> bool:
    return isinstance(value, Decimal) and value.is_finite()


def _above(value: Decimal) -> Decimal:
    """Give the largest number that rounding may make of a measured one."""
    return value + max(abs(value) * _SHARE, Decimal(_MILLISECONDS))
