"""README and docs are run, as ``pagerun`` says; their links lead somewhere, and what they say of the code is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

import commands_page
import picture
import prose
from burnproof.cli import COMMANDS
from burnproof.model.quantities import Duration
from pagerun import blocks, run_page

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "burnproof"
ARCHITECTURE = ROOT / "docs" / "architecture.md"
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), ROOT / "examples" / "README.md"])
LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)")
ANCHOR = re.compile(r"\]\((?!https?:|mailto:)([^)#\s]*)#([^)\s]+)\)")
MAKE = re.compile(r"`?make ([a-z-]+)")


def _name(page):
    return str(page.relative_to(ROOT))


def _with_blocks():
    """Give the pages to run; of those that run proofs, which takes seconds, the quick tests run the README."""
    for page in PAGES:
        found = blocks(page)
        is_long = any("burnproof test" in command for block in found for command in block.commands)
        if found:
            yield pytest.param(
                page, id=_name(page), marks=[pytest.mark.slow] if is_long and page.name != "README.md" else []
            )


@pytest.mark.parametrize("page", [*_with_blocks()])
def test_marked_blocks_do_what_they_say(page, tmp_path):
    run_page(page, tmp_path)


def test_the_readme_has_commands_that_are_run():
    assert {block.kind for block in blocks(ROOT / "README.md")} == {"file", "run", "output"}


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_links_lead_somewhere(page):
    missing = [link for link in LINK.findall(page.read_text()) if not (page.parent / link).exists()]

    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_links_into_pages_lead_to_a_heading(page):
    missing = [
        f"{file}#{anchor}"
        for file, anchor in ANCHOR.findall(page.read_text())
        if (path := page.parent / file if file else page).suffix == ".md" and anchor not in prose.anchors(path)
    ]

    assert missing == []


def test_the_index_names_each_page():
    index = (ROOT / "docs" / "README.md").read_text()
    pages = [str(page.relative_to(ROOT / "docs")) for page in PAGES if page.is_relative_to(ROOT / "docs")]

    assert [page for page in pages if not page.startswith("adr/") and page != "README.md" and page not in index] == []


def test_the_commands_page_is_current():
    assert commands_page.PAGE.read_text(encoding="utf-8") == commands_page.page(), "python tests/commands_page.py"


@pytest.mark.parametrize("page", prose.PAGES, ids=_name)
def test_sentences_are_short(page):
    assert prose.mean(page) <= prose.MEAN, "python tests/prose.py -v lists the long ones"


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_make_targets_that_are_named_exist(page):
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    code = "\n".join(re.findall(r"`make [a-z ]+`|^\$ make .*", page.read_text(), re.MULTILINE))

    assert set(MAKE.findall(code)) <= targets


def test_the_readme_names_each_command():
    named = re.findall(r"^\| `burnproof (\w+)", (ROOT / "README.md").read_text(), re.MULTILINE)

    assert sorted(named) == sorted(COMMANDS)


def test_the_picture_is_current():
    assert picture.PICTURE.read_text(encoding="utf-8") == picture.picture(), "renew it: python tests/picture.py"


def test_the_picture_shows_the_checks_of_the_written_proof():
    made = picture.drawing()
    written = [yaml.safe_load(path.read_text()) for path in (ROOT / "generated" / "tests").glob("processor*.yaml")]
    title = f"{picture.SLO}: {picture.TIER}: silent just below"
    proof = next(test for file in written for test in file["tests"] if test["name"].startswith(title))
    of_alerts = [check for check in proof["promql_expr_test"] if check["expr"].startswith("ALERTS")]
    found = {(check["eval_time"], bool(check["exp_samples"])) for check in of_alerts}

    assert found == {
        (str(Duration(time * 1000)), time in made.story.firing) for time in {*made.story.silent, *made.story.firing}
    }


def test_the_architecture_names_files_and_functions_that_exist():
    steps = re.findall(r"^\| .* \| `([\w/]+\.py)` \| `(\w+)` \|$", ARCHITECTURE.read_text(), re.MULTILINE)
    missing = [
        f"{name} in {file}"
        for file, name in steps
        if not (SOURCE / file).exists() or f"def {name}(" not in (SOURCE / file).read_text()
    ]

    assert len(steps) > 10
    assert missing == []


def test_the_architecture_names_each_module():
    text = ARCHITECTURE.read_text()
    modules = [path for path in SOURCE.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()]

    assert [path.name for path in modules if f"`{path.name}" not in text and path.name != "__init__.py"] == []


def test_symptoms_lead_to_files_that_exist():
    rows = re.findall(r"^\| [A-Z].*[.?] \| (.*) \|$", (ROOT / "CONTRIBUTING.md").read_text(), re.MULTILINE)
    named = [file for row in rows for file in re.findall(r"`([\w/.]+(?:/|\.py|\.j2))`", row)]

    assert len(rows) >= 5
    assert [file for file in named if not (SOURCE / file).exists() and not (ROOT / file).exists()] == []


def test_files_that_decisions_name_exist():
    named = [
        (page.name, file)
        for page in [ARCHITECTURE, *sorted((ROOT / "docs" / "adr").glob("*.md"))]
        for file in re.findall(r"`((?:src|tests|plan|docs)/[\w/.]+\.(?:py|md|svg))`", page.read_text())
    ]

    assert [(page, file) for page, file in named if not (ROOT / file).exists() and not (SOURCE / file).exists()] == []
