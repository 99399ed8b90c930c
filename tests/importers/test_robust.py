"""Whatever a file holds, an import ends with problems at places, never with an exception."""

from __future__ import annotations

import copy
import textwrap

import pytest
import test_openslo
import test_pyrra
import test_sloth
import yaml

from burnproof.importers import import_files

ALIEN = (None, "", "x", 5, [], {}, [1], {"a": 1}, [[]], "{{.window}}", "a b", "0", "-1", "1e400")
SLOTH = test_sloth.SLOTH.format(objective=99.9, sli=test_sloth.EVENTS_OF_BOTH) + (
    "      labels: {a: b}\n      annotations: {c: d}\n      page_alert: {disable: false, labels: {severity: x}}\n"
)
OPENSLO = test_openslo.SLO.format(
    metric=test_openslo.ratio("good_total", "all_total"),
    window="{duration: 1w, calendar: {startTime: '2024-01-01', timeZone: UTC}}",
    method="Timeslices",
    objective="{displayName: a, target: 0.99, timeSliceTarget: 0.9, timeSliceWindow: 5m}",
)
V1ALPHA = textwrap.dedent(test_openslo.V1ALPHA)
DOCUMENTS = {
    "sloth": SLOTH,
    "object": test_sloth.OBJECT,
    "catalog": test_sloth.CATALOG,
    "pyrra": test_pyrra.OBJECT.format(
        indicator=test_pyrra.RATIO, target=99, window="4w", more="  alerting: {absent: true}"
    ),
    "pyrra native": test_pyrra.OBJECT.format(
        indicator="latencyNative: {latency: 200ms, total: {metric: x_seconds}, grouping: [a]}",
        target=99,
        window="4w",
        more="",
    ),
    "openslo": OPENSLO.rstrip() + test_openslo.POLICY,
    "openslo v1alpha": V1ALPHA,
}


def paths(value, path=()):
    """Give the path of each value of a document."""
    if isinstance(value, dict):
        for key, below in value.items():
            yield (*path, key)
            yield from paths(below, (*path, key))
    elif isinstance(value, list):
        for index, below in enumerate(value):
            yield (*path, index)
            yield from paths(below, (*path, index))


def changed(document, path, value):
    """Give a document with one value replaced."""
    made = copy.deepcopy(document)
    at = made
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = value
    return made


@pytest.mark.parametrize(
    "alien", [ALIEN[:3], *(pytest.param(ALIEN[at : at + 3], marks=pytest.mark.slow) for at in range(3, len(ALIEN), 3))]
)
@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_value_of_another_kind_ends_in_problems(tmp_path, name, alien):
    document = yaml.safe_load(DOCUMENTS[name])
    for number, path in enumerate(paths(document)):
        for value in alien:
            file = tmp_path / f"{number}.yaml"
            file.write_text(yaml.safe_dump(changed(document, path, value)))
            made = import_files([str(file)])
            assert all(problem.hint and problem.span is not None for problem in made.problems), (path, value)


@pytest.mark.parametrize(
    "text", ["", "a", "- a", "[]", "{", "version: prometheus/v1", "apiVersion: openslo/v1", "kind: List\nitems: [1]"]
)
def test_files_that_are_none_end_in_problems(tmp_path, text):
    file = tmp_path / "in.yaml"
    file.write_text(text)
    made = import_files([str(file)])

    assert made.files == {}
    assert made.problems or text == "[]"
