"""Read gauges from the target's own metrics during a run, such as its memory."""

from __future__ import annotations

import http.client
import time
from typing import TYPE_CHECKING, Final, NoReturn

from burnproof.loadtest.run.exposition import gauges_of
from burnproof.loadtest.run.greenlets import sleep

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from burnproof.loadtest.run.hosts import Target
    from burnproof.loadtest.run.samples import Seen

_TIMEOUT: Final = 5.0
_MOST: Final = 16 * 1024 * 1024


def watch(target: Target, path: str, gauges: Collection[str], every: float, seen: Seen) -> NoReturn:
    """Ask until killed, every so many seconds; an answer that does not come leaves a gap."""
    began = time.monotonic()
    for number in range(1, 1 << 60):
        for name, value in asked(target, path, gauges).items():
            seen.setdefault(name, []).append((time.monotonic() - began, value))
        sleep(max(0.0, began + number * every - time.monotonic()))
    raise AssertionError  # nothing counts that far


def asked(target: Target, path: str, gauges: Collection[str]) -> dict[str, float]:
    """Ask the target once; gives those of the gauges that it exports, nothing where it does not answer."""
    kind: Callable[..., http.client.HTTPConnection] = (
        http.client.HTTPSConnection if target.scheme == "https" else http.client.HTTPConnection
    )
    connection = kind(target.host, target.port, timeout=_TIMEOUT)
    try:
        connection.request("GET", path, headers={"Accept": "text/plain"})
        answer = connection.getresponse()
        text = answer.read(_MOST).decode("utf-8", "replace") if answer.status == http.client.OK else ""
    except (OSError, http.client.HTTPException):
        return {}
    finally:
        connection.close()
    return gauges_of(text, gauges)
