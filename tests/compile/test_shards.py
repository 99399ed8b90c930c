"""Compiling in shards gives what compiling in one piece gives, in any number of processes."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from burnproof.compile import compile_specs, parallel
from burnproof.compile.parallel import compile_many, shards_of
from burnproof.compile.temporary_texts import Spool
from places import PATIENCE, sampled
from promrules.processes import signature

REPO = Path(__file__).parents[2]
SPEC = """version: burnproof/v1
service: {service}
owner: {{team: web, contact: "#web"}}
slos:
"""
SLO = """  - name: {name}
    objective: 99.9%
    sli:
      ratio:
        total: http_requests_total{{job="{service}",route="/{name}"}}
        bad: http_requests_total{{job="{service}",route="/{name}",code=~"5.."}}
"""


@pytest.fixture
def eager(monkeypatch):
    """Shard everything, three objectives each."""
    monkeypatch.setattr(parallel, "WORTH", 1)
    monkeypatch.setattr(parallel, "SIZE", 3)


@pytest.fixture(params=sampled([pytest.param(2, id="two processes"), pytest.param(1, id="one process")], every=2))
def processes(request, monkeypatch):
    monkeypatch.setattr(parallel, "processors", lambda: request.param)


def specs(folder, services, each=2, **changed):
    """Write specs of several services; ``changed`` replaces texts in the last."""
    folder.mkdir()
    for service in services:
        text = SPEC.format(service=service)
        text += "".join(SLO.format(service=service, name=f"slo-{number}") for number in range(each))
        (folder / f"{service}.yaml").write_text(text)
    last = folder / f"{services[-1]}.yaml"
    for old, new in changed.items():
        last.write_text(last.read_text().replace(old, new))
    return [str(folder)]


def in_one_piece(monkeypatch):
    """Make sure that the whole is not compiled a second time."""

    def never(*_, **__):
        raise AssertionError("compiled in one piece")

    monkeypatch.setattr(parallel, "compile_loaded", never)


@pytest.mark.usefixtures("eager", "processes")
@pytest.mark.parametrize("kinds", [("rules",), ("rules", "tests"), parallel.KINDS], ids="+".join)
def test_shards_make_the_same_files(tmp_path, monkeypatch, kinds):
    paths = specs(tmp_path / "slos", ["api", "web", "db", "queue"])
    expected = compile_specs(paths, kinds=kinds)
    in_one_piece(monkeypatch)

    made = compile_many(paths, kinds=kinds)

    assert dict(made.files) == dict(expected.files)
    assert made.problems == expected.problems


@pytest.mark.usefixtures("eager", "processes")
def test_the_specs_of_this_repository_compile_alike(monkeypatch):
    paths = [str(REPO / "slos")]
    expected = compile_specs(paths)

    made = compile_many(paths)

    assert dict(made.files) == dict(expected.files)
    assert made.problems == expected.problems


@pytest.mark.usefixtures("eager", "processes")
@pytest.mark.parametrize(
    "changed",
    [{"99.9%": "199%"}, {"bad:": "good:", "5..": "2.."}, {"service: web": "service: web\nalerting: {name: Same}"}],
    ids=("an error", "no problem", "two alerts of one name"),
)
def test_problems_are_those_of_one_piece(tmp_path, changed):
    paths = specs(tmp_path / "slos", ["api", "web"], **changed)
    expected = compile_specs(paths)

    made = compile_many(paths)

    assert made.problems == expected.problems
    assert dict(made.files) == dict(expected.files)


@pytest.mark.usefixtures("eager", "processes")
def test_a_template_that_lies_is_reported_as_ever(tmp_path):
    paths = specs(tmp_path / "slos", ["api", "web"])
    own = tmp_path / "templates"
    own.mkdir()
    shipped = (REPO / "templates" / "rules.yaml.j2").read_text()
    (own / "rules.yaml.j2").write_text(shipped.replace("groups:", "groups_:"))

    made = compile_many(paths, templates=own)

    assert made.problems
    assert made.problems == compile_specs(paths, templates=own).problems
    assert not made.files


@pytest.mark.usefixtures("eager")
def test_processes_that_cannot_be_started_are_done_without(tmp_path, monkeypatch):
    paths = specs(tmp_path / "slos", ["api", "web"])

    def refuse(*_):
        raise OSError(38, "Function not implemented")

    monkeypatch.setattr(parallel, "_run", refuse)

    assert dict(compile_many(paths).files) == dict(compile_specs(paths).files)


def test_a_service_is_never_parted(tmp_path, monkeypatch):
    monkeypatch.setattr(parallel, "SIZE", 4)
    paths = specs(tmp_path / "slos", ["a", "b", "c", "d"], each=3)
    slos = compile_specs(paths, kinds=("rules",)).slos

    parts = shards_of(slos)

    assert [sorted({slo.service for slo in part}) for part in parts] == [["a"], ["b"], ["c"], ["d"]]
    assert [len(part) for part in shards_of(slos[:2])] == [2]


def test_texts_that_a_killed_run_left_go_with_the_next(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait(PATIENCE)
    here = signature().rpartition("-")[0]
    gone, at_work = (tmp_path / f"burnproof-spool-{here}-{pid}-abc" for pid in (ended.pid, os.getpid()))
    gone.mkdir()
    at_work.mkdir()

    kept = Spool()

    assert sorted(path for path in tmp_path.iterdir() if str(path) != kept.folder) == [at_work]


def test_texts_on_disk_go_with_the_compilation(tmp_path, monkeypatch):
    monkeypatch.setattr(parallel, "WORTH", 1)
    made = compile_many(specs(tmp_path / "slos", ["api", "web"]), kinds=("rules",))
    folder = Path(made.files.folder)
    assert folder.is_dir()

    del made

    assert not folder.exists()


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize("task", ["_about_all", "_about_services"])
def test_a_process_that_dies_is_done_without(tmp_path, monkeypatch, task):
    paths = specs(tmp_path / "slos", ["api", "web", "db"])
    expected = compile_specs(paths)
    monkeypatch.setattr(parallel, "processors", lambda: 2)
    monkeypatch.setattr(parallel, task, lambda *_: os._exit(9))

    assert dict(compile_many(paths).files) == dict(expected.files)


@pytest.mark.usefixtures("eager")
def test_processes_may_be_sent_what_they_need(tmp_path, monkeypatch):
    paths = specs(tmp_path / "slos", ["api", "web"])
    expected = compile_specs(paths)
    monkeypatch.setattr(parallel, "processors", lambda: 2)
    monkeypatch.setattr(parallel, "HOW", "spawn")
    in_one_piece(monkeypatch)

    assert dict(compile_many(paths).files) == dict(expected.files)
