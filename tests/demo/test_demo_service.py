"""The demo as a user meets it: a process, real sockets, faults over HTTP, Ctrl-C."""

from __future__ import annotations

import socket
import time
from contextlib import contextmanager

import pytest
import requests

from burnproof.demo.endpoints import ENDPOINTS
from burnproof.demo.servers import find_program
from demotarget import QUIET, demo
from places import PATIENCE, eventually

BODIES = {
    "items": [1, 2], "traces": [1], "prompt": "x", "content": "x", "topic": "x", "agents": ["a"], "rounds": 2,
    "choice": "a", "criteria": "x", "name": "x",
}  # fmt: skip


@pytest.fixture(scope="module")
def target():
    with demo(*QUIET) as running:
        yield running


@contextmanager
def faults(target, **wanted):
    target.faults(**wanted)
    try:
        yield
    finally:
        target.clear()


def _ask(target, endpoint):
    url = target.url + endpoint.path.replace("{id}", "1").replace("{key}", "1")
    body = {name: BODIES[name] for name in endpoint.needs} if endpoint.method == "POST" else None
    return requests.request(endpoint.method, url, json=body, timeout=PATIENCE)


def test_every_endpoint_answers_and_is_counted_under_its_route(target):
    for endpoint in ENDPOINTS:
        labels = {"method": endpoint.method, "path": endpoint.path, "status_code": endpoint.status}
        before = target.total("starlette_requests_total", **labels)

        answer = _ask(target, endpoint)

        assert (endpoint.path, answer.status_code) == (endpoint.path, endpoint.status)
        assert target.total("starlette_requests_total", **labels) == before + 1


def test_the_exporters_labels_are_starlette_exporters(target):
    requests.get(f"{target.url}/gpu/info", timeout=PATIENCE)
    series = 'app_name="processor",method="GET",path="/gpu/info",status_code="200"'

    assert f"starlette_requests_total{{{series}}}" in target.metrics()
    bucket = series.replace("app_name", 'le="0.2",app_name')
    found = [name for name in target.metrics() if name.startswith("starlette_request_duration_seconds_bucket")]
    assert any('le="0.2"' in name and 'path="/gpu/info"' in name for name in found), bucket


@pytest.mark.parametrize(("body", "status"), [("{}", 422), ("[]", 400), ("{", 400)])
def test_a_body_that_is_wrong_is_refused(target, body, status):
    assert requests.post(f"{target.url}/api/traces", data=body, timeout=PATIENCE).status_code == status


def test_errors_strike_the_path_that_was_named(target):
    with faults(target, path="/gpu", errors="100%", status="503"):
        assert requests.get(f"{target.url}/gpu/info", timeout=PATIENCE).status_code == 503
        assert requests.get(f"{target.url}/health", timeout=PATIENCE).status_code == 200
    assert requests.get(f"{target.url}/gpu/info", timeout=PATIENCE).status_code == 200


def test_latency_is_added(target):
    with faults(target, latency="150ms"):
        began = time.monotonic()
        requests.get(f"{target.url}/health", timeout=PATIENCE)
        assert time.monotonic() - began >= 0.15


def test_a_dropped_answer_breaks_for_the_client_while_the_server_counts_success(target):
    before = target.total("starlette_requests_total", path="/live", status_code="200")
    with faults(target, drops="100%"), pytest.raises(requests.exceptions.RequestException):
        _ = requests.get(f"{target.url}/live", timeout=PATIENCE).content

    assert target.total("starlette_requests_total", path="/live", status_code="200") == before + 1


def test_restarts_are_counted_and_lag_lets_messages_wait(target):
    before = target.total("kube_pod_container_status_restarts_total", namespace="app", pod="processor-0")
    with faults(target, restarts="3", lag="100%"):
        eventually(lambda: requests.get(f"{target.url}/status.json", timeout=PATIENCE).json()["waiting"] > 0)

    assert target.total("kube_pod_container_status_restarts_total") == before + 3


def test_a_fault_that_cannot_be_is_refused_and_changes_nothing(target):
    answer = requests.post(f"{target.url}/faults?errors=2", timeout=PATIENCE)

    assert answer.status_code == 400
    assert "no share" in answer.json()["error"]
    assert requests.get(f"{target.url}/faults", timeout=PATIENCE).json()["errors"] == 0


def test_the_page_asks_nobody_else(target):
    page = requests.get(target.url, timeout=PATIENCE).text

    assert "<title>burnproof demo</title>" in page
    assert "http://" not in page
    assert "https://" not in page


def test_it_listens_on_this_machine_alone(target):
    port = int(target.url.rsplit(":", 1)[1])
    with socket.socket() as outside:
        outside.settimeout(1)
        outside.connect(("127.0.0.1", port))
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", port), 1)


def test_ctrl_c_ends_it_with_success_and_frees_the_port():
    with demo("--no-prometheus", "--traffic", "50rps") as running:
        eventually(lambda: running.total("starlette_requests_total", status_code="200") > 5)
        assert running.interrupt() == 0
    with pytest.raises(requests.exceptions.ConnectionError):
        requests.get(running.url, timeout=1)


def test_a_port_that_is_taken_is_said_in_a_line(burnproof, target):
    done = burnproof("demo", "--port", target.url.rsplit(":", 1)[1], *QUIET, check=2)

    assert "choose another with --port" in done.stderr


@pytest.mark.live
@pytest.mark.slow
def test_requested_errors_page_through_a_real_prometheus_and_alertmanager():
    """All requests fail; the page arrives at the demo, and nothing is left running."""
    for name in ("prometheus", "alertmanager", "promtool"):
        if find_program(name) is None:
            pytest.skip(f"no {name} on the PATH")
    with demo("--traffic", "60rps") as running:
        links = requests.get(f"{running.url}/status.json", timeout=PATIENCE).json()["links"]
        running.faults(errors="100%")
        status = f"{running.url}/status.json"
        told = eventually(lambda: requests.get(status, timeout=PATIENCE).json()["notifications"])
        assert running.interrupt() == 0

    assert {(note["alert"], note["severity"]) for note in told} == {("ProcessorAvailabilityBurnRateHigh", "page")}
    for name in ("Prometheus", "Alertmanager"):
        with pytest.raises(requests.exceptions.ConnectionError):
            requests.get(links[name], timeout=1)
