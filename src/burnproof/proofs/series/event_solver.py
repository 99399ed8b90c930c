"""Find series for two queries of events, whatever they are made of: joins, ``clamp_min``, ``label_replace``, gauges.

Each selector gives example series, inside of it and outside of the others. What the queries make of them is worked out
by ``steady``. A set of series is looked for that gives one event and none that is counted on one set of levels, and one
event that is counted on another. What lies between the two must be as much of each as it should be. The search has a
budget of effort; what is not found within it is unproved.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, islice, product
from typing import TYPE_CHECKING, Final

from burnproof.model.quantities import Duration
from burnproof.proofs.series.candidates import Candidates, candidates_of
from burnproof.proofs.series.steady import Steady, UnsteadyError
from burnproof.rules import selectors
from promrules.syntax.labels import keep
from promrules.syntax.nodes import Call, walk
from promrules.syntax.parse import parse

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from burnproof.model.slo import Ratio
    from promrules.syntax.labels import Labels
    from promrules.syntax.nodes import Node

    Levels = Mapping[Labels, Fraction]

_WINDOW: Final = Duration(300_000)  # any will do
MOST_EVALUATIONS: Final = 4000
"""Of the two queries, for one search: about a second."""
_MOST_TOGETHER: Final = 4
_MOMENTS: Final = (Fraction(0), Fraction(10**7))
"""Times of the evaluation, as long as any proof apart: what is found must not depend on it."""
_NOT_ADDITIVE: Final = frozenset(
    {"last_over_time", "first_over_time", "max_over_time", "min_over_time", "quantile_over_time", "predict_linear"}
)
_BETWEEN: Final = (Fraction(1, 10), Fraction(1, 2), Fraction(9, 10))


@dataclass(frozen=True, slots=True)
class Solution:
    """Series of one event.

    Attributes:
        good: the levels of the series that move, for one event that is good; ``bad`` for one that is bad.
        states: the levels of those that stay as they are.
        counters: which of the series are counters.
        ahead: by how many seconds the queries look back at each series.
        scales: whether twice the levels are twice the events, and not as many samples as before.
        mixes: whether levels between the two are as much of good and bad events; else all are good, or all bad.
    """

    good: Levels
    bad: Levels
    states: Levels
    counters: frozenset[Labels]
    ahead: Mapping[Labels, int]
    scales: bool
    mixes: bool


class EventSolver:
    """The search for the series of one SLO's two queries, in one of its groups."""

    def __init__(self, ratio: Ratio, by: tuple[str, ...], group: Labels) -> None:
        """Note the queries and what may be their series."""
        total, counted = (parse(selectors.rate(one, _WINDOW)) for one in (ratio.total, ratio.counted))
        self.by, self.group = frozenset(by), group
        self.counts_good = ratio.counts == "good"
        self.candidates: Candidates = candidates_of((total, counted), group)
        known = (*self.candidates.moving, *self.candidates.states)
        self.total, self.counted = Steady(total, known), Steady(counted, known)
        self.left = MOST_EVALUATIONS if _adds_up(total) and _adds_up(counted) else 0
        self.whole = False

    def solve(self) -> Solution | None:
        """Find series; None where there are none, or the budget is spent.

        First such as can tell any share of bad events. A filter such as ``count_over_time((x > 5)[1h:1m])`` has none.
        """
        for self.whole in (False, True):
            found = self._search()
            if found is not None:
                return found
        return None

    def _search(self) -> Solution | None:
        for states in self.candidates.configurations():
            for together in self._sets():
                found = self._among(together, states)
                if found is not None:
                    return found
                if self.left <= 0:
                    return None
        return None

    def _sets(self) -> Iterator[tuple[Labels, ...]]:
        moving = self.candidates.moving
        for size in range(1, min(_MOST_TOGETHER, len(moving)) + 1):
            yield from combinations(moving, size)

    def _among(self, together: tuple[Labels, ...], states: Levels) -> Solution | None:
        """Look for levels of a set of series that give a good event, and a bad one."""
        seen: dict[tuple[Fraction, Fraction], list[Levels]] = {}
        for values in product((Fraction(0), Fraction(1)), repeat=len(together)):
            levels = dict(zip(together, values, strict=True))
            events = self.events({**states, **levels})
            if events is not None and events[0] not in (0, 1):
                levels = {labels: level / events[0] for labels, level in levels.items()}
                events = self.events({**states, **levels})
            if events is not None:
                seen.setdefault(events, []).append(levels)
        good, bad = ((Fraction(1), Fraction(int(self.counts_good == is_good))) for is_good in (True, False))
        pairs = product(seen.get(good, ()), seen.get(bad, ()))
        for one, other in islice(pairs, 16):
            mixes = self._between(one, other, states)
            if mixes or self.whole:
                scales = self.events({**states, **_mixed(one, other, Fraction(1, 2), 2)}) == (Fraction(2), Fraction(1))
                candidates = self.candidates
                counters = candidates.counters & frozenset(together)
                return Solution(one, other, states, counters, candidates.ahead, scales=scales, mixes=mixes)
        return None

    def _between(self, good: Levels, bad: Levels, states: Levels) -> bool:
        """Tell whether a mixture of good and bad events is counted as such."""
        return all(
            self.events({**states, **_mixed(good, bad, share)})
            == (Fraction(1), 1 - share if self.counts_good else share)
            for share in _BETWEEN
        )

    def events(self, levels: Levels) -> tuple[Fraction, Fraction] | None:
        """Give all events and those that are counted, as the rules sum them up; None where that is not known."""
        self.left -= 1
        if self.left <= 0:
            return None
        try:
            found = {self._both(levels, moment) for moment in _MOMENTS}
        except UnsteadyError:
            return None
        return found.pop() if len(found) == 1 else None

    def _both(self, levels: Levels, moment: Fraction) -> tuple[Fraction, Fraction]:
        total = self._summed(self.total, levels, moment)
        if total is None:
            raise UnsteadyError("no events")
        return total, self._summed(self.counted, levels, moment) or Fraction(0)

    def _summed(self, query: Steady, levels: Levels, moment: Fraction) -> Fraction | None:
        """Sum a query to the SLO's groups; None where it has no series of the group.

        Raises:
            UnsteadyError: it has series of other groups.
        """
        found = query.value(levels, moment)
        if isinstance(found, Fraction):
            raise UnsteadyError("a number")
        if any(keep(labels, self.by) != self.group for labels in found):
            raise UnsteadyError("another group")
        return sum(found.values(), Fraction(0)) if found else None


def _adds_up(root: Node) -> bool:
    """Tell whether a query has no function whose value over two windows is not that of both together."""
    return not any(isinstance(one, Call) and one.func in _NOT_ADDITIVE for one in walk(root))


def _mixed(good: Levels, bad: Levels, share: Fraction, times: int = 1) -> dict[Labels, Fraction]:
    return {labels: times * ((1 - share) * good[labels] + share * bad[labels]) for labels in good}
