"""Load runs end to end: a real demo, real sockets, the record judged by the gate; client and server told apart."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import jsonschema
import pytest

from burnproof.loadtest.results.formats import read_result
from burnproof.loadtest.results.schema import record_schema
from demotarget import QUIET, demo, total
from once import folder_of_the_run, made_once
from places import PATIENCE, eventually, sampled

ROOT = Path(__file__).parents[3]
GATE = ROOT / "examples" / "streaming-gate.yaml"
# One endpoint whose p95 lies well inside a bucket once 120 ms are added.
ONE = """version: burnproof/load/v1
name: one
users: 5
duration: 3s
wait: 10ms
grace: 2s
endpoints: [{path: /gpu/info, has: [gpus]}]
"""
WATCHED = f"""{ONE.replace("3s", "9s")}watch: {{gauges: [process_resident_memory_bytes, process_open_fds, no_such]}}
"""
LEAKS = """version: burnproof/v1
service: demo
slos:
  - {name: memory, sli: {check: {metric: target/process_resident_memory_bytes, at_most: 5GB, drift: 5%}}}
  - {name: files, sli: {check: {metric: target/process_open_fds, at_most: 500, drift: 50%}}}
"""
pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("locust") is None or importlib.util.find_spec("wsproto") is None,
    reason="locust is not installed: pip install '.[load]'",
)


@dataclass(frozen=True)
class Scenario:
    """A run against a demo of its own: its faults and the command's arguments."""

    faults: dict
    profile: str
    options: tuple = ()
    code: int = 0


@dataclass(frozen=True)
class Run:
    folder: Path
    done: subprocess.CompletedProcess
    metrics: dict

    @property
    def record(self):
        return self.folder / "run.json"

    @property
    def believed(self):
        """Its record without the doubts about this machine's speed, which tests do not depend on."""
        kept = self.folder / "believed.json"
        doubts = [why for why in self.document["load_generator"]["reasons"] if not re.search(SLOW, why)]
        kept.write_text(json.dumps(self.document | {"load_generator": {"trusted": not doubts, "reasons": doubts}}))
        return kept

    def said(self, reason):
        """How many requests failed for a reason, by what was said at the end."""
        return sum(int(number) for number in re.findall(rf"(\d+) x [^:\n]+: {reason}", self.done.stderr))

    @property
    def cut(self):
        """How many requests the end of the run cut, of which a server may or may not know: on a busy machine, some."""
        return self.said("not answered by the end of the run")

    @property
    def document(self):
        return json.loads(self.record.read_text())

    @property
    def result(self):
        return read_result(self.record)

    def total(self, name, **labels):
        return total(self.metrics, name, **labels)


SCENARIOS = {
    "smoke": Scenario({}, "smoke"),
    "hanging": Scenario({"path": "/gpu", "latency": "60s"}, "one.yaml", ("--duration", "1s")),
    "workers": Scenario({}, "mixed", ("--duration", "3s", "--users", "6", "--workers", "2")),
    "refused": Scenario({"path": "/ws", "errors": "40%"}, "smoke", ("--duration", "3s", "--reconnect", "0")),
    "slow": Scenario({"path": "/ws", "latency": "600ms"}, "smoke", ("--duration", "3s", "--strict"), code=1),
    "late": Scenario({"path": "/gpu", "latency": "380ms"}, "one.yaml"),
    "leaking": Scenario({"path": "/gpu", "leak": "50KB"}, "watched.yaml"),
    "broken": Scenario({"path": "/gpu", "errors": "20%", "drops": "20%"}, "one.yaml"),
}
SLOW = r"^The load generator (was late by|used \d+% of a core)"
"""How the doubts begin that a busy machine raises."""
PATIENT = {"SLO_FIRST_BYTE_P95_MS": "60000", "SLO_MSG_THROUGHPUT_MIN": "0.001", "SLO_COMPLETION_P99_S": "600"}
"""Bounds for the environment that a busy machine keeps."""
OK = '{app_name="processor",method="GET",path="/gpu/info",status_code="200"}'


def _once(folder, scenario):
    folder.mkdir(parents=True)
    (folder / "one.yaml").write_text(ONE)
    (folder / "watched.yaml").write_text(WATCHED)
    with demo(*QUIET) as target:
        target.faults(**scenario.faults)
        command = ("load", "run", scenario.profile, "--host", target.url, "-o", "run.json", *scenario.options)
        done = subprocess.run(
            [sys.executable, "-m", "burnproof", *command],
            cwd=folder, capture_output=True, text=True, check=False, env={**os.environ, "NO_COLOR": "1"},
            timeout=PATIENCE,
        )  # fmt: skip
        assert done.returncode == scenario.code, done.stderr
        assert "Traceback" not in done.stderr
        return Run(folder, done, target.metrics())


