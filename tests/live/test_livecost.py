"""What rules read, as counted from their text, is what a real Prometheus says that it read."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from liveservers import import_blocks, program, prometheus

sys.path.insert(0, str(Path(__file__).parents[1] / "plan"))  # the tests' folders are no package

import ratioslo

from burnproof.plan.types import RecordingRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from burnproof.plan.types import Labels

pytestmark = [pytest.mark.live]
MINUTE, HOUR, DAY = 60, 3600, 86_400


def history(at: int, codes: list[str], recorded: list[tuple[str, Labels]]) -> Iterator[str]:
    """Write 20 raw series of the last hours, and a month of recorded ones at the points that subqueries look at."""
    for number in range(ratioslo.SERIES):
        series = f'http_requests_total{{job="shop",code="{codes[number % 2]}",instance="{number}"}}'
        start = at - 7 * HOUR - 7  # no scrape falls on the edge of a window
        yield from (f"{series} {(t - start) * 10} {t}\n" for t in range(start, at, ratioslo.SECONDS))
    first = (at - 31 * DAY) // HOUR * HOUR
    for name, labels in recorded:
        series = name + "{" + ",".join(f'{key}="{value}"' for key, value in labels) + "}"
        # Subqueries look every five minutes or more seldom; ranges, of two hours at most, are read as a whole.
        dense = (at - 3 * HOUR) // HOUR * HOUR
        yield from (f"{series} 0.5 {t}\n" for t in range(first, dense, 5 * MINUTE))
        yield from (f"{series} 0.5 {t}\n" for t in range(dense, at, ratioslo.SECONDS))
    yield "# EOF\n"


@pytest.mark.parametrize("form", ["bad", "good"])
def test_prometheus_reads_as_many_samples_as_were_counted(tmp_path, form):
    """Rule by rule, and so in all: at most 300 samples per second."""
    for name in ("prometheus", "promtool"):
        program(name)
    rules = ratioslo.rules(form)
    recorded = [(rule.record, rule.labels) for rule in rules if isinstance(rule, RecordingRule)]
    at = int(time.time()) // HOUR * HOUR - HOUR + 100  # between the points of every subquery
    import_blocks(tmp_path, "".join(history(at, ["200", "500"], recorded)))
    with prometheus(tmp_path) as server:
        read = [
            server.get("/api/v1/query", query=rule.expr, time=at, stats="all")["data"]["stats"]["samples"][
                "totalQueryableSamples"
            ]
            for rule in rules
        ]
    counted = ratioslo.costs(form)
    assert dict(zip([cost.name for cost in counted], read, strict=True)) == {
        cost.name: cost.samples for cost in counted
    }
    assert sum(read) / ratioslo.SECONDS <= ratioslo.BARS["bad"]
