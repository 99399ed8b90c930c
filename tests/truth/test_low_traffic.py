"""Few requests: an outage is one notification, and does not end because a short window holds no event."""

from __future__ import annotations

import pytest
from cases import Case, play
from events import every, failing, hours, poisson

OUTAGE = (hours(10), hours(13))
PAGES = {"1h", "6h"}
CASES = [
    ("one request every seven minutes", lambda: every(hours(20), 420)),
    ("one request every four minutes", lambda: every(hours(20), 240)),
    *(
        (f"nine requests an hour, by chance ({seed})", lambda s=seed: poisson(hours(20), 9 / 3600, seed=s))
        for seed in (1, 2, 3)
    ),
]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "traffic"), CASES, ids=[name for name, _ in CASES])
def test_three_hours_of_failures_are_one_incident(name, traffic):
    outcome = play(Case(name, lambda: failing(traffic(), [OUTAGE]), until=hours(20)))

    pages = [(begin, end) for tier in PAGES for begin, end in outcome.firings(tier)]
    bad = outcome.events.t[outcome.events.bad > 0]
    assert 1 <= len(pages) <= 3, [(round(a / 60), b and round(b / 60)) for a, b in sorted(pages)]
    first = min(begin for begin, _ in pages)
    assert first <= bad[0] + 300, "the first of all requests that fail pages, as the arithmetic says"
    assert first >= bad[0]
    last = max(end or hours(20) for _, end in pages)
    assert last >= bad[-1], "no page ends before its cause"
    assert last <= bad[-1] + hours(2)
