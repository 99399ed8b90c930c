"""A scrape interval that is declared wrong: figures are distorted within bounds, and nothing goes silent."""

from __future__ import annotations

import numpy as np
import pytest
from cases import Case, check, play
from events import failing, hours, locked, pods, steady
from scrapes import Scrape
from test_bursts import SHORT

PAIRS = [(real, declared) for real in (15, 30, 60) for declared in (15, 30, 60) if real != declared]


@pytest.mark.slow
@pytest.mark.parametrize(("real", "declared"), PAIRS)
def test_an_even_burn_is_measured_whatever_is_declared(real, declared):
    case = Case(
        f"scraped every {real} s, declared {declared} s",
        lambda: failing(steady(hours(17)), [(hours(8), hours(14))], 0.02),
        hours(17),
        scrape=Scrape(real),
        declared=declared,
        compare=SHORT,
    )
    check(case)


@pytest.mark.slow
@pytest.mark.parametrize("offset", [0, 40, 100, 190, 270])
@pytest.mark.parametrize(("real", "declared"), [pair for pair in PAIRS if max(pair) == 2 * min(pair)])
def test_failures_that_come_with_the_clock_are_seen_within_a_factor_of_three(real, declared, offset):
    outcome = play(
        Case(
            f"scraped every {real} s, declared {declared} s, bursts at {offset} s",
            lambda: failing(steady(hours(17)), locked(300, offset, 3.6, hours(2), hours(17))),
            hours(17),
            served_by=pods(1),  # several have several phases, and hide what one loses
            scrape=Scrape(real),
            declared=declared,
        )
    )
    for window in ("30m", "1h", "2h", "6h"):
        t, values = outcome.figure(window)
        read = values[t > hours(9)] / outcome.truths[0].ratio(3600.0 * 6, np.array([hours(16)]))[0]
        assert read.min() > 1 / 3, f"{window} reads {read.min():.2f} of the truth"
        assert read.max() < 3, f"{window} reads {read.max():.2f} of the truth"
