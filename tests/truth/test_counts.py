"""`count` counts what happened: whole numbers, also of series that live for a minute, and once in a pair."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from cases import Case, Outcome, play, spec
from events import Pod, Traffic, hours, split
from scrapes import Scrape, counter, scrape

if TYPE_CHECKING:
    from collections.abc import Sequence

    from judge import Series

UNTIL = hours(10)
COUNT = """count:
        counter: http_restarts_total{job="shop"}
        fewer_than: 20
        per: 6h"""
RESTARTS = [counter("bad", "http_restarts_total")]


def _spec(count: str = COUNT) -> str:
    head, _, _ = spec("", 30).partition("    objective:")
    return head + "    sli:\n      " + count + "\n"


def restarts(times: list[float]) -> Traffic:
    """Give restarts at some times."""
    t = np.array(times, dtype=float)
    return Traffic(t, np.zeros(len(t)), np.ones(len(t)))


def _total(outcome: Outcome, t: float) -> float:
    return float(outcome.verdict.one("slo:sli_errors:increase6h").at(outcome.case.epoch + t))


def _short_lived(lives: Sequence[float], seed: int) -> list[Series]:
    """Give pods of some lives, one every ten minutes, each of which counts one restart in its middle."""
    found = []
    for number, life in enumerate(lives):
        birth = hours(2) + 600 * number
        pod = Pod(f"p{number}", birth, birth + life)
        traffic = restarts([birth + life / 2])
        found += scrape(split(traffic, [pod]), UNTIL, Scrape(30, seed=10 * seed + number), RESTARTS)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("lives", [(100, 120, 140, 160, 180), (70, 70)], ids=["five pods", "two pods of 70 s"])
def test_restarts_of_short_lived_pods_are_whole_numbers(lives, seed):
    case = Case(
        "restarts", lambda: restarts([1.0]), UNTIL, spec=_spec(), columns=(), more=lambda: _short_lived(lives, seed)
    )

    assert _total(play(case), hours(4)) == len(lives)


@pytest.mark.slow
def test_a_pair_counts_once():
    how = Scrape(30, replicas=("a", "b"))
    traffic = restarts([hours(2) + 600 * n for n in range(4)])
    text = _spec(COUNT + "\n        dedup: [replica]")
    case = Case("a pair", lambda: traffic, UNTIL, served_by=[Pod("a")], scrape=how, spec=text, columns=RESTARTS)

    assert _total(play(case), hours(4)) == 4
