"""What ``burnproof generate`` says at its end: what was made, and when the first alerts fire."""

from __future__ import annotations

import re

import pytest
import yaml

from burnproof.compile import compile_specs
from burnproof.compile.parallel import compile_many

SPEC = """\
version: burnproof/v1
service: shop
slos:
  - name: availability
    objective: 99.9%
    sli: {ratio: {total: 'http_requests_total{job="shop"}', bad: 'http_requests_total{job="shop",code=~"5.."}'}}
"""
UNTESTED = """\
  - name: late
    objective: 99%
    sli: {threshold: {value: 'predict_linear(free_bytes[1h], 14400)', op: ">", bound: 0, slice: 5m}}
"""
CHECK = """\
version: burnproof/v1
service: shop
slos:
  - name: load
    sli: {check: {metric: response_time_p95, at_most: 500ms}}
"""


@pytest.fixture
def generate(burnproof, tmp_path):
    def run(spec, *arguments, env=None):
        (tmp_path / "slos").mkdir(exist_ok=True)
        (tmp_path / "slos" / "shop.yaml").write_text(spec)
        return burnproof("generate", *arguments, check=0, env=env).stderr

    return run


def test_it_counts_what_was_written(generate, tmp_path):
    said = generate(SPEC)
    rules = [
        rule
        for path in (tmp_path / "generated" / "rules").iterdir()
        for group in yaml.safe_load(path.read_text())["groups"]
        for rule in group["rules"]
    ]
    tests = [
        test
        for path in (tmp_path / "generated" / "tests").iterdir()
        for test in yaml.safe_load(path.read_text())["tests"]
    ]

    records = sum("record" in rule for rule in rules)
    assert "SLOs    1 in 1 service\n" in said
    assert f"{records} recording rules, {len(rules) - records} alerts\n" in said
    assert f"{len(tests)} tests of the alerts; every SLO has some. Run them: burnproof test\n" in said


def test_it_says_when_the_alerts_of_the_first_slo_fire_as_show_does(generate, burnproof):
    said = generate(SPEC)
    shown = burnproof("show", "availability", check=0, env={"COLUMNS": "160"}).stdout

    page = re.search(r"page +1h and 5m +above 1.44% +(\S+) +(\S+) +never", said)
    assert page is not None
    assert re.search(rf"page +1h and 5m +14.4x +above 1.44% +{page[1]} +{page[2]} +never", shown)


def test_slos_without_tests_are_counted(generate):
    assert "1 of 2 SLOs without tests" in generate(SPEC + UNTESTED)


def test_only_what_was_asked_for_is_counted(generate):
    said = generate(SPEC, "--only", "rules")

    assert "recording rules" in said
    assert "tests" not in said


def test_a_folder_of_another_name_is_named(generate):
    assert "burnproof test out/tests\n" in generate(SPEC, "-o", "out")


def test_a_run_that_changes_nothing_says_the_same(generate, tmp_path):
    env = {"BURNPROOF_CACHE": str(tmp_path / "cache")}
    first, second = generate(SPEC, env=env), generate(SPEC, env=env)

    assert first.splitlines()[:-1] == second.splitlines()[:-1]
    assert len(first.splitlines()) > 5


def test_slos_of_the_gate_alone_have_no_rules(generate):
    assert "No SLO here has rules" in generate(CHECK)


def test_a_compilation_in_several_processes_counts_the_same(tmp_path, monkeypatch):
    monkeypatch.setattr("burnproof.compile.parallel.WORTH", 1)
    monkeypatch.setattr("burnproof.compile.parallel.SIZE", 1)
    for service in ("a", "b"):
        (tmp_path / f"{service}.yaml").write_text(SPEC.replace("service: shop", f"service: {service}"))

    together, apart = compile_specs([str(tmp_path)]), compile_many([str(tmp_path)])

    assert apart.plan is None
    assert apart.counts == together.counts
