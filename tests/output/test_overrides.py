"""A file among the user's templates that changes nothing is refused, and whoever wrote a wrong text is named."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from burnproof.compile import compile_specs
from burnproof.output.render import SHIPPED

SPECS = [str(Path(__file__).parents[2] / "slos" / "processor.yaml")]


def problems(templates):
    made = compile_specs(SPECS, templates=templates, kinds=("rules",))
    return "\n".join(f"{problem.message} = {problem.hint}" for problem in made.problems)


def override(folder, text="", name="rules.yaml.j2"):
    (folder / name).write_text((SHIPPED / name).read_text() + text)


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("rule.yaml.j2", "did you mean rules.yaml.j2?"),
        ("rules.yaml", "did you mean rules.yaml.j2?"),
        ("Rules.yaml.j2", "did you mean rules.yaml.j2?"),
        ("unit-tests.yaml.j2", "did you mean unit_tests.yaml.j2?"),
        ("deep/rules.yaml.j2", "did you mean rules.yaml.j2?"),
        ("something.j2", "Remove it"),
    ],
)
def test_a_template_that_overrides_none_is_refused(tmp_path, name, hint):
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text("x")

    said = problems(tmp_path)

    assert f"{tmp_path / name}: no template of this name is used" in said
    assert hint in said


@pytest.mark.parametrize("name", ["rules.yaml.j2", "mine.j2"])
def test_a_folder_in_the_place_of_a_template_is_refused(tmp_path, name):
    (tmp_path / name).mkdir()

    assert "this is a folder, but a template is needed" in problems(tmp_path)


def test_what_a_template_reads_is_used_and_notes_beside_them_do_not_matter(tmp_path):
    override(tmp_path, "{% include 'lib/one.j2' %}")
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "one.j2").write_text("{% include 'two.j2' %}")
    for name in ("two.j2", "README.md", ".rules.yaml.j2.swp", "rules.yaml.j2~"):
        (tmp_path / name).write_text("")
    shutil.copy(SHIPPED / "runbook.md.j2", tmp_path)

    assert problems(tmp_path) == ""
    (tmp_path / "three.j2").write_text("")
    assert "three.j2: no template" in problems(tmp_path)


def test_a_name_that_is_told_only_when_it_runs_may_be_any(tmp_path):
    override(tmp_path, "{% include 'lib' ~ '.j2' %}")
    (tmp_path / "lib.j2").write_text("")
    (tmp_path / "other.j2").write_text("")

    assert problems(tmp_path) == ""


def test_what_is_wrong_in_a_file_names_the_users_template_that_wrote_it(tmp_path):
    (tmp_path / "rules.yaml.j2").write_text("groups: []\n")

    said = problems(tmp_path)

    assert "rules/processor.yaml: the first line lacks the header" in said
    assert f"{tmp_path / 'rules.yaml.j2'} wrote it." in said
    assert "unit_tests" not in said
