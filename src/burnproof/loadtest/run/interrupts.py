"""Turn Ctrl-C and SIGTERM into a flag: an exception would appear in whichever greenlet runs."""

from __future__ import annotations

import signal
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

# What people press, and what CI services, `timeout` and `docker stop` send.
_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


@dataclass(slots=True)
class Interrupt:
    """Whether somebody wants the run to end, and by which signal."""

    number: int = 0

    @property
    def came(self) -> bool:
        """Whether there was a signal."""
        return self.number > 0

    @property
    def code(self) -> int:
        """The exit code that shells give for a program ended by the signal: 130 for Ctrl-C, 143 for SIGTERM."""
        return 128 + self.number


@contextmanager
def interrupts() -> Iterator[Interrupt]:
    """Note the first signal of the block; a second one does what it always did, for who does not want to wait."""
    found = Interrupt()
    before = {number: signal.getsignal(number) for number in _SIGNALS}

    def restore() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    def note(number: int, _frame: object) -> None:
        found.number = number
        restore()

    for number in _SIGNALS:
        signal.signal(number, note)
    try:
        yield found
    finally:
        restore()
