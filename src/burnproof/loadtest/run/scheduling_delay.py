"""Measure the scheduling delay: how late a sleeping greenlet wakes up, in seconds."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final, NoReturn

from burnproof.loadtest.run.greenlets import sleep

if TYPE_CHECKING:
    from burnproof.loadtest.run.samples import Samples

STEP: Final = 0.02


def watch(samples: Samples) -> NoReturn:
    """Measure until killed: milliseconds late at each step, and the share of a core that this process uses.

    A greenlet whose answer has arrived waits for its turn as long as this one does, so the lateness measured here is
    contained in every latency that is measured meanwhile.
    """
    began, used = time.monotonic(), time.process_time()
    while True:
        due = time.monotonic() + STEP
        sleep(STEP)
        now = time.monotonic()
        samples.delays.append((now - due) * 1000)
        samples.busy = (time.process_time() - used) / max(now - began, STEP)
