"""Bounds and values of an SLI with their units: as words where they are fixed, as a template where an alert asks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from burnproof.model.decimals import percent, plain
from burnproof.model.quantities import Duration
from burnproof.model.slo import Floor, Latency, Quantile, Threshold
from promrules.syntax.nodes import selectors
from promrules.syntax.parse import parse

if TYPE_CHECKING:
    from collections.abc import Callable
    from decimal import Decimal

    from burnproof.model.slo import Indicator


@dataclass(frozen=True, slots=True)
class Unit:
    """How values of one kind are written.

    Attributes:
        template: a pipeline of Prometheus' template language that writes a value.
        write: the same for a fixed value.
    """

    template: str
    write: Callable[[Decimal], str]


def _time(value: Decimal) -> str:
    """Write seconds as people do: ``75ms``, ``1.5s``, ``2h``."""
    if abs(value) < 1:
        return f"{plain(value * 1000)}ms" if value else "0s"
    whole = value == value.to_integral_value() and value >= 60
    return str(Duration(int(value) * 1000)) if whole else f"{plain(value)}s"


def _bytes(value: Decimal) -> str:
    """Write bytes in the largest binary unit that they are a whole number of."""
    for name, size in (("GiB", 2**30), ("MiB", 2**20), ("KiB", 2**10)):
        if value >= size and value % size == 0:
            return f"{plain(value / size)}{name}"
    return f"{plain(value)}B"


SECONDS: Final = Unit("humanizeDuration", _time)
PLAIN: Final = Unit("humanize", plain)
_BY_SUFFIX: Final = (
    ("_seconds", SECONDS),
    ("_bytes", Unit('humanize1024 | printf "%sB"', _bytes)),
    ("_ratio", Unit("humanizePercentage", percent)),
)
_CHANGES_UNIT: Final = ("rate(", "increase(", "count(", "count_over_time(", "/", "time()")
"""What makes another unit of a metric's own, so that its name tells nothing of the value."""


def unit_of(indicator: Indicator) -> Unit:
    """Give the unit of an indicator's bound: seconds for times, else by the suffix of the metric that is measured."""
    match indicator:
        case Latency() | Floor() | Quantile():
            name = indicator.histogram.text.partition("{")[0].strip()
            return SECONDS if name.endswith("_seconds") else _by_name(name)
        case Threshold(value=value) if not any(word in value.text for word in _CHANGES_UNIT):
            names = {one.name or "" for one in selectors(parse(value.text.replace("$window", "5m")))}
            return _by_name(names.pop()) if len(names) == 1 else PLAIN
        case Threshold(value=value) if "time()" in value.text:
            return SECONDS
        case _:
            return PLAIN


def _by_name(name: str) -> Unit:
    return next((unit for suffix, unit in _BY_SUFFIX if name.endswith(suffix)), PLAIN)
