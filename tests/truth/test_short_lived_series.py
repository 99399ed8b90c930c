"""Counts on the rule manager, evaluation by evaluation: whole events, and never worse than `increase` over the window.

What no PromQL knows: events before a series' first sample, after its last one, and between its last sample and a reset.
"""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("cases", reason="the judge's scenarios are not here")

from cases import Case, play
from events import Pod, Traffic, hours, split
from judge import NoJudgeError, program
from scrapes import Scrape, counter, scrape

COLUMNS = [counter("bad", "restarts_total")]
SPEC = """
version: burnproof/v1
service: shop
scrape_interval: DECLARED
slos:
  - name: restarts
    sli:
      count: {{counter: 'restarts_total{{job="shop"}}', fewer_than: 20, per: {per}{more}}}
"""
UNITS = {"10m": 600, "1h": 3600, "6h": 21_600, "1d": 86_400, "30d": 2_592_000}

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True, scope="module")
def _judge():
    try:
        program()
    except NoJudgeError as error:
        pytest.skip(str(error))


def restarts(times):
    t = np.sort(np.array(times, dtype=float))
    return Traffic(t, np.zeros(len(t)), np.ones(len(t)))


def counted(case, per, more=""):
    """Give times and recorded counts."""
    played = Case(**{**vars(case), "spec": SPEC.format(per=per, more=more)})
    figure = play(played).verdict.one(f"slo:sli_errors:increase{per}")
    return figure.ts - case.epoch, figure.values


def increased(case, per, times):
    """Give what `round(sum(increase))` over the raw window says at some times, as counts were before."""
    asked = (f"round(sum(increase(restarts_total[{per}]))) or vector(0)", [case.epoch + float(t) for t in times])
    outcome = play(Case(**{**vars(case), "spec": SPEC.format(per=per, more="")}), queries=[asked])
    return np.array([float(answer["vector"][0]["value"]) for answer in outcome.verdict.answers])


def at(t, values, when):
    """Give the last value at a time."""
    return float(values[np.searchsorted(t, when, side="right") - 1])


def pods_of(number, life, scrape_seconds):
    """Give series of pods, each of which counts one restart in its middle."""
    found = []
    for one in range(number):
        birth = 1200 + 400 * one
        pod = Pod(f"p{one}", birth, birth + life(one))
        told = Scrape(scrape_seconds, seed=one)
        found += scrape(split(restarts([birth + life(one) / 2]), [pod]), hours(3), told, COLUMNS)
    return found


@pytest.mark.parametrize("seconds", [15, 30, 60])
@pytest.mark.parametrize(
    ("number", "life"), [(5, lambda one: 100 + 20 * one), (2, lambda _: 70)], ids=["100 to 180 s", "70 s"]
)
def test_pods_that_restart_once_count_as_one_each(number, life, seconds):
    how = Scrape(seconds)
    case = Case("", lambda: restarts([]), hours(3), scrape=how, columns=(), more=lambda: pods_of(number, life, seconds))
    t, values = counted(case, "6h")
    value, before = at(t, values, hours(2)), increased(case, "6h", [hours(2)])[0]

    assert value == int(value)
    assert value <= number
    assert abs(value - number) <= abs(before - number)
    if seconds < 60:  # at 60 s a pod may have one sample only
        assert value == number


@pytest.mark.parametrize("seconds", [15, 30, 60])
@pytest.mark.parametrize("per", ["10m", "1h", "6h", "30d"])
def test_a_counter_without_resets_is_exact_at_every_evaluation(per, seconds):
    length = UNITS[per]
    start, until = (length + 3600.0, length + hours(5)) if per != "30d" else (length + 3600.0, length + hours(2))
    seconds = 60 if per == "30d" else seconds
    chance = np.random.default_rng(11)
    times = chance.uniform(0, until, chance.poisson(20 * until / length))
    how = Scrape(seconds, seed=5)
    case = Case("", lambda: restarts(times), until, served_by=[Pod("a")], scrape=how, start=start, columns=COLUMNS)
    t, values = counted(case, per)
    first = scrape(split(restarts(times), [Pod("a")]), until, how, COLUMNS)[0].ts[0]
    newest = first + np.floor((t - first) / seconds) * seconds
    ordered = np.sort(times)
    truth = np.searchsorted(ordered, newest, "right") - np.searchsorted(ordered, newest - length, "right")

    assert len(t) > 10
    assert values.tolist() == truth.tolist()


@pytest.mark.parametrize(("per", "events"), [("10m", 3000), ("10m", 600), ("1h", 1200), ("6h", 150), ("6h", 1000)])
@pytest.mark.parametrize("resets", [12, 60])
def test_a_counter_with_resets_is_at_least_as_near_as_increase(per, events, resets):
    until, length = hours(30), UNITS[per]
    chance = np.random.default_rng(3)
    times = np.sort(chance.uniform(0, until, events))
    served = [Pod("a", resets=tuple(np.sort(chance.uniform(0, until, resets))))]
    how = Scrape(30)
    case = Case("", lambda: restarts(times), until, served_by=served, scrape=how, start=hours(7), columns=COLUMNS)
    t, values = counted(case, per)
    least = np.searchsorted(times, t - 30, "right") - np.searchsorted(times, t - length, "right")
    most = np.searchsorted(times, t, "right") - np.searchsorted(times, t - length - 30, "right")
    ours, theirs = (
        np.maximum(np.maximum(least - found, found - most), 0) for found in (values, increased(case, per, t))
    )

    assert values.tolist() == np.round(values).tolist()
    assert ours.mean() <= theirs.mean()


@pytest.mark.parametrize("per", ["1h", "6h"])
@pytest.mark.parametrize(
    "dead",
    [
        None,
        {"b": (hours(8), hours(40))},
        {"a": (hours(0), hours(9))},
        {"a": (hours(8), hours(10)), "b": (hours(11), hours(13))},
    ],
    ids=["both live", "the second dies", "the first comes late", "they take turns"],
)
def test_a_pair_counts_once(per, dead):
    until, length = hours(20), UNITS[per]
    chance = np.random.default_rng(9)
    times = np.sort(chance.uniform(0, until, 100))
    how = Scrape(30, replicas=("a", "b"), dead=dead)
    case = Case("", lambda: restarts(times), until, served_by=[Pod("p")], scrape=how, start=hours(7), columns=COLUMNS)
    t, values = counted(case, per, ", dedup: [replica]")
    # The newest sample is up to a scrape old, and the oldest up to a scrape older than the window.
    least = np.searchsorted(times, t - 30, "right") - np.searchsorted(times, t - length, "right")
    most = np.searchsorted(times, t, "right") - np.searchsorted(times, t - length - 30, "right")

    assert ((least <= values) & (values <= most)).all()
    assert (values == np.round(values)).all()
