"""Ctrl-C to a flag: raised as an exception it would surface in whichever greenlet happens to run."""

from __future__ import annotations

import signal
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(slots=True)
class Interrupt:
    """Whether Ctrl-C was pressed."""

    came: bool = False


@contextmanager
def interrupts() -> Iterator[Interrupt]:
    """Note the first Ctrl-C of the block; a second one is an exception again, for who does not want to wait."""
    found = Interrupt()
    before = signal.getsignal(signal.SIGINT)

    def note(_number: int, _frame: object) -> None:
        found.came = True
        signal.signal(signal.SIGINT, before)

    signal.signal(signal.SIGINT, note)
    try:
        yield found
    finally:
        signal.signal(signal.SIGINT, before)
