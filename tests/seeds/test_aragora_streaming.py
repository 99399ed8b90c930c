"""Aragora's streaming promises do what their acceptance numbers demand, at equality too (traps T0.1 to T0.12)."""

from __future__ import annotations

import pytest
from seedlab import histogram, load, play, rising, steady

from burnproof.model import naming

SPEC = load("aragora-streaming")
HIST = {
    "first-byte": "aragora_debate_first_byte_seconds",
    "completion": 'aragora_debate_duration_seconds{agents="mock"}',
    "throughput": "aragora_debate_messages_per_second",
}


def burn(slo, series, at="2h"):
    """Give how fast the budget burns: above 1 the promise is missed."""
    return play(slo, series, at).value(naming.CURRENT_BURN_RATE, at)


@pytest.mark.parametrize(
    ("name", "value", "kept", "concern"),
    [
        ("first-byte", 0.25, True, False),
        ("first-byte", 0.3, True, False),
        ("first-byte", 0.5, True, True),
        ("first-byte", 1.0, False, True),
        ("completion", 15, True, False),
        ("completion", 20, True, False),
        ("completion", 30, True, True),
        ("completion", 60, False, True),
    ],
)
def test_bounds_are_inclusive_and_concerns_come_before_them(name, value, kept, concern):
    """T0.1: the comparison column (lte) wins over the strict sign of the table."""
    series = histogram(HIST[name], (value, 120))

    assert (burn(SPEC[name], series) > 1) != kept
    assert (burn(SPEC[f"{name}-concern"], series) > 1) == concern


@pytest.mark.parametrize(
    ("slowest", "kept", "concern"), [(28, True, False), (20, True, False), (15, True, True), (10, False, True)]
)
def test_throughput_is_a_floor(slowest, kept, concern):
    """T0.5, T0.12: the share at or below 10/s counts, neither mean nor p95; `le` takes in 10 itself."""
    name = HIST["throughput"]
    bounds = (1, 2, 5, 10, 15, 20, 30, 50, 100)
    series = {f'{name}_bucket{{le="{le}"}}': rising((600 if slowest <= le else 0, 120)) for le in bounds}
    series |= {f'{name}_bucket{{le="+Inf"}}': rising((600, 120)), f"{name}_count": rising((600, 120))}

    assert (burn(SPEC["throughput"], series) > 1) != kept
    assert (burn(SPEC["throughput-concern"], series) > 1) == concern


def test_five_percent_may_be_slow():
    """The percentile is the objective: 5% beyond the bound is the budget, 6% is more."""
    assert burn(SPEC["first-byte"], histogram(HIST["first-byte"], (1.0, 120), slow=0.05)) == pytest.approx(1)
    assert burn(SPEC["first-byte"], histogram(HIST["first-byte"], (1.0, 120), slow=0.06)) == pytest.approx(1.2)


@pytest.mark.parametrize(("successes", "kept", "concern"), [(410, True, False), (408, True, True), (407, False, True)])
def test_reconnections(successes, kept, concern):
    """410 of 412 are fine; 408 keep 99% and miss 99.5%; 407 miss both."""
    series = {
        "aragora_ws_reconnect_attempts_total": rising((412, 120)),
        "aragora_ws_reconnect_successes_total": rising((successes, 120)),
    }

    assert (burn(SPEC["reconnection"], series) > 1) != kept
    assert (burn(SPEC["reconnection-concern"], series) > 1) == concern


def test_no_attempts_are_no_data_and_no_alert():
    """T0.3: 0/0 is neither 100% nor an error."""
    series = {
        "aragora_ws_reconnect_attempts_total": steady((5, 120)),
        "aragora_ws_reconnect_successes_total": steady((5, 120)),
    }
    done = play(SPEC["reconnection"], series, "2h")

    assert done.value(naming.CURRENT_BURN_RATE, "2h") is None
    assert done.spans() == {}


def test_failed_debates_cannot_hide_behind_fast_ones():
    """T0.2: where 60% of the debates fail, those that are completed may all be fast, and somebody is paged."""
    series = {
        'aragora_debates_finished_total{outcome="completed"}': rising((40, 120)),
        'aragora_debates_finished_total{outcome="failed"}': rising((60, 120)),
    }

    assert "1h" in play(SPEC["success"], series, "2h").firing("1h30m")


@pytest.mark.parametrize(("gap", "pages"), [(6, False), (2, True)])
def test_few_samples_are_no_percentile(gap, pages):
    """T0.11: the p95 of ten debates an hour is their maximum; with thirty it is judged."""
    series = {
        'aragora_debate_first_byte_seconds_bucket{le="0.5"}': rising((0, 180)),
        "aragora_debate_first_byte_seconds_count": rising(*(((1, 1), (0, gap - 1)) * (180 // gap))),
    }

    assert ("1h" in play(SPEC["first-byte"], series, "3h").spans()) == pages
