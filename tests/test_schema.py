"""The published JSON Schema is the one that is printed, and every sample is valid under it and names it."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import jsonschema
import pytest
import yaml

import spec_page

ROOT = Path(__file__).parents[1]
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