@dataclass(frozen=True)
class Runs:
    """Runs by scenario: each is made when it is first asked for, once for all processes of the test run."""

    folder: Path

    def __getitem__(self, name):
        return made_once(self.folder, name, lambda: _once(self.folder / name, SCENARIOS[name]))


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    return Runs(folder_of_the_run(tmp_path_factory) / "load-runs")


def test_a_smoke_run_passes_the_gate(runs, burnproof):
    done = burnproof("gate", runs["smoke"].believed, "--spec", GATE, env=PATIENT, check=0)

    assert len(re.findall(r"^\[(PASS|WARN)\]", done.stdout, re.MULTILINE)) >= 5
    assert "FAIL" not in done.stdout


def test_a_smoke_run_counts_what_the_server_counts(runs):
    smoke = runs["smoke"]
    document, metrics = smoke.document, smoke.metrics
    reconnections = metrics['debate_reconnections_total{outcome="accepted"}']

    assert smoke.record.with_suffix(".md").read_text().startswith("# streaming_smoke")
    assert ("Overall: ALL PASSED" in smoke.done.stdout) is ("[FAIL]" not in smoke.done.stdout)
    assert document["concurrent_users"] == 5
    assert document["results"]["completed_debates"] == metrics['debates_total{outcome="completed"}']
    assert document["metrics"]["reconnection"]["total_attempts"] == reconnections > 0
    # A session's time at the client contains its time at the server.
    server = metrics["debate_completion_seconds_sum"] / metrics["debate_completion_seconds_count"]
    assert document["response_time_mean"] / 1000 >= server


@pytest.mark.slow
def test_refused_sessions_fail_the_gate_for_that_reason(runs, burnproof):
    run = runs["refused"]

    done = burnproof("gate", run.believed, "--spec", GATE, "--only", "success-rate", check=1)

    assert "FAIL" in done.stdout
    assert f"{run.result.run.failures} x session: refused with status 403" in run.document["errors"]
    burnproof("gate", run.believed, "--spec", GATE, "--only", "first-byte-p95", env=PATIENT, check=0)


@pytest.mark.slow
def test_slow_first_words_fail_the_gate_for_that_reason(runs, burnproof):
    run = runs["slow"]

    assert "[FAIL] First Byte Latency p95" in run.done.stdout
    assert re.search(r"\[(PASS|FAIL)\] Message Throughput", run.done.stdout)
    assert run.result.readings["metrics.first_byte_latency_ms.p95"].value >= 600
    assert "FAIL" in burnproof("gate", run.believed, "--spec", GATE, "--only", "first-byte-p95", check=1).stdout
    burnproof("gate", run.believed, "--spec", GATE, "--only", "success-rate", check=0)


def _bucket_of(metrics, share):
    """Where the bucket begins in which a share of the requests for /gpu/info is reached, in seconds; their number."""
    buckets = {
        float(series.partition('le="')[2].partition('"')[0].replace("+Inf", "inf")): value
        for series, value in metrics.items()
        if series.startswith("starlette_request_duration_seconds_bucket") and 'path="/gpu/info"' in series
    }
    rank = share * buckets[float("inf")]
    upper = min(bound for bound, count in buckets.items() if count >= rank)
    return max((bound for bound in buckets if bound < upper), default=0.0), buckets[float("inf")]


@pytest.mark.slow
def test_the_clients_times_contain_the_servers(runs):
    """They count the same requests, and what the client measured is what the server did and the way."""
    result = runs["late"].result
    metrics = runs["late"].metrics
    lower, counted = _bucket_of(metrics, 0.95)
    client = result.readings["GET /gpu/info/p95"]

    assert client.samples <= counted
    assert counted <= result.run.requests <= counted + runs["late"].cut
    assert lower >= 0.3  # 380 ms were added
    assert lower < float(client.value) / 1000
    assert client.value >= 380
    # Their means, which no bucket blurs, differ by the way alone, so that the client's is the larger.
    server = metrics[f"starlette_request_duration_seconds_sum{OK}"] / counted
    assert float(result.readings["response_time_mean"].value) / 1000 >= server


