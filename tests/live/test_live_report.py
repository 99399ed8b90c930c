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

from burnproof import naming
from burnproof.prometheus import Client, connection
from burnproof.report import Order, make_report
from burnproof.report.periods import trailing, unit_of
from burnproof.units import duration
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
def test_attainment_is_that_of_the_rules_on_the_server(server, period, shift):
    """The rule's own expression, asked at the same instant, says the same; here Prometheus is the judge of both."""
    end = history.END - shift
    made = report(server, trailing(duration(period), end))

    assert made.troubles == ()
    judged = 0
    for line in made.lines:
        if line.figures is None or line.figures.attainment is None or line.target is None:
            continue
        pair = (
            "slice_{}:sum1h"
            if line.slo.name == "pool"
            else "slice_{}:bool"
            if line.unit != "events"
            else "sli_{}:rate1h"
        )
        group = "".join(f',{name}="{value}"' for name, value in line.group)
        sums = [
            f'sum_over_time(slo:{pair.format(side)}{{{naming.ID}="{line.slo.id}"{group}}}[{period}:1h])'
            for side in ("errors", "total")
        ]
        ((one),) = server.query(f"{sums[0]} / {sums[1]}", time=end)
        assert 1 - line.figures.attainment == pytest.approx(float(one["value"][1]), abs=1e-9), line.name
        judged += 1
    assert judged == 5


def test_what_the_rules_recorded_is_what_the_report_says(server):
    """A second after an evaluation, before the next hour's sample, the recorded budget is the report's."""
    made = report(server, trailing(duration("30d"), history.END + 1))

    for line in made.lines:
        if line.remaining is not None and line.target is not None:
            assert line.remaining == pytest.approx(1 - line.figures.spent, abs=1e-9), line.name


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
