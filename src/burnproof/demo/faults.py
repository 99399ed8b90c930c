"""Read the faults that a user asks for, and apply them to requests."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from burnproof.model.measured import Dimension, QuantityError, quantity
from burnproof.model.quantities import UnitError, ratio, seconds, whole

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from decimal import Decimal

MAX_LATENCY: Final = 60.0
"""Seconds; a demo that hangs for longer looks broken, not slow."""
MAX_LEAK: Final = 10**7
MOST_LEAKED: Final = 5 * 10**8
"""Bytes of one leak, and of all: enough for a drift that shows, and not for the machine to run out."""


class FaultError(ValueError):
    """A request for a fault that cannot be granted; the message lists every reason."""


class Fate(StrEnum):
    """What becomes of a request."""

    ANSWERED = "answered"
    FAILED = "failed"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Faults:
    """What is wrong with the demo at the moment.

    Attributes:
        path: Routes that begin so suffer; all but the demo's own unless given.
        errors: Share of requests that are answered with `status`.
        status: What failed requests are answered with.
        latency: Seconds added to each request, and to the first token of each debate.
        drops: Share of connections that break in the midst of the answer.
        lag: Share of the processing capacity that is gone.
        gap: Seconds added between the messages of a debate.
        leak: Bytes of memory that each request and each debate leaves behind.
    """

    path: str = "/"
    errors: float = 0.0
    status: int = 500
    latency: float = 0.0
    drops: float = 0.0
    lag: float = 0.0
    gap: float = 0.0
    leak: int = 0

    def concerns(self, path: str) -> bool:
        """Tell whether requests of this route suffer."""
        return path.startswith(self.path)

    def delay(self, path: str) -> float:
        """Give the seconds by which an answer of this route is late."""
        return self.latency if self.concerns(path) else 0.0

    def fate(self, path: str, dice: random.Random) -> Fate:
        """Throw the dice for one request of this route."""
        if not self.concerns(path):
            return Fate.ANSWERED
        thrown = dice.random()
        if thrown < self.drops:
            return Fate.DROPPED
        return Fate.FAILED if thrown < self.drops + self.errors else Fate.ANSWERED


@dataclass(slots=True)
class Switchboard:
    """The one mutable place of the demo: the present faults, a die that can be loaded with a seed, and what leaked."""

    faults: Faults = field(default_factory=Faults)
    dice: random.Random = field(default_factory=random.Random)
    leaked: list[bytes] = field(default_factory=list)
    leaked_bytes: int = 0

    def leak(self, path: str) -> None:
        """Leave memory behind, as far as the faults of the moment say so of this route and the demo may grow."""
        size = self.faults.leak if self.faults.concerns(path) else 0
        if size and self.leaked_bytes + size <= MOST_LEAKED:
            self.leaked.append(b"\x01" * size)
            self.leaked_bytes += size

    def clear(self) -> None:
        """Take all faults back, and free what leaked."""
        self.faults = Faults()
        self.leaked.clear()
        self.leaked_bytes = 0


def _share(text: str) -> float:
    value = ratio(text)
    if not 0 <= value <= 1:
        raise UnitError(f"{text.strip()} is no share between 0% and 100%", "write 20% or 0.2")
    return float(value)


def _time(text: str) -> float:
    value: Decimal = seconds(text)
    if not 0 <= value <= MAX_LATENCY:
        raise UnitError(f"{text.strip()} is not between 0s and {MAX_LATENCY:.0f}s", "write for example 300ms")
    return float(value)


def _status(text: str) -> int:
    value = whole(text)
    if not 400 <= value <= 599:
        raise UnitError(f"{text.strip()} is no status of a failed request", "write 500, 503, 429 …")
    return int(value)


def _path(text: str) -> str:
    if not text.startswith("/"):
        raise UnitError(f"{text!r} is no path", "write for example /gpu/info")
    return text


def _size(text: str) -> int:
    try:
        found = quantity(text)
    except QuantityError as error:
        raise UnitError(str(error), "write for example 100KB") from None
    if found.unit.dimension is not Dimension.SIZE or not 0 <= found.canonical <= MAX_LEAK:
        raise UnitError(f"{text.strip()} is no size up to 10MB", "write for example 100KB")
    return int(found.canonical)


_READERS: Final[Mapping[str, Callable[[str], float | int | str]]] = {
    "path": _path, "errors": _share, "status": _status, "latency": _time, "drops": _share, "lag": _share, "gap": _time,
    "leak": _size,
}  # fmt: skip
NAMES: Final = tuple(_READERS)


def read_faults(wanted: Mapping[str, str]) -> Faults:
    """Read faults from text fields, such as ``{"errors": "20%", "latency": "300ms"}``; empty fields are left out.

    Raises:
        FaultError: unknown or unreadable fields, all of them at once.
    """
    values: dict[str, float | int | str] = {}
    reasons = []
    for name, text in wanted.items():
        reader = _READERS.get(name)
        if reader is None:
            reasons.append(f"{name}: there is no such fault, only {', '.join(NAMES)} and restarts")
            continue
        if not text.strip():
            continue
        try:
            values[name] = reader(text)
        except UnitError as error:
            reasons.append(f"{name}: {error.message}{f' ({error.hint})' if error.hint else ''}")
    made = Faults(**values)  # type: ignore[arg-type]  # each reader gives its own field's type
    if made.errors + made.drops > 1:
        reasons.append("errors and drops together are more than 100%")
    if reasons:
        raise FaultError("; ".join(reasons))
    return made


def read_restarts(text: str) -> int:
    """Read how many restarts to count at once.

    Raises:
        FaultError: it is no number from 0 to 100.
    """
    try:
        value = whole(text) if text.strip() else 0
    except UnitError as error:
        raise FaultError(f"restarts: {error.message}") from None
    if not 0 <= value <= 100:
        raise FaultError(f"restarts: {text.strip()} is not between 0 and 100")
    return int(value)
