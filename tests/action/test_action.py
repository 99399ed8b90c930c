"""The GitHub Action, the container image and the hooks: their own steps are run, with a stand-in for `gh`."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest
import yaml

from burnproof.lab.difference_formats import MARKER
from places import PATIENCE, ROOT, sampled

SPEC = """\
version: burnproof/v1
service: shop
slos:
  - name: availability
    objective: 99.9%
    sli: {ratio: {total: 'requests_total{job="shop"}', bad: 'requests_total{job="shop",code=~"5.."}'}}
"""
GH = """#!/usr/bin/env bash
printf '%s\\n' "$*" >> "$CALLS"
case "$*" in *--jq*) printf '%s' "$EARLIER" ;; esac
"""


@pytest.fixture
def repository(tmp_path, burnproof):
    """A repository with one spec, compiled and committed, and a `gh` that notes what it is asked."""
    (tmp_path / "slos").mkdir()
    (tmp_path / "slos" / "shop.yaml").write_text(SPEC)
    burnproof("generate", cwd=tmp_path, check=0)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "gh").write_text(GH)
    (tmp_path / "bin" / "gh").chmod(0o755)
    for arguments in (["init", "-q", "-b", "main"], ["add", "slos", "generated"], ["commit", "-qm", "one"]):
        subprocess.run(
            ["git", "-c", "user.name=a", "-c", "user.email=a@b.c", *arguments],
            cwd=tmp_path,
            check=True,
            timeout=PATIENCE,
        )
    return tmp_path


def run(repository, **environment):
    path = f"{repository / 'bin'}:{Path(sys.executable).parent}:{os.environ['PATH']}"
    given = {"SPECS": "slos", "OUTPUT": "generated", "BASE": "main", "PULL_REQUEST": "7", "GITHUB_REPOSITORY": "a/shop"}
    calls = repository / "calls"
    done = subprocess.run(
        [str(ROOT / "action" / "run.sh")],
        cwd=repository,
        env={**os.environ, **given, "PATH": path, "GH_TOKEN": "t", "CALLS": str(calls), "EARLIER": "", **environment},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    return done, calls.read_text() if calls.exists() else ""


@pytest.mark.slow
def test_nothing_that_changes_is_one_comment(repository):
    done, calls = run(repository)

    assert done.returncode == 0, done.stdout + done.stderr
    assert f"--method POST repos/a/shop/issues/7/comments -f body={MARKER}" in calls
    assert "Nothing changes for the pager" in calls


def test_a_later_run_renews_its_comment(repository, burnproof):
    (repository / "slos" / "shop.yaml").write_text(SPEC.replace("99.9%", "99.5%"))
    burnproof("generate", cwd=repository, check=0)

    done, calls = run(repository, EARLIER="42")

    assert done.returncode == 0, done.stdout + done.stderr
    assert "--method PATCH repos/a/shop/issues/comments/42" in calls
    assert "--method POST" not in calls
    assert "99.9% over 30d | 99.5% over 30d" in calls


@pytest.mark.parametrize(
    ("old", "new", "code"),
    sampled(
        [
            pytest.param("99.9%", "99.5%", 1, id="drift"),
            pytest.param("objective", "objektive", 1, id="a broken spec"),
        ],
        every=2,
    ),
)
def test_what_is_wrong_fails(repository, old, new, code):
    (repository / "slos" / "shop.yaml").write_text(SPEC.replace(old, new))

    done, _ = run(repository)

    assert done.returncode == code


@pytest.mark.slow
def test_without_a_pull_request_there_is_no_comment(repository):
    done, calls = run(repository, PULL_REQUEST="")

    assert (done.returncode, calls) == (0, "")


def test_the_action_runs_what_is_there():
    action = yaml.safe_load((ROOT / "action" / "action.yml").read_text())
    inputs = set(re.findall(r"inputs\.(\w+)", (ROOT / "action" / "action.yml").read_text()))

    assert inputs == set(action["inputs"])
    assert any("run.sh" in step.get("run", "") for step in action["runs"]["steps"])


def test_hooks_are_commands_that_there_are(burnproof):
    for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text()):
        program, command, *_ = shlex.split(hook["entry"])
        assert program == "burnproof"
        burnproof(command, "--help", check=0)


def _docker_runs():
    """Tell whether there is a docker whose server answers."""
    if shutil.which("docker") is None:
        return False
    return subprocess.run(["docker", "info"], capture_output=True, check=False, timeout=PATIENCE).returncode == 0


@pytest.mark.slow
def test_the_image_is_built_from_the_wheel(tmp_path):
    """With docker the image itself; without it, its steps in an environment of their own."""
    if _docker_runs():
        subprocess.run(["docker", "build", "-q", "-t", "burnproof-test", str(ROOT)], check=True, timeout=1800)
        said = subprocess.run(
            ["docker", "run", "--rm", "burnproof-test", "--version"],
            check=True,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
        assert said.stdout.strip()
        return
    steps = re.findall(r"^RUN (python .*)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert len(steps) == 3
    for name in ("build", "final"):
        venv.create(tmp_path / name, with_pip=True)
    source = tmp_path / "src"
    shutil.copytree(
        ROOT, source, ignore=shutil.ignore_patterns(".git", ".venv", "build", "dist", "generated", "__pycache__")
    )
    for step, where in zip(steps, ("build", "build", "final"), strict=True):
        command = step.replace("/wheels", str(tmp_path / "wheels"))
        path = f"{tmp_path / where / 'bin'}:{os.environ['PATH']}"
        subprocess.run(["bash", "-c", command], cwd=source, env={**os.environ, "PATH": path}, check=True, timeout=1800)
    program = tmp_path / "final" / "bin" / "burnproof"
    made = subprocess.run(
        [str(program), "check", "slos"], cwd=source, capture_output=True, text=True, check=False, timeout=PATIENCE
    )
    assert made.returncode == 0, made.stderr
