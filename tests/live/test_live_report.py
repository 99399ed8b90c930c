"""Reports from a real Prometheus that holds a month as the rules recorded it: the same numbers to 1e-9."""

from __future__ import annotations

import sys
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from liveservers import import_blocks, program, prometheus

sys.path.insert(0, str(Path(__file__).parents[1] / "report"))
import history

from burnproof.model.quantities import duration
from burnproof.prometheus import Client, connection
from burnproof.report import Order, make_report
from burnproof.report.periods import trailing, unit_of
from promrules.syntax.labels import NAME

pytestmark = [pytest.mark.live, pytest.mark.slow]
UTC = ZoneInfo("UTC")


def openmetrics() -> str:
    """Write all that was recorded, with the alerts; without a gap, for this format has no staleness markers."""
    lines = []
    for series in history.recorded(with_gap=False):
        labels = dict(series.labels)
        name = labels.pop(NAME)
        if not (name.startswith("slo:") or name == "ALERTS"):
            continue
        shown = ",".join(f'{key}="{value}"' for key, value in labels.items())
        known = ~np.isnan(series.values)
        for at, value in zip(series.times[known].tolist(), series.values[known].tolist(), strict=True):
            lines.append(f"{name}{{{shown}}} {value!r} {at // 1000}\n")
    return "".join([*lines, "# EOF\n"])


TILE = 300  # seconds of a tile


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    for name in ("prometheus", "promtool"):
        program(name)
    folder = tmp_path_factory.mktemp("report")
    import_blocks(folder, openmetrics())
    with prometheus(folder) as found:
        yield found


def report(server, span):
    client = Client(connection(server.url, env={}))
    return make_report(client, history.slos(), Order(span, UTC), history.END)


@pytest.mark.parametrize(
    ("period", "shift"), [("30d", 17), ("30d", 3 * history.DAY + 600), ("1d", 9 * history.DAY + 60)]
)
def test_attainment_is_that_of_what_happened(server, period, shift):
    """The span is counted in tiles of five minutes, around the whole hours of it that are closed."""
    end = history.END - shift
    made = report(server, trailing(duration(period), end))

    assert made.troubles == ()
    judged = 0
    for line in made.lines:
        if line.figures is None or line.figures.attainment is None or line.target is None:
            continue
        first, last = (at // TILE * TILE for at in (made.span.start, made.span.end))
        bad, total = history.happened(line.name.removeprefix("shop/"), first, last, with_gap=False)
        assert line.figures.attainment == pytest.approx(1 - bad / total, abs=1e-7), line.name
        assert line.figures.total == pytest.approx(total, rel=1e-6), line.name
        judged += 1
    assert judged == 5


def test_what_the_rules_recorded_is_what_the_report_says(server):
    """At midnight the rules still look back an hour more for slices: their last hour is closed five minutes later."""
    made = report(server, trailing(duration("30d"), history.END + 1))

    compared = 0
    for line in made.lines:
        if line.remaining is not None and line.target is not None:
            start = history.END - 30 * history.DAY - (history.HOUR if line.slo.name == "pool" else 0)
            bad, total = history.happened(line.name.removeprefix("shop/"), start, history.END, with_gap=False)
            assert line.remaining == pytest.approx(1 - bad / total / (1 - line.target), abs=1e-5), line.name
            compared += 1
    assert compared == 5


def test_incidents_and_alerts_are_those_that_happened(server):
    """What the embedded engine finds in the month the server finds as well."""
    lines = {line.name: line for line in report(server, unit_of("month", history.END - 1, UTC)).lines}

    found = lines["shop/availability"]
    assert [incident.start - history.END for incident in sorted(found.incidents, key=lambda one: one.start)] == [
        -10 * history.DAY, -6 * history.DAY, -3 * history.DAY + 12 * history.HOUR,
    ]  # fmt: skip
    assert {alert.tier for incident in found.incidents for alert in incident.alerts} == {"1h"}
    assert (found.gaps, found.coverage) == ((), 1)
    assert lines["shop/restarts"].figures.bad == 4
    assert lines["shop/nothing"].figures is None
