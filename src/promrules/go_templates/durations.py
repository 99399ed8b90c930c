"""Prometheus durations as they stand in YAML: `1h30m` in, milliseconds out, and back."""

from __future__ import annotations

import re

_UNITS = (
    ("y", 31_536_000_000),
    ("w", 604_800_000),
    ("d", 86_400_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1000),
    ("ms", 1),
)
_FORM = re.compile("".join(f"(?:([0-9]+){unit})?" for unit, _ in _UNITS))
MAX_MS = (2**63 - 1) // 1_000_000  # Go holds a duration in int64 nanoseconds: 292 years


class DurationError(ValueError):
    """A text that is no duration; the message is Prometheus' own."""


def parse_duration(text: str) -> int:
    """Read a duration (`5m`, `1h30m`, `250ms`, `0`) into milliseconds.

    Raises:
        DurationError: empty, not of that form, units out of order, or beyond 292 years.
    """
    if text == "0":
        return 0
    if text == "":
        raise DurationError("empty duration string")
    found = _FORM.fullmatch(text)
    if not found:
        raise DurationError(f'not a valid duration string: "{text}"')
    total = sum(int(count) * size for count, (_, size) in zip(found.groups(), _UNITS, strict=True) if count)
    if total > MAX_MS:
        raise DurationError("duration out of range")
    return total


def format_duration(ms: int) -> str:
    """Write milliseconds as Prometheus does: years, weeks and days only where nothing remains (`90d`, `1h30m`)."""
    if ms == 0:
        return "0s"
    text, rest = "", ms
    for unit, size in _UNITS:
        exact = unit in {"y", "w", "d"}
        if (exact and rest % size) or rest < size:
            continue
        count, rest = divmod(rest, size)
        text += f"{count}{unit}"
    return text


def format_go_duration(ms: int) -> str:
    """Write milliseconds as Go prints a time.Duration (`1h0m0s`, `1.5s`)."""
    if ms == 0:
        return "0s"
    if ms < 1000:
        return f"{ms}ms"
    minutes, rest = divmod(ms, 60_000)
    hours, minutes = divmod(minutes, 60)
    seconds, millis = divmod(rest, 1000)
    tail = f"{seconds}.{str(millis).zfill(3).rstrip('0')}s" if millis else f"{seconds}s"
    if hours:
        return f"{hours}h{minutes}m{tail}"
    return f"{minutes}m{tail}" if minutes else tail
