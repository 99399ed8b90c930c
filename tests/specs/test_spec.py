"""The reader and the published JSON Schema accept the same files; every key has its meaning written down."""

import copy
import json

import jsonschema
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from burnproof.diagnostics import BY_NAME, Stage
from burnproof.specs.keys import json_schema, read_spec
from burnproof.specs.resolve import slos_from_text
from burnproof.specs.source import read_text
from places import examples

SCHEMA = json_schema()
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)

WHOLE = yaml.safe_load(
    """
version: burnproof/v1
service: processor
owner: {team: application-team, contact: "#ca3-app"}
labels: {tier: "2", cell: 7, canary: false}
window: 30d
scrape_interval: 15s
journeys: {gpu-info: Retrieve latest GPU info}
alerting: {policy: strict, no_data: page, dashboard: https://example.org/d, annotations: {note: "{{ $value }}"}}
policies:
  - name: strict
    tiers:
      - {factor: 14.4, long: 1h, short: 5m, severity: page, keep_firing_for: 10m}
      - {factor: 2x, long: 24h, severity: ticket, for: 5m}
reports: [{every: day, title: Status, to: Engineering}, {every: month}]
slos:
  - name: availability
    description: It answers
    journey: gpu-info
    objective: 99.5%
    window: {calendar: month, timezone: Europe/Berlin}
    sli:
      ratio:
        {total: 'a_total{x="1"}', good: 'rate(a_total{c="2"}[$window])', by: [route], min_events: 100, no_traffic: good}
    alerting:
      {policy: {name: own, tiers: [{factor: 6, long: 6h, short: 30m, severity: page}]}, name: Slow, no_data: false}
    labels: {a: b}
    owner: {team: x}
    remediation: Restart it
    runbook: https://example.org/rb
    expected_rate: 10rps
  - name: latency
    objective: 95
    sli: {latency: {histogram: h_seconds, at_most: 250ms, buckets: [0.1, 250ms], native: false}}
  - {name: floor, objective: 95, sli: {floor: {histogram: h_rate, at_least: 10, buckets: [5, 10]}}}
  - name: p95
    objective: 99%
    sli: {quantile: {histogram: h_seconds, quantile: p95, less_than: 0.2s, slice: 1h, by: route}}
  - {name: lag, objective: 99, sli: {compare: {left: a_total, op: ">=", right: b_total, tolerance: 5%, slice: 1m}}}
  - {name: pool, objective: 99, sli: {threshold: {value: a / b, op: "<", bound: 80%, slice: 1m}}}
  - {name: restarts, journey: [gpu-info], sli: {count: {counter: r_total, at_most: 2, per: 1d, scope: [pod]}}}
"""
)


def problems_of(document):
    documents = read_text("a.yaml", json.dumps(document)).documents
    return [found for one in documents for found in read_spec(one)[1]]


def test_the_schema_is_a_schema_with_a_description_for_every_key():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    keys = [
        (title, name, key)
        for title, table in SCHEMA["$defs"].items()
        for name, key in table.get("properties", {}).items()
    ]

    assert len(keys) > 70
    assert [(title, name) for title, name, key in keys if not key.get("description")] == []


def test_a_spec_with_every_key_is_accepted_by_both():
    assert problems_of(WHOLE) == []
    assert [error.message for error in VALIDATOR.iter_errors(WHOLE)] == []


def places(node, path=()):
    """Yield the path of every value below a document."""
    for step, child in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
        yield (*path, step)
        yield from places(child, (*path, step))


PLACES = list(places(WHOLE))
INTRUDERS = [
    None,
    True,
    7,
    0.5,
    -1,
    "",
    "text",
    "5m",
    "99%",
    "NaN",
    [],
    ["x"],
    {},
    {"x": "y"},
    {"calendar": "day"},
    [None],
]


def changed(path, how, intruder):
    document = copy.deepcopy(WHOLE)
    node = document
    for step in path[:-1]:
        node = node[step]
    if how == "remove":
        del node[path[-1]]
    elif how == "add" and isinstance(node, dict):
        node["intruder"] = intruder
    elif how == "double" and isinstance(node, list):
        node.append(copy.deepcopy(node[path[-1]]))
    else:
        node[path[-1]] = intruder
    return document


def assert_agreement(document):
    found = problems_of(document)
    assert not found or slos_from_text("a.yaml", json.dumps(document)).problems
    valid = VALIDATOR.is_valid(document)
    if not found:
        assert valid, [error.message for error in VALIDATOR.iter_errors(document)]
    shape = [item for item in found if BY_NAME[item.code].stage is Stage.SHAPE]
    assert not (shape and valid), shape


@pytest.mark.parametrize("path", PLACES, ids=lambda path: ".".join(map(str, path)))
@pytest.mark.parametrize("how", ["remove", "add"])
def test_reader_and_schema_agree_on_missing_and_unknown_keys(path, how):
    assert_agreement(changed(path, how, "x"))


@settings(max_examples=examples(200))
@given(
    st.lists(
        st.tuples(
            st.sampled_from(PLACES), st.sampled_from(["remove", "add", "replace", "double"]), st.sampled_from(INTRUDERS)
        ),
        min_size=1,
        max_size=1,
    )
)
def test_reader_and_schema_agree_on_changed_values(changes):
    for path, how, intruder in changes:
        assert_agreement(changed(path, how, intruder))


def test_a_list_that_is_too_short_is_not_called_empty():
    slo = "{name: a, objective: 99, sli: {composite: {any_bad: %s, slice: 5m}}}"
    text = f"version: burnproof/v1\nservice: s\nslos: [{slo}]"
    said = [read_spec(read_text("a.yaml", text % given).documents[0])[1][0].message for given in ("[]", "[b]")]

    assert said == ["the list is empty", "the list has 1, and takes at least 2"]


@pytest.mark.parametrize(
    ("text", "tool"),
    [
        ("version: prometheus/v1\nservice: x\n", "Sloth"),
        ("apiVersion: sloth.slok.dev/v1\nkind: PrometheusServiceLevel\n", "Sloth"),
        ("apiVersion: openslo/v1\nkind: SLO\n", "OpenSLO"),
        ("apiVersion: openslo.com/v2alpha\nkind: SLO\n", "OpenSLO"),
        ("apiVersion: pyrra.dev/v1alpha1\nkind: ServiceLevelObjective\n", "Pyrra"),
    ],
)
def test_files_of_other_tools_are_named_with_what_to_write_instead(text, tool):
    (found,) = read_spec(read_text("a.yaml", text).documents[0])[1]

    assert found.code == "version"
    assert found.message.startswith(f"this is a file of {tool},")
    assert found.hint == "burnproof import a.yaml --write slos makes a spec of it"
