"""The demo's parts without a socket: faults from text, dice, the queue, the script of a debate, the past."""

from __future__ import annotations

import json
import random

import pytest

from burnproof.cli.options import load_extra
from burnproof.demo.endpoints import ENDPOINTS, is_debate_api
from burnproof.demo.faults import Fate, FaultError, Faults, Switchboard, read_faults, read_restarts
from burnproof.demo.history import HOURS, STEP, openmetrics
from burnproof.demo.metrics import make_metrics
from burnproof.demo.pipeline import STORING, Pipeline

GOOD = [
    ({}, Faults()),
    ({"errors": "20%"}, Faults(errors=0.2)),
    ({"errors": "0.2", "status": "503"}, Faults(errors=0.2, status=503)),
    ({"latency": "300ms", "gap": "0.1"}, Faults(latency=0.3, gap=0.1)),
    ({"leak": "100KB"}, Faults(leak=100_000)),
    ({"path": "/gpu", "drops": "5%", "lag": ""}, Faults(path="/gpu", drops=0.05)),
    ({"errors": "60%", "drops": "40%"}, Faults(errors=0.6, drops=0.4)),
]
BAD = [
    ({"errors": "120%"}, "errors: 120% is no share"),
    ({"errors": "-1"}, "errors: -1 is no share"),
    ({"latency": "soon"}, "latency: 'soon' is no number"),
    ({"latency": "2m"}, "latency: 2m is not between 0s and 60s"),
    ({"status": "200"}, "status: 200 is no status of a failed request"),
    ({"path": "gpu"}, "path: 'gpu' is no path"),
    ({"speed": "1"}, "speed: there is no such fault"),
    ({"errors": "60%", "drops": "50%"}, "together are more than 100%"),
]


@pytest.mark.parametrize(("wanted", "faults"), GOOD)
def test_faults_are_read_from_text(wanted, faults):
    assert read_faults(wanted) == faults


@pytest.mark.parametrize(("wanted", "message"), BAD)
def test_faults_that_cannot_be_are_refused_with_a_reason(wanted, message):
    with pytest.raises(FaultError, match=message):
        read_faults(wanted)


def test_all_reasons_come_at_once():
    with pytest.raises(FaultError) as found:
        read_faults({"errors": "2", "latency": "x", "speed": "1"})

    assert [part.partition(":")[0] for part in str(found.value).split("; ")] == ["errors", "latency", "speed"]


@pytest.mark.parametrize("text", ["-1", "101", "x", "1.5"])
def test_restarts_are_a_small_number(text):
    with pytest.raises(FaultError, match="restarts"):
        read_restarts(text)


def test_faults_strike_in_the_shares_that_were_asked_for_and_on_that_path_alone():
    faults, dice = Faults(path="/gpu", errors=0.2, drops=0.1), random.Random(1)
    fates = [faults.fate("/gpu/info", dice) for _ in range(20_000)]

    assert fates.count(Fate.FAILED) == pytest.approx(4000, abs=250)
    assert fates.count(Fate.DROPPED) == pytest.approx(2000, abs=200)
    assert {faults.fate("/health", dice) for _ in range(1000)} == {Fate.ANSWERED}


def _after_ten_seconds(lag):
    metrics, board = make_metrics(), Switchboard(Faults(lag=lag))
    pipeline = Pipeline(metrics, board, rate=20)
    for tick in range(1, 101):
        pipeline.tick(tick / 10, 0.1)
    value = metrics.registry.get_sample_value
    return pipeline, lambda name, labels=None: value(name, labels or {})


@pytest.mark.parametrize(("lag", "processed"), [(0.0, 200), (0.5, 200), (0.75, 100), (1.0, 0)])
def test_lag_takes_capacity_away_of_which_half_is_spare(lag, processed):
    pipeline, value = _after_ten_seconds(lag)

    assert value("app_produced_messages_total") == pytest.approx(200, abs=1)
    assert value("app_processed_messages_total") == pytest.approx(processed, abs=2)
    assert len(pipeline.waiting) == value("app_produced_messages_total") - value("app_processed_messages_total")


def test_a_message_is_stored_after_what_it_waited_and_never_before_it_came():
    _, idle = _after_ten_seconds(0.0)
    _, behind = _after_ten_seconds(0.75)

    assert idle("app_end_to_end_seconds_sum") == pytest.approx(STORING * idle("app_end_to_end_seconds_count"))
    # At half the rate the n-th message is stored at twice the time it came: 5 s late at the end, 2.5 s on average.
    mean = behind("app_end_to_end_seconds_sum") / behind("app_end_to_end_seconds_count")
    assert mean == pytest.approx(2.5 + STORING, abs=0.2)


def test_a_debate_is_a_numbered_script():
    stream = pytest.importorskip("burnproof.demo.stream", reason="starlette is not installed")
    messages = [json.loads(text) for text in stream.script(2, 3)]
    kinds = [message["type"] for message in messages]

    assert [message["seq"] for message in messages] == list(range(1, len(messages) + 1))
    assert (kinds[0], kinds[1], kinds[-2:]) == ("debate_start", "token", ["round_end", "debate_end"])
    assert kinds.count("round_end") == 2
    assert kinds.count("vote") == kinds.count("critique") == 2 * 3


def test_routes_are_unique_and_specific_before_general():
    routes = [(endpoint.method, endpoint.path) for endpoint in ENDPOINTS]

    assert len(set(routes)) == len(routes)
    assert routes.index(("GET", "/api/traces/compare")) < routes.index(("GET", "/api/traces/{id}"))
    assert is_debate_api("/api/debates/{id}")
    assert not is_debate_api("/api/traces")


def test_the_past_is_uneventful_and_ends_now():
    lines = openmetrics("processor", "h:1", 1_000_000_020).splitlines()
    served = [line.split() for line in lines if line.startswith("starlette_requests_total")]

    assert lines[-1] == "# EOF"
    assert len(served) == HOURS * 3600 // STEP + 1
    assert (served[-1][1], served[-1][2]) == (str(HOURS * 3600), "1000000020")
    assert all('status_code="200"' in line[0] for line in served)


def test_a_missing_extra_is_named_with_the_command_that_brings_it(capsys):
    assert load_extra("burnproof.demo.run", ("json", "no_such_module"), "preview") is None
    assert capsys.readouterr().err == (
        "burnproof: not installed: no_such_module; run: pip install no_such_module\n"
        "These belong to burnproof's extra `preview`.\n"
    )
