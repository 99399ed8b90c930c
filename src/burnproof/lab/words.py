"""Write the cells of outcome tables, alike in the terminal, in Markdown and on the page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from burnproof.lab.amounts import DASH, share, time

if TYPE_CHECKING:
    from collections.abc import Iterable

    from burnproof.lab.outcome import Outcome, TierOutcome

HEADER: Final = (
    "scenario",
    "budget spent",
    "first alert",
    "after",
    "spent by then",
    "notified",
    "ends after",
    "verdict",
)


def cells(found: Outcome) -> tuple[str, ...]:
    """Give one row: a scenario and what came of it."""
    if found.reason:
        return (found.scenario, *(DASH,) * (len(HEADER) - 2), f"not played: {found.reason}")
    first = found.first
    return (
        found.scenario,
        share(found.spent),
        DASH if first is None else f"{first.severity} {first.tier}",
        DASH if first is None else time(first.fired),
        DASH if first is None or first.spent is None else share(first.spent),
        notified(found),
        DASH if first is None else time(_last(found)),
        verdict(found),
    )


def _last(found: Outcome) -> float | None:
    """Give when the last urgent alert ended: that of the severity that fired first."""
    first = found.first
    if first is None:
        return None
    resets = [tier.reset for tier in found.tiers if tier.severity == first.severity and tier.fired is not None]
    return None if None in resets else max((reset for reset in resets if reset is not None), default=None)


def notified(found: Outcome) -> str:
    """Say how often somebody was notified, and what else fired."""
    counts = [f"{count} {name}" for name, count in found.notifications if count]
    return ", ".join([*counts, *found.others]) or "nobody"


def verdict(found: Outcome) -> str:
    """Say whether alerts and events agree."""
    said = [
        *(f"{tier.missed} of {tier.severity} {tier.tier} missed" for tier in found.tiers if tier.missed),
        *(f"{tier.severity} {tier.tier} late by {time(tier.late)}" for tier in found.tiers if _is_late(tier)),
        *(f"{tier.false} of {tier.severity} {tier.tier} without reason" for tier in found.tiers if tier.false),
    ]
    return "; ".join(said) or "as the events say"


def _is_late(tier: TierOutcome) -> bool:
    return tier.late is not None and tier.late > tier.allowed


def summary(found: Iterable[Outcome]) -> str:
    """Say in a line what came of everything."""
    played = [one for one in found if not one.reason]
    missed, false = sum(one.missed for one in played), sum(one.false for one in played)
    late = [tier.late for one in played for tier in one.tiers if tier.late is not None]
    worst = f"; latest after the events gave reason: {time(max(late))}" if late else ""
    slos = len({(one.slo, one.policy) for one in played})
    return f"{slos} SLOs and policies, {len(played)} scenarios played: {missed} missed, {false} without reason{worst}."


def tier_cells(tier: TierOutcome) -> tuple[str, ...]:
    """Give one row of the table of tiers."""
    return (
        f"{tier.severity} {tier.tier}",
        time(tier.wanted),
        time(tier.fired),
        DASH if tier.spent is None else share(tier.spent),
        time(tier.reset),
        str(tier.firings),
    )


TIER_HEADER: Final = ("tier", "reason after", "fires after", "spent by then", "ends after", "firings")
