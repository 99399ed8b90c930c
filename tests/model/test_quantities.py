"""Quantities are read exactly, and what cannot be meant is refused with what to write instead."""

import contextlib
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from burnproof.model import quantities
from burnproof.model.quantities import Duration, UnitError


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("250ms", 250), ("30s", 30_000), ("5m", 300_000), ("1h", 3_600_000), ("1h30m", 5_400_000), ("1.5h", 5_400_000),
        ("30d", 2_592_000_000), ("4w", 2_419_200_000), (" 5 m ", 300_000), ("1d12h", 129_600_000),
    ],
)  # fmt: skip
def test_durations(text, ms):
    assert Duration(ms) == quantities.duration(text)


@given(st.integers(min_value=1, max_value=400 * 86_400_000))
def test_a_printed_duration_reads_back(ms):
    assert Duration(ms) == quantities.duration(str(Duration(ms)))


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("5", "5m"), ("1hour", "1h"), ("10 minutes", "10m"), ("1month", "calendar"), ("", "250ms"), ("0s", "5m"),
        ("-5m", "5m"), ("5M", "5m"), ("0.1ms", ""), ("500d", ""),
    ],
)  # fmt: skip
def test_refused_durations_say_what_to_write(text, hint):
    with pytest.raises(UnitError) as caught:
        quantities.duration(text)

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
    assert Decimal(ratio) == quantities.objective(text)


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
        quantities.objective(text)

    assert caught.value.code == "objective"
    assert hint in caught.value.hint


@pytest.mark.parametrize(
    ("read", "text", "expected"),
    [
        (quantities.number, "1_000", 1000), (quantities.number, "1e3", 1000), (quantities.number, "+5", 5),
        (quantities.ratio, "80%", "0.8"), (quantities.ratio, "0.8", "0.8"),
        (quantities.factor, "14.4", "14.4"),
        (quantities.factor, "14.4x", "14.4"), (quantities.factor, "14.4\u00d7", "14.4"),
        (quantities.factor, "6 \u00d7", 6),
        (quantities.rate, "10rps", 10), (quantities.rate, "600rpm", 10),
        (quantities.rate, "10/s", 10), (quantities.rate, "36000/h", 10),
        (quantities.rate, "0.2", "0.2"), (quantities.rate, "10 RPS", 10),
        (quantities.seconds, "250ms", "0.25"),
        (quantities.seconds, "1.5s", "1.5"), (quantities.seconds, "0.25", "0.25"),
        (quantities.seconds, "1m30s", 90), (quantities.seconds, "0.5ms", "0.0005"),
    ],
)  # fmt: skip
def test_quantities(read, text, expected):
    assert Decimal(expected) == read(text)


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (quantities.number, "1,000"), (quantities.number, "NaN"),
        (quantities.number, "1__0"), (quantities.number, "1_0"),
        (quantities.number, ""),
        (quantities.number, "1e999"), (quantities.number, "1e16"), (quantities.number, "1e-16"),
        (quantities.number, "0.1234567890123456"), (quantities.objective, "99.99999999999999999999999999999999"),
        (quantities.whole, "2.5"), (quantities.factor, "0"), (quantities.factor, "-1"), (quantities.factor, "x"),
        (quantities.rate, "0"), (quantities.rate, "10 parsecs"), (quantities.seconds, "fast"), (quantities.ratio, "%"),
    ],
)  # fmt: skip
def test_refused_quantities(read, text):
    with pytest.raises(UnitError):
        read(text)


@given(st.text(max_size=30))
def test_no_text_fails_in_another_way(text):
    for read in (
        quantities.duration,
        quantities.number,
        quantities.objective,
        quantities.factor,
        quantities.rate,
        quantities.seconds,
        quantities.ratio,
    ):
        with contextlib.suppress(UnitError):
            read(text)


def test_a_number_may_begin_with_its_point_as_yaml_has_it():
    assert (quantities.number(".005"), quantities.number("-.5")) == (Decimal("0.005"), Decimal("-0.5"))
    with pytest.raises(UnitError):
        quantities.number(".")
