"""The compiled pages that several tests look at."""

from __future__ import annotations

import json

import pytest
from pagecases import PAGES, SPEC

from burnproof.compile import compile_specs


@pytest.fixture(scope="session")
def made():
    """The compilation of ``shop.yaml``, without its proofs."""
    made = compile_specs([str(SPEC)], kinds=("rules", *PAGES))
    assert made.problems == ()
    return made


@pytest.fixture(scope="session")
def boards(made):
    """{name: parsed JSON} of every dashboard."""
    return {
        path.removeprefix("dashboards/").removesuffix(".json"): json.loads(text)
        for path, text in made.files.items()
        if path.endswith(".json")
    }


@pytest.fixture
def compiled(tmp_path):
    """Compile a spec given as text, without proofs."""

    def run(text, kinds=("rules", *PAGES), **options):
        (tmp_path / "spec.yaml").write_text(text)
        return compile_specs([str(tmp_path / "spec.yaml")], kinds=kinds, **options)

    return run
