"""The built-in policies are the field's, and keep their budget share in any period."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from burnproof.model.policies import BASE_PERIOD, BUILT_IN, adapted, budget_spent, count_policy, scaled
from burnproof.model.quantities import Duration, duration

DAY = 86_400_000


def rows(policy):
    return [
        (str(t.factor), str(t.long), t.short and str(t.short), t.severity, t.hold and str(t.hold)) for t in policy.tiers
    ]


def test_the_tables_are_those_of_their_sources():
    google = [
        ("14.4", "1h", "5m", "page", None),
        ("6", "6h", "30m", "page", None),
        ("3", "1d", "2h", "ticket", None),
        ("1", "3d", "6h", "ticket", None),
    ]

    assert google == rows(BUILT_IN["google"])
    assert [google[0], google[1], google[3]] == rows(BUILT_IN["google-3"])
    assert rows(BUILT_IN["single-window"]) == [
        ("14.4", "5m", None, "page", "5m"),
        ("6", "1h", None, "page", "5m"),
        ("1", "1d", None, "ticket", "5m"),
    ]


def test_google_spends_two_five_ten_and_ten_percent():
    spent = [budget_spent(tier, BASE_PERIOD) for tier in BUILT_IN["google"].tiers]

    assert [Decimal(x) for x in ("0.02", "0.05", "0.1", "0.1")] == spent


@pytest.mark.parametrize(
    ("period", "windows"),
    [
        ("30d", ["1h/5m", "6h/30m", "1d/2h", "3d/6h"]),
        ("7d", ["14m/1m", "1h24m/7m", "5h36m/28m", "16h48m/1h24m"]),
        ("28d", ["56m/5m", "5h36m/28m", "22h24m/1h52m", "2d19h12m/5h36m"]),
        ("90d", ["3h/15m", "18h/1h30m", "3d/6h", "9d/18h"]),
    ],
)
def test_windows_scale_with_the_period(period, windows):
    policy = scaled(BUILT_IN["google"], duration(period))

    assert windows == [f"{tier.long}/{tier.short}" for tier in policy.tiers]
    assert [str(tier.factor) for tier in policy.tiers] == ["14.4", "6", "3", "1"]


@given(st.integers(min_value=1, max_value=400), st.sampled_from(sorted(BUILT_IN)))
def test_scaling_keeps_the_share_of_the_budget_or_burns_at_one(days, name):
    period = Duration(days * DAY)

    for before, after in zip(BUILT_IN[name].tiers, scaled(BUILT_IN[name], period).tiers, strict=True):
        share, kept = budget_spent(before, BASE_PERIOD), budget_spent(after, period)
        assert after.factor >= 1
        assert after.long.ms % 60_000 == 0
        assert after.short is None or 0 < after.short.ms < after.long.ms or after.long.ms == 60_000
        assert abs(kept - share) < share / 1000 or (after.factor == 1 and kept > share)


@given(st.integers(min_value=1, max_value=96))
def test_short_periods_never_give_empty_windows(hours):
    for tier in scaled(BUILT_IN["google"], Duration(hours * 3_600_000)).tiers:
        assert tier.long.ms >= 60_000
        assert tier.factor >= 1


def test_adapted_tiers_that_become_equal_are_one_which_says_where_it_came_from():
    made = adapted(scaled(BUILT_IN["google"], duration("7d")), Decimal("0.1"))

    assert [(str(tier.long), tier.severity) for tier in made.tiers] == [
        ("3h22m", "page"), ("8h24m", "page"), ("16h48m", "ticket")
    ]  # fmt: skip
    assert made.tiers[-1].factor == 1
    assert made.tiers[-1].note.startswith("adapted from 3 times over 5h36m")


def test_a_count_alerts_when_it_is_spent():
    assert rows(count_policy(duration("24h"))) == [("1", "1d", None, "ticket", None)]
