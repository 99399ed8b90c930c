"""How far apart the samples of each selector really are, against the interval that the rules assume."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from burnproof.diagnostics import problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from burnproof.diagnostics import Problem
    from burnproof.specs.live.subject import Subject

SCRAPES: Final = 20
"""Scrapes in the stretch that is looked at; one more or fewer at its edge is 5 %."""
SHORTEST: Final = 1800
"""Seconds of it at least."""
TOLERANCE: Final = 0.2
"""A failed scrape in ten makes the mean distance 11 % longer, and must not count as another interval."""
_USUAL: Final = (1, 2, 5, 10, 15, 20, 30, 60, 120, 180, 240, 300, 600, 900, 1800, 3600)
_NEAR_USUAL: Final = 0.07


def intervals(subject: Subject) -> Iterator[Problem]:
    """Compare the median distance of samples with the declared or assumed one."""
    asked: dict[tuple[str, int], str] = {}
    for one in subject.inputs:
        if subject.counts.get(one.text):
            length = _length(one.slo.scrape.ms)
            # A series that is younger than the stretch has fewer samples for another reason.
            old = f"count_over_time({one.text}[{length}s]) and ({one.text} offset {length}s)"
            asked[one.text, length] = f"quantile(0.5, {old})"
    found = subject.asker.numbers(asked, "how far apart samples are")
    told: set[tuple[str, float, bool]] = set()
    for one in subject.inputs:
        length = _length(one.slo.scrape.ms)
        count = found.get((one.text, length))
        if not count or count < 1:
            continue
        real = usual(length / count)
        facts = subject.of(one.slo)
        facts.interval = max(real, facts.interval or 0.0)
        slow, fast = (
            real > assumed(one.slo.scrape.ms) * (1 + TOLERANCE),
            real < one.slo.scrape.ms / 1000 * (1 - TOLERANCE),
        )
        if (slow or fast) and (one.slo.id, real, slow) not in told:
            told.add((one.slo.id, real, slow))
            declared = one.slo.scrape_interval is not None
            yield _differs(subject, one.slo.id, real, declared=declared, slow=slow)


def assumed(ms: int) -> float:
    """Give the assumed interval in seconds."""
    return ms / 1000


def _length(ms: int) -> int:
    return max(SHORTEST, SCRAPES * ms // 1000)


def usual(seconds: float) -> float:
    """Give the interval that people configure where a measured one is near it, else the measured one in 0.1 s."""
    near = min(_USUAL, key=lambda one: abs(one - seconds))
    return float(near) if abs(near - seconds) <= _NEAR_USUAL * near else round(seconds, 1)


def _differs(subject: Subject, slo_id: str, real: float, *, declared: bool, slow: bool) -> Problem:
    one = next(each for each in subject.inputs if each.slo.id == slo_id)
    slo = one.slo
    says = f"the spec declares {slo.scrape}" if declared else f"the spec declares none, so {slo.scrape} is assumed"
    message = f"samples of {slo.id} come every {real:g} s; {says}"
    span = slo.spans.get("scrape_interval") or one.span
    code = "live-scrape-slow" if slow else "live-scrape-fast"
    return problem(code, message, span, f"write scrape_interval: {real:g}s")