def test_errors_are_counted_alike_and_drops_by_the_client_alone(runs):
    run = runs["broken"]
    failures, counted = run.result.run.failures, run.total("starlette_requests_total", path="/gpu/info")
    failed = run.total("starlette_requests_total", path="/gpu/info", status_code="500")

    ours, broken_off, cut = run.said("status 500"), run.said("the answer broke off"), run.cut
    assert counted <= run.result.run.requests <= counted + cut
    assert ours + broken_off + cut == failures
    assert 0 < ours <= failed <= ours + cut
    assert broken_off > 0
    # A fifth fails, and a fifth of the answers breaks off; five standard deviations, so that few requests will do.
    assert (ours + broken_off) / counted == pytest.approx(0.36, abs=5 * (0.36 * 0.64 / counted) ** 0.5)


@pytest.mark.slow
def test_workers_lose_nothing(runs):
    run = runs["workers"]
    steps = ("/api/v2/content/validate", "/api/v2/content/generate", "/status")
    made = [run.total("starlette_requests_total", path=path) for path in steps]
    delay = run.result.readings["load_generator/delay/p95"]

    counted = run.total("starlette_requests_total")
    assert 0 < counted <= run.result.run.requests <= counted + run.cut
    assert run.result.run.failures == run.cut
    assert "lost on the way" not in "".join(run.document["load_generator"]["reasons"])
    # At most fifty times a second and worker; the master, who only waits, would water it down.
    assert 0 < delay.samples <= 2 * 50 * (run.result.run.duration + 2)
    # The steps of a workflow come in order, so that none is made more often than the one before it.
    assert made == sorted(made, reverse=True)


@pytest.mark.slow
def test_a_target_that_hangs_does_not_vanish_from_the_figures(runs):
    run = runs["hanging"]

    assert (run.result.run.requests, run.result.run.failures) == (5, 5)
    assert "all 5 requests failed" in run.result.fault
    assert "5 x GET /gpu/info: not answered by the end of the run" in run.done.stderr


@pytest.mark.slow
def test_a_leak_of_the_target_shows_as_drift_and_fails_the_gate(runs, burnproof):
    """Nothing else of the run would show it: answers are as fast and as right as before."""
    run = runs["leaking"]
    spec = run.folder / "leaks.yaml"
    spec.write_text(LEAKS)

    found = burnproof("gate", run.believed, "--spec", spec, "--only", "memory", check=1)
    assert "It drifted: from" in found.stdout
    burnproof("gate", run.believed, "--spec", spec, "--only", "files", check=0)
    assert run.result.run.failures == 0
    page = run.record.with_suffix(".md").read_text()
    assert "| Memory of the target |" in page
    assert "| rises |" in page
    assert "The target exports no no_such at /metrics." in run.done.stderr


@contextmanager
def _under_way(target, folder, *options):
    """A run that has made some load already."""
    command = [sys.executable, "-m", "burnproof", "load", "run", "smoke", "--host", target.url, "-o", "run.json"]
    with subprocess.Popen(
        [*command, "--duration", "5m", *options], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as run:
        try:
            eventually(lambda: target.total("debates_total") >= 5)
            yield run
        finally:
            run.kill()


@pytest.mark.parametrize(
    ("number", "code", "options"),
    sampled([
        (signal.SIGTERM, 143, ()), (signal.SIGINT, 130, ()), (signal.SIGINT, 130, ("--workers", "2")),
        (signal.SIGTERM, 143, ("--workers", "2")),
    ], every=4),
)  # fmt: skip
def test_an_interrupted_run_is_written_down_and_not_trusted(burnproof, tmp_path, number, code, options):
    """Neither Ctrl-C nor a cancelled job is an accident: what was measured is kept, but is no whole run to a gate."""
    with demo(*QUIET) as target, _under_way(target, tmp_path, *options) as run:
        run.send_signal(number)
        shown, said = run.communicate(timeout=PATIENCE)

    assert run.returncode == code
    assert "Overall: " in shown
    assert "KeyboardInterrupt" not in said
    assert "The run was interrupted after" in said
    done = burnproof("gate", tmp_path / "run.json", "--spec", GATE, check=1)
    assert "does not trust its figures: " in done.stdout
    assert "The run was interrupted after" in done.stdout


def test_a_place_that_cannot_be_written_is_found_before_the_load(burnproof, tmp_path):
    (tmp_path / "afile").touch()
    with demo(*QUIET) as target:
        done = burnproof("load", "run", "smoke", "--host", target.url, "-o", "afile/sub", check=2)
        made = target.total("debates_total")

    assert "nothing can be written into afile/sub: Not a directory; name another place with --output" in done.stderr
    assert made == 0


def test_a_record_that_cannot_be_written_at_the_end_is_printed(tmp_path):
    with demo(*QUIET) as target, _under_way(target, tmp_path, "-o", "place") as run:
        (tmp_path / "place").rmdir()
        (tmp_path / "place").touch()
        run.send_signal(signal.SIGINT)
        shown, said = run.communicate(timeout=PATIENCE)

    assert run.returncode == 2
    assert "Overall: " in shown
    assert "Not a directory; the record could not be written" in said
    _, _, record = said.partition("The record, which could not be written:\n")
    assert json.loads(record)["operation"] == "streaming_smoke"


@pytest.mark.slow
@pytest.mark.parametrize("stated", ["", "0123abc"])
def test_a_run_in_a_repository_knows_its_revision(burnproof, tmp_path, stated):
    identity = ("-c", "user.name=a", "-c", "user.email=a@b.c")
    for command in (("init", "-q"), (*identity, "commit", "-q", "--allow-empty", "-m", "first")):
        subprocess.run(["git", *command], cwd=tmp_path, check=True, timeout=PATIENCE)
    head = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=tmp_path, capture_output=True, text=True, check=True, timeout=PATIENCE
    ).stdout
    environment = {"env": {"GITHUB_SHA": stated}}

    with demo(*QUIET) as target:
        burnproof("load", "run", "smoke", "--host", target.url, "--duration", "1s", "-o", "run.json", **environment)

    assert json.loads((tmp_path / "run.json").read_text())["git_revision"] == (stated or head.strip())


