"""Scenarios as data: the library, files of one's own, and every mistake at its place."""

from __future__ import annotations

import numpy as np
import pytest

from burnproof.lab.course import Plan, course_of
from burnproof.lab.scenario import library, scenarios_from_text

HEAD = "version: burnproof/scenarios/v1\nscenarios:\n  - name: mine\n    title: what happens\n    phases:\n"


def problems(phase, more=""):
    found = scenarios_from_text("mine.yaml", f"{HEAD}      - {phase}\n{more}").problems
    return [(str(one.code), one.span.start_line if hasattr(one.span, "start_line") else one.span.line) for one in found]


def test_the_library_is_sound():
    found = library()

    assert len(found) >= 18
    assert len({one.name for one in found}) == len(found)


@pytest.mark.parametrize(
    ("phase", "code"),
    [
        ("{lasts: 1h, errors: 10%, burn: 6}", "one-of"),
        ("{lasts: 1h, traffic: 2, rate: 10rps}", "one-of"),
        ("{lasts: 1h, every: 5m}", "missing-key"),
        ("{lasts: 1h, at: 10s}", "missing-key"),
        ("{lasts: 1h, every: 5m, at: 290s, burst: 20s}", "out-of-range"),
        ("{lasts: 1h, errors: 110%}", "out-of-range"),
        ("{lasts: 1h, erors: 10%}", "unknown-key"),
        ("{errors: 10%}", "missing-key"),
        ("{lasts: soon}", "bad-duration"),
    ],
)
def test_mistakes_are_named_at_their_line(phase, code):
    assert problems(phase) == [(code, 6)]


def test_names_are_unique():
    again = "  - name: mine\n    title: again\n    phases: [{lasts: 1m}]\n"

    assert [code for code, _ in problems("{lasts: 1m}", again)] == ["duplicate-name"]


@pytest.fixture(scope="module")
def availability(processor):
    return processor["processor-availability"]


def course(slo, phase, usual="10rps"):
    text = HEAD.replace("title: what happens", f"title: t\n    usual: {usual}") + f"      - {phase}\n"
    (scenario,) = scenarios_from_text("mine.yaml", text).scenarios
    return course_of(slo, scenario, Plan(before=3600, after=600))


@pytest.mark.parametrize(
    ("phase", "bad", "total"),
    [
        ("{lasts: 10m, errors: 50%}", 3000, 6000),
        ("{lasts: 10m, burn: 10}", 300, 6000),  # the objective allows 0.5 %
        ("{lasts: 10m, errors: 100%, traffic: 0.1}", 600, 600),
        ("{lasts: 10m, errors: 100%, rate: 1rps}", 600, 600),
        ("{lasts: 10m, errors: 100%, only_one: true}", 2000, 6000),
        ("{lasts: 10m, errors: 100%, every: 5m, at: 10s, burst: 3s}", 60, 6000),
        ("{lasts: 10m, traffic: 0}", 0, 0),
    ],
)
def test_events_are_what_the_phase_says(availability, phase, bad, total):
    found = course(availability, phase)
    during = slice(found.before, found.before + 600)

    assert found.bad[:, during.stop].sum() - found.bad[:, during.start].sum() == pytest.approx(bad, abs=2)
    assert found.total[:, during.stop].sum() - found.total[:, during.start].sum() == pytest.approx(total, abs=2)


def test_few_events_are_whole_ones(availability):
    found = course(availability, "{lasts: 1h, errors: 10%}", usual="10/h")

    during = found.bad[:, found.before + 3600] - found.bad[:, found.before]
    assert during.sum() == 1
    assert set(np.unique(np.diff(found.total, axis=1))) == {0, 1}
