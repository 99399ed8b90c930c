"""Warn of rates of what is no counter: sums that were recorded, and gauges."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from burnproof.specs.checks.mistakes.names import counters_of
from burnproof.specs.checks.mistakes.reading import Finding, name_span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from burnproof.model.slo import Slo
    from burnproof.specs.checks.mistakes.reading import Reading

_SUM: Final = re.compile(r"(?:^|[:_])sum(?:$|[:_])")
_RATE: Final = re.compile(r"(?:^|[:_])(?:rate|irate|increase)(?:\d+[smhdwy])?(?:$|[:_])")
_GAUGE: Final = re.compile(
    r"_(?:in_flight|inflight|active|current|ratio|percent|celsius|temperature|info|timestamp_seconds|limit|limit_bytes"
    r"|usage|utilization|utilisation|queue_length|queue_size|depth|lag|gauge|healthy|up)$"
)


def recorded_sums(_: Slo, readings: tuple[Reading, ...]) -> Iterator[Finding]:
    """A sum that was recorded falls when one instance restarts, which its rate takes for a reset of all."""
    for reading in readings:
        for selector in counters_of(reading):
            name = selector.name or ""
            if ":" not in name or not (_SUM.search(name) or _RATE.search(name)):
                continue
            if _RATE.search(name):
                message = f"{name} is a rate already, and this takes the rate of it"
                hint = f"write sum(avg_over_time({name}[$window])), with its matchers"
            else:
                message = f"{name} is a recorded sum: its rate reads the restart of one instance as traffic of all"
                hint = "take the rate of what it sums: sum(rate(…_total[$window])), or record rates"
            yield Finding("recorded-sum", reading, name_span(reading.query, selector), message, hint)


def gauges(_: Slo, readings: tuple[Reading, ...]) -> Iterator[Finding]:
    """A gauge goes down, which its rate takes for a reset."""
    for reading in readings:
        for selector in counters_of(reading):
            name = selector.name or ""
            if ":" not in name and (_GAUGE.search(name) or name in ("up", "probe_success")):
                message = f"{name} is a gauge by its name, and this takes the rate of it"
                hint = f"write sum(sum_over_time({name}[$window])) and count_over_time, or an SLI of the kind threshold"
                yield Finding("rate-of-gauge", reading, name_span(reading.query, selector), message, hint)
