"""Read numbers with units exactly: ``6250ms``, ``5,247``, ``0.01%``, ``1.2GB``, ``600rpm``.

Two quantities compare only within one dimension, so that a latency is never held against a number of requests.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum
from typing import Final

from burnproof.model.decimals import plain


class Dimension(StrEnum):
    """What a number is a number of."""

    TIME = "a time"
    RATIO = "a ratio"
    RATE = "a rate"
    SIZE = "a size"
    COUNT = "a count"
    TRUTH = "true or false"
    UNKNOWN = "a number of unknown unit"


class QuantityError(ValueError):
    """A text that is no quantity; the message says why."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit.

    Attributes:
        name: As it is printed behind a number.
        dimension: What it measures.
        scale: How many canonical units it is: seconds, ratios from 0 to 1, events per second, bytes.
    """

    name: str
    dimension: Dimension
    scale: Decimal = Decimal(1)


UNKNOWN: Final = Unit("", Dimension.UNKNOWN)
COUNT: Final = Unit("", Dimension.COUNT)
TRUTH: Final = Unit("", Dimension.TRUTH)
RATIO: Final = Unit("ratio", Dimension.RATIO)
PERCENT: Final = Unit("%", Dimension.RATIO, Decimal("0.01"))
SECONDS: Final = Unit("s", Dimension.TIME)
MILLISECONDS: Final = Unit("ms", Dimension.TIME, Decimal("0.001"))
PER_SECOND: Final = Unit("rps", Dimension.RATE)
BYTES: Final = Unit("B", Dimension.SIZE)


def _table() -> dict[str, Unit]:
    """List the units with all their spellings."""
    times = (
        ("ns", "0.000000001", "nanoseconds"), ("us", "0.000001", "µs microseconds"),
        ("ms", "0.001", "milliseconds millisecond"),
        ("s", "1", "sec secs second seconds"), ("m", "60", "min mins minute minutes"), ("h", "3600", "hour hours"),
        ("d", "86400", "day days"),
    )  # fmt: skip
    # A KB has 1000 bytes and a KiB 1024, as IEC 80000-13 has it; no size is guessed.
    sizes = (
        ("B", 1, "byte bytes"), ("KB", 1000, "kB"), ("MB", 1000**2, ""), ("GB", 1000**3, ""), ("TB", 1000**4, ""),
        ("KiB", 1024, ""), ("MiB", 1024**2, ""), ("GiB", 1024**3, ""),
    )  # fmt: skip
    found = {"ratio": RATIO, "%": PERCENT, "percent": PERCENT, "count": COUNT, "requests": COUNT, "events": COUNT}
    found |= {"rps": PER_SECOND, "/s": PER_SECOND, "per_second": PER_SECOND}
    for name in ("rpm", "/m", "/min"):
        found[name] = Unit("rpm", Dimension.RATE, Decimal(1) / 60)
    for name, scale, others in times:
        made = Unit(name, Dimension.TIME, Decimal(scale))
        found |= dict.fromkeys((name, *others.split()), made)
    for name, factor, others in sizes:
        made = Unit(name, Dimension.SIZE, Decimal(factor))
        found |= dict.fromkeys((name, *others.split()), made)
    return found


UNITS: Final = _table()
# A rate of anything, such as messages/sec/debate.
_RATE: Final = re.compile(r"[A-Za-z][\w ]*/(?:s|sec|second)(?:/[\w ]+)?")
_NUMBER: Final = r"[+-]?(?:[1-9]\d{0,2}(?:,\d{3})+|\d+)(?:\.\d+)?(?:[eE][+-]?\d+)?"
_QUANTITY: Final = re.compile(rf"({_NUMBER})\s*([^\d\s.,+-].*)?")
_PLAIN: Final = re.compile(_NUMBER)
LARGEST: Final = Decimal("1e18")
"""Beyond this a number is damage, not a measurement."""
_SMALLEST: Final = -30
"""The power of ten below which a number other than 0 is damage, too; a nanosecond is 1e-9 s."""
_DIGITS: Final = 100
"""How many digits are read; a float's exact value can have some 60 for what is measured."""
_EXPONENT: Final = re.compile(r"[eE][+-]?\d{8}")  # Python's decimals take no longer ones
_JSON: Final = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d{1,7})?")


