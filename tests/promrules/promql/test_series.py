"""Storage: samples grow, selection follows labels, staleness markers keep their bits."""

from __future__ import annotations

import numpy as np
import pytest

from promrules.columns.series import STALE_NAN, Storage, is_stale
from promrules.syntax.labels import BadRegexError, format_labels, get, labels_of, matches, quote
from promrules.syntax.nodes import Matcher, MatchOp


def column(*values):
    """Give values with times a minute apart."""
    return np.arange(len(values), dtype=np.int64) * 60_000, np.array(values, dtype=np.float64)


def filled() -> Storage:
    """Five series in a known order."""
    found = Storage()
    for name, job in [("up", "b"), ("up", "a"), ("up", ""), ("down", "a"), ("up", "ab")]:
        found.append(labels_of({"__name__": name, "job": job}), *column(1, 2))
    return found


CASES = [
    ([("__name__", "=", "up")], [0, 1, 2, 4]),
    ([("__name__", "=", "up"), ("job", "=", "")], [2]),
    ([("__name__", "=", "up"), ("job", "!=", "")], [0, 1, 4]),
    ([("job", "=~", "a.*")], [1, 3, 4]),
    ([("job", "=~", "a|")], [1, 2, 3]),
    ([("job", "!~", "a.*"), ("__name__", "=", "up")], [0, 2]),
    ([("__name__", "=~", "up|down"), ("job", "=", "a")], [1, 3]),
    ([("nope", "=", "x")], []),
    ([("nope", "!=", "x"), ("job", "=", "b")], [0]),
]


@pytest.mark.parametrize(("matchers", "expected"), CASES)
def test_select(matchers, expected):
    """The index finds what testing every series would, in the order of creation."""
    data = filled()
    asked = [Matcher(name, MatchOp(op), value) for name, op, value in matchers]
    assert [series.index for series in data.select(asked)] == expected
    assert [series.index for series in data if matches(series.labels, asked)] == expected


def test_a_new_series_is_found_by_an_old_question():
    """What was selected before is forgotten when a series is added, not when samples are."""
    data = filled()
    asked = (Matcher("job", MatchOp.EQUAL, "new"),)
    assert list(data.select(asked)) == []
    data.append(labels_of({"__name__": "up", "job": "new"}), *column(1))
    assert len(data.select(asked)) == 1


def test_samples_are_appended_in_order_only():
    """Growing keeps time and value columns together; going back is an error."""
    data = Storage()
    labels = labels_of({"__name__": "up"})
    data.append(labels, *column(1, 2))
    for step in range(3, 6):
        data.append(labels, np.array([step * 60_000]), np.array([float(step)]))
    series = data.get(labels)
    assert series is not None
    assert series.times.tolist() == [0, 60_000, 180_000, 240_000, 300_000]
    assert series.values.tolist() == [1, 2, 3, 4, 5]
    with pytest.raises(ValueError, match="out of order"):
        data.append(labels, *column(9))


def test_staleness_markers_survive_appending():
    """The marker's bits pass through storage, and an ordinary NaN is no marker."""
    data = Storage()
    labels = labels_of({"__name__": "up"})
    data.append(labels, np.array([0]), np.array([np.nan]))
    series = data.append(labels, np.array([60_000]), STALE_NAN)
    assert is_stale(series.values).tolist() == [False, True]


def test_a_bad_regex_is_an_error_with_a_reason():
    """RE2 says what it does not take, look-arounds among it."""
    with pytest.raises(BadRegexError, match="invalid perl operator"):
        filled().select([Matcher("job", MatchOp.REGEX, "(?=a)")])


def test_labels_print_as_in_prometheus():
    """Names beyond the old alphabet are quoted, values as Go quotes them."""
    labels = labels_of({"__name__": "up", "a.b": 'x"\n', "e": ""})
    assert format_labels(labels) == '{__name__="up", "a.b"="x\\"\\n"}'
    assert get(labels, "e") == ""
    assert quote("ä\x00\t\u2028") == '"ä\\x00\\t\\u2028"'
