"""Read durations, ratios and counts as SREs write them, exactly.

Every reader takes the text of a field and raises ``UnitError`` with what is wrong and what to write instead.
Binary floats appear nowhere: ``99.9 %`` is exactly ``0.999``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache, total_ordering
from typing import Final

# Windows are named in days (7d, 28d, 30d) in the field's metric names, so weeks are read but never printed.
_UNITS = (("w", 604_800_000), ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1))
_UNIT_MS: Final = dict(_UNITS)
_MAX_MS: Final = 400 * 86_400_000  # longer than any budget, and far below what Prometheus can count

_NUMBER: Final = re.compile(r"[+-]?(?:(?:\d{1,3}(?:_\d{3})+|\d+)(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d{1,2})?", re.ASCII)
_DURATION: Final = re.compile(r"(?:\d+(?:\.\d+)?\s*(?:ms|[smhdw])\s*)+", re.ASCII)
_DURATION_PART: Final = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|[smhdw])", re.ASCII)
_MAX_EXPONENT: Final = 15
_MAX_DIGITS: Final = 15
_RATE_UNITS: Final = {"rps": 1, "/s": 1, "rpm": 60, "/m": 60, "/min": 60, "rph": 3600, "/h": 3600}
_RATE: Final = re.compile(r"(.*?)\s*(rps|rpm|rph|/min|/s|/m|/h)?")
_LONG_UNITS: Final = {"sec": "s", "second": "s", "min": "m", "minute": "m", "hour": "h", "day": "d", "week": "w"}


class UnitError(ValueError):
    """A text that is no such quantity; ``hint`` says what to write, ``code`` names the kind of problem."""

    def __init__(self, message: str, hint: str = "", code: str = "bad-number") -> None:
        """Note message, hint and code."""
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.code = code


@total_ordering
@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time in whole milliseconds, printed as Prometheus prints it (``1h30m``)."""

    ms: int

    @property
    def seconds(self) -> float:
        """The length in seconds."""
        return self.ms / 1000

    def __lt__(self, other: Duration) -> bool:
        return self.ms < other.ms

    def __str__(self) -> str:
        return _written(self.ms)


@lru_cache(maxsize=4096)
def _written(ms: int) -> str:
    """Write milliseconds as Prometheus does."""
    if ms == 0:
        return "0s"
    text, rest = "", ms
    for unit, size in _UNITS[1:]:
        count, rest = divmod(rest, size)
        text += f"{count}{unit}" if count else ""
    return text


@lru_cache(maxsize=1024)
def duration(text: str) -> Duration:
    """Read ``5m``, ``1h30m``, ``250ms``, ``1.5h``, ``4w``: a positive length of time.

    Raises:
        UnitError: no such text, no unit, zero, or no whole milliseconds.
    """
    stripped = text.strip()
    _refuse_negative(stripped, "bad-duration")
    if not _DURATION.fullmatch(stripped):
        raise UnitError(f"{_shown(text)} is no length of time", _duration_hint(stripped), "bad-duration")
    total = sum(Decimal(number) * _UNIT_MS[unit] for number, unit in _DURATION_PART.findall(stripped))
    if total == 0:
        raise UnitError("a length of time must be longer than zero", "write for example 5m", "bad-duration")
    if total != int(total):
        raise UnitError(
            f"{_shown(text)} is no whole number of milliseconds", "write at least 1ms, in whole ones", "bad-duration"
        )
    if total > _MAX_MS:
        raise UnitError(f"{_shown(text)} is longer than 400 days", "write for example 30d or 90d", "bad-duration")
    return Duration(int(total))


def _refuse_negative(text: str, code: str) -> None:
    """Refuse a length of time with a sign."""
    if text.startswith("-") and _DURATION.fullmatch(text[1:].strip()):
        raise UnitError(f"{_shown(text)} is negative", f"write {text[1:].strip()}", code)


def _duration_hint(text: str) -> str:
    """Say what was probably meant by a text that is no duration."""
    if re.fullmatch(r"\d+(\.\d+)?", text):
        return f"give it a unit: {text}s, {text}m, {text}h or {text}d"
    word = re.fullmatch(r"(\d+)\s*([a-z]+?)s?", text.lower())
    if word and word[2] in _LONG_UNITS:
        return f"write {word[1]}{_LONG_UNITS[word[2]]}"
    if word and word[2] in ("mo", "month", "quarter", "y", "year"):
        return "for calendar units write window: {calendar: month}; lengths use ms, s, m, h, d, w"
    return "write for example 250ms, 30s, 5m, 1h30m, 30d or 4w"


