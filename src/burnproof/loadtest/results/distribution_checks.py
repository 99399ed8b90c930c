"""Find impossible figures of a distribution, such as a percentile below the median.

Neighbouring percentiles are not held against each other: people try a gate out by raising a single figure of a sample.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

# Percentiles are often rounded and extremes are not, so one may seem beyond the other by this much.
_SHARE: Final = Decimal("0.1")
_MILLISECONDS: Final = 10


def disorder(
    percentiles: Iterable[tuple[str, Any]],
    lowest: tuple[str, Any] | None = None,
    highest: tuple[str, Any] | None = None,
) -> str:
    """Say what contradicts the order of a distribution's figures; "" where they can be.

    Args:
        percentiles: Name and value, the median first; values that are no numbers are left out.
        lowest: The name and value of the minimum, exactly as measured.
        highest: The same of the maximum.
    """
    known, least, most = _known(percentiles), _known([lowest]), _known([highest])
    # The lower, the higher, and by how much rounding may have turned them round.
    pairs = [(low, high, Decimal(0)) for low in least for high in most]
    for median in known[:1]:
        pairs += [(median, one, Decimal(0)) for one in known[1:]]
        pairs += [(median, high, _rounded(high[1])) for high in most] + [
            (low, median, _rounded(low[1])) for low in least
        ]
    for (lower, below), (upper, above), slack in pairs:
        if below > above + slack:
            return f"{lower} is {below} and {upper} is {above}, which cannot be lower"
    return ""


def _known(figures: Iterable[tuple[str, Any] | None]) -> list[tuple[str, Decimal]]:
    return [one for one in figures if one and isinstance(one[1], Decimal) and one[1].is_finite()]


def _rounded(value: Decimal) -> Decimal:
    """Give by how much rounding may move a measured number."""
    return max(abs(value) * _SHARE, Decimal(_MILLISECONDS))