def unit(name: str) -> Unit:
    """Find a unit by any of its spellings.

    Raises:
        QuantityError: there is none.
    """
    text = name.strip()
    found = UNITS.get(text) or UNITS.get(text.lower())
    if found is not None:
        return found
    if _RATE.fullmatch(text):
        return Unit(text, Dimension.RATE)
    raise QuantityError(f"{text!r} is no unit; there are ms, s, m, h, %, ratio, rps, rpm, B, KB, KiB, MB, count, X/sec")


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number in a unit."""

    value: Decimal
    unit: Unit = UNKNOWN

    @property
    def canonical(self) -> Decimal:
        """The number in seconds, ratio, per second or bytes."""
        return self.value * self.unit.scale

    def within(self, other: Unit) -> Quantity:
        """Give the same quantity in another unit of its dimension."""
        return Quantity(self.canonical / other.scale, other)

    def __str__(self) -> str:
        """Write it as people do: ``38.91 ms``, ``99.5%``, ``12``."""
        number = shown(self.value)
        if self.unit.dimension is Dimension.TRUTH:
            return "true" if self.value else "false"
        gap = "" if self.unit.name in ("", "%") else " "
        return f"{number}{gap}{self.unit.name}"


def shown(value: Decimal) -> str:
    """Round to four places for people; a number that would round to nothing keeps four digits."""
    rounded = value.quantize(Decimal("0.0001"), ROUND_HALF_EVEN) if abs(value) < LARGEST else value
    if rounded == 0 != value:
        rounded = Decimal(f"{value:.4g}")
    return plain(rounded)


def number(text: str) -> Decimal:
    """Read a finite number, exactly; commas may group thousands.

    Raises:
        QuantityError: no number, not finite, or absurdly large.
    """
    stripped = text.strip()
    if not _PLAIN.fullmatch(stripped):
        raise QuantityError(f"{stripped[:40]!r} is no number")
    if _EXPONENT.search(stripped):
        raise QuantityError("the number's exponent is none that a measurement has")
    return bounded(Decimal(stripped.replace(",", "")))


def bounded(value: Decimal) -> Decimal:
    """Let a number pass that can be one of a measurement.

    Raises:
        QuantityError: it is NaN, infinite or absurdly large.
    """
    if not value.is_finite():
        raise QuantityError(f"{value} is no finite number")
    # Told from its parts: to calculate with 1e9999999 takes minutes, or overflows.
    _, digits, exponent = value.as_tuple()
    if value and (value.adjusted() > LARGEST.adjusted() or value.copy_abs() > LARGEST):
        raise QuantityError("the number is too large to be a measurement")
    if value and value.adjusted() < _SMALLEST:
        raise QuantityError("the number is too small to be a measurement")
    if len(digits) > _DIGITS or abs(int(exponent)) > _DIGITS - _SMALLEST:
        raise QuantityError(f"the number has more than {_DIGITS} digits, as no measurement has")
    return value


def of_json(text: str) -> Decimal | str:
    """Read a number of JSON, exactly; one that no measurement has stays text, so that no reader calculates with it."""
    if len(text) > 2 * _DIGITS or not _JSON.fullmatch(text):
        return text
    try:
        return bounded(Decimal(text))
    except QuantityError:
        return text


def quantity(text: str) -> Quantity:
    """Read a number with or without a unit; without one its unit is unknown.

    Raises:
        QuantityError: neither.
    """
    found = _QUANTITY.fullmatch(text.strip())
    if found is None:
        raise QuantityError(f"{text.strip()[:40]!r} is no number")
    return Quantity(number(found[1]), unit(found[2]) if found[2] else UNKNOWN)


# Endings of names that say what is in them, as Prometheus and most reports have them.
_ENDINGS: Final = (
    ("_ms", MILLISECONDS), ("_millis", MILLISECONDS), ("_milliseconds", MILLISECONDS),
    ("_seconds", SECONDS), ("_secs", SECONDS), ("_s", SECONDS), ("_bytes", BYTES),
    ("_ratio", RATIO), ("_percent", PERCENT), ("_pct", PERCENT), ("_rps", PER_SECOND), ("_rpm", UNITS["rpm"]),
)  # fmt: skip
# What is per something is no time; of what is per anything but a time, nothing is known.
_PER: Final = re.compile(r"_per_([a-z]+)$")
_RATES: Final = dict.fromkeys(("s", "sec", "second"), PER_SECOND) | dict.fromkeys(("min", "minute"), UNITS["rpm"])
# Figures of what the name before them names: latency_ms.p99 is a time, latency_ms.count is none.
_FIGURE: Final = re.compile(
    r"p?\(?\d{1,6}(?:_\d+)?\)?|\d{1,2}th|percentiles?|med|median|mean|avg|average|min|max|std|stddev|values?"
)


def unit_by_name(path: str) -> Unit:
    """Tell the unit that the last name of a dotted path says, or the one before a mere figure; unknown where none does.

    It is a guess, which a check's ``unit`` overrules.
    """
    for part in reversed(path.lower().split(".")):
        per = _PER.search(part)
        if per:
            return _RATES.get(per[1], UNKNOWN)
        made = next((made for ending, made in _ENDINGS if part.endswith(ending)), None)
        if made is not None or not _FIGURE.fullmatch(part):
            return made or UNKNOWN
    return UNKNOWN
