"""Arrays of float64 in, a * b + c rounded once out: the fused multiply-add numpy does not offer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


def _two_sum(a: Floats, b: Floats) -> tuple[Floats, Floats]:
    """Two terms in, their rounded sum and its exact error out (Knuth)."""
    total = a + b
    part = total - a
    return total, (a - (total - part)) + (b - part)


def _two_product(a: Floats, b: Floats) -> tuple[Floats, Floats]:
    """Two factors in, their rounded product and its exact error out (Dekker, Veltkamp)."""
    product = a * b
    wide_a, wide_b = a * 134217729.0, b * 134217729.0
    high_a, high_b = wide_a - (wide_a - a), wide_b - (wide_b - b)
    low_a, low_b = a - high_a, b - high_b
    return product, ((high_a * high_b - product) + high_a * low_b + low_a * high_b) + low_a * low_b


def fma(a: Floats, b: Floats, c: Floats | float) -> Floats:
    """Factors and addend of moderate size in, a*b + c rounded once out.

    The error terms are added with rounding to odd, after which the last addition cannot round twice
    (S. Boldo and G. Melquiond, "Emulation of FMA and correctly rounded sums", 2008).
    """
    product, product_error = _two_product(a, b)
    high, high_error = _two_sum(np.broadcast_to(np.float64(c), product.shape), product_error)
    total, total_error = _two_sum(product, high)
    odd, lost = _two_sum(high_error, total_error)
    even = (odd.view(np.int64) & 1) == 0
    odd = np.where((lost != 0) & even, np.nextafter(odd, np.copysign(np.inf, lost)), odd)
    return total + odd
