"""Tickets of long windows: no later than five minutes and a scrape, and no flapping where a window is nearly over."""

from __future__ import annotations

import numpy as np
import pytest
from cases import Case, check, play
from events import failing, hours, scaled, steady

UNTIL = hours(58)


@pytest.mark.slow
@pytest.mark.parametrize("salt", ["", "a/"])
@pytest.mark.parametrize("share", [0.005, 0.02])
def test_the_ticket_of_a_day_is_in_time(share, salt):
    """Five and twenty times what the budget allows, from 30 h on; the arithmetic crosses the threshold hours later."""
    until = hours(30) + 0.003 * hours(24) / share + hours(2)
    check(
        Case(
            f"{share:.1%} of requests fail",
            lambda: failing(steady(until), [(hours(30), until)], share),
            until,
            compare={"2h": hours(3), "1d": hours(26)},
            salt=salt,
        )
    )


@pytest.mark.slow
@pytest.mark.parametrize("part", [0.97, 0.99, 1.01, 1.03])
def test_a_day_that_stands_near_its_threshold_does_not_rise_and_fall_with_the_hour(part):
    """A short outage spends three times the budget of a day, or nearly. A day of 25 hours would read 4 % less of it."""
    outage = part * 0.003 * hours(24)

    def traffic():
        return failing(steady(hours(56)), [(hours(30), hours(30) + outage)])

    outcome = play(Case(f"{part} of the threshold", traffic, hours(56), compare={"1d": hours(26)}))

    t, values = outcome.figure("1d")
    inside = (t > hours(30) + outage + 600) & (t < hours(53.5))
    assert np.abs(values[inside] / (part * 0.003) - 1).max() < 0.005
    assert len(outcome.firings("1d")) == (part > 1)


@pytest.mark.slow
def test_a_day_is_weighted_by_its_traffic():
    """Traffic of day and night, a hundredth of it by night: the window's far edge moves by minutes, not by hours."""
    t = steady(UNTIL).t
    busy = np.where((t % 86_400 > hours(6)) & (t % 86_400 < hours(20)), 1.0, 0.01)
    check(
        Case(
            "quiet nights",
            lambda: failing(scaled(steady(UNTIL), busy), [(hours(34), hours(40))], 0.01),
            UNTIL,
            compare={"1d": hours(26)},
        )
    )