def _workers_of(process):
    psutil = pytest.importorskip("psutil")  # Locust brings it
    return [
        child for child in psutil.Process(process.pid).children() if "burnproof.loadtest.run.worker" in child.cmdline()
    ]


@contextmanager
def _silence():
    """A target that takes requests and never answers; gives its URL and the connections it has."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as server:
        taken = []

        def take():
            with suppress(OSError):  # it is closed at the end
                while True:
                    taken.append(server.accept()[0])

        threading.Thread(target=take, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}", taken


@pytest.mark.parametrize("options", [(), pytest.param(("--workers", "2"), marks=pytest.mark.slow)])
def test_a_target_that_hangs_does_not_hold_up_who_interrupts(tmp_path, options):
    """Docker kills ten seconds after it has asked; ten minutes of grace would lose the record."""
    (tmp_path / "one.yaml").write_text(ONE.replace("3s", "5m").replace("grace: 2s", "grace: 10m"))
    with _silence() as (url, taken):
        command = [sys.executable, "-m", "burnproof", "load", "run", "one.yaml", "--host", url, *options]
        with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as run:
            eventually(lambda: len(taken) >= 1 + 5)  # the first only looks whether somebody listens
            run.send_signal(signal.SIGTERM)
            _, said = run.communicate(timeout=PATIENCE)

    assert run.returncode == 143, said
    assert "5 x GET /gpu/info: not answered by the end of the run" in said


@pytest.mark.parametrize("number", sampled([signal.SIGKILL, signal.SIGTERM], every=2))
def test_workers_end_with_their_master(tmp_path, number):
    """Even with one that had no time to tell them: nobody is loaded on behalf of nobody."""
    with demo(*QUIET) as target, _under_way(target, tmp_path, "--workers", "2") as run:
        workers = _workers_of(run)
        assert len(workers) == 2
        run.send_signal(number)
        run.communicate(timeout=PATIENCE)

        eventually(lambda: not any(worker.is_running() for worker in workers))


EACH = sampled(SCENARIOS, every=len(SCENARIOS))


@pytest.mark.parametrize("name", EACH)
def test_the_own_delay_is_told_after_each_run(runs, name):
    run = runs[name]

    assert "Own delay of the load generator: " in run.done.stderr
    assert run.result.readings["load_generator/delay/p95"].samples > 0
    assert set(run.document["load_generator"]) == {"trusted", "reasons"}


@pytest.mark.parametrize("name", EACH)
def test_records_of_real_runs_are_valid_under_their_schema(runs, name):
    validator = jsonschema.Draft202012Validator(record_schema())

    assert [error.message for error in validator.iter_errors(runs[name].document)] == []


CANNOT = [
    (("smoke", "--host", "http://192.0.2.1:1"), 2, "not this machine"),
    (("smoke", "--host", "http://127.0.0.1:1"), 2, "nothing answers"),
    (("smokey",), 2, "there is no profile 'smokey'"),
    (("nowhere.yaml",), 2, "nowhere.yaml"),
    (("smoke", "--duration", "soon"), 2, "no length of time"),
]


@pytest.mark.parametrize(("arguments", "code", "words"), CANNOT)
def test_what_cannot_be_run_is_said_in_a_line(burnproof, tmp_path, arguments, code, words):
    done = burnproof("load", "run", *arguments, check=code)

    assert words in done.stderr
    assert not (tmp_path / "results").exists()
