"""What rules read, as counted from their text, is what a real Prometheus says that it read."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from liveservers import import_blocks, program, prometheus

sys.path.insert(0, str(Path(__file__).parents[1] / "rules"))  # the tests' folders are no package

import ratioslo

from burnproof.rules.types import RecordingRule
from promrules.syntax.nodes import Subquery, children
from promrules.syntax.parse import parse
from promrules.syntax.printer import to_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from liveservers import Server

    from burnproof.rules.types import Labels
    from promrules.syntax.nodes import Node

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
        # Subqueries look every five minutes or more seldom; ranges, of two days at most, are read as a whole.
        dense = (at - 50 * HOUR) // HOUR * HOUR
        yield from (f"{series} 0.5 {t}\n" for t in range(first, dense, 5 * MINUTE))
        yield from (f"{series} 0.5 {t}\n" for t in range(dense, at, ratioslo.SECONDS))
    yield "# EOF\n"


def samples_of(server: Server, node: Node, start: int, end: int, step: int) -> int:
    """Ask Prometheus how many samples an expression reads at some times.

    Of a subquery it says only how many points come out of it; so what goes in is asked for at those points.
    """
    answer = server.get("/api/v1/query_range", query=to_text(node), start=start, end=end, step=step, stats="all")
    found = int(answer["data"]["stats"]["samples"]["totalQueryableSamples"])
    for inner in subqueries(node):
        every = int(inner.step or 0) // 1000
        for at in range(start, end + 1, step):
            last = (at - int(inner.offset) // 1000) // every * every
            first = (at - (int(inner.offset) + int(inner.range)) // 1000) // every * every + every
            made = server.get("/api/v1/query_range", query=to_text(inner.expr), start=first, end=last, step=every)
            found -= sum(len(series["values"]) for series in made["data"]["result"])
            found += samples_of(server, inner.expr, first, last, every)
    return found


def subqueries(node: Node) -> Iterator[Subquery]:
    """Yield the subqueries of an expression that lie in no other."""
    for child in children(node):
        if isinstance(child, Subquery):
            yield child
        else:
            yield from subqueries(child)


@pytest.mark.parametrize("form", ["bad", "good"])
def test_prometheus_reads_as_many_samples_as_were_counted(tmp_path, form):
    """Rule by rule, and so in all."""
    for name in ("prometheus", "promtool"):
        program(name)
    rules = ratioslo.rules(form)
    recorded = [(rule.record, rule.labels) for rule in rules if isinstance(rule, RecordingRule)]
    at = int(time.time()) // HOUR * HOUR - HOUR + 100  # between the points of every subquery
    import_blocks(tmp_path, "".join(history(at, ["200", "500"], recorded)))
    with prometheus(tmp_path) as server:
        # What goes into a subquery is asked for at its own points, whose end is not that of the rule's evaluation.
        read = [samples_of(server, parse(rule.expr.replace("@ end()", f"@ {at}")), at, at, 1) for rule in rules]
    counted = ratioslo.costs(form)
    # Any selector of codes is taken for that of the counted half; these two select all series, and none.
    every, none = ratioslo.SERIES - ratioslo.COUNTED, -ratioslo.COUNTED
    assert dict(zip([cost.name for cost in counted], read, strict=True)) == {
        cost.name: cost.samples + every * rule.expr.count('code!=""') + none * rule.expr.count('code=""')
        for cost, rule in zip(counted, rules, strict=True)
    }
