"""`check --url` against real servers: each fault of a server or a spec is found, and what is right raises nothing."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import requests
from liveservers import free_port, import_blocks, program, prometheus, running

from places import PATIENCE, eventually

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


pytestmark = [pytest.mark.live]
HOUR = 3600
BURNPROOF = (sys.executable, "-m", "burnproof")
REPO = Path(__file__).parents[2]
SPEC = """
version: burnproof/v1
service: shop
scrape_interval: 30s
window: 7d
slos:
  - name: right
    objective: 99%
    sli: {ratio: {total: 'http_requests_total{job="shop"}', bad: 'http_requests_total{job="shop",code=~"5.."}'}}
  - name: right-latency
    objective: 99%
    sli: {latency: {histogram: 'lat_seconds{job="shop"}', at_most: 1s, buckets: [0.1, 0.25, 1]}}
  - name: right-value
    objective: 99%
    sli: {threshold: {value: 'max(in_flight{job="shop"})', op: '<=', bound: 77, slice: 1m}}
  - name: metric
    objective: 99%
    sli: {ratio: {total: 'http_request_total{job="shop"}', bad: 'http_request_total{job="shop",code=~"5.."}'}}
  - name: label
    objective: 99%
    sli: {ratio: {total: 'http_requests_total{job="shop"}', bad: 'http_requests_total{job="shop",status=~"5.."}'}}
  - name: value
    objective: 99%
    sli:
      ratio:
        total: sum(rate(http_requests_total{job="shop"}[$window]))
        good: >-
          sum(rate(http_requests_total{job="shop",code="200"}[$window]))
          + sum(rate(http_requests_total{job="shop",code="300"}[$window]))
  - name: slow
    objective: 99%
    sli: {ratio: {total: 'slow_requests_total{job="shop"}', good: 'slow_requests_total{job="shop",code="200"}'}}
  - name: fast
    objective: 99%
    sli: {ratio: {total: 'fast_requests_total{job="shop"}', good: 'fast_requests_total{job="shop",code="200"}'}}
  - name: gone
    objective: 99%
    sli: {ratio: {total: 'gone_requests_total{job="shop"}', good: 'gone_requests_total{job="shop",code="200"}'}}
  - name: bucket
    objective: 99%
    sli: {latency: {histogram: 'lat_seconds{job="shop"}', at_most: 200ms, buckets: [0.1, 0.2, 1]}}
  - name: native
    objective: 99%
    sli: {latency: {histogram: 'lat_seconds{job="shop"}', at_most: 200ms, native: true}}
  - name: gauge
    sli: {count: {counter: 'in_flight{job="shop"}', fewer_than: 3, per: 24h}}
  - name: fell
    sli: {count: {counter: 'fell_total{job="shop"}', fewer_than: 3, per: 24h}}
  - name: restarted
    sli: {count: {counter: 'restarted_total{job="shop"}', fewer_than: 3, per: 24h}}
  - name: month
    objective: 99%
    window: 180d
    sli: {ratio: {total: 'http_requests_total{job="shop"}', bad: 'http_requests_total{job="shop",code=~"4.."}'}}
