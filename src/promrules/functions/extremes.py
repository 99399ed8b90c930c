"""The larger and the smaller of two numbers, in the two ways Prometheus picks them.

- ``clamp``, ``max_of`` and ``min_of`` use Go's ``math.Max`` and ``math.Min``: ``maximum`` and ``minimum``.
- ``max``, ``min`` and their ``_over_time`` compare: NaN loses, and of equal ones the earlier stays. Only the zeros of
  both signs are equal and yet differ (``1 / -0`` is -Inf); without a -0 numpy's ``fmax`` and ``fmin`` give the same
  and are faster.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from promrules.columns.values import Floats


def has_negative_zero(values: Floats) -> bool:
    """Tell whether a -0 is among the values."""
    zeros = values[values == 0]
    return bool(np.signbit(zeros).any())


def first_largest(earlier: Floats, later: Floats) -> Floats:
    """Give the larger of two, the earlier one where they are equal."""
    return np.where((later > earlier) | np.isnan(earlier), later, earlier)


def first_smallest(earlier: Floats, later: Floats) -> Floats:
    """Give the smaller of two, the earlier one where they are equal."""
    return np.where((later < earlier) | np.isnan(earlier), later, earlier)


def maximum(left: Floats, right: Floats) -> Floats:
    """Give the larger of two: +Inf beats NaN, NaN beats everything else, 0 beats -0 (Go's math.Max)."""
    return _larger(left, right)


def minimum(left: Floats, right: Floats) -> Floats:
    """Give the smaller of two: -Inf beats NaN, NaN beats everything else, -0 beats 0 (Go's math.Min)."""
    return -_larger(-left, -right)


def _larger(left: Floats, right: Floats) -> Floats:
    with np.errstate(invalid="ignore", over="ignore"):
        # Equal numbers differ in sign at most, and 0 + -0 is 0; other equal pairs are what they are.
        larger = np.where(left == right, np.where(left == 0, left + right, left), np.maximum(left, right))
        return np.where((left == np.inf) | (right == np.inf), np.inf, larger)