def number(text: str) -> Decimal:
    """Read a finite decimal number, exactly; ``1_000`` may group its digits, a comma is ambiguous.

    Raises:
        UnitError: no number.
    """
    stripped = text.strip()
    if not _NUMBER.fullmatch(stripped):
        raise UnitError(f"{_shown(text)} is no number", _number_hint(stripped))
    value = Decimal(stripped.replace("_", ""))
    if value and (abs(value.adjusted()) > _MAX_EXPONENT or _digits(value) > _MAX_DIGITS):
        hint = (
            f"Prometheus counts in floats: {_MAX_DIGITS} digits, sizes between 1e-{_MAX_EXPONENT} and 1e{_MAX_EXPONENT}"
        )
        raise UnitError(f"{_shown(text)} is no number that a rule can hold", hint, "out-of-range")
    return value


def _digits(value: Decimal) -> int:
    """Count significant digits; ``normalize`` would round to the context's precision first."""
    return len("".join(map(str, value.as_tuple().digits)).rstrip("0"))


def _number_hint(text: str) -> str:
    """Say what to write instead of a text that is no number."""
    if text.lower().lstrip("+-.") in ("nan", "inf", "infinity"):
        return "write a finite number"
    if re.fullmatch(r"\d+,\d+", text):
        whole, _, rest = text.partition(",")
        grouped = f", or {whole}{rest} if the comma groups digits" if len(rest) == 3 else ""
        return f"write {whole}.{rest} with a point{grouped}"
    return "write digits with a point: 99.5, 1000 or 1_000"


def whole(text: str) -> Decimal:
    """Read a whole number.

    Raises:
        UnitError: no number, or one with a fraction.
    """
    value = number(text)
    if value != value.to_integral_value():
        raise UnitError(f"{_shown(text)} is no whole number", f"write {int(value)} or {int(value) + 1}", "out-of-range")
    return value


def ratio(text: str) -> Decimal:
    """Read ``80%`` or ``0.8`` as 0.8.

    Raises:
        UnitError: neither.
    """
    stripped = text.strip()
    return number(stripped[:-1]) / 100 if stripped.endswith("%") else number(stripped)


@lru_cache(maxsize=1024)
def objective(text: str) -> Decimal:
    """Read an objective in percent, ``99.5%``, ``99.5 %`` or ``99.5``, as the ratio 0.995.

    Raises:
        UnitError: no percentage strictly between 0 and 100, or a number up to 1 that may mean a ratio.
    """
    stripped = text.strip()
    marked = stripped.endswith("%")
    try:
        percent = number(stripped[:-1] if marked else stripped)
    except UnitError as error:
        hint = error.hint if "," in stripped else "write a percentage such as 99.5%"
        raise UnitError(f"the objective {_shown(text)} is no percentage", hint, "objective") from None
    if not marked and 0 < percent <= 1:
        hint = f"write {_plain(percent * 100)}% if a ratio was meant" if percent < 1 else "write 99.5% for example"
        message = f"the objective {stripped} may mean {stripped} % or a ratio of {stripped}"
        raise UnitError(message, f"{hint}, {stripped}% if it is a percentage", "objective")
    if not 0 < percent < 100:
        hints = {100: "at 100 % there is no budget, and one error ever breaks it: choose 99.9% or so"}
        hint = hints.get(int(percent) if percent == int(percent) else 0, "write a percentage such as 99.5%")
        message = f"an objective of {_plain(percent)} % is not between 0 and 100, both excluded"
        raise UnitError(message, hint, "objective")
    return percent / 100


def factor(text: str) -> Decimal:
    """Read a burn rate: a number, alone or with ``x`` or a multiplication sign behind it.

    Raises:
        UnitError: no positive number.
    """
    value = number(re.sub(r"\s*[x\u00d7]$", "", text.strip()))
    if value <= 0:
        raise UnitError(f"a burn rate of {_plain(value)} would always alert", "write for example 14.4", "out-of-range")
    return value


def rate(text: str) -> Decimal:
    """Read events per second: ``10rps``, ``600rpm``, ``10/s``, ``0.2``.

    Raises:
        UnitError: no positive rate.
    """
    found = _RATE.fullmatch(text.strip().lower())
    value = number(found[1] if found else text) / (_RATE_UNITS[found[2]] if found and found[2] else 1)
    if value <= 0:
        raise UnitError("a rate must be above 0", "write for example 10rps or 600rpm", "out-of-range")
    return value


class Bare(Decimal):
    """A number that was written without a unit, so that it is in the metric's own."""


def seconds(text: str) -> Decimal:
    """Read a latency bound as seconds: ``250ms``, ``1.5s``, or ``Bare`` for ``0.25`` in the metric's own unit.

    Raises:
        UnitError: neither.
    """
    stripped = text.strip()
    _refuse_negative(stripped, "out-of-range")
    if _DURATION.fullmatch(stripped):
        parts = _DURATION_PART.findall(stripped)
        return sum((Decimal(value) * _UNIT_MS[unit] for value, unit in parts), Decimal(0)) / 1000
    return Bare(ratio(stripped))


def _shown(text: str) -> str:
    """Quote a text for a message, cut to a length that can be read."""
    line = " ".join(text.split())
    return f"{line[:40]!r}…" if len(line) > 40 else repr(line)


def _plain(value: Decimal) -> str:
    """Write a decimal without exponent and trailing zeros."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
