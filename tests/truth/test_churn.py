"""Counters that begin again, pods that come and go, scrapes that fail or jitter: as good as `increase` is."""

from __future__ import annotations

import numpy as np
import pytest
from cases import Case, check
from events import Pod, deployed, failing, hours, pods, steady
from scrapes import Scrape

SHORT = {"5m": hours(2), "30m": hours(2), "1h": hours(2), "2h": hours(3), "6h": hours(7)}
UNTIL = hours(17)


def errors(share: float = 0.02):
    """2 % of all requests fail from 8 h to 14 h."""
    return failing(steady(UNTIL), [(hours(8), hours(14))], share)


def autoscaled() -> list[Pod]:
    """Three pods, and 27 more from 9 h to 11 h."""
    return [*pods(3), *(Pod(f"more-{n}", hours(9) + 20 * n, hours(11) + 20 * n) for n in range(27))]


def resets(every: float) -> list[Pod]:
    """Counters of three pods that begin again, each a while after the one before."""
    return [Pod(f"shop-{n}", resets=tuple(np.arange(600 + 40 * n, UNTIL, every))) for n in range(3)]


CASES = [
    Case("nothing special", errors, UNTIL, compare=SHORT, tolerance=0.001),
    Case("counters begin again every hour", errors, UNTIL, served_by=resets(3600), compare=SHORT, churn=True),
    Case("counters begin again every twenty minutes", errors, UNTIL, served_by=resets(1200), compare=SHORT, churn=True),
    Case(
        "all pods are replaced every hour", errors, UNTIL, served_by=deployed(3, 3600, UNTIL), compare=SHORT, churn=True
    ),
    Case("3 pods, 30 pods, 3 pods", errors, UNTIL, served_by=autoscaled(), compare=SHORT, churn=True),
    Case("scrapes jitter by two seconds", errors, UNTIL, scrape=Scrape(jitter=2), compare=SHORT),
    Case("3 % of scrapes fail", errors, UNTIL, scrape=Scrape(missed=0.03), compare=SHORT),
    Case(
        "5 % of scrapes fail, of ten pods", errors, UNTIL, served_by=pods(10), scrape=Scrape(missed=0.05), compare=SHORT
    ),
    Case("error series are born in the outage", errors, UNTIL, scrape=Scrape(lazy=True), compare=SHORT, churn=True),
    Case(
        "error series are born in a total outage",
        lambda: failing(steady(UNTIL), [(hours(8), hours(8.5))]),
        UNTIL,
        scrape=Scrape(lazy=True),
        compare=SHORT,
        churn=True,
    ),
]


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=str)
def test_figures_and_alerts_stand(case):
    check(case)
