"""`count` counts what happened: whole numbers, also of series that live for a minute, and once in a pair."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from cases import Case, play, spec
from events import Pod, Traffic, hours, split
from scrapes import Scrape, counter, scrape

if TYPE_CHECKING:
    from judge import Series

UNTIL = hours(10)
COUNT = """count:
        counter: http_restarts_total{job="shop"}
        fewer_than: 20
        per: 6h"""
RESTARTS = [counter("bad", "http_restarts_total")]


def _spec(count: str = COUNT) -> str:
    head, _, _ = spec("", 15).partition("    objective:")
    return head + "    sli:\n      " + count + "\n"


def restarts(times: list[float]) -> Traffic:
    """Give restarts at some times."""
    t = np.array(times, dtype=float)
    return Traffic(t, np.zeros(len(t)), np.ones(len(t)))


def _total(outcome, t: float) -> float:
    figures = [f for f in outcome.verdict.figures if "count" in f.name and "6h" in f.name]
    assert len(figures) == 1, sorted({f.name for f in outcome.verdict.figures})
    return float(figures[0].at(outcome.case.epoch + t))


def _short_lived() -> list[Series]:
    """Give five pods that live 100 to 180 s, each of which counts one restart in its middle."""
    found = []
    for number in range(5):
        birth, life = hours(2) + 600 * number, 100 + 20 * number
        pod = Pod(f"p{number}", birth, birth + life)
        traffic = restarts([birth + life / 2])
        found += scrape(split(traffic, [pod]), UNTIL, Scrape(15, seed=number), RESTARTS)
    return found


@pytest.mark.slow
def test_restarts_of_short_lived_pods_are_whole_numbers():
    case = Case("five restarts", lambda: restarts([1.0]), UNTIL, spec=_spec(), columns=(), more=_short_lived)

    assert _total(play(case), hours(4)) == 5


@pytest.mark.slow
def test_a_pair_counts_once():
    how = Scrape(15, replicas=("a", "b"))
    traffic = restarts([hours(2) + 600 * n for n in range(4)])
    text = _spec(COUNT + "\n        dedup: [replica]")
    case = Case("a pair", lambda: traffic, UNTIL, served_by=[Pod("a")], scrape=how, spec=text, columns=RESTARTS)

    assert _total(play(case), hours(4)) == 4
