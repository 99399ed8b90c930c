"""The long description of the package has no relative link: an index has no ``docs/`` folder."""

from __future__ import annotations

import importlib.util
import re

import pytest

from places import ROOT

pytest.importorskip("hatchling")
_spec = importlib.util.spec_from_file_location("readme_hook", ROOT / "tools" / "readme_hook.py")
hook = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(hook)
README = (ROOT / "README.md").read_text(encoding="utf-8")
RELATIVE = re.compile(r"\]\((?!https://)")


@pytest.mark.parametrize(
    ("environment", "base"),
    [
        ({}, ""),
        ({"BURNPROOF_REPOSITORY": "https://git.example.org/slo/"}, "https://git.example.org/slo"),
        ({"GITHUB_REPOSITORY": "me/slo"}, "https://github.com/me/slo"),
        (
            {"GITHUB_REPOSITORY": "me/slo", "GITHUB_SERVER_URL": "https://ghe.example.org"},
            "https://ghe.example.org/me/slo",
        ),
    ],
)
def test_the_repository_is_named_or_that_of_the_pipeline(environment, base):
    assert hook.repository(environment) == base


def test_links_and_pictures_of_the_readme_become_absolute():
    made = hook.absolute(README, "https://git.example.org/slo", "v1")

    assert RELATIVE.search(README)
    assert not RELATIVE.search(made)
    assert "(https://git.example.org/slo/blob/v1/docs/tutorial.md)" in made
    assert "(https://git.example.org/slo/raw/v1/docs/proof.svg)" in made


def test_without_a_repository_there_are_no_relative_links():
    made = hook.absolute(README, "", "main")

    assert not RELATIVE.search(made)
    assert "tutorial" in made
    assert "proof.svg" not in made
