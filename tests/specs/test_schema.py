"""The published JSON Schema is the one that is printed, and every sample is valid under it and names it."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import jsonschema
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

import spec_page
from burnproof.model.quantities import UnitError
from burnproof.specs.keys import boards, fields

ROOT = Path(__file__).parents[2]
SAMPLES = sorted([*ROOT.glob("slos/*.yaml"), *ROOT.glob("examples/*.yaml")])
MODELINE = re.compile(r"\A# yaml-language-server: \$schema=(\S+)\n")


def test_the_committed_schema_is_the_printed_one(burnproof):
    printed = burnproof("schema", check=0)

    assert printed.stderr == ""
    assert spec_page.SCHEMA.read_text(encoding="utf-8") == printed.stdout


def test_the_page_of_keys_is_made_from_the_tables():
    assert spec_page.page() == spec_page.PAGE.read_text(encoding="utf-8")


def test_the_page_links_to_its_own_sections():
    page = spec_page.PAGE.read_text(encoding="utf-8")
    sections = {title.strip().lower().replace(" ", "-") for title in re.findall(r"^## (.+)$", page, re.MULTILINE)}

    assert set(re.findall(r"\]\(#([^)]+)\)", page)) <= sections


def test_the_schema_is_one_of_its_draft():
    jsonschema.Draft202012Validator.check_schema(json.loads(spec_page.SCHEMA.read_text(encoding="utf-8")))


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_samples_are_valid_under_the_schema(path):
    validator = jsonschema.Draft202012Validator(json.loads(spec_page.SCHEMA.read_text(encoding="utf-8")))

    for document in yaml.safe_load_all(path.read_text(encoding="utf-8")):
        assert [error.message for error in validator.iter_errors(document)] == []


@pytest.mark.parametrize("path", sorted(ROOT.glob("slos/*.yaml")), ids=lambda path: path.stem)
def test_samples_name_the_schema_by_a_path_that_leads_there(path):
    found = MODELINE.match(path.read_text(encoding="utf-8"))

    assert found, "the first line must name the schema"
    assert Path(os.path.normpath(path.parent / found[1])) == spec_page.SCHEMA


def test_the_schema_refuses_what_the_reader_refuses():
    validator = jsonschema.Draft202012Validator(json.loads(spec_page.SCHEMA.read_text(encoding="utf-8")))
    slo = {"name": "a", "objective": "99%", "sli": {"ratio": {"total": "t", "bad": "b"}}}
    good = {"version": "burnproof/v1", "service": "s", "slos": [slo]}

    assert validator.is_valid(good)
    assert not validator.is_valid({**good, "slos": [{**slo, "objektive": 3}]})
    assert not validator.is_valid({**good, "slos": []})
    assert not validator.is_valid({**good, "slos": [{**slo, "sli": {"ratio": {"total": "t"}}}]})


NUMERALS = [
    fields.DURATION, fields.OBJECTIVE, fields.FACTOR, fields.RATE, fields.NATURAL, fields.WEIGHT, fields.SECONDS,
    fields.BOUND, fields.QUANTILE, fields.TOLERANCE, boards.AMOUNT, boards.SHARE_LEFT,
]  # fmt: skip
WRITTEN = st.from_regex(
    r" ?[pP+-]?([0-9]{0,3}(_[0-9]{3})?(\.[0-9]{1,3})?([eE][+-]?[0-9])?)?"
    r" ?(%|x|\u00d7|rps|RPM|/s|/min|/H|ms|s|h|h[0-9]+m|[a-z,.])? ?",
    fullmatch=True,
)


def _takes(leaf, value):
    return jsonschema.Draft202012Validator(leaf.json).is_valid(value)


@pytest.mark.parametrize("leaf", NUMERALS, ids=lambda leaf: leaf.expected)
@given(text=WRITTEN)
def test_the_schema_of_a_number_takes_all_that_is_read(leaf, text):
    """As text, and as what YAML makes of it; an editor must not underline what compiles."""
    try:
        leaf.parse(text)
    except UnitError:
        return
    loaded = yaml.safe_load(text)

    assert _takes(leaf, text)
    assert isinstance(loaded, bool) or not isinstance(loaded, int | float) or _takes(leaf, loaded)


@pytest.mark.parametrize(
    ("leaf", "values"),
    [
        (fields.OBJECTIVE, [101, 100, 0.999, -1, "100%", "99,9%", "high"]), (fields.FACTOR, ["ten", -1, 0, "-1x"]),
        (fields.RATE, ["10 apples", 0, "-1rps"]), (fields.NATURAL, ["two", -1, 2.5]), (fields.EVENTS, ["many", -1, 0]),
        (fields.SECONDS, ["fast", "5 parsecs", 0, "-1s", "50%"]), (fields.BOUND, ["x", "5 apples"]),
        (fields.QUANTILE, ["top", 95, 0, "px"]), (fields.TOLERANCE, ["lots", -0.1, 1]),
        (fields.DURATION, ["5", 5, "month", "-5m"]),
    ],
    ids=lambda value: getattr(value, "expected", ""),
)  # fmt: skip
def test_the_schema_of_a_number_refuses_what_no_editor_should_let_pass(leaf, values):
    assert [value for value in values if _takes(leaf, value)] == []
