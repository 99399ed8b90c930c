"""Samples that arrive late, as in a ruler behind remote write: without a query_offset, 60 s cost no page."""

from __future__ import annotations

import pytest
from cases import BAD, Case, check, play, spec
from events import failing, hours, steady
from scrapes import Scrape
from test_bursts import SHORT, five_minutes

DELAYS = [(30, 30), (60, 60), (30, 90), (120, 120), (30, 120)]


@pytest.mark.slow
@pytest.mark.parametrize("delay", DELAYS, ids=str)
def test_failures_that_come_with_the_clock_page_in_spite_of_late_samples(delay):
    case = five_minutes(270)
    late = Case(
        f"{case.name}, samples {delay} s late",
        case.traffic,
        case.until,
        scrape=Scrape(delay=delay),
        compare={"6h": hours(7)},
    )
    check(late)


@pytest.mark.slow
@pytest.mark.parametrize("delay", DELAYS, ids=str)
def test_an_even_burn_is_measured_in_spite_of_late_samples(delay):
    case = Case(
        f"2 % fail, samples {delay} s late",
        lambda: failing(steady(hours(18)), [(hours(8), hours(14))], 0.02),
        hours(18),
        scrape=Scrape(delay=delay),
        compare=SHORT,
    )
    check(case)


@pytest.mark.slow
@pytest.mark.parametrize("delay", [60, 120])
def test_a_query_offset_counts_all_traffic(delay):
    """Samples 60 to 120 s late leave a window short of its last scrapes; rules that look 150 s back see them all."""
    offset = spec(BAD, 30).replace("slos:", "query_offset: 150s\nslos:")
    late = Scrape(delay=(delay, delay))
    outcome = play(Case("even traffic", lambda: steady(hours(4)), hours(4), scrape=late, spec=offset))

    settled = outcome.verdict.one("slo:sli_total:rate5m").values[20:]
    assert settled.min() >= 30 * 0.99
    assert settled.max() <= 30 * 1.01
