"""Rule files and test files: what is wrong is said all at once, under its line; what is right is read whole."""

from __future__ import annotations

import pytest

from promrules.rule_tests.rule_file import AlertingRule, RecordingRule, load_rules
from promrules.rule_tests.test_file import load_tests
from promrules.rule_tests.yaml_reader import FileProblems


def complaints(load, text, **options):
    with pytest.raises(FileProblems) as caught:
        load(text, file="f.yml", **options)
    return [f"{problem.span}: {problem.message}" for problem in caught.value.problems]


RULE = "groups:\n- name: g\n  rules:\n  - "

BAD_RULES = {
    "both kinds": (
        RULE + "{record: a, alert: b, expr: c}",
        ["f.yml:4:24: only one of 'record' and 'alert' must be set"],
    ),
    "no kind": (RULE + "{expr: c}", ["f.yml:4:5: one of 'record' or 'alert' must be set"]),
    "no expr": (RULE + "{record: a}", ["f.yml:4:5: field 'expr' must be set in rule"]),
    "annotations on a record": (
        RULE + "{record: a, expr: b, annotations: {x: y}, for: 1m, keep_firing_for: 1m}",
        [
            "f.yml:4:39: invalid field 'annotations' in recording rule",
            "f.yml:4:52: invalid field 'for' in recording rule",
            "f.yml:4:73: invalid field 'keep_firing_for' in recording rule",
        ],
    ),
    "braces in the name": (
        RULE + "{record: 'a{b=\"c\"}', expr: d}",
        ['f.yml:4:14: braces present in the recording rule name; should it be in expr?: a{b="c"}'],
    ),
    "reserved label": (
        RULE + "{record: a, expr: b, labels: {__name__: x}}",
        ["f.yml:4:34: invalid label name: __name__"],
    ),
    "unknown fields": (
        "groups:\n- name: g\n  rulez: []\n  rules:\n  - {record: a, exp: b, expr: c}\n",
        ["f.yml:3:3: field rulez not found in a rule group", "f.yml:5:17: field exp not found in a rule"],
    ),
    "repeated field": (
        "groups:\n- name: g\n  name: h\n  rules: []\n",
        ["f.yml:3:3: field name already set in a rule group, on line 2"],
    ),
    "repeated group": (
        "groups:\n- name: g\n  rules: []\n- name: g\n  rules: []\n",
        ['f.yml:4:9: groupname: "g" is repeated in the same file'],
    ),
    "no group name": ("groups:\n- rules: []\n", ["f.yml:2:3: Groupname must not be empty"]),
    "template of an annotation": (
        RULE + "alert: A\n    expr: b\n    annotations:\n      x: '{{ $label.y }}'\n",
        ['f.yml:7:10: annotation "x": template: __alert_A:1: undefined variable "$label"'],
    ),
    "template of a label": (
        RULE + "alert: A\n    expr: b\n    labels:\n      x: '{{ nofunc }}'\n",
        ['f.yml:7:10: label "x": template: __alert_A:1: function "nofunc" not defined'],
    ),
    "duration": (
        RULE + "{alert: A, expr: b, for: 5 minutes}",
        ['f.yml:4:30: for: not a valid duration string: "5 minutes"'],
    ),
    "limit": ("groups:\n- name: g\n  limit: many\n  rules: []\n", ["f.yml:3:10: limit must be a number, got 'many'"]),
    "shape": ("groups: {a: b}\n", ["f.yml:1:9: groups must be a list, got a mapping"]),
    "yaml": (
        "groups: [\n",
        ["f.yml:2:1: not valid YAML: did not find expected node content, while parsing a flow node"],
    ),
    "empty merge": (
        "groups:\n- <<: 3\n  name: g\n  rules: []\n",
        ["f.yml:2:7: map merge in a rule group requires a mapping or a list of mappings"],
    ),
}


@pytest.mark.parametrize(("text", "said"), BAD_RULES.values(), ids=BAD_RULES.keys())
def test_bad_rule_files(text, said):
    """Every fault of a rule file is named with its place."""
    assert complaints(load_rules, text) == said


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("expr: sum(", "f.yml:5:"),
        ('expr: "sum("', "f.yml:5:"),
        ("expr: |\n      up and\n      sum(", "f.yml:7:"),
        ("expr: >\n      up and\n      sum(", "f.yml:6:"),
    ],
)
def test_syntax_errors_point_into_the_expression(text, place):
    """The line of a PromQL error is the line of the file, also in block scalars."""
    (said,) = complaints(load_rules, f"groups:\n- name: g\n  rules:\n  - record: a\n    {text}\n")

    assert said.startswith(place)
    assert "could not parse expression" in said


