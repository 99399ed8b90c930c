"""Read the gauges of a name from Prometheus' text format."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection

_LINE: Final = re.compile(r"(?P<name>[A-Za-z_:][\w:]*)(?:\{[^\n]*\})?\s+(?P<value>\S+)(?:\s+-?\d+)?\s*")


def gauges_of(text: str, gauges: Collection[str]) -> dict[str, float]:
    """Read gauges from Prometheus' text format; the series of a name are summed, such as those of several workers."""
    found: dict[str, float] = {}
    for line in text.splitlines():
        match = _LINE.fullmatch(line)
        if match is None or match["name"] not in gauges:
            continue
        try:
            value = float(match["value"])
        except ValueError:
            continue
        if math.isfinite(value):
            found[match["name"]] = found.get(match["name"], 0.0) + value
    return found
