"""Every file of the other tools' own examples imports, or is refused for a reason that is given at its line."""

from __future__ import annotations

import pytest

from burnproof.compile import compile_specs
from burnproof.diagnostics import Severity
from burnproof.importers import import_files
from places import SHARED, sampled
from promrules.api import run_tests

FOLDER = SHARED / "import"
FILES = sorted(path for path in FOLDER.rglob("*") if path.suffix in (".yaml", ".yml", ".json"))
NAMES = [str(path.relative_to(FOLDER)) for path in FILES]
NOT_OF_THE_IMPORT = {"unproved", "same-sli"}  # of the query, and of two SLOs that were alike before
"""Warnings that say something about the objective itself."""


def test_the_examples_are_there():
    if not FILES:
        pytest.skip(f"no third-party specs in {FOLDER}")
    assert len(FILES) > 30


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_each_file_imports_or_says_why_not(path):
    made = import_files([str(path)])

    assert made.problems or made.files
    for problem in made.problems:
        assert problem.span is not None
        assert problem.hint
    for name, text in made.files.items():
        assert text.startswith(("#", "version: burnproof/v1")), name


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_what_is_written_passes_check(path, tmp_path):
    made = import_files([str(path)])
    for name, text in made.files.items():
        (tmp_path / name).write_text(text)

    found = compile_specs([str(tmp_path)], kinds=("rules",)).problems if made.files else ()

    assert [problem for problem in found if problem.code not in NOT_OF_THE_IMPORT] == []


@pytest.mark.parametrize(("path", "name"), sampled(list(zip(FILES, NAMES, strict=True)), 12))
def test_proofs_of_what_is_written_pass(path, name, tmp_path):
    made = import_files([str(path)])
    if not made.files:
        return  # the reason is given, see above
    for spec, text in made.files.items():
        (tmp_path / spec).write_text(text)
    compiled = compile_specs([str(tmp_path)], kinds=("rules", "tests"))
    for file, text in compiled.files.items():
        target = tmp_path / "generated" / file
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    tests = sorted(map(str, (tmp_path / "generated" / "tests").glob("*.yaml")))

    results = run_tests(tests)

    assert [str(result) for result in results if not result.passed] == []


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_no_comment_is_lost(path):
    made = import_files([str(path)])
    if any(problem.severity is Severity.ERROR for problem in made.problems) or not made.files:
        return
    written = "\n".join(made.files.values())
    for line in path.read_text().splitlines():
        if line.strip().startswith("# "):
            assert line.strip().removeprefix("# ") in written
