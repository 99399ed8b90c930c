"""Make variants of an SLO under other policies and with other objectives."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from burnproof.model import policies
from burnproof.model.decimals import percent
from burnproof.model.slo import Count

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from decimal import Decimal

    from burnproof.model.slo import Policy, Slo

KNOWN = (*policies.BUILT_IN, policies.ADAPT)
"""Names of the policies that can be tried on any SLO."""


def under(slo: Slo, names: Sequence[str]) -> tuple[Slo, ...]:
    """Give an SLO under each of some built-in policies, fitted to its period; a count keeps its own."""
    if isinstance(slo.indicator, Count) or slo.objective is None or not names:
        return (slo,)
    return tuple(replace(slo, policy=_fitted(name, slo, slo.objective)) for name in names)


def _fitted(name: str, slo: Slo, objective: Decimal) -> Policy:
    built_in = policies.BUILT_IN.get(name, policies.BUILT_IN[policies.DEFAULT])
    scaled = policies.scaled(built_in, policies.budget_period(slo.period))
    return policies.adapted(scaled, objective) if name == policies.ADAPT else scaled


def variants(slo: Slo, names: Sequence[str], objectives: Iterable[Decimal]) -> Iterator[tuple[str, Slo]]:
    """Yield every combination of policies and objectives, each with what to call it."""
    wanted: list[Decimal | None] = [*objectives] or [slo.objective]
    for objective in wanted:
        changed = slo if slo.objective is None or objective is None else replace(slo, objective=objective)
        for one in under(changed, names):
            yield f"{one.policy.name}, {percent(one.objective)}" if one.objective else one.policy.name, one
