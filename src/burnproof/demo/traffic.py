"""Send requests to the demo at a set rate, until told to stop."""

from __future__ import annotations

import http.client
import random
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

PATHS: Final = ("/gpu/info", "/gpu/info", "/gpu/info", "/gpu/info", "/health")
_CALLERS: Final = 16
"""Callers share the rate, so that slow answers of up to 16 / rate seconds do not thin the traffic out."""
_TIMEOUT: Final = 30.0


@contextmanager
def traffic(port: int, rate: float) -> Iterator[None]:
    """Send ``rate`` requests a second to the loopback port until the block ends."""
    stop = threading.Event()
    callers = [
        threading.Thread(target=_call, args=(port, rate / _CALLERS, stop), daemon=True, name=f"traffic-{number}")
        for number in range(_CALLERS)
    ]
    for caller in callers:
        caller.start()
    try:
        yield
    finally:
        stop.set()
        for caller in callers:
            caller.join(1)


def _call(port: int, rate: float, stop: threading.Event) -> None:
    """Send requests as a Poisson process, each caller on a connection of its own."""
    dice = random.Random()  # noqa: S311 - arrival times
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_TIMEOUT)
    due = time.monotonic()
    while True:
        due = max(due + dice.expovariate(rate), time.monotonic() - 1)
        if stop.wait(max(0.0, due - time.monotonic())):
            connection.close()
            return
        try:
            connection.request("GET", dice.choice(PATHS))
            connection.getresponse().read()
        except (OSError, http.client.HTTPException):
            connection.close()  # the next request opens it anew