"""
EVERYWHERE = {
    ("live-no-metric", 'http_request_total{job="shop"}'),
    ("live-no-label", 'http_requests_total{job="shop",status=~"5.."}'),
    ("live-no-value", 'http_requests_total{job="shop",code="300"}'),
    ("live-scrape-slow", "30s"),
    ("live-scrape-fast", "30s"),
    ("live-ended", 'gone_requests_total{job="shop"}'),
    ("live-ended", 'gone_requests_total{job="shop",code="200"}'),
    ("live-no-bucket", "200ms"),
    ("live-buckets", "[0.1, 0.2, 1]"),
    ("live-native", 'lat_seconds{job="shop"}'),
    ("live-falls", 'in_flight{job="shop"}'),
    ("live-falls", 'fell_total{job="shop"}'),
    ("live-not-loaded", "right"),
}
"""Findings with the text under their carets."""


def history(now: int) -> str:
    """Write some hours of series up to now."""
    lines: list[str] = []

    def add(name: str, at: Callable[[int], float], step: int = 30, start: float = 3, end: float = 0) -> None:
        first = now - int(start * HOUR)
        lines.extend(f"{name} {at(t - first):g} {t}\n" for t in range(first, now - int(end * HOUR) + 1, step))

    add('http_requests_total{job="shop",code="200"}', lambda t: 10 * t)
    add('http_requests_total{job="shop",code="404"}', lambda t: t)
    add('slow_requests_total{job="shop",code="200"}', lambda t: 10 * t, step=60)
    add('fast_requests_total{job="shop",code="200"}', lambda t: 10 * t, step=10)
    add('gone_requests_total{job="shop",code="200"}', lambda t: 10 * t, start=5, end=2)
    for bound, share in (("0.1", 5), ("0.25", 8), ("1.0", 9), ("+Inf", 10)):
        add(f'lat_seconds_bucket{{job="shop",le="{bound}"}}', lambda t, share=share: share * t)
    add('lat_seconds_count{job="shop"}', lambda t: 10 * t)
    add('in_flight{job="shop"}', lambda t: t * 7919 // 30 % 50)
    add('fell_total{job="shop"}', lambda t: 1000 + t - (900 if t > 2.5 * HOUR else 0))
    add('restarted_total{job="shop"}', lambda t: t if t < 2.5 * HOUR else t - 2.5 * HOUR)
    return "".join(lines) + "# EOF\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with the spec and a server's data."""
    program("promtool")
    made = tmp_path_factory.mktemp("live")
    (made / "shop.yaml").write_text(SPEC, encoding="utf-8")
    return made


@pytest.fixture(scope="module")
def check(folder):
    """Run the command; give its exit code, its JSON, and what it says."""

    def run(url: str, *options: str, spec: Path = folder / "shop.yaml"):
        command = [*BURNPROOF, "check", str(spec), "--url", url, "--format", "json", *options]
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
        return done.returncode, json.loads(done.stdout or "null"), done.stderr

    return run


def told(spec: str, document) -> set[tuple[str, str]]:
    """Give the live findings: their codes, and the text under their carets."""
    lines = spec.splitlines()
    return {
        (one["code"], lines[one["line"] - 1][one["column"] - 1 : one["end_column"] - 1])
        for one in document["problems"]
        if one["code"].startswith("live-")
    }


@pytest.fixture(scope="module")
def server(folder):
    program("prometheus")
    import_blocks(folder, history(int(time.time())))
    with prometheus(folder) as found:
        yield found


def test_prometheus_says_what_is_not_as_specs_assume(server, check):
    code, document, said = check(server.url)

    retention = {("live-retention", "180d")}
    assert told(SPEC, document) == EVERYWHERE | retention, said
    assert code == 1
    known = document["server"]
    assert known["version"].startswith(("2.", "3."))
    assert known["retention_seconds"] == 90 * 86_400
    assert known["unanswered"] == {}
    right = known["slos"]["shop-right"]
    assert (right["interval"], right["series"]['http_requests_total{job="shop"}']) == (30.0, 2)
    assert right["samples"] > 1
    messages = {one["code"]: f"{one['message']}; {one['hint']}" for one in document["problems"]}
    assert "http_requests_total" in messages["live-no-metric"]
    assert "code, job" in messages["live-no-label"]
    assert "200, 404" in messages["live-no-value"]
    assert "every 60 s" in messages["live-scrape-slow"]
    assert "0.1 or 0.25" in messages["live-no-bucket"]


@pytest.mark.slow
def test_rules_that_are_loaded_are_compared_and_their_health_is_told(folder, check, tmp_path):
    """One SLO's rules are as generated, one's are older, one's fail, and the others' are not there."""
    import_blocks(tmp_path, history(int(time.time())))
    out = tmp_path / "generated"
    names = ("right", "right-latency", "right-value", "label")
    head, *slos = re.split(r"(?m)^(?=  - name: )", SPEC)
    spec = tmp_path / "shop.yaml"
    text = head + "".join(one for one in slos if one.split()[2] in names).replace("status=~", "code=~")
    text = text.replace('bad: \'http_requests_total{job="shop",code', 'bad: \'http_requests_total{job="shop",  code')
    spec.write_text(text, encoding="utf-8")
    subprocess.run(
        [*BURNPROOF, "generate", str(spec), "-o", str(out)], check=True, capture_output=True, timeout=PATIENCE
    )
    rules = out / "rules" / "shop.yaml"
    loaded = re.sub(r'(?m)^ *interval: "?\d+m"?\n', "", rules.read_text(encoding="utf-8"))
    assert "shop-right-value" in loaded
    older = re.sub(r"\b77\b", "78", loaded)
    assert older != loaded
    rules.write_text(older, encoding="utf-8")
    with prometheus(tmp_path, [rules]) as server:
        eventually(lambda: _evaluated(server))
        code, document, said = check(server.url, spec=spec)

    assert told(text, document) == {("live-stale", "right-value")}, said
    assert code == 0
    facts = document["server"]["slos"]
    assert facts["shop-right"]["rules"] == facts["shop-right-latency"]["rules"] == "loaded"
    assert re.fullmatch(r"\d+ of \d+ differ", facts["shop-right-value"]["rules"])


