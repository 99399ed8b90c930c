"""Durations in YAML read and print as Prometheus' own do."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promrules.go_templates.durations import MAX_MS, DurationError, format_duration, format_go_duration, parse_duration


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("0", 0),
        ("5m", 300_000),
        ("1h30m", 5_400_000),
        ("250ms", 250),
        ("1y2w3d4h5m6s7ms", 33_019_506_007),
        ("106700d", 9_218_880_000_000),
    ],
)
def test_reads(text, ms):
    """All units, in their order."""
    assert parse_duration(text) == ms


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "empty duration string"),
        ("5", 'not a valid duration string: "5"'),
        ("5m1h", 'not a valid duration string: "5m1h"'),
        ("-5m", 'not a valid duration string: "-5m"'),
        ("1.5h", 'not a valid duration string: "1.5h"'),
        ("300y", "duration out of range"),
    ],
)
def test_refuses(text, message):
    """What is no duration is refused in Prometheus' words."""
    with pytest.raises(DurationError) as caught:
        parse_duration(text)
    assert str(caught.value) == message


@given(st.integers(0, MAX_MS))
def test_round_trip(ms):
    """Every duration prints to text that reads back."""
    assert parse_duration(format_duration(ms)) == ms


@pytest.mark.parametrize(
    ("ms", "text"), [(0, "0s"), (90_000, "1m30s"), (5_400_000, "1h30m0s"), (1500, "1.5s"), (7, "7ms")]
)
def test_prints_as_go(ms, text):
    """Times of failed rules print as Go prints durations."""
    assert format_go_duration(ms) == text
