"""Read gauges from the target's own metrics during a run, such as its memory."""

from __future__ import annotations

import http.client
import math
import re
import time
from typing import TYPE_CHECKING, Final, NoReturn

from burnproof.loadtest.run.greenlets import sleep

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from burnproof.loadtest.run.hosts import Target
    from burnproof.loadtest.run.samples import Seen

_TIMEOUT: Final = 5.0
_MOST: Final = 16 * 1024 * 1024
_LINE: Final = re.compile(r"(?P<name>[A-Za-z_:][\w:]*)(?:\{[^\n]*\})?\s+(?P<value>\S+)(?:\s+-?\d+)?\s*")


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


def gauges_of(text: str, gauges: Collection[str]) -> dict[str, float]:
    """Read gauges from Prometheus' text format; the series of a name are summed, such as those of several workers."""
    found: dict[str, float] = {}
    for line in text.splitlines():
        match = _LINE.fullmatch(line)
        if match is None or match["name"] not in gauges:
            continue
        try:
            value = float(match["value"])
        except ValueError:
            continue
        if math.isfinite(value):
            found[match["name"]] = found.get(match["name"], 0.0) + value
    return found
