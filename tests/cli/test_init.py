"""What ``burnproof init`` writes passes its own pipeline at once, and it never writes over anything."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

from burnproof.init import FILES, requirement, starter
from places import PATIENCE

BIN = Path(sys.executable).parent
ENVIRONMENT = {**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}", "NO_COLOR": "1"}


def tree(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def command(line, folder):
    done = subprocess.run(
        shlex.split(line), cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    """A repository as init makes it; tests that change it copy it first."""
    folder = tmp_path_factory.mktemp("init") / "slos-of-the-shop"
    done = command(f"burnproof init {folder}", folder.parent)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def copy(repository, tmp_path):
    return Path(shutil.copytree(repository, tmp_path / "copy"))


def steps(repository):
    workflow = yaml.safe_load((repository / ".github/workflows/slos.yaml").read_text())
    return [
        step for step in workflow["jobs"]["slos"]["steps"] if "run" in step and "pull_request" not in step.get("if", "")
    ]


def test_everything_that_a_repository_needs_is_there(repository):
    files = set(tree(repository))

    assert set(FILES) | {"schema/burnproof-v1.schema.json", "generated/rules/shop.yaml"} <= files
    assert any(path.startswith("generated/tests/shop") for path in files)


@pytest.mark.slow
@pytest.mark.parametrize("target", ["ci", "check", "problems", "help", "drift", "test", "schema", "generate"])
def test_each_make_target_passes_and_changes_nothing(copy, target):
    before = tree(copy)

    done = command(f"make {target}", copy)

    assert done.returncode == 0, done.stdout + done.stderr
    assert tree(copy) == before


def test_the_workflow_passes_its_own_steps(copy):
    """All but the installation, which needs the network; that step installs what the others call."""
    before = tree(copy)
    install, *rest = steps(copy)
    assert install["run"] == "pip install -r requirements.txt"
    assert len(rest) == 3

    for step in rest:
        done = command(step["run"], copy)
        assert done.returncode == 0, f"{step['name']}\n{done.stdout}{done.stderr}"
    after = tree(copy)
    assert after.pop("proofs.xml")
    assert after == before


def test_a_pull_request_says_what_changes_for_the_pager(copy):
    workflow = yaml.safe_load((copy / ".github/workflows/slos.yaml").read_text())
    (step,) = [step for step in workflow["jobs"]["slos"]["steps"] if "pull_request" in step.get("if", "")]
    git = "git -c user.name=a -c user.email=a@example.org"
    command(f"bash -c 'git init -q -b main && git add -A && {git} commit -qm one && git branch origin/main'", copy)
    spec = copy / "slos" / "shop.yaml"
    spec.write_text(spec.read_text().replace("99.9%", "99.5%"))

    run = step["run"].replace("${{ github.base_ref }}", "main").replace('"$GITHUB_STEP_SUMMARY"', "told")
    done = command(f"bash -c {shlex.quote(run)}", copy)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "99.9% over 30d | 99.5% over 30d" in (copy / "told").read_text()


def test_a_problem_is_an_annotation_of_the_pull_request(copy):
    spec = copy / "slos" / "shop.yaml"
    spec.write_text(spec.read_text().replace("objective:", "objektive:"))

    annotate = next(step["run"] for step in steps(copy) if "annotations" in step["name"])

    assert "::error file=slos/shop.yaml,line=" in command(annotate, copy).stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    ("path", "old", "new", "broken"),
    [
        ("slos/shop.yaml", "objective: 99.9%", "objektive: 99.9%", "make problems FORMAT=github"),
        ("slos/shop.yaml", "99.9%", "99.95%", "make drift"),
        ("generated/rules/shop.yaml", "0.0144", "0.0145", "make drift"),
    ],
)
def test_the_workflow_fails_where_it_must(copy, path, old, new, broken):
    text = (copy / path).read_text()
    assert old in text
    (copy / path).write_text(text.replace(old, new))

    failed = [step["run"] for step in steps(copy)[1:] if command(step["run"], copy).returncode]

    assert broken in failed


def test_a_changed_rule_fails_its_proofs(copy):
    rules = copy / "generated/rules/shop.yaml"
    text = rules.read_text()
    rules.write_text(text.replace("> 0.0144", "> 0.0288"))
    assert rules.read_text() != text

    assert command("make test", copy).returncode != 0


def test_the_hook_runs_what_the_makefile_has(repository):
    hook = yaml.safe_load((repository / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"][0]

    assert hook["entry"] == "make check"
    assert hook["language"] == "system"


def test_the_requirement_is_this_version(repository):
    assert f"burnproof=={version('burnproof')}\n" in (repository / "requirements.txt").read_text()
    assert "@" not in "".join(text for path, text in starter().items() if path == "requirements.txt")


@pytest.mark.parametrize(
    ("origin", "line"),
    [
        (
            '{"url": "https://git.io/b.git", "vcs_info": {"vcs": "git", "commit_id": "7921be1"}, "subdirectory": "py"}',
            "burnproof @ git+https://git.io/b.git@7921be1#subdirectory=py",
        ),
        (
            '{"url": "https://x.example/b.whl", "archive_info": {"hash": "sha256=2dc6", "hashes": {"sha256": "2dc6"}}}',
            "burnproof @ https://x.example/b.whl#sha256=2dc6",
        ),
        ('{"url": "https://x.example/b.tar.gz", "archive_info": {}}', "burnproof @ https://x.example/b.tar.gz"),
        ('{"url": "file:///home/me/burnproof", "dir_info": {"editable": true}}', f"burnproof=={version('burnproof')}"),
        ('{"url": "file:///tmp/b.whl", "archive_info": {}}', f"burnproof=={version('burnproof')}"),
        ("", f"burnproof=={version('burnproof')}"),
        ("no JSON", f"burnproof=={version('burnproof')}"),
    ],
)
def test_the_requirement_says_where_this_one_came_from(origin, line):
    assert requirement(origin) == line
    assert str(Requirement(line)).startswith("burnproof")


def test_the_installers_note_is_read(burnproof, tmp_path):
    note = tmp_path / "path" / "burnproof-9.dist-info"
    note.mkdir(parents=True)
    (note / "METADATA").write_text("Name: burnproof\nVersion: 9\n")
    (note / "direct_url.json").write_text('{"url": "https://x.example/b.whl", "archive_info": {}}')
    path = os.pathsep.join([str(note.parent), os.environ.get("PYTHONPATH", "")])

    burnproof("init", "new", env={"PYTHONPATH": path}, check=0)

    assert "burnproof @ https://x.example/b.whl\n" in (tmp_path / "new" / "requirements.txt").read_text()


def test_a_repository_keeps_its_own_readme_and_gitignore(burnproof, tmp_path):
    (tmp_path / "README.md").write_text("mine")
    (tmp_path / ".gitignore").write_text(".venv/\nmine\n")

    done = burnproof("init", check=0)

    assert (tmp_path / "README.md").read_text() == "mine"
    assert (tmp_path / ".gitignore").read_text() == ".venv/\nmine\n"
    assert (tmp_path / "Makefile").exists()
    assert "Your own README.md was kept." in done.stderr
    assert "Add to .gitignore: proofs.xml .*.burnproof-tmp\n" in done.stderr
    assert "\n  README.md" not in "\n" + done.stderr


@pytest.mark.parametrize("target", ["/nowhere", "/proc"])
def test_where_one_file_cannot_be_written_none_is(burnproof, tmp_path, target):
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / ".github").symlink_to(target)

    done = burnproof("init", "new", check=2)

    assert list((tmp_path / "new").iterdir()) == [tmp_path / "new" / ".github"]
    assert ".github" in done.stderr


def test_the_next_step_can_be_pasted(burnproof):
    assert "Next: cd 'g/su b/ünï' && make ci." in burnproof("init", "g/su b/ünï", check=0).stderr


@pytest.mark.parametrize("path", ["Makefile", "slos/shop.yaml", "generated/rules/shop.yaml", "requirements.txt"])
def test_nothing_is_written_where_one_file_exists(burnproof, tmp_path, path):
    (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / path).write_text("mine")

    done = burnproof("init", check=2)

    assert tree(tmp_path) == {path: b"mine"}
    assert path in done.stderr


@pytest.mark.parametrize("path", ["slos", "generated", ".github"])
def test_a_file_where_a_folder_is_needed_is_left_alone(burnproof, tmp_path, path):
    (tmp_path / path).write_text("mine")

    burnproof("init", check=2)

    assert tree(tmp_path) == {path: b"mine"}


def test_a_dangling_link_is_not_written_through(burnproof, tmp_path):
    (tmp_path / "Makefile").symlink_to("elsewhere")

    burnproof("init", check=2)

    assert not (tmp_path / "elsewhere").exists()


def test_the_folder_must_be_one(burnproof, tmp_path):
    (tmp_path / "file").write_text("mine")

    assert "is no folder" in burnproof("init", "file", check=2).stderr


def test_other_files_in_the_folder_do_not_matter(burnproof, tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "slos").mkdir()
    (tmp_path / "slos" / "other.yaml").write_text("mine")

    done = burnproof("init", "--quiet", check=0)

    assert done.stderr == ""
    assert (tmp_path / "notes.txt").read_text() == "mine"
    assert (tmp_path / "slos" / "other.yaml").read_text() == "mine"
