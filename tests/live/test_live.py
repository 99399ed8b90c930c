"""CA3's generated rules on a real Prometheus and Alertmanager: an outage under way beside a healthy twin."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from livehistory import ca3, openmetrics
from liveservers import alertmanager, import_blocks, program, prometheus, promtool

from burnproof.compile import compile_specs
from places import PATIENCE, eventually
from promrules.syntax.nodes import selectors
from promrules.syntax.parse import parse

if TYPE_CHECKING:
    from liveservers import Server

pytestmark = [pytest.mark.live, pytest.mark.slow]
REPO = Path(__file__).parents[2]
INCIDENT_HOURS = 3
PAST_HOURS = 4  # of raw series on the day of deployment: six hours hold no more than these
TWIN = (
    ("service: processor", "service: twin"),
    ('job="processor"', 'job="twin"'),
    ("app_", "twin_"),
    ('pod=~"processor-', 'pod=~"twin-'),
    ("name: Processor", "name: Twin"),
)
"""What turns CA3's spec into that of another service."""

Found = set[tuple[str, str, str]]
"""Alerts by SLO, tier and severity."""

AT_ONCE: Found = {
    ("processor-availability", "1h", "page"),
    ("processor-availability", "6h", "page"),
    ("processor-end-to-end", "1h", "page"),
    ("processor-end-to-end", "6h", "page"),
    ("processor-restarts", "1d", "ticket"),
}
"""Windows up to six hours read raw series, and what is counted is counted."""


@pytest.fixture(scope="module", autouse=True)
def _tools() -> None:
    for name in ("prometheus", "promtool", "alertmanager"):
        program(name)


def compiled(folder: Path) -> list[Path]:
    """Compile CA3 and its twin into rule files; groups go by the server's own interval, so that no test waits long."""
    specs = folder / "slos"
    specs.mkdir()
    text = (REPO / "slos" / "processor.yaml").read_text(encoding="utf-8")
    (specs / "processor.yaml").write_text(text, encoding="utf-8")
    for old, new in TWIN:
        assert old in text, old
        text = text.replace(old, new)
    (specs / "twin.yaml").write_text(text, encoding="utf-8")
    made = compile_specs([str(specs)], kinds=("rules",))
    assert made.files, made.problems
    paths = []
    for name, content in made.files.items():
        paths.append(folder / name.replace("/", "-"))
        text, groups = re.subn(r'^ *interval: "\d+m"\n', "", content, flags=re.MULTILINE)
        assert groups
        paths[-1].write_text(text, encoding="utf-8")
    return sorted(paths)


def past(folder: Path, hours: float) -> int:
    """Write the last hours of both services into `folder`; give the time of the last sample."""
    end = int(time.time())
    series = {**ca3("processor", "app", incident=True), **ca3("twin", "twin", incident=False)}
    import_blocks(folder, openmetrics(series, end, hours, INCIDENT_HOURS))
    return end


def alerts_of(server: Server, state: str = "firing") -> list[dict[str, Any]]:
    """Give a Prometheus' alerts in a state."""
    return [alert for alert in server.get("/api/v1/alerts")["data"]["alerts"] if alert["state"] == state]


def named(alerts: list[dict[str, Any]]) -> Found:
    """Tell alerts by SLO, tier and severity."""
    labels = [alert["labels"] for alert in alerts]
    return {(found["slo_id"], found.get("slo_tier", ""), found["severity"]) for found in labels}


def test_an_outage_on_the_day_of_deployment(tmp_path):
    """Exactly the tiers that need no past fire and arrive; the rest waits for coverage, and the twin is silent."""
    rules = compiled(tmp_path)
    past(tmp_path, PAST_HOURS)
    with alertmanager(tmp_path / "am") as receiver, prometheus(tmp_path, rules, receiver) as server:
        groups = server.get("/api/v1/rules")["data"]["groups"]
        assert sum(len(group["rules"]) for group in groups) > 100
        eventually(lambda: named(alerts_of(server)) == AT_ONCE)
        eventually(lambda: named(receiver.get("/api/v2/alerts")) == AT_ONCE)
        time.sleep(6)  # three more evaluations change nothing
        assert named(alerts_of(server)) == AT_ONCE
        assert named(receiver.get("/api/v2/alerts")) == AT_ONCE
        for alert in receiver.get("/api/v2/alerts"):
            check_labels_and_annotations(alert)
        twin = [
            alert["labels"]
            for alert in server.get("/api/v1/alerts")["data"]["alerts"]
            if alert["labels"]["slo_service"] == "twin"
        ]
        assert twin == []
        assert {
            rule["health"] for group in server.get("/api/v1/rules")["data"]["groups"] for rule in group["rules"]
        } == {"ok"}
        waiting = 'slo:sli_error:ratio_rate1d{slo_id="processor-availability"} > 0.015'
        eventually(lambda: server.query(waiting))  # the outage is there; only its coverage is missing
        covered = server.query('slo:window_covered:bool1d{slo_id="processor-availability"}')
        assert [found["value"][1] for found in covered] == ["0"]


