"""Write shares, lengths of time, burn rates and events for people; nothing is rounded up to 100 %."""

from __future__ import annotations

import math
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_HALF_EVEN, Decimal
from typing import Final

NOTHING: Final = "–"  # noqa: RUF001 - the dash that tables use for what is not known


def attainment_text(value: float | None, target: float | None) -> str:
    """Write an attained share with the digits that tell it from its target and from 100 %, rounded down."""
    if value is None:
        return NOTHING
    digits = 3
    if target is not None and 0 < target < 1:
        digits = max(digits, 1 - math.floor(math.log10(1 - target)))
    percent = Decimal(repr(value)) * 100
    rounded = percent.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_EVEN)
    if target is not None and (rounded >= Decimal(repr(target)) * 100) != (value >= target):
        rounded = percent.quantize(Decimal(1).scaleb(-digits), ROUND_DOWN)
    if rounded >= 100 and value < 1:
        rounded = percent.quantize(Decimal(1).scaleb(-digits), ROUND_DOWN)
    return f"{rounded}%"


def share_text(value: float | None) -> str:
    """Write a share as a percentage with three significant digits; a loss is never rounded to nothing."""
    if value is None:
        return NOTHING
    percent = Decimal(repr(value)) * 100
    if percent == 0:
        return "0%"
    digits = max(0, 2 - percent.copy_abs().adjusted())
    shown = percent.quantize(Decimal(1).scaleb(-min(digits, 6)), ROUND_HALF_EVEN)
    if shown == 0:
        return "<0.000001%" if percent > 0 else ">-0.000001%"
    text = format(shown, "f")
    return f"{text.rstrip('0').rstrip('.') if '.' in text else text}%"


def burn_text(value: float | None) -> str:
    """Write a burn rate with the field's sign, three digits and, from a thousand on, all."""
    if value is None:
        return NOTHING
    return f"{value:.3g}×" if abs(value) < 1000 else f"{value:,.0f}×"  # noqa: RUF001 - the field's sign


def events_text(value: float | None) -> str:
    """Write a number of events; less than ten with a decimal where it is no whole number."""
    if value is None:
        return NOTHING
    return f"{value:,.0f}" if abs(value) >= 10 or abs(value - round(value)) < 0.05 else f"{value:,.1f}"


def minutes_text(minutes: float | None) -> str:
    """Write minutes: ``216 min``, ``4.32 min``."""
    if minutes is None:
        return NOTHING
    return f"{minutes:,.0f} min" if abs(minutes) >= 100 else f"{minutes:.3g} min"


_UNITS: Final = ((86_400, "d"), (3600, "h"), (60, "m"), (1, "s"))


def duration_text(seconds: float) -> str:
    """Write a length of time with its two largest units: ``3d 4h``, ``25m``."""
    rest = int(Decimal(repr(float(seconds))).to_integral_value(ROUND_CEILING))
    parts: list[tuple[int, str]] = []
    for size, unit in _UNITS:
        count, rest = divmod(rest, size)
        if count or (parts and len(parts) < 2):
            parts.append((count, unit))
    shown = [f"{count}{unit}" for count, unit in parts[:2] if count]
    return " ".join(shown) or "0s"
