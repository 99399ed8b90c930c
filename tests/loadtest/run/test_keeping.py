"""Where records go: places are tried first, and what is there already stays as it is."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from burnproof.loadtest.results.formats import read_result
from burnproof.loadtest.run.files import PlaceError, prepare, write
from burnproof.loadtest.run.outcome import Facts, made_of, targets
from burnproof.loadtest.run.reading import load_profile
from burnproof.loadtest.run.samples import Samples


def made(version="1"):
    """A run of two requests; all of them began in the same second."""
    samples = Samples()
    samples.request("a", 10.0, None)
    samples.request("a", 12.0, None)
    profile = load_profile("health").profile
    began = datetime(2026, 2, 24, 10, tzinfo=UTC)
    return made_of(profile, samples, began, 10.0, (), Facts("ci", version, ""), targets({}))


@pytest.mark.parametrize("taken", ["run.json", "run.md"])
def test_a_file_that_is_there_is_refused_before_the_load(tmp_path, taken):
    (tmp_path / taken).write_text("mine")

    with pytest.raises(PlaceError, match=f"{taken} exists already; a record is never overwritten: name another file"):
        prepare(tmp_path / "run.json")
    assert (tmp_path / taken).read_text() == "mine"


@pytest.mark.parametrize("output", ["deep/er", "deep/er/run.json"])
def test_a_folder_is_made_and_left_empty(tmp_path, output):
    prepare(tmp_path / output)

    assert list((tmp_path / "deep" / "er").iterdir()) == []


def test_runs_of_the_same_second_stand_side_by_side(tmp_path):
    paths = [write(made(version), tmp_path) for version in ("1", "2", "3")]

    stem = "health_check_baseline_20260224_100000"
    assert [path.name for path in paths] == [f"{stem}.json", f"{stem}-2.json", f"{stem}-3.json"]
    assert [read_result(path).run.version for path in paths] == ["1", "2", "3"]
    assert len(list(tmp_path.glob("*.md"))) == 3


def test_a_file_that_came_during_the_run_is_not_overwritten(tmp_path):
    (tmp_path / "run.md").write_text("mine")

    assert write(made(), tmp_path / "run.json").name == "run-2.json"
    assert (tmp_path / "run.md").read_text() == "mine"
