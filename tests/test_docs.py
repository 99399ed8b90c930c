"""README and docs are run: a block marked with a comment is a file to write, or commands that must succeed.

<!-- file: slos/shop.yaml -->   the block below is that file
<!-- run -->                    each `$` line of the block below exits with 0
<!-- run: 1 -->                 … with 1
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

import picture
from burnproof.cli import COMMANDS
from burnproof.model.quantities import Duration
from places import PATIENCE

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "burnproof"
ARCHITECTURE = ROOT / "docs" / "architecture.md"
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
BLOCK = re.compile(r"<!-- (file|run)(?:: ([^\n]*?))? -->\n+```\w*\n(.*?)^```", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)")
MAKE = re.compile(r"`?make ([a-z-]+)")


def _name(page):
    return str(page.relative_to(ROOT))


def _with_blocks():
    """Give the pages to run; of those that run proofs, which takes seconds, the quick tests run the README."""
    for page in PAGES:
        text = page.read_text()
        is_long = "\n$ burnproof test" in text and page.name != "README.md"
        if BLOCK.search(text):
            yield pytest.param(page, id=_name(page), marks=[pytest.mark.slow] if is_long else [])


@pytest.mark.parametrize("page", [*_with_blocks()])
def test_marked_blocks_do_what_they_say(page, tmp_path, burnproof):
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    for kind, argument, body in BLOCK.findall(page.read_text()):
        if kind == "file":
            (tmp_path / argument).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / argument).write_text(body)
            continue
        for line in body.splitlines():
            if line.startswith("$ burnproof "):
                done = burnproof(*shlex.split(line[2:], comments=True)[1:])
                assert done.returncode == int(argument or 0), f"{line}\n{done.stdout}{done.stderr}"
            elif line.startswith("$ "):
                done = subprocess.run(
                    shlex.split(line[2:], comments=True),
                    cwd=tmp_path,
                    env={**os.environ, "PATH": path},
                    capture_output=True,
                    text=True,
                    timeout=PATIENCE,
                    check=False,
                )
                assert done.returncode == int(argument or 0), f"{line}\n{done.stdout}{done.stderr}"


def test_the_readme_has_commands_that_are_run():
    kinds = {kind for kind, _, _ in BLOCK.findall((ROOT / "README.md").read_text())}

    assert kinds == {"file", "run"}


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_links_lead_somewhere(page):
    missing = [link for link in LINK.findall(page.read_text()) if not (page.parent / link).exists()]

    assert missing == []


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


def test_files_that_decisions_name_exist():
    named = [
        (page.name, file)
        for page in [ARCHITECTURE, *sorted((ROOT / "docs" / "adr").glob("*.md"))]
        for file in re.findall(r"`((?:src|tests|plan|docs)/[\w/.]+\.(?:py|md|svg))`", page.read_text())
    ]

    assert [(page, file) for page, file in named if not (ROOT / file).exists() and not (SOURCE / file).exists()] == []
