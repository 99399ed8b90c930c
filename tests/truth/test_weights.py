"""Each window counts each event once, wherever it falls between two scrapes."""

from __future__ import annotations

import pytest
from cases import BAD, GOOD, spec
from judge import Series
from rulefiles import compiled
from test_kinds import LATENCY, kind
from weights import Setting, by_code, measure

QUICK = ("5m", "1h", "6h", "1d")
ALL = ("5m", "30m", "1h", "2h", "6h", "1d", "3d", "30d")


def _assert_exact(files, setting, window):
    found = list(measure(files, setting, window))
    assert [weights.window for weights in found] == [window]
    assert all(weights.exact for weights in found), found[0].line()


@pytest.mark.parametrize("window", QUICK)
def test_events_count_once(window):
    """Ten places of a tile, and three phases of scrapes and groups."""
    _assert_exact(compiled(spec(BAD, 30)), Setting(30, worlds=3), window)


@pytest.mark.slow
@pytest.mark.parametrize("form", [BAD, GOOD], ids=["bad", "good"])
@pytest.mark.parametrize("seconds", [15, 30, 60])
@pytest.mark.parametrize("window", ALL)
def test_events_count_once_at_every_place(form, seconds, window):
    _assert_exact(compiled(spec(form, seconds)), Setting(seconds, worlds=0), window)


def by_bucket(ts, good, bad):
    """Give a latency histogram: bad requests are above 250 ms."""
    labels = {"__name__": "http_request_duration_seconds_bucket", "job": "shop", "pod": "a"}
    everything = good + bad
    return (
        Series({**labels, "le": "0.25"}, ts, good),
        Series({**labels, "le": "1.0"}, ts, everything),
        Series({**labels, "le": "+Inf"}, ts, everything),
        Series({**labels, "__name__": "http_request_duration_seconds_count"}, ts, everything),
    )


def by_route(ts, good, bad):
    """Give the counters of a ratio, with a label to group by."""
    return [Series({**series.labels, "route": "/cart"}, series.ts, series.values) for series in by_code(ts, good, bad)]


KINDS = {
    "latency": (kind(LATENCY), by_bucket),
    "by route": (spec(BAD + "\n        by: [route]", 30), by_route),
    "by route, good": (spec(GOOD + "\n        by: [route]", 30), by_route),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("window", ALL)
def test_events_of_every_kind_count_once(name, window):
    text, feed = KINDS[name]
    _assert_exact(compiled(text), Setting(30, worlds=3, feed=feed), window)


@pytest.mark.parametrize(
    ("real", "declared"),
    [
        (60, 30),
        *(
            pytest.param(real, declared, marks=pytest.mark.slow)
            for real in (15, 30, 60, 120)
            for declared in (15, 30, 60)
            if real != declared and (real, declared) != (60, 30)
        ),
    ],
)
def test_a_wrong_scrape_interval_loses_no_event_of_a_day(real, declared):
    """Tiles read the value that a counter had at their marks, so it does not matter how far apart its scrapes are."""
    _assert_exact(compiled(spec(BAD, declared)), Setting(real, worlds=3), "1d")


@pytest.mark.slow
@pytest.mark.parametrize("interval", [15, 30, 90, 120, 240])
@pytest.mark.parametrize("window", ["5m", "2h", "6h", "1d"])
def test_events_count_once_whatever_the_evaluation_interval(interval, window):
    _assert_exact(compiled(spec(BAD, 30)), Setting(30, interval), window)


@pytest.mark.slow
@pytest.mark.parametrize("window", ["5m", "2h", "6h", "1d", "3d"])
def test_events_leave_as_they_came(window):
    """Followed until they are outside: no weight changes meanwhile, and none stays."""
    _assert_exact(compiled(spec(BAD, 30)), Setting(30, leave=True), window)


@pytest.mark.slow
@pytest.mark.parametrize("delay", [30, 60, 120])
@pytest.mark.parametrize("window", ["2h", "6h", "1d"])
def test_late_samples_count_once_in_long_windows(delay, window):
    _assert_exact(compiled(spec(BAD, 30)), Setting(30, delay=delay), window)
