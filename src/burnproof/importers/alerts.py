"""Turn the alerts of another tool into tiers that can fire; what cannot is changed and named."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from burnproof.model.decimals import percent, plain
from burnproof.model.policies import BUILT_IN, DEFAULT
from burnproof.model.quantities import Duration
from burnproof.model.slo import DEFAULT_SCRAPE, Tier

if TYPE_CHECKING:
    from collections.abc import Sequence

    from burnproof.importers.reading import Notes
    from burnproof.specs.source import Value

SCRAPES: Final = 4
"""So many fit into a window that survives a scrape that fails, see the problem few-scrapes."""
_MINUTE: Final = 60_000
_ADAPT: Final = "choose another policy, such as adapt, whose tiers follow the objective"


@dataclass(frozen=True, slots=True)
class Asked:
    """What the tiers must fit to.

    Attributes:
        objective: the share that must be good.
        period: the period of the budget.
        scrape: the time between scrapes, as given with the import; None for a minute.
        slices: the length of slices, of which a window must hold one.
    """

    objective: Decimal
    period: Duration
    scrape: Duration | None = None
    slices: Duration | None = None


def fitted(tiers: Sequence[Tier], asked: Asked, node: Value, notes: Notes) -> tuple[Tier, ...] | None:
    """Give the tiers that can fire, in windows that hold enough scrapes; None where they are the default policy's."""
    kept: list[Tier] = []
    for tier in tiers:
        made = _long_enough(tier, asked, node, notes)
        if not _can_fire(made, asked, node, notes):
            continue
        if made.factor < 1:
            message = f"the {made.severity} over {made.long} fired at {plain(made.factor)} times the budget, now at 1"
            notes.otherwise(node, message, "below 1 the budget lasts, and there is nothing to alert about")
            made = replace(made, factor=Decimal(1))
        if any(_alike(made, other) for other in kept):
            notes.left_out(node, f"the {made.severity} over {made.long} is there twice", "one of the two is kept")
            continue
        kept.append(made)
    return None if _is_default(kept) else tuple(kept)


def _long_enough(tier: Tier, asked: Asked, node: Value, notes: Notes) -> Tier:
    scrape = asked.scrape or DEFAULT_SCRAPE
    least = max(SCRAPES * scrape.ms, asked.slices.ms if asked.slices else 0, _MINUTE)
    least = -(-least // _MINUTE) * _MINUTE
    long, short = (None if one is None else Duration(max(one.ms, least)) for one in (tier.long, tier.short))
    if long is None or (long, short) == (tier.long, tier.short):
        return tier
    if short is not None and short >= long:
        long = Duration(2 * short.ms)
    changed = [f"{old} to {new}" for old, new in ((tier.short, short), (tier.long, long)) if old and old != new]
    what = f"a slice of {asked.slices}" if asked.slices and asked.slices.ms == least else f"scrapes {scrape} apart"
    message = f"windows of the {tier.severity} over {tier.long} are lengthened for {what}: {', '.join(changed)}"
    notes.otherwise(node, message, "if scrapes are more frequent, import with --scrape-interval, such as 15s")
    return replace(tier, long=long, short=short)


def _can_fire(tier: Tier, asked: Asked, node: Value, notes: Notes) -> bool:
    shown = f"the {tier.severity} over {tier.long}"
    if tier.short is not None and tier.short >= tier.long:
        notes.left_out(node, f"{shown} has a short window of {tier.short}", "make the short window the shorter one")
        return False
    if tier.long >= asked.period:
        hint = "a window that is as long as the period says what the budget says"
        notes.left_out(node, f"{shown} looks back as far as the period, {asked.period}", hint)
        return False
    limit = tier.factor * (1 - asked.objective)
    if limit >= 1:
        message = f"{shown} could never fire at {percent(asked.objective)}: its threshold is {plain(limit)}, and no "
        notes.left_out(node, message + "ratio is above 1", _ADAPT)
        return False
    return True


def _alike(one: Tier, other: Tier) -> bool:
    return (one.long, one.short, one.severity) == (other.long, other.short, other.severity)


def _is_default(tiers: Sequence[Tier]) -> bool:
    """Tell whether tiers are those of the default policy, which goes on for some minutes after each alert."""
    default = BUILT_IN[DEFAULT].tiers
    return tuple(tiers) == tuple(replace(tier, keep_firing=None) for tier in default)
