"""The live gate on a real Prometheus: a service in an outage fails, its healthy twin passes, silence fails."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from livehistory import ca3, openmetrics
from liveservers import import_blocks, program, prometheus

from burnproof.loadtest.gate.live import judge_live
from burnproof.loadtest.gate.model import Outcome
from burnproof.model.quantities import duration
from burnproof.prometheus import Client, connection
from burnproof.prometheus.span import Span
from burnproof.specs.resolve import slos_from_text

pytestmark = [pytest.mark.live, pytest.mark.slow]
SPEC = (Path(__file__).parents[2] / "slos" / "processor.yaml").read_text(encoding="utf-8")
SPAN = "1h"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A Prometheus with three hours of both services, the last two of them an incident of the processor's."""
    for name in ("prometheus", "promtool"):
        program(name)
    folder = tmp_path_factory.mktemp("gate")
    end = int(time.time())
    series = {**ca3("processor", "app", incident=True), **ca3("twin", "twin", incident=False)}
    import_blocks(folder, openmetrics(series, end, 3, 2))
    with prometheus(folder, []) as found:
        yield found, end


def outcomes(server, *changes):
    text = SPEC
    for old, new in changes:
        text = text.replace(old, new)
    loaded = slos_from_text("processor.yaml", text)
    found, end = server
    return {
        verdict.slo.partition("/")[2]: verdict
        for verdict in judge_live(loaded.slos, Client(connection(found.url, env={})), Span(end, duration(SPAN)))
        if not verdict.slo.endswith("-as-written")  # its exporter is not there
    }


TWIN = (
    ("service: processor", "service: twin"),
    ('job="processor"', 'job="twin"'),
    ("app_", "twin_"),
    ('"processor-', '"twin-'),
)


def test_a_healthy_service_passes(server):
    found = outcomes(server, *TWIN)

    assert {name: verdict.reasons for name, verdict in found.items()} == dict.fromkeys(found, ())
    assert {verdict.outcome for verdict in found.values()} == {Outcome.PASS}


def test_a_service_in_an_outage_fails_for_the_right_reason(server):
    found = outcomes(server)

    ratio = found["availability"].actual.value
    assert found["availability"].outcome is Outcome.FAIL
    assert 45 < ratio < 55  # half of the requests
    assert {verdict.outcome for name, verdict in found.items() if name != "restarts"} == {Outcome.FAIL}


def test_a_service_that_is_not_there_fails(server):
    found = outcomes(server, ('job="processor"', 'job="nobody"'), ("app_", "nobody_"), ('"processor-', '"nobody-'))

    assert {verdict.outcome for verdict in found.values()} == {Outcome.FAIL}
    assert {verdict.actual for verdict in found.values()} == {None}
