"""Write shares of a budget and lengths of time for people."""

from __future__ import annotations

from typing import Final

DASH: Final = "-"
"""Stands for what there is not."""
_UNITS: Final = ((86400, "d"), (3600, "h"), (60, "m"), (1, "s"))


def share(value: float) -> str:
    """Write a share of the budget, with three digits."""
    return f"{value * 100:.3g}%" if value < 1000 else f"{value:.0f} times"


def time(seconds: float | None) -> str:
    """Write a time with its two largest units, such as ``1h5m``; a dash for never."""
    if seconds is None:
        return DASH
    left, parts = round(abs(seconds)), []
    for unit, name in _UNITS:
        count, left = divmod(left, unit)
        if count:
            parts.append(f"{count}{name}")
    return ("-" if seconds <= -1 else "") + ("".join(parts[:2]) or "0s")
