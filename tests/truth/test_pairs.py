"""Two Prometheus servers scrape the same pods into one store: the ratio is that of the events, also when one dies."""

from __future__ import annotations

import pytest
from cases import BAD, Case, check, spec
from events import failing, hours, steady
from scrapes import Scrape
from test_bursts import SHORT

BOTH = ("a", "b")
UNTIL = hours(17)
DEDUP = BAD + "\n        dedup: [replica]"


def _errors():
    return failing(steady(UNTIL), [(hours(8), hours(14))], 0.02)


def _pair(name: str, how: Scrape, form: str = DEDUP) -> Case:
    return Case(name, _errors, UNTIL, scrape=how, spec=spec(form, 30), compare=SHORT, tolerance=0.01)


@pytest.mark.slow
@pytest.mark.parametrize(
    "case",
    [
        _pair("two servers, both sums", Scrape(replicas=BOTH), BAD),
        _pair("two servers, one is taken", Scrape(replicas=BOTH)),
        _pair(
            "the second is down for three hours in the outage", Scrape(replicas=BOTH, dead={"b": (hours(9), hours(12))})
        ),
        _pair(
            "the first is down for three hours in the outage", Scrape(replicas=BOTH, dead={"a": (hours(9), hours(12))})
        ),
    ],
    ids=str,
)
def test_a_pair_tells_the_truth(case):
    check(case)
