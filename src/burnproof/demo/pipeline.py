"""Simulate a queue and its processor: messages produced, processed, and how long each one waited."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from burnproof.demo.faults import Switchboard
    from burnproof.demo.metrics import Metrics

TICK: Final = 0.1
STORING: Final = 0.2
"""Seconds that storing takes when nothing waits."""
_LONGEST: Final = 100_000


@dataclass(slots=True)
class Pipeline:
    """Messages on their way.

    Attributes:
        rate: Messages produced a second; the processor can do twice that while nothing is wrong.
        waiting: When each message that waits was produced.
    """

    metrics: Metrics
    board: Switchboard
    rate: float = 20.0
    waiting: deque[float] = field(default_factory=lambda: deque(maxlen=_LONGEST))
    _owed: float = 0.0
    _able: float = 0.0

    def tick(self, now: float, passed: float) -> None:
        """Let time pass: `now` is the clock and `passed` what went by since the last tick, in seconds."""
        self._owed += self.rate * passed
        for _ in range(int(self._owed)):
            self.waiting.append(now)
            self.metrics.produced.inc()
        self._owed %= 1
        # With half of its capacity gone the processor just keeps up; a lag of 75 % halves what it processes.
        self._able += 2 * self.rate * passed * (1 - self.board.faults.lag)
        for _ in range(min(int(self._able), len(self.waiting))):
            self.metrics.processed.inc()
            self.metrics.stored.observe(now - self.waiting.popleft() + STORING)
        # What was not needed is not saved up: an idle processor is no faster later.
        self._able %= 1

    async def run(self) -> None:
        """Tick until cancelled."""
        last = time.monotonic()
        while True:
            await asyncio.sleep(TICK)
            now = time.monotonic()
            self.tick(now, now - last)
            last = now
