"""Series descriptions: the notation of input_series and of test scripts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from promrules.columns.series import is_stale
from promrules.prometheus_scripts.series_notation import MAX_SAMPLES, as_series, parse_series, parse_values
from promrules.syntax.labels import labels_of
from promrules.syntax.tokens import PromqlSyntaxError

VALUES = [
    ("1 2 3", [0, 1, 2], [1, 2, 3]),
    ("0+10x3", [0, 1, 2, 3], [0, 10, 20, 30]),
    ("10-2x2", [0, 1, 2], [10, 8, 6]),
    ("-1-1x1", [0, 1], [-1, -2]),
    ("7x2", [0, 1, 2], [7, 7, 7]),
    ("0x3", [0, 1, 2, 3], [0, 0, 0, 0]),
    ("1 _ 3", [0, 2], [1, 3]),
    ("_x3 4", [3], [4]),
    ("1e3+1.5e0x1", [0, 1], [1000, 1001.5]),
    ("Inf -inf +.5", [0, 1, 2], [np.inf, -np.inf, 0.5]),
    ("0x0 1", [0, 1], [0, 1]),
    ("_x0 1", [0], [1]),
    ("", [], []),
]


@pytest.mark.parametrize(("text", "places", "values"), VALUES)
def test_values(text, places, values):
    """Items stand for positions and floats."""
    samples = parse_values(text)
    assert samples.places.tolist() == places
    assert samples.values.tolist() == values


def test_steps_are_added_one_by_one():
    """Accumulated rounding errors are part of the notation: 0+0.1x10 ends below 1."""
    assert parse_values("0+0.1x10").values[-1] == 0.9999999999999999


def test_stale_keeps_its_bits():
    """The staleness marker is one particular NaN."""
    assert is_stale(parse_values("NaN stale").values).tolist() == [False, True]


def test_labels():
    """Labels may be quoted names, values any string; an empty value is an absent label."""
    labels, _ = parse_series('up{job="a b}", "x.y"=\'1\', none="", z=`\\d`} 1')
    assert labels == labels_of({"__name__": "up", "job": "a b}", "x.y": "1", "z": "\\d"})
    assert parse_series('{"utf8.name", a="1"} 1')[0] == labels_of({"__name__": "utf8.name", "a": "1"})


def test_histograms_stand_beside_floats():
    """A histogram is a sample of its own kind, repeated and growing as numbers do."""
    labels, samples = parse_series("h 1 {{schema:0 count:1 sum:2 buckets:[1]}}+{{count:1 sum:1 buckets:[1]}}x2 _ 5")
    series = as_series(labels, samples, 60_000)
    assert series.times.tolist() == [0, 60_000, 120_000, 180_000, 300_000]
    assert series.histograms is not None
    assert [None if item is None else item.count for item in series.histograms] == [None, 1, 2, 3, None]


ERRORS = [
    ("up 1 two 3", "two", "is no value"),
    ("up stalex3", "stalex3", "is no value"),
    ("up stale_x3", "stale_x3", "is no value"),
    ("up 1+x3", "1+x3", "is no value"),
    ("up 0x1F", "0x1F", "is no value"),
    ("up{job=1} 1", "1", "unexpected character inside braces: '1'"),
    ("up{job} 1", "job", "unexpected character inside braces"),
    ('up{job="a" 1', '{job="a" 1', "unexpected end of input inside braces"),
    ('up{a="1", a="2"} 1', 'up{a="1", a="2"}', 'label "a" is set twice'),
    ("  1 2", "1", "expected a metric"),
    ("", "", "series has no metric"),
    ("up 1x99999999999", "1x99999999999", f"more than {MAX_SAMPLES} samples"),
    ("up _x99999999999", "_x99999999999", f"more than {MAX_SAMPLES} samples"),
    ("up {{schema:0 count:1}}x9999999", "{{schema:0 count:1}}x9999999", f"more than {MAX_SAMPLES} samples"),
]


@pytest.mark.parametrize(("text", "place", "message"), ERRORS, ids=[error[0] or "empty" for error in ERRORS])
def test_errors(text, place, message):
    """An error covers the item at fault; absurd repetitions are refused before they take memory."""
    with pytest.raises(PromqlSyntaxError) as caught:
        parse_series(text)
    error = caught.value
    assert text[error.start : error.end] == place
    assert message in error.message


@given(st.lists(st.one_of(st.none(), st.floats(0, 1e9)), max_size=20))
def test_plain_values_read_back(items):
    """Numbers and gaps written one by one come back."""
    samples = parse_values(" ".join("_" if item is None else repr(item) for item in items))
    assert samples.length == len(items)
    assert dict(zip(samples.places.tolist(), samples.values.tolist(), strict=True)) == {
        place: item for place, item in enumerate(items) if item is not None
    }
