"""Quantities are read exactly, and what cannot be meant is refused with what to write instead."""

import contextlib
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from burnproof import units
from burnproof.units import Duration, UnitError


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("250ms", 250), ("30s", 30_000), ("5m", 300_000), ("1h", 3_600_000), ("1h30m", 5_400_000), ("1.5h", 5_400_000),
        ("30d", 2_592_000_000), ("4w", 2_419_200_000), (" 5 m ", 300_000), ("1d12h", 129_600_000),
    ],
)  # fmt: skip
def test_durations(text, ms):
    assert Duration(ms) == units.duration(text)


@given(st.integers(min_value=1, max_value=400 * 86_400_000))
def test_a_printed_duration_reads_back(ms):
    assert Duration(ms) == units.duration(str(Duration(ms)))


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("5", "5m"), ("1hour", "1h"), ("10 minutes", "10m"), ("1month", "calendar"), ("", "250ms"), ("0s", "5m"),
        ("-5m", "5m"), ("5M", "5m"), ("0.1ms", ""), ("500d", ""),
    ],
)  # fmt: skip
def test_refused_durations_say_what_to_write(text, hint):
    with pytest.raises(UnitError) as caught:
        units.duration(text)

    assert hint in caught.value.hint
    assert caught.value.code == "bad-duration"


@pytest.mark.parametrize(
    ("text", "ratio"),
    [
        ("99.5%", "0.995"), ("99.5 %", "0.995"), ("99.9", "0.999"), ("99.999", "0.99999"), ("50", "0.5"),
        ("0.5%", "0.005"), ("1%", "0.01"), (" 95 ", "0.95"), ("99.90%", "0.999"),
    ],
)  # fmt: skip
def test_objectives_are_exact_percentages(text, ratio):
    assert Decimal(ratio) == units.objective(text)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("0", "99.5%"), ("100", "99.9%"), ("100%", "99.9%"), ("101", "99.5%"), ("-1", "99.5%"), ("nan", "99.5%"),
        ("inf", "99.5%"), ("0.999", "99.9%"), ("1", "1%"), ("99,9", "99.9"), ("99.9%%", "99.5%"), ("", "99.5%"),
        ("1e2", "99.9%"), ("0%", "99.5%"), ("\u0661", "99.5%"),
    ],
)  # fmt: skip
def test_refused_objectives_say_what_to_write(text, hint):
    with pytest.raises(UnitError) as caught:
        units.objective(text)

    assert caught.value.code == "objective"
    assert hint in caught.value.hint


@pytest.mark.parametrize(
    ("read", "text", "expected"),
    [
        (units.number, "1_000", 1000), (units.number, "1e3", 1000), (units.number, "+5", 5),
        (units.ratio, "80%", "0.8"), (units.ratio, "0.8", "0.8"),
        (units.factor, "14.4", "14.4"), (units.factor, "14.4x", "14.4"), (units.factor, "14.4\u00d7", "14.4"),
        (units.factor, "6 \u00d7", 6),
        (units.rate, "10rps", 10), (units.rate, "600rpm", 10), (units.rate, "10/s", 10), (units.rate, "36000/h", 10),
        (units.rate, "0.2", "0.2"), (units.rate, "10 RPS", 10),
        (units.seconds, "250ms", "0.25"), (units.seconds, "1.5s", "1.5"), (units.seconds, "0.25", "0.25"),
        (units.seconds, "1m30s", 90), (units.seconds, "0.5ms", "0.0005"),
    ],
)  # fmt: skip
def test_quantities(read, text, expected):
    assert Decimal(expected) == read(text)


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (units.number, "1,000"), (units.number, "NaN"), (units.number, "1__0"), (units.number, "1_0"),
        (units.number, ""),
        (units.number, "1e999"), (units.number, "1e16"), (units.number, "1e-16"),
        (units.number, "0.1234567890123456"), (units.objective, "99.99999999999999999999999999999999"),
        (units.whole, "2.5"), (units.factor, "0"), (units.factor, "-1"), (units.factor, "x"),
        (units.rate, "0"), (units.rate, "10 parsecs"), (units.seconds, "fast"), (units.ratio, "%"),
    ],
)  # fmt: skip
def test_refused_quantities(read, text):
    with pytest.raises(UnitError):
        read(text)


@given(st.text(max_size=30))
def test_no_text_fails_in_another_way(text):
    for read in (units.duration, units.number, units.objective, units.factor, units.rate, units.seconds, units.ratio):
        with contextlib.suppress(UnitError):
            read(text)


def test_a_number_may_begin_with_its_point_as_yaml_has_it():
    assert (units.number(".005"), units.number("-.5")) == (Decimal("0.005"), Decimal("-0.5"))
    with pytest.raises(UnitError):
        units.number(".")
