"""docs/explanation/peers.md names every test of this folder, and only tests that exist."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from test_refused import REFUSED

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PAGE = (ROOT / "docs" / "explanation" / "peers.md").read_text(encoding="utf-8")
NAMED = re.findall(r"`((?:tests/[\w/.]+\.py)|test_\w+)::(test_\w+)`", PAGE)


def names_in(path):
    return {
        node.name
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


@pytest.mark.parametrize(("file", "name"), NAMED, ids=lambda part: part)
def test_a_test_that_is_named_exists(file, name):
    path = ROOT / file if "/" in file else HERE / f"{file}.py"

    assert name in names_in(path)


@pytest.mark.parametrize("file", ["test_alerting", "test_accepted", "test_refused"])
def test_every_test_is_named(file):
    named = {name for where, name in NAMED if where == file}
    helpers = {"test_the_spec_that_these_are_made_from_is_accepted"}

    assert names_in(HERE / f"{file}.py") - helpers == named


def test_every_refused_case_is_listed_with_its_code():
    rows = dict(re.findall(r"^\| (.+?) \| `([\w-]+)` \|$", PAGE, re.MULTILINE))

    assert rows == {name: case[2] for name, case in REFUSED.items()}
