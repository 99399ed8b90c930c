"""Schemas of profiles and records: committed as they are printed, and of one mind with the readers."""

from __future__ import annotations

import copy
import json
import os
import re

import jsonschema
import pytest
import yaml

import spec_page
from burnproof.cli.schema import Kind
from burnproof.loadtest.baseline.store import keep
from burnproof.loadtest.results.formats import result_from_text
from burnproof.loadtest.run.reading import profile_from_text, shipped
from places import ROOT
from result_samples import record

PROFILES = ROOT / "src" / "burnproof" / "loadtest" / "run" / "profiles"
MODELINE = re.compile(r"\A# yaml-language-server: \$schema=(\S+)\n")
WHOLE = """version: burnproof/load/v1
name: newsletter
users: 20
spawn_rate: 3
duration: 600s
wait: 1s to 3s
grace: 10s
endpoints:
  - {name: validate, method: POST, path: /validate, body: {content: x}, has: [valid]}
  - {name: status, path: /status, within: 200ms, weight: 2, expect: [200, 501], contains: ok}
workflows:
  - {name: send, steps: [validate, {endpoint: status, every: 4}], pause: 100ms}
watch: {path: /metrics, gauges: [process_open_fds]}
"""
SESSIONS = {"path": "/ws/{id}"}


def validator(kind):
    return jsonschema.Draft202012Validator(json.loads(spec_page.SCHEMAS[kind].read_text(encoding="utf-8")))


@pytest.mark.parametrize("kind", Kind)
def test_the_committed_schemas_are_the_printed_ones(burnproof, kind):
    printed = burnproof("schema", kind, check=0)

    assert printed.stderr == ""
    assert spec_page.SCHEMAS[kind].read_text(encoding="utf-8") == printed.stdout
    jsonschema.Draft202012Validator.check_schema(json.loads(printed.stdout))


@pytest.mark.parametrize("name", shipped())
def test_shipped_profiles_are_valid_and_name_the_schema_by_a_path_that_leads_there(name):
    text = shipped()[name]
    found = MODELINE.match(text)

    assert [error.message for error in validator(Kind.LOAD).iter_errors(yaml.safe_load(text))] == []
    assert os.path.normpath(PROFILES / found[1]) == str(spec_page.SCHEMAS[Kind.LOAD])


def changed(**changes):
    """The whole profile with other keys; an ellipsis takes one away."""
    document = copy.deepcopy(yaml.safe_load(WHOLE)) | changes
    return {key: value for key, value in document.items() if value is not ...}


GOOD = [
    {},
    {"users": ..., "duration": ..., "stages": [{"users": 5, "duration": "1m", "ramp": True}]},
    {"endpoints": ..., "workflows": ..., "sessions": SESSIONS},
    {"workflows": ...},
]
BAD = [
    {"version": "burnproof/load/v9"},
    {"name": ...},
    {"usrs": 5},
    {"users": ...},
    {"duration": "soon"},
    {"stages": [{"users": 5, "duration": "1m"}]},
    {"stages": [], "users": ..., "duration": ...},
    {"sessions": SESSIONS},
    {"endpoints": ..., "workflows": ...},
    {"endpoints": []},
    {"endpoints": [{"path": "status"}], "workflows": ...},
    {"endpoints": [{"path": "/a", "method": "FETCH"}], "workflows": ...},
    {"endpoints": [{"method": "GET"}], "workflows": ...},
    {"watch": {"path": "/metrics"}},
    {"watch": {"gauges": ["open fds"]}},
    {"watch": {"gauges": []}},
]


@pytest.mark.parametrize(("changes", "good"), [*((one, True) for one in GOOD), *((one, False) for one in BAD)])
def test_the_schema_and_the_reader_agree(changes, good):
    document = changed(**changes)

    read = profile_from_text("p.yaml", yaml.safe_dump(document, sort_keys=False))

    assert validator(Kind.LOAD).is_valid(document) is good
    assert (read.profile is not None) is good, read.problems


COURSE = {"seconds": [1, 2], "series": {"response_time_p95": {"unit": "ms", "values": [3.5, None]}}}
SOUND = [
    {},
    {"course": COURSE},
    {"load_generator": {"trusted": True, "reasons": []}, "git_revision": "abc"},
    {"readings": {"generate/p95": {"value": 12.5, "unit": "ms", "samples": 40}}},
]
DAMAGED = [
    {"response_time_p95": ...},
    {"total_requests": "many"},
    {"error_rate": 2},
    {"test_duration": 0},
    {"schema": "burnproof/result/v9"},
    {"course": {"seconds": [1]}},
    {"course": {"seconds": [], "series": {}}},
    {"course": {"seconds": [1] * 501, "series": {}}},
    {"course": COURSE | {"series": {"a": {"unit": "ms", "values": ["x"]}}}},
]


@pytest.mark.parametrize(("changes", "sound"), [*((one, True) for one in SOUND), *((one, False) for one in DAMAGED)])
def test_the_schema_of_records_and_the_gate_agree(changes, sound):
    text = record(**changes)

    assert validator(Kind.RESULT).is_valid(json.loads(text)) is sound
    assert (not _fault(text)) is sound


def _fault(text):
    """What the reader says of the file, or of the number that is no usable one."""
    found = result_from_text("r.json", text)
    return found.fault or next((one.trouble for one in found.readings.values() if one.trouble), "")


def test_what_is_kept_as_a_baseline_is_valid(tmp_path):
    path = keep(tmp_path, result_from_text("r.json", record(course=COURSE, **SOUND[3])))

    kept = json.loads(path.read_text())

    assert [error.message for error in validator(Kind.RESULT).iter_errors(kept)] == []
    assert kept["course"] == COURSE
