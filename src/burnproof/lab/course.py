"""Play a scenario for one SLO as events, second by second; alerts are compared with them.

Times are in seconds since the incident began; the healthy past before it has negative ones. For slices an event is one
slice, counted at its end; for a count it is one thing counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from burnproof.model.slo import Count
from burnproof.rules.kinds import measure_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from burnproof.lab.scenario import Phase, Scenario
    from burnproof.model.slo import Slo

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

DEFAULT_RATE: Final = 10.0
"""Events a second where neither the SLO nor the scenario says."""
INSTANCES: Final = 3
"""Instances where the SLO has no groups."""
_OUTAGE: Final = 100
"""The burn rate of a count when everything fails."""


@dataclass(frozen=True, slots=True)
class Course:
    """What happens, second by second; the storage's clock begins ``before`` seconds before the incident does.

    Attributes:
        before: seconds of healthy past.
        lasts: seconds of the incident.
        total, bad: events counted at the beginning of each second of the storage's clock, ``(parts, seconds + 1)``.
        happening: what the scenario says, from the beginning of the incident on.
        usual: events a second before it.
        grouped: whether the parts are groups of the SLO, and not instances.
    """

    before: int
    lasts: int
    total: Floats
    bad: Floats
    happening: Happening
    usual: float = DEFAULT_RATE
    grouped: bool = False

    @property
    def seconds(self) -> int:
        """All seconds, past and future included."""
        return int(self.total.shape[1]) - 1

    @property
    def share(self) -> float:
        """The share of bad events during the incident, of all parts."""
        end = self.before + self.lasts
        bad, total = (float((counts[:, end] - counts[:, self.before]).sum()) for counts in (self.bad, self.total))
        return bad / total if total else 0.0

    def spent(self, until: float, budgeted: float) -> float:
        """Give the share of a budget of so many bad events that has gone by a time, in seconds of the incident."""
        end = min(self.seconds, max(self.before, int(until) + self.before))
        return float((self.bad[:, end] - self.bad[:, self.before]).sum()) / budgeted if budgeted else 0.0


@dataclass(frozen=True, slots=True)
class Happening:
    """What a scenario says of each second of the incident and of what follows it.

    Attributes:
        share: the share of events that are bad, shape ``(parts, seconds)``.
        rate: events a second, of all parts together, shape ``(seconds,)``; so are the following.
        present: whether the series are there.
        scraped: the share of scrapes that succeed.
        ruled: whether rules are evaluated.
        restarts: when all instances restart.
    """

    share: Floats
    rate: Floats
    present: Flags
    scraped: Floats
    ruled: Flags
    restarts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """How long a scenario is played: the healthy past before it, and after it; the seed of all chance; groups."""

    before: int
    after: int
    seed: int = 1
    rate: float | None = None
    groups: int = 1


def course_of(slo: Slo, scenario: Scenario, plan: Plan) -> Course:
    """Work out what happens to an SLO in a scenario."""
    usual = float(scenario.usual or plan.rate or slo.expected_rate or DEFAULT_RATE)
    told = _happening(slo, scenario, usual, plan)
    random = scenario.arrivals == "random"
    total, bad = _events(slo, told.rate, told.share, told.present, random=random, seed=plan.seed)
    past = _past(slo, usual, plan.before, _parts(plan))
    return Course(
        plan.before,
        scenario.seconds,
        np.concatenate([past, past[:, -1:] + np.cumsum(total, axis=1)], axis=1),
        np.concatenate([np.zeros(past.shape), np.cumsum(bad, axis=1)], axis=1),
        told,
        usual,
        plan.groups > 1,
    )


def _parts(plan: Plan) -> int:
    return plan.groups if plan.groups > 1 else INSTANCES


def _happening(slo: Slo, scenario: Scenario, usual: float, plan: Plan) -> Happening:
    """Lay the phases out, second by second."""
    seconds = scenario.seconds + plan.after
    parts = _parts(plan)
    share, rate = np.zeros((parts, seconds)), np.full(seconds, usual)
    present, ruled, scraped = np.ones(seconds, dtype=bool), np.ones(seconds, dtype=bool), np.ones(seconds)
    restarts, at = [], 0
    for phase in scenario.phases:
        part = slice(at, at + phase.lasts.ms // 1000)
        clock = np.arange(part.start, part.stop) + plan.before
        share[: 1 if phase.only_one else parts, part] = _shares(slo, phase, clock)
        if phase.rate is not None or phase.traffic is not None:
            rate[part] = float(phase.rate) if phase.rate is not None else usual * float(phase.traffic or 0)
        present[part] = not phase.no_data
        ruled[part] = not phase.no_rules
        scraped[part] = 1 - float(phase.scrapes_fail or 0)
        restarts += [at] if phase.restart else []
        at = part.stop
    return Happening(share, rate, present, scraped, ruled, tuple(restarts))


@lru_cache(maxsize=8)
def _past(slo: Slo, rate: float, seconds: int, parts: int) -> Floats:
    """Give what a healthy past has counted by the beginning of each second."""
    nothing = np.zeros((parts, seconds))
    total, _ = _events(slo, np.full(seconds, rate), nothing, np.ones(seconds, dtype=bool), random=False, seed=0)
    return np.concatenate([np.zeros((parts, 1)), np.cumsum(total, axis=1)], axis=1)


def _shares(slo: Slo, phase: Phase, clock: NDArray[np.int64]) -> Floats:
    """Give the share of bad events in each second of a phase; ``clock`` is in seconds, and 0 is a full day."""
    share = float(phase.errors or 0) if phase.burn is None else min(1.0, float(phase.burn) * _allowed(slo))
    if phase.every is None or phase.burst is None:
        return np.full(len(clock), share)
    begins = 0 if phase.at is None else phase.at.ms // 1000
    place = (clock - begins) % (phase.every.ms // 1000)
    return np.where(place < phase.burst.ms // 1000, share, 0.0)


def _allowed(slo: Slo) -> float:
    """Give the share that burns a budget once in its period; see ``_counted`` for that of a count."""
    return 1 / _OUTAGE if isinstance(slo.indicator, Count) else float(slo.budget)


def _events(slo: Slo, rate: Floats, share: Floats, present: Flags, *, random: bool, seed: int) -> tuple[Floats, Floats]:
    """Give whole events, in all and bad, for each part and second."""
    if isinstance(slo.indicator, Count):
        return _counted(slo.indicator, share, present)
    pair = measure_of(slo).pair
    if pair is not None and pair.slices:
        return _slices(share, present & (rate > 0), pair.base.ms // 1000)
    each = np.broadcast_to(rate * present / len(share), share.shape)
    if random:
        chance = np.random.default_rng(seed)
        total = chance.poisson(each).astype(float)
        return total, chance.binomial(total.astype(np.int64), share).astype(float)
    # The parts take turns, so that few events are not three at once.
    phases = (np.arange(len(share)) / len(share))[:, None]
    total = _whole(each, phases)
    turns = (np.arange(len(share)) + 0.5)[:, None] / len(share)
    return total, np.minimum(_whole(total * share, turns), total)


def _whole(amounts: Floats, phases: Floats | float) -> Floats:
    """Turn amounts a second into whole numbers that add up to them, spaced evenly."""
    sums = np.floor(np.cumsum(amounts, axis=1) + phases + 1e-9)
    return np.diff(sums, axis=1, prepend=np.floor(np.broadcast_to(phases, (len(amounts), 1)) + 1e-9))


def _slices(share: Floats, present: Flags, length: int) -> tuple[Floats, Floats]:
    """Give one event for each slice with data, at its last second; bad so often that the share comes out."""
    ends = np.arange(length - 1, share.shape[1], length)
    total = np.zeros(share.shape)
    total[:, ends] = present[ends]
    # Errors of the slice's own seconds; a burst makes its whole slice bad.
    sums = np.concatenate([np.zeros((len(share), 1)), np.cumsum(share, axis=1)], axis=1)
    worst = np.maximum(share[:, ends], (sums[:, ends + 1] - sums[:, ends - length + 1]) / length)
    bad = np.zeros(share.shape)
    bad[:, ends] = np.minimum(_whole(worst * present[ends], 0.0), present[ends])
    return total, bad


def _counted(indicator: Count, share: Floats, present: Flags) -> tuple[Floats, Floats]:
    """Give what is counted: at a share of 1, the limit comes in a hundredth of its period."""
    most = float(indicator.limit) * _OUTAGE / (indicator.per.ms / 1000)
    bad = _whole(share * most * present / len(share), 0.0)
    return bad.copy(), bad
