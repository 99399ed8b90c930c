"""A score of mutants in every format."""

from __future__ import annotations

import json

import pytest

from promrules.mutation.run import Score, Survivor
from promrules.mutation.score_report import written
from promrules.report_forms import Form

SCORE = Score(
    3, (Survivor("r.yml", "Errors", "for removed"), Survivor("r.yml", "x", "y", "it is the same")), ("t: one",)
)


@pytest.mark.parametrize("form", list(Form))
def test_every_format_names_what_no_test_notices(form):
    text = written(SCORE, form)

    assert "for removed" in text
    assert "t: one" in text


def test_json_and_junit_count_alike():
    found = json.loads(written(SCORE, Form.JSON))

    assert (found["killed"], found["total"], found["share"]) == (3, 4, 0.75)
    assert 'tests="3" failures="2"' in written(SCORE, Form.JUNIT)