def _evaluated(server) -> bool:
    groups = server.get("/api/v1/rules")["data"]["groups"]
    return all(rule["health"] != "unknown" for group in groups for rule in group["rules"])


@contextmanager
def exporter(text: str) -> Iterator[str]:
    """Serve metrics until the block ends; give host and port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = text.encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; version=0.0.4")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(PATIENCE)


METRICS = """# TYPE jobs_total gauge
jobs_total 3
# TYPE lat_seconds summary
lat_seconds{quantile="0.5"} 1
lat_seconds_sum 3
lat_seconds_count 3
"""
SCRAPED = """
version: burnproof/v1
service: shop
scrape_interval: 30s
slos:
  - name: gauge
    sli: {count: {counter: jobs_total, fewer_than: 3, per: 24h}}
  - name: summary
    objective: 99%
    sli: {latency: {histogram: lat_seconds, at_most: 100ms, buckets: [0.1]}}
  - name: refused
    objective: 99%
    query_offset: 1m
    sli: {threshold: {value: 'sum(histogram_stddev(lat_seconds))', op: '<=', bound: 1, slice: 1m}}
"""


@pytest.mark.slow
def test_targets_say_what_a_metric_is_and_the_parser_what_it_knows(check, tmp_path):
    (tmp_path / "shop.yaml").write_text(SCRAPED, encoding="utf-8")
    with exporter(METRICS) as target, prometheus(tmp_path, target=target) as server:
        eventually(lambda: server.query("jobs_total") and server.get("/api/v1/metadata")["data"])
        old = server.get("/api/v1/status/buildinfo")["data"]["version"] < "2.4"  # 2.10 to 2.39
        code, document, said = check(server.url, spec=tmp_path / "shop.yaml")
        version = tuple(map(int, document["server"]["version"].split(".")[:2]))

    wanted = {("live-type", "jobs_total"), ("live-type", "lat_seconds"), ("live-not-loaded", "gauge")}
    wanted |= {("live-version", "refused")} if version < (2, 53) else set()
    wanted |= {("live-refused", "'sum(histogram_stddev(lat_seconds))'")} if version < (2, 45) or old else set()
    assert told(SCRAPED, document) == wanted, said
    assert code == 1


@pytest.fixture(scope="module")
def victoria(folder, tmp_path_factory):
    """A VictoriaMetrics with the same data."""
    found = shutil.which("victoria-metrics", path=str(REPO / "build"))
    if found is None:
        pytest.skip("no build/victoria-metrics: make victoriametrics")
    port, home = free_port(), tmp_path_factory.mktemp("victoria")
    command = [found, f"-storageDataPath={home / 'data'}", f"-httpListenAddr=127.0.0.1:{port}", "-retentionPeriod=1"]
    with running(command, port, home, ready="/health") as server:
        text = re.sub(r"(?m) (\d+)$", r" \g<1>000", history(int(time.time())).removesuffix("# EOF\n"))
        answer = requests.post(f"{server.url}/api/v1/import/prometheus", data=text.encode(), timeout=PATIENCE)
        answer.raise_for_status()
        requests.get(f"{server.url}/internal/force_flush", timeout=PATIENCE)
        eventually(lambda: server.query('count(http_requests_total{job="shop"})'))
        yield server


def test_victoriametrics_is_asked_as_far_as_it_can_be(victoria, check):
    """It has neither flags nor a formatter, so retention and features stay unknown, and nothing is made of that."""
    code, document, said = check(victoria.url)

    assert told(SPEC, document) == EVERYWHERE, said
    assert code == 1
    assert document["server"]["unanswered"] == {}
    assert document["server"]["retention_seconds"] is None