def test_rule_file_whole():
    """Group labels go under rule labels, durations are milliseconds, merge keys and anchors work."""
    loaded = load_rules(
        """
groups:
- name: g
  interval: 30s
  query_offset: 1m
  limit: 5
  labels: {team: a, tier: x}
  rules:
  - {record: r, expr: 1, labels: {tier: y}}
  - &alert {alert: A, expr: r > 0, for: 5m, keep_firing_for: 10m, annotations: {s: t}}
  - {<<: *alert, alert: B, for: 1m}
"""
    )
    (group,) = loaded.groups
    record, first, second = group.rules

    assert (group.interval_ms, group.query_offset_ms, group.limit) == (30_000, 60_000, 5)
    assert isinstance(record, RecordingRule)
    assert record.labels == (("team", "a"), ("tier", "y"))
    assert isinstance(first, AlertingRule)
    assert isinstance(second, AlertingRule)
    assert (first.hold_ms, first.keep_firing_ms) == (300_000, 600_000)
    assert (second.name, second.hold_ms, second.keep_firing_ms) == ("B", 60_000, 600_000)


def test_unknown_fields_may_be_skipped():
    """`--ignore-unknown-fields` lets rule files of other tools pass."""
    loaded = load_rules("groups:\n- name: g\n  namespace: x\n  rules: []\nfoo: bar\n", ignore_unknown=True)

    assert [group.name for group in loaded.groups] == ["g"]


def test_only_the_first_document_counts():
    """As in Prometheus, a second YAML document is not read."""
    assert load_rules("groups: []\n---\nnonsense: [1\n").groups == ()
    assert load_rules("").groups == ()


def test_old_alphabet():
    """Prometheus 2.x takes no UTF-8 names, 3.x does."""
    text = RULE + "{record: 'föö', expr: b, labels: {a-b: c}}"

    assert load_rules(text).groups[0].rules[0].name == "föö"
    assert complaints(load_rules, text, compat=2) == [
        "f.yml:4:38: invalid label name: a-b",
        "f.yml:4:14: invalid recording rule name: föö",
    ]


BAD_TESTS = {
    "unknown field": ("tests:\n- {bogus: 1}\n", ["f.yml:2:4: field bogus not found in a test"]),
    "repeated group": (
        "group_eval_order: [a, b, a]\n",
        ["f.yml:1:19: group name repeated in evaluation order: a"],
    ),
    "word for a number": (
        "tests:\n- promql_expr_test:\n  - {expr: a, exp_samples: [{value: NaN}, {value: '3'}, {value: x}]}\n",
        [
            "f.yml:3:37: value must be a number, got 'NaN'",
            "f.yml:3:51: value must be a number, got '3'",
            "f.yml:3:65: value must be a number, got 'x'",
        ],
    ),
    "start": (
        "tests:\n- {start_timestamp: yesterday}\n",
        ['f.yml:2:21: cannot parse "yesterday" to a valid timestamp'],
    ),
    "boolean": ("fuzzy_compare: maybe\n", ["f.yml:1:16: fuzzy_compare must be true or false, got 'maybe'"]),
    "interval": ("evaluation_interval: 1\n", ['f.yml:1:22: evaluation_interval: not a valid duration string: "1"']),
}


@pytest.mark.parametrize(("text", "said"), BAD_TESTS.values(), ids=BAD_TESTS.keys())
def test_bad_test_files(text, said):
    """Every fault of a test file is named with its place."""
    assert complaints(load_tests, text) == said


def test_test_file_whole():
    """All fields are read, with promtool's defaults."""
    loaded = load_tests(
        """
rule_files: [a.yml, 'b*.yml']
evaluation_interval: 5m
group_eval_order: [x, y]
fuzzy_compare: true
tests:
- name: first
  interval: 30s
  start_timestamp: 2026-01-01T00:00:00Z
  external_labels: {region: eu}
  external_url: http://x
  input_series: [{series: up, values: '1x5'}]
  alert_rule_test:
  - {eval_time: 10m, alertname: A, exp_alerts: [{exp_labels: {b: 1}, exp_annotations: {c: d}}]}
  promql_expr_test:
  - {expr: up, eval_time: 20m, exp_samples: [{labels: 'up', value: .inf}, {histogram: '{{count:1}}'}]}
- {start_timestamp: 1.5}
"""
    )
    first, second = loaded.tests

    assert (loaded.rule_files, loaded.interval_ms, loaded.group_order, loaded.fuzzy) == (
        ("a.yml", "b*.yml"), 300_000, ("x", "y"), True)  # fmt: skip
    assert (first.title, first.interval_ms, first.start_ms, first.duration_ms) == (
        "first",
        30_000,
        1_767_225_600_000,
        1_200_000,
    )
    assert first.alert_cases[0].expected[0].labels == (("alertname", "A"), ("b", "1"))
    assert [sample.value for sample in first.expr_cases[0].expected] == [float("inf"), 0.0]
    assert (second.title, second.interval_ms, second.start_ms) == ("unnamed#1", 300_000, 1500)
