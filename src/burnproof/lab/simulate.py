"""Simulate scenarios for many SLOs and policies, on all processors; results come in the order of the SLOs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from burnproof.lab.alerts import RuleFailedError
from burnproof.lab.course import Plan
from burnproof.lab.outcome import Outcome, outcome
from burnproof.lab.play import NotPlayed, play
from burnproof.rules.coverage import covered_after
from burnproof.rules.measure import BASE
from promrules.workers import mapped

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from burnproof.lab.scenario import Scenario
    from burnproof.model.slo import Slo

_HOUR: Final = 3600


@dataclass(frozen=True, slots=True)
class Settings:
    """How scenarios are played.

    Attributes:
        seed: of all chance: phases of scrapes, scrapes that fail, random arrivals.
        rate: usual events a second; the SLO's own `expected_rate`, or 10, unless given.
        interval: seconds between evaluations.
        past: seconds of healthy past; as long as the longest tier needs to be covered unless given.
    """

    seed: int = 1
    rate: float | None = None
    interval: int = 60
    past: int | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """One SLO under one policy, and what is to be played on it."""

    slo: Slo
    scenarios: tuple[Scenario, ...]
    settings: Settings


def simulate(jobs: Sequence[Job], processes: int = 0) -> Iterator[tuple[Outcome, ...]]:
    """Play every job; give the outcomes of each, in order.

    Args:
        jobs: what to play.
        processes: how many may work; 0 for one per processor.
    """
    return mapped(run_job, jobs, processes)


def run_job(job: Job) -> tuple[Outcome, ...]:
    """Play one job."""
    slo, settings = job.slo, job.settings
    plan = Plan(past_of(slo) if settings.past is None else settings.past, _after(slo), settings.seed, settings.rate)
    try:
        played = play(slo, job.scenarios, plan, settings.interval)
    except RuleFailedError as error:
        return tuple(_not_played(slo, scenario, str(error)) for scenario in job.scenarios)
    return tuple(
        _not_played(slo, one.scenario, one.reason) if isinstance(one, NotPlayed) else outcome(slo, one)
        for one in played
    )


def _not_played(slo: Slo, scenario: Scenario, reason: str) -> Outcome:
    return Outcome(slo.id, slo.policy.name, scenario.name, scenario.title, reason=reason)


def past_of(slo: Slo) -> int:
    """Give the seconds of healthy past after which no tier waits for its window any more, in whole hours."""
    longest = max((tier.long for tier in slo.policy.tiers), default=BASE)
    return (covered_after(longest).ms // 1000 // _HOUR + 2) * _HOUR


def _after(slo: Slo) -> int:
    """Give the seconds after an incident in which every alert ends: the longest of the shorter windows, and an hour."""
    longest = max((min(tier.long, tier.short or tier.long) for tier in slo.policy.tiers), default=BASE)
    return (longest.ms // 1000 // _HOUR + 3) * _HOUR
