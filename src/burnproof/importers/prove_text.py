"""Comparisons of old and new rules to sentences: what comes earlier, later or never, and who is right."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from burnproof.importers.prove import BUDGET
from burnproof.model.quantities import Duration

if TYPE_CHECKING:
    from collections.abc import Iterator

    from burnproof.importers.prove import Comparison, Outcome

_RIGHT = {
    "old": "the old rules are right",
    "new": "the new rules are right",
    "both": "both are near enough",
    "neither": "neither is right",
}


def comparison_lines(found: Comparison) -> Iterator[str]:
    """Describe one comparison: a headline, and each result in which the rules differ."""
    one = found.objective
    more = f" and {found.alike} more that {'is' if found.alike == 1 else 'are'} alike" if found.alike else ""
    name = f"{one.service} {one.name}{more}"
    if found.reason:
        yield f"{name}: not compared, {found.reason}"
        return
    differing = [outcome for outcome in found.outcomes if outcome.differs]
    same = len(found.outcomes) - len(differing)
    yield f"{name}: {same} of {len(found.outcomes)} results are the same"
    scenario = ""
    for outcome in differing:
        if outcome.scenario != scenario:
            scenario = outcome.scenario
            yield f"  {scenario}"
        yield f"    {outcome.what}: {_budgets(outcome) if outcome.what == BUDGET else _alerts(outcome)}"


def _budgets(outcome: Outcome) -> str:
    old, new, truth = (_left(value) for value in (outcome.old, outcome.new, outcome.truth))
    return f"left by the old rules {old}, by the new {new}, by arithmetic {truth}; {_RIGHT[outcome.right]}"


def _left(value: float | None) -> str:
    if value is None:
        return "unknown"
    return "NaN" if math.isnan(value) else f"{value:.1%}"


def _alerts(outcome: Outcome) -> str:
    old, new, truth = (_after(value) for value in (outcome.old, outcome.new, outcome.truth))
    return f"{_word(outcome)}: old {old}, new {new}, by arithmetic {truth}; {_RIGHT[outcome.right]}"


def _word(outcome: Outcome) -> str:
    if outcome.new is None:
        return "comes no more"
    if outcome.old is None:
        return "comes for the first time"
    seconds = round(outcome.new - outcome.old)
    return f"comes {Duration(abs(seconds) * 1000)} {'later' if seconds > 0 else 'earlier'}"


def _after(value: float | None) -> str:
    return "never" if value is None else f"after {Duration(round(value) * 1000)}"
