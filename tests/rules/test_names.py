"""Metrics and labels may have any UTF-8 name, as OpenTelemetry's have: rules, proofs and dashboards quote them."""

from __future__ import annotations

import pytest

from burnproof.compile import compile_specs
from places import ROOT
from promrules.rule_tests.promtool import find_promtools, run_promtool
from promrules.rule_tests.run import run_file

SPEC = """
version: burnproof/v1
service: shop
slos:
  - name: served
    objective: 99.9%
    sli:
      ratio:
        total: '{"http.server.requests", job="x"}'
        bad: '{"http.server.requests", job="x", "http.status"=~"5.."}'
  - name: quick
    objective: 99%
    sli: {latency: {histogram: '{"http.server.duration", job="x"}', at_most: 500ms, buckets: [0.5, 1]}}
  - name: usually-quick
    objective: 99%
    sli:
      quantile:
        histogram: '{"rpc.server.duration", "rpc.system"="grpc"}'
        quantile: p95
        at_most: 300ms
        slice: 5m
        buckets: [0.3, 1]
  - name: roomy
    objective: 99%
    sli: {threshold: {value: 'max({"db.pool.used", job="x"})', op: "<", bound: 10, slice: 5m}}
  - name: stable
    sli: {count: {counter: '{"k8s.pod.restarts", job="x"}', fewer_than: 3, per: 24h}}
"""


def written(spec, folder):
    (folder / "spec.yaml").write_text(spec, encoding="utf-8")
    made = compile_specs([str(folder / "spec.yaml")])
    for path, text in made.files.items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    return made


def test_every_kind_is_compiled_and_proved(tmp_path):
    made = written(SPEC, tmp_path)
    assert made.problems == ()

    results = [run_file(str(path)) for path in sorted((tmp_path / "tests").iterdir())]

    assert [failure for result in results for test in result.tests for failure in test.failures] == []
    assert (
        'label_values({__name__=~\\"http\\\\\\\\.server\\\\\\\\.duration_bucket' in made.files["dashboards/shop.json"]
    )


@pytest.mark.promtool
@pytest.mark.parametrize("promtool", find_promtools(start=ROOT), ids=lambda found: found.name)
def test_promtool_takes_the_names(promtool, tmp_path):
    """Names in quotes came with Prometheus 3."""
    if promtool.version < (3, 0, 0):
        pytest.skip(f"{promtool.name} knows no names in quotes")
    written(SPEC, tmp_path)
    smallest = min((tmp_path / "tests").iterdir(), key=lambda path: path.stat().st_size)
    verdict = run_promtool(promtool, str(smallest))

    assert verdict.passed, verdict.output


@pytest.mark.parametrize("late", ["offset -5m", "@ end()"])
def test_what_is_read_of_another_time_is_not_proved(late, tmp_path):
    """No story is told as of another time, and a proof that would fail is worse than a warning."""
    total, bad = (f'sum(rate(requests_total{{job="x"{more}}}[$window] {late}))' for more in ("", ',code="500"'))
    slo = f"  - {{name: a, objective: 99%, sli: {{ratio: {{total: '{total}', bad: '{bad}'}}}}}}"
    made = written(f"version: burnproof/v1\nservice: shop\nslos:\n{slo}\n", tmp_path)

    assert [problem.code for problem in made.problems] == ["unproved"]
    assert made.files
