"""Times without rules, and times without anything: what raw data still hold is counted, and no alert flaps."""

from __future__ import annotations

import pytest
from cases import Case, check
from events import failing, hours, steady
from judge import Gap
from scrapes import Scrape

DAY = 86_400.0
LONG = {"1h": hours(2), "2h": hours(3), "6h": hours(13), "1d": hours(27), "3d": hours(74), "30d": hours(30)}
MINUTE = 60.0


def gap(
    name: str,
    begin: float,
    length: float,
    *,
    all_down: bool,
    until: float = hours(34),
    outage: float = hours(30),
    share=1.0,
) -> Case:
    """An outage of 40 minutes at 30 h (or another), and a time without rules."""
    end = begin + length
    # A ruler that was down for no more than 110 minutes finds all it needs in the raw data, once the hour is over.
    known = not all_down and length <= 110 * MINUTE
    # After longer, the hour in which it stopped is what was recorded of it: all but the last twenty minutes.
    lost = begin if length <= 110 * MINUTE else begin - 20 * MINUTE
    return Case(
        f"{name}, {'everything' if all_down else 'rules only'}",
        lambda: failing(steady(until), [(outage, outage + 40 * MINUTE)], share),
        until=until,
        scrape=Scrape(down=[(begin, end)] if all_down else ()),
        gaps=[Gap(begin, end)],
        unknown=[] if known and length <= 9 * MINUTE else [(lost, end)],
        healed=(end // 3600 + 1) * 3600 + 15 * MINUTE if known else float("inf"),
        compare=LONG,
    )


GAPS = [
    ("eight minutes over the full hour", hours(30) + 54 * MINUTE, 9 * MINUTE),
    ("eight minutes inside an hour", hours(31) + 20 * MINUTE, 8 * MINUTE),
    ("25 minutes inside an hour", hours(31) + 10 * MINUTE, 25 * MINUTE),
    ("70 minutes over two full hours", hours(30) + 55 * MINUTE, 70 * MINUTE),
    ("three hours before the outage", hours(26) + 10 * MINUTE, hours(3)),
    ("three hours after the outage", hours(30) + 50 * MINUTE, hours(3)),
]


def test_rules_that_stop_over_a_full_hour_lose_nothing():
    """40 minutes of total outage, rules down from 54 past to three past: the day's ratio is that of the events."""
    check(gap(*GAPS[0], all_down=False, until=hours(32.5)))


@pytest.mark.slow
@pytest.mark.parametrize("all_down", [False, True], ids=["rules", "everything"])
@pytest.mark.parametrize("case", GAPS, ids=[case[0] for case in GAPS])
def test_gaps_take_no_more_than_their_share(case, all_down):
    check(gap(*case, all_down=all_down))


@pytest.mark.slow
@pytest.mark.parametrize("all_down", [False, True], ids=["rules", "everything"])
def test_a_day_without_rules_takes_no_more_than_its_share(all_down):
    """The rules are down for the fifth day; an outage follows on the sixth, while windows still hold the hole."""
    case = gap("a day", 4 * DAY, DAY, all_down=all_down, until=6.2 * DAY, outage=5.5 * DAY, share=0.1)
    check(case)


@pytest.mark.slow
@pytest.mark.parametrize("salt", ["", "a/", "b/"])
def test_a_ruler_that_was_down_does_not_make_a_later_page_flap(salt):
    """Three hours without rules, then errors at eight times the budget for six hours: one page of the 6h tier."""
    until = hours(40)
    case = Case(
        "rules down from 21 h to 24 h, errors from 30 h to 36 h",
        lambda: failing(steady(until), [(hours(30), hours(36))], 0.008),
        until=until,
        gaps=[Gap(hours(21), hours(24))],
        unknown=[(hours(21), hours(24))],
        compare={"1h": hours(2), "6h": hours(13), "1d": hours(25)},
        salt=salt,
    )
    assert len(check(case).firings("6h")) == 1
