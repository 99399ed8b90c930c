"""Choose objective, policy and least number of events from what each would have done; nothing is changed.

Every candidate is run over history (``backtest``), or over random events at a declared traffic. Detection times are
those of arithmetic (``detection_time``), cost is counted from the rules (``cost``).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Final

import numpy as np

from burnproof.lab.course import Course, Happening
from burnproof.lab.scraped import storage_of
from burnproof.lab.variants import under
from burnproof.model.slo import Count
from burnproof.rules import detection_time
from burnproof.rules.alerting import threshold
from burnproof.rules.kinds import measure_of
from burnproof.show import Assumed, explain

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from burnproof.lab.backtest import Backtest
    from burnproof.model.slo import Slo
    from promrules.columns.series import Storage

POLICIES: Final = ("google", "google-3", "single-window")
LEAST_EVENTS: Final = (None, 10, 100, 1000)
"""Least numbers of events that are tried, for SLIs that count events."""
MONTH: Final = 30 * 86400


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for.

    Attributes:
        share: of bad events in the outage that is to be detected.
        within: seconds in which the first page about it must come.
        pages: pages a month, apart from those about listed incidents, that are borne.
    """

    share: Decimal
    within: float
    pages: float


@dataclass(frozen=True, slots=True)
class Candidate:
    """One combination, and what it would do.

    Attributes:
        policy, objective, least: what was tried; ``least`` None where no number of events is asked for.
        detection: seconds until the first page in the outage that is asked about; None where none comes.
        pages: pages a month about no listed incident.
        recall: the share of listed incidents that were notified of; None where none is listed.
        left: the share of the budget that history left.
        cost: samples that the rules read a second.
    """

    policy: str
    objective: Decimal
    least: int | None
    detection: float | None
    pages: float
    recall: float | None
    left: float | None
    cost: float

    def meets(self, wish: Wish) -> bool:
        """Tell whether it does what is asked for, within its budget."""
        in_time = self.detection is not None and self.detection <= wish.within
        return in_time and self.pages <= wish.pages and (self.left is None or self.left >= 0)

    def beats(self, other: Candidate) -> bool:
        """Tell whether it is better in some way and worse in none, at the same objective."""
        never = float("inf")
        mine = (never if self.detection is None else self.detection, self.pages, self.cost, -(self.recall or 0.0))
        its = (never if other.detection is None else other.detection, other.pages, other.cost, -(other.recall or 0.0))
        no_worse = all(one <= two for one, two in zip(mine, its, strict=True))
        return self.objective == other.objective and no_worse and mine != its


def candidates(slo: Slo, objectives: Sequence[Decimal]) -> Iterator[Slo]:
    """Yield the SLO with each objective, policy and least number of events; a count has nothing to choose."""
    if isinstance(slo.indicator, Count) or slo.objective is None:
        return
    pair = measure_of(slo).pair
    leasts = LEAST_EVENTS if pair is not None and not pair.slices else (None,)
    for objective in objectives or (slo.objective,):
        for one in under(replace(slo, objective=objective), POLICIES):
            # A tier that even a total outage cannot reach is no candidate's.
            tiers = tuple(tier for tier in one.policy.tiers if threshold(one, tier) < 1)
            if not tiers:
                continue
            reachable = replace(one, policy=replace(one.policy, tiers=tiers))
            for least in leasts:
                yield replace(reachable, min_events=None if least is None else Decimal(least))


def judged(slo: Slo, run: Backtest, wish: Wish) -> Candidate:
    """Give what a candidate would do, from its run over history."""
    pages = [one for one in run.notifications if one.severity == _urgent(slo)]
    alone = sum(one.incident is None for one in pages)
    least = None if slo.min_events is None else int(slo.min_events)
    if slo.objective is None:
        raise ValueError("a count has no objective")
    return Candidate(
        policy=slo.policy.name,
        objective=slo.objective,
        least=least,
        detection=detection_of(slo, wish.share),
        pages=alone * MONTH / max(1, run.end - run.start),
        recall=run.recall,
        left=run.left,
        cost=explain(slo, Assumed()).samples_per_second,
    )


def _urgent(slo: Slo) -> str:
    """Give the severity of the first tier; "" where there is none."""
    return slo.policy.tiers[0].severity if slo.policy.tiers else ""


def detection_of(slo: Slo, share: Decimal) -> float | None:
    """Give the seconds until the first alert of the first severity in a steady outage; None where none comes."""
    measure, urgent = measure_of(slo), _urgent(slo)
    found = [
        (detected.seconds + detection_time.lag(slo, measure, tier, share).seconds)
        for tier in slo.policy.tiers
        if tier.severity == urgent and (detected := detection_time.detection(slo, measure, tier, share)) is not None
    ]
    return min(found, default=None)


def frontier(found: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """Leave out what another candidate beats."""
    return tuple(one for one in found if not any(other.beats(one) for other in found))


def chosen(found: Sequence[Candidate], wish: Wish) -> Candidate | None:
    """Choose: of those that meet the wish the strictest objective, then the least pages, cost and detection time."""
    fit = [one for one in found if one.meets(wish)]
    return min(fit, key=lambda one: (-one.objective, one.pages, one.cost, one.detection or 0.0), default=None)


def declared_traffic(slo: Slo, rate: float, errors: float, days: int, seed: int) -> tuple[Storage, int]:
    """Make history of random events (Poisson) at a traffic and share of errors; give it and its seconds.

    Raises:
        UnplayableError: no series can be made for this SLO.
    """
    chance = np.random.default_rng(seed)
    seconds = days * 86400
    total = chance.poisson(rate, (1, seconds)).astype(float)
    bad = chance.binomial(total.astype(np.int64), errors).astype(float)
    begin = np.zeros((1, 1))
    told = Happening(
        np.full((1, seconds), errors),
        np.full(seconds, rate),
        np.ones(seconds, dtype=bool),
        np.ones(seconds),
        np.ones(seconds, dtype=bool),
        (),
    )
    counted, failed = (np.concatenate([begin, np.cumsum(events, axis=1)], axis=1) for events in (total, bad))
    return storage_of(slo, Course(0, seconds, counted, failed, told, rate), seed), seconds
