"""Series that vanish: a bad metric that was renamed, a group that is gone, a target that nobody probes any more."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from cases import BAD, Case, play, spec
from events import failing, hours, pods, split, steady
from judge import Series
from scrapes import Scrape, counter, scrape

UNTIL = hours(12)
RENAMED = hours(6)
APART = spec('bad: http_errors_total{job="shop"}', 30)
COLUMNS = (counter("all"), counter("bad", "http_errors_total", error=True))


def _errors(outage: float = 0.5):
    quiet = failing(steady(UNTIL), [(0, RENAMED)], 0.0002)
    return failing(quiet, [(RENAMED, UNTIL)], outage)


def _renamed() -> list[Series]:
    """Give the error counters under their old name until 6 h, and under a new one from then on."""
    found = []
    for series in scrape(split(_errors(), pods(3)), UNTIL, Scrape(), COLUMNS):
        if series.labels["__name__"] != "http_errors_total":
            found.append(series)
            continue
        before = series.ts < RENAMED
        found.append(Series(series.labels, series.ts[before], series.values[before]))
        renamed = {**series.labels, "__name__": "http_failures_total"}
        found.append(Series(renamed, series.ts[~before], series.values[~before]))
    return found


def _data_alerts(outcome) -> list:
    return [f for f in outcome.verdict.firings() if "slo_tier" not in f.labels]


@pytest.mark.slow
def test_a_bad_metric_that_is_renamed_in_an_outage_is_told():
    outcome = play(Case("renamed", _errors, UNTIL, spec=APART, columns=(), more=_renamed))

    told = [f for f in _data_alerts(outcome) if f.start - outcome.case.epoch >= RENAMED]
    assert told
    assert told[0].start - outcome.case.epoch <= RENAMED + hours(1)
    assert told[0].end is None or told[0].end - told[0].start >= hours(1)


@pytest.mark.slow
def test_a_bad_metric_that_never_was_is_no_fault():
    never = Case("never", lambda: steady(UNTIL), UNTIL, spec=APART, columns=COLUMNS, scrape=Scrape(lazy=True))

    assert play(never).fired == []


@pytest.mark.slow
def test_an_error_series_that_ends_with_its_pod_is_no_fault():
    """Error counters appear with the first error of a pod, and go with it."""
    one = replace(pods(1)[0], name="gone", birth=hours(3), death=RENAMED)
    case = Case(
        "gone",
        lambda: failing(steady(UNTIL), [(hours(4), hours(4) + 20)], 0.1),
        UNTIL,
        served_by=[*pods(2), one],
        spec=spec(BAD, 30),
        scrape=Scrape(lazy=True),
    )

    assert play(case).fired == []


PER_GROUP = spec(BAD, 30).replace(
    "alerting: {policy: google}", "alerting: {policy: google, no_data: {per_group: true}}"
)
BY = PER_GROUP.replace('code=~"5.."}', 'code=~"5.."}\n        by: [route]')


def _routes(gone: float) -> list[Series]:
    """Give two routes, of which one vanishes."""
    found = []
    for route, until in (("/cart", gone), ("/pay", UNTIL)):
        for series in scrape(split(steady(UNTIL), pods(2)), UNTIL, Scrape()):
            kept = series.ts < until
            found.append(Series({**series.labels, "route": route}, series.ts[kept], series.values[kept]))
    return found


@pytest.mark.slow
def test_a_group_that_vanishes_is_told_by_name_and_the_others_are_not():
    outcome = play(Case("a route", lambda: steady(UNTIL), UNTIL, spec=BY, columns=(), more=lambda: _routes(RENAMED)))

    told = _data_alerts(outcome)
    assert {f.labels.get("route") for f in told} == {"/cart"}
    assert RENAMED <= min(f.start for f in told) - outcome.case.epoch <= RENAMED + 1800


@pytest.mark.slow
def test_a_group_comes_and_has_figures_of_its_own():
    """A route that appears at 6 h with 2 % errors pages for itself."""

    def more() -> list[Series]:
        found = _routes(UNTIL)
        late = failing(steady(UNTIL, start=RENAMED), [(RENAMED + 1800, UNTIL)], 0.02)
        new = [replace(pod, birth=RENAMED) for pod in pods(2)]
        found += [
            Series({**s.labels, "route": "/new"}, s.ts, s.values) for s in scrape(split(late, new), UNTIL, Scrape())
        ]
        return found

    by = spec(BAD, 30).replace('code=~"5.."}', 'code=~"5.."}\n        by: [route]')
    outcome = play(Case("a new route", lambda: steady(UNTIL), UNTIL, spec=by, columns=(), more=more))

    fired = outcome.verdict.firings(slo_tier="1h")
    assert {f.labels["route"] for f in fired} == {"/new"}
    figure = outcome.verdict.one("slo:sli_error:ratio_rate1h", route="/new")
    settled = figure.values[figure.ts - outcome.case.epoch > hours(8)]
    assert np.abs(settled - 0.02).max() <= 0.02 * 0.01
