"""`check --url` as a command: what it prints for whom, and how it ends."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

import promcatalog
from burnproof.compile.plan import rule_groups
from burnproof.specs.live.nearest import nearest, some
from burnproof.specs.live.scraping import usual
from burnproof.specs.resolve import slos_from_text
from promcatalog import Server

sys.path.insert(0, str(Path(__file__).parents[1] / "prometheus"))  # the tests' folders are no package

import hostile

SPEC = """
version: burnproof/v1
service: shop
scrape_interval: 30s
slos:
  - name: availability
    objective: 99%
    sli: {ratio: {total: 'http_requests_total{job="shop"}', bad: 'http_requests_total{job="shop",code=~"5.."}'}}
"""
SERIES = {'http_requests_total{job="shop",code="200"}': "0+300x200"}
GROUPS = {slo.id: rule_groups(slo) for slo in slos_from_text("shop.yaml", SPEC).slos}
MEGABYTES = 300
PEAK = """
import re
from burnproof.cli import main
try:
    main()
finally:
    print(re.search(r"VmHWM:\\s*(\\d+) kB", open("/proc/self/status").read())[1])
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "shop.yaml").write_text(SPEC, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("burnproof.prometheus.retries._BACKOFF", 0.0)
    monkeypatch.setattr("burnproof.cli.check_live.time.time", lambda: promcatalog.NOW)
    return tmp_path


@pytest.fixture
def check(folder, burnproof):
    """Run the command against a described server."""

    def run(server, *options):
        with promcatalog.serving(server, GROUPS) as url:
            return burnproof("check", "shop.yaml", "--url", url, *options)

    return run


def test_a_server_as_assumed_raises_nothing_and_is_described(check):
    done = check(
        Server(series=SERIES, rules="generated", version="3.5.0", flags={"enable-feature": "native-histograms"})
    )

    assert done.returncode == 0
    server, slo, total, bad = done.stdout.splitlines()
    assert server.endswith(": version 3.5.0; switched on: native-histograms")
    assert slo.startswith("shop-availability: rules loaded; a sample every 30 s; its rules read ")
    assert [line.split() for line in (total, bad)] == [
        ["1", "series", "of", 'http_requests_total{job="shop"}'],
        ["0", "series", "of", 'http_requests_total{job="shop",code=~"5.."}'],
    ]
    assert done.stderr.splitlines()[-1] == "1 file, 0 errors, 0 warnings."


def test_warnings_count_under_strict(check):
    server = Server(series=SERIES)

    assert check(server).returncode == 0
    assert check(server, "--strict").returncode == 1


def test_json_holds_findings_and_what_is_known(check):
    done = check(Server(series=SERIES, interval="1m", rules="generated"), "--format", "json")
    document = json.loads(done.stdout)

    assert done.returncode == 1
    assert [one["code"] for one in document["problems"]] == ["live-scrape-slow"]
    assert document["server"]["slos"]["shop-availability"]["interval"] == 60.0


def test_what_a_kind_of_server_has_not_is_named_and_is_no_failure(check):
    done = check(Server(series=SERIES, rules="generated"))

    assert done.returncode == 0
    assert "Not asked: the flags (HTTP 404" in done.stderr


def test_specs_with_errors_are_not_asked_about(folder, burnproof):
    (folder / "shop.yaml").write_text(SPEC.replace("99%", "199%"), encoding="utf-8")
    done = burnproof("check", "shop.yaml", "--url", "http://127.0.0.1:1")

    assert done.returncode == 1
    assert "was not asked: mend the errors first" in done.stderr


def test_a_question_that_fails_makes_the_result_incomplete(folder, burnproof):
    """What was found is shown; that it is not all is exit code 2, not a finding."""
    with promcatalog.serving(Server(series=SERIES, interval="1m"), GROUPS) as url:
        port = int(url.rpartition(":")[2])
        with hostile.serving() as server:

            def behave(talk):
                if " /api/v1/rules" in talk.request.line:
                    talk.answer({"status": "error", "error": "store is down"}, "500 Internal Server Error")
                else:
                    talk.write(passed_on(port, talk.request))

            server.behave = behave
            done = burnproof("check", "shop.yaml", "--url", server.url)

    assert done.returncode == 2
    assert "[live-scrape-slow]" in done.stdout
    assert f"burnproof: {server.url}: the rules: HTTP 500: store is down" in done.stderr


def passed_on(port, request):
    """Ask another server the same, and give all bytes of its answer."""
    with socket.create_connection(("127.0.0.1", port)) as other:
        head = "".join(f"{name}: {value}\r\n" for name, value in request.headers.items() if name != "connection")
        other.sendall(f"{request.line}\r\n{head}Connection: close\r\n\r\n{request.body}".encode())
        return b"".join(iter(lambda: other.recv(65_536), b""))


def test_all_questions_together_have_one_time_limit(folder, burnproof):
    def behave(talk):
        time.sleep(0.3)
        talk.answer(hostile.vector())

    with hostile.serving() as server:
        server.behave = behave
        done = burnproof("check", "shop.yaml", "--url", server.url, "--max-time", "0.5")

    assert (done.returncode, done.stdout) == (2, "")
    assert "not all was answered within 0.5 s; allow more with --max-time" in done.stderr


LARGE = {
    "series without end": lambda talk: talk.answer(vectors()),
    "a list of everything": lambda talk: talk.answer(
        hostile.filled('{"status":"success","data":["a"', ',"a"', 1_900_000, "]}")
    ),
    "rules without end": lambda talk: talk.answer(
        hostile.filled('{"status":"success","data":{"groups":[{}', ',{"rules":[{}]}', 150_000, "]}}")
    ),
}


def vectors():
    item = '{"metric":{"le":"1"},"value":[1,"1"]}'
    head = '{"status":"success","data":{"resultType":"vector","result":['
    return hostile.filled(f"{head}{item}", f",{item}", 100_000, "]}}")


@pytest.mark.parametrize("name", [pytest.param(one, marks=pytest.mark.slow) if "end" in one else one for one in LARGE])
def test_memory_is_bounded_whatever_is_listed(folder, name):
    if not Path("/proc/self/status").exists():
        pytest.skip("no /proc: the peak of memory cannot be read")

    def behave(talk):
        if "/api/v1/query" in talk.request.line and name != "series without end":
            talk.answer(hostile.vector())
        else:
            LARGE[name](talk)

    with hostile.serving() as server:
        server.behave = behave
        arguments = ["check", "shop.yaml", "--url", server.url, "--timeout", "60"]
        done = subprocess.run(
            [sys.executable, "-c", PEAK, *arguments],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    assert done.returncode in (1, 2)
    assert "Traceback" not in done.stderr
    assert "internal error" not in done.stderr
    assert int(done.stdout.splitlines()[-1]) < MEGABYTES * 1024


@pytest.mark.parametrize(
    ("name", "there", "found"),
    [
        ("http_request_total", ["http_requests_total", "up"], ["http_requests_total"]),
        ("status", ["status_code", "method"], ["status_code"]),
        ("shpo", ["shop", "cart"], ["shop"]),
        ("up", ["node_load1"], []),
    ],
)
def test_nearest_names(name, there, found):
    assert nearest(name, there) == found


def test_long_lists_are_cut():
    assert some([f"n{number}" for number in range(20)]).endswith("n7 and 12 more")


@pytest.mark.parametrize(("measured", "said"), [(30.5, 30), (29.3, 30), (14.7, 15), (42.34, 42.3), (61.0, 60)])
def test_a_measured_interval_is_the_usual_one_near_it(measured, said):
    assert usual(measured) == said
