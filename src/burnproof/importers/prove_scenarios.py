"""What happens to a service while the old and the new rules watch: incidents, and whole periods of uneven traffic."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from burnproof.proofs.series.feed import LeftOut
from burnproof.proofs.timeline import Stretch, Timeline, countable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from burnproof.importers.model import Objective

MINUTE: Final = 60
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR
_BUSY: Final = Decimal(1000)
_LONGEST: Final = 45 * DAY


@dataclass(frozen=True, slots=True)
class Scenario:
    """One thing that happens.

    Attributes:
        name: what it is, for people.
        story: the events.
        step: seconds between evaluations.
        begins: when the incident begins; 0 where the whole period is looked at.
        without: which series vanish, as a ``Feed`` takes it.
    """

    name: str
    story: Timeline
    step: int
    begins: int = 0
    without: LeftOut | None = None


def scenarios(objective: Objective) -> Iterator[Scenario]:
    """Give the scenarios for an objective: those of alerts, then those of the budget."""
    tiers = objective.before.tiers if objective.before is not None else ()
    budget = 1 - objective.objective
    if tiers:
        yield from _incidents(budget, max(tier.factor for tier in tiers), max(tier.long.ms for tier in tiers) // 1000)
    period = objective.before.period.ms // 1000 if objective.before is not None else 0
    if DAY <= period <= _LONGEST:
        yield from _periods(budget, -(-period // DAY))


def _incidents(budget: Decimal, factor: Decimal, longest: int) -> Iterator[Scenario]:
    warm = -(-longest * 13 // 12 // HOUR) * HOUR + 2 * HOUR
    healthy, bad = Stretch(warm), Decimal(1)
    fast = countable(min(Decimal(1), budget * factor * Decimal("1.5")), MINUTE)
    slow = countable(min(Decimal(1), budget * 2), MINUTE)

    def told(name: str, *after: Stretch, without: LeftOut | None = None, step: int = MINUTE) -> Scenario:
        return Scenario(name, Timeline((healthy, *after)), step, warm, without)

    yield told("a full outage of 20 minutes", Stretch(20 * MINUTE, bad), Stretch(3 * HOUR))
    yield told("a full outage in which the good series vanish", Stretch(HOUR, bad), without=LeftOut.GOOD)
    yield told("errors at one and a half times the fastest burn rate, for 2 hours", Stretch(2 * HOUR, fast))
    yield told("errors at twice the budget, for two days", Stretch(2 * DAY, slow), step=5 * MINUTE)
    rare = Decimal(1) / 300
    quiet = Stretch(warm, rate=rare)
    story = Timeline((quiet, Stretch(5 * MINUTE, bad, rare), Stretch(3 * HOUR, rate=rare)))
    yield Scenario("one failure among 12 requests an hour", story, MINUTE, warm)


def _periods(budget: Decimal, days: int) -> Iterator[Scenario]:
    half = countable(budget / 2, MINUTE)
    steady = (Stretch(16 * HOUR, half), Stretch(8 * HOUR, rate=Decimal(0)))
    yield _period("no traffic at night, half the budget spent by day", steady, days)
    peak = countable(min(Decimal(1), budget * 8), MINUTE)
    yield _period(
        "one peak hour a day with eight times the errors allowed",
        (Stretch(23 * HOUR, rate=_BUSY / 100), Stretch(HOUR, peak)),
        days,
    )
    nights = countable(min(Decimal(1), budget * 50), MINUTE)
    yield _period(
        "quiet nights with fifty times the errors allowed, busy days without any",
        (Stretch(16 * HOUR), Stretch(8 * HOUR, nights, _BUSY / 100)),
        days,
    )


def _period(name: str, day: tuple[Stretch, ...], days: int) -> Scenario:
    return Scenario(f"{days} days: {name}", Timeline(day * days), 5 * MINUTE)
