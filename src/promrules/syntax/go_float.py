"""A float in, its text as Go's ``%g`` prints it out."""

from __future__ import annotations

import math
from decimal import Decimal


def number(value: float) -> str:
    """Give the shortest digits that read back, with an exponent below 1e-4 and from 1e6 on."""
    if math.isnan(value) or math.isinf(value):
        return "NaN" if math.isnan(value) else f"{'+' if value > 0 else '-'}Inf"
    exact = Decimal(repr(value))
    if value == 0 or -4 <= exact.adjusted() < 6:
        text = f"{exact:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    mantissa = f"{exact.normalize():e}".partition("e")[0]
    power = exact.adjusted()
    return f"{mantissa}e{'-' if power < 0 else '+'}{abs(power):02d}"