def check_labels_and_annotations(alert: dict[str, Any]) -> None:
    """An alert that arrived says what is wrong, how much, whose it is and what to do, with all templates filled in."""
    labels, annotations = alert["labels"], alert["annotations"]
    assert labels["slo_service"] == "processor"
    assert labels["slo_id"] == f"processor-{labels['slo']}"
    assert labels["team"] == "application-team"
    assert labels["product"] == "ca3"
    wanted = {
        "summary",
        "description",
        "value",
        "threshold",
        "budget_spent",
        "budget_remaining",
        "runbook_url",
        "remediation",
        "owner",
    }
    assert wanted <= set(annotations)
    for text in annotations.values():
        assert text
        assert not re.search(r"\{\{|no value|error expanding|%!", text), text
    measured, threshold = (float(annotations[name].rstrip("%")) for name in ("value", "threshold"))
    assert measured >= threshold
    ill = {"1h": 1.0, "6h": INCIDENT_HOURS / PAST_HOURS}.get(labels["slo_tier"], 1.0)  # the share of the window
    if labels["slo"] == "availability":
        assert measured == pytest.approx(49.5 * ill, abs=1)  # 10 of 20.2 requests a second
    if labels["slo"] == "end-to-end":
        assert measured == pytest.approx(60 * ill, abs=1)


def levels(rules: list[dict[str, str]]) -> dict[str, int]:
    """Give how many passes fill in each recorded series: one more than what it reads."""
    found: dict[str, int] = {}
    for rule in rules:  # each stands after all it reads
        read = [found[node.name] for node in selectors(parse(rule["expr"])) if node.name in found]
        found[rule["record"]] = 1 + max(read, default=0)
    return found


def reduced(rules: Path, slo_id: str) -> tuple[Path, list[dict[str, str]]]:
    """Keep what the documented recipe keeps of a rule file, and of it one SLO's rules."""
    page = (REPO / "docs" / "how-to" / "backfill.md").read_text(encoding="utf-8")
    script = re.search(r"<<'EOF'\n(.*?)\nEOF\n", page, re.DOTALL)
    assert script
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script[1], str(rules)],
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE,
    )
    file = yaml.safe_load(done.stdout)
    groups = [
        {**group, "rules": [rule for rule in group["rules"] if rule["labels"]["slo_id"] == slo_id]}
        for group in file["groups"]
    ]
    path = rules.with_name("backfill.yaml")
    path.write_text(yaml.safe_dump({"groups": [group for group in groups if group["rules"]]}), encoding="utf-8")
    return path, [rule for group in groups for rule in group["rules"]]


@pytest.mark.parametrize(
    ("slo", "hours", "passes", "covered"),
    [
        ("availability", 26, 2, {("1h", "page"), ("6h", "page"), ("1d", "ticket")}),
        ("keeps-up", 8, 3, {("1h", "page"), ("6h", "page")}),
    ],
)
def test_filling_in_the_past(tmp_path, slo, hours, passes, covered):
    """Pass by pass promtool fills in what long windows read; then every covered tier fires at once, and no other."""
    rules = compiled(tmp_path)
    slo_id = f"processor-{slo}"
    backfill, kept = reduced(next(path for path in rules if path.name.endswith("processor.yaml")), slo_id)
    depth = levels(kept)
    assert max(depth.values()) == passes
    end = past(tmp_path, hours)
    for done in range(passes):
        with prometheus(tmp_path) as server:
            check_filled(server, slo_id, end - 2 * 3600, depth, done)
            promtool(
                *("tsdb", "create-blocks-from", "rules", f"--url={server.url}", "--eval-interval=5m"),
                *(f"--start={end - hours * 3600}", f"--end={end}", f"--output-dir={tmp_path / 'data'}", str(backfill)),
            )
    expected = AT_ONCE | {(slo_id, tier, severity) for tier, severity in covered}
    with alertmanager(tmp_path / "am") as receiver, prometheus(tmp_path, rules, receiver) as server:
        eventually(lambda: named(alerts_of(server)) == expected)
        eventually(lambda: named(receiver.get("/api/v2/alerts")) == expected)
        time.sleep(4)
        assert named(alerts_of(server)) == expected
        check_filled(server, slo_id, end - 2 * 3600, depth, passes)


def check_filled(server: Server, slo_id: str, at: int, depth: dict[str, int], done: int) -> None:
    """After so many passes the series down to that level are there; before the first not all of them."""
    found = server.query(f'count by (__name__) ({{slo_id="{slo_id}"}})', time=at)
    there = {series["metric"]["__name__"] for series in found}
    assert {name for name, level in depth.items() if level <= done} <= there
    assert done > 0 or there < set(depth), "something is to be filled in"
