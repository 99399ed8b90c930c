"""What OpenSLO can say comes back the same when it is exported and imported; what it cannot say is named."""

from __future__ import annotations

import pytest
import yaml

from burnproof.importers import import_files
from burnproof.importers.openslo_export import export
from burnproof.model.slo import Latency, Ratio, Threshold, Weighted
from burnproof.specs.resolve import read_slos, slos_from_text
from places import ROOT

SPEC = """
version: burnproof/v1
service: shop
labels: {tier: gold}
policies:
  - name: openslo
    tiers:
      - {factor: 10, long: 1h, severity: page, for: 2m}
      - {factor: 1, long: 3d, severity: ticket}
slos:
  - name: availability
    description: Requests are answered.
    objective: 99.9%
    window: WINDOW
    sli:
      SLI
    alerting: {policy: openslo, no_data: false}
"""
KINDS = {
    "ratio of bad": 'ratio: {total: \'x_total{job="a"}\', bad: \'x_total{job="a",code=~"5.."}\'}',
    "ratio of good": "ratio: {total: http_requests_total, good: http_good_total}",
    "groups": "ratio: {total: http_requests_total, bad: http_bad_total, by: [zone]}",
    "expressions": "ratio: {total: 'sum(rate(a[$window])) + sum(rate(b[$window]))', bad: 'sum(rate(c[$window]))'}",
    "latency": "latency: {histogram: 'request_seconds{job=\"a\"}', at_most: 250ms}",
    "latency of a whole bound": "latency: {histogram: request_seconds, at_most: 1s}",
    "floor": "floor: {histogram: rows, more_than: 5}",
    "threshold": "threshold: {value: 'sum(queue_length)', op: <=, bound: 100, slice: 5m}",
    "probe": "probe: {gauge: probe_success}",
}
WINDOWS = ["30d", "28d", "{calendar: month}", "{calendar: week, timezone: Europe/Berlin}", "{calendar: quarter}"]


def there_and_back(text, tmp_path):
    loaded = slos_from_text("shop.yaml", text)
    assert loaded.ok, loaded.problems
    made = export(loaded.slos)
    for name, exported in made.files.items():
        (tmp_path / name).write_text(exported)
    back = import_files([str(tmp_path)])
    (written,) = back.files.values()
    return loaded.slos, slos_from_text("shop.yaml", written).slos, back, made


def said(slo):
    """Give what OpenSLO can say of an SLO, without places and spellings."""
    return (
        slo.id, slo.objective, slo.period, slo.by, slo.labels, slo.description, slo.no_data_alert,
        [(tier.factor, tier.long, tier.hold, tier.severity) for tier in slo.policy.tiers],
    )  # fmt: skip


def measured(slo):
    """Give what is measured, blanks aside."""
    return repr(slo.indicator).replace(" ", "").partition("span=")[0]


@pytest.mark.parametrize("window", WINDOWS)
def test_periods_come_back(tmp_path, window):
    (one,), (other,), back, _ = there_and_back(
        SPEC.replace("WINDOW", window).replace("SLI", KINDS["ratio of good"]), tmp_path
    )

    assert said(one) == said(other)
    assert [problem.code for problem in back.problems] == []


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_kinds_come_back(tmp_path, kind):
    (one,), (other,), back, _ = there_and_back(SPEC.replace("WINDOW", "30d").replace("SLI", kind), tmp_path)

    assert said(one) == said(other)
    assert measured(one) == measured(other)
    assert [problem.code for problem in back.problems] == []


def test_levels_come_back(tmp_path):
    text = SPEC.replace("WINDOW", "30d").replace("SLI", KINDS["ratio of good"])
    text = text.replace("    alerting:", "    levels:\n      - {name: stretch, objective: 99.95%}\n    alerting:")
    before, after, _, _ = there_and_back(text, tmp_path)

    assert [said(slo) for slo in before] == [said(slo) for slo in after]
    assert [slo.level for slo in after] == ["target", "stretch"]


def test_a_composite_comes_back(tmp_path):
    text = SPEC.replace("WINDOW", "30d").replace("SLI", KINDS["ratio of good"])
    text += """
  - name: second
    objective: 99.8%
    sli: {ratio: {total: b_total, bad: c_total}}
  - name: both
    objective: 99.85%
    sli: {composite: {weighted: {availability: 1, second: 1}}}
"""
    _, after, _, _ = there_and_back(text, tmp_path)

    both = next(slo for slo in after if slo.name == "both")
    assert isinstance(both.indicator, Weighted)
    assert [member.name for _, member in both.indicator.members] == ["both-availability", "both-second"]
    assert str(both.objective) == "0.9985"


UNSAYABLE = {
    "min_events: 100": "not exported: min_events",
    "dedup: [replica]": "not exported: dedup",
    "no_traffic: good": "not exported: no_traffic",
}


@pytest.mark.parametrize(("key", "message"), UNSAYABLE.items(), ids=UNSAYABLE)
def test_what_openslo_cannot_say_is_named(key, message):
    kind = KINDS["ratio of good"].replace("}", f", {key}}}")
    loaded = slos_from_text("shop.yaml", SPEC.replace("WINDOW", "30d").replace("SLI", kind))
    found = export(loaded.slos).problems

    assert [(problem.message, problem.severity) for problem in found] == [(message, "warning")]
    assert found[0].span is not None


def test_kinds_that_openslo_has_not_are_left_out():
    kind = "count: {counter: restarts_total, fewer_than: 3, per: 1d}"
    text = SPEC.replace("WINDOW", "30d").replace("SLI", kind).replace("    objective: 99.9%\n", "")
    made = export(slos_from_text("shop.yaml", text.replace("policy: openslo, ", "")).slos)

    assert "kind: SLO" not in made.files["shop.yaml"]
    assert [problem.code for problem in made.problems] == ["not-imported"]


def test_every_example_is_exported_to_yaml_that_imports():
    slos = read_slos([str(ROOT / "slos")]).slos
    made = export(slos)
    objects = [one for text in made.files.values() for one in yaml.safe_load_all(text)]

    sayable = [slo for slo in slos if isinstance(slo.indicator, Ratio | Latency | Threshold)]
    assert len([one for one in objects if one["kind"] == "SLO"]) > len(sayable) / 2
    assert {one["apiVersion"] for one in objects} == {"openslo/v1"}
