"""Define the built-in alert policies with their sources, and scale them to other periods."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from burnproof.model.quantities import Duration
from burnproof.model.slo import CALENDAR, Calendar, Policy, Rolling, Tier

if TYPE_CHECKING:
    from collections.abc import Iterable

_MINUTE: Final = 60_000
_HOUR: Final = 60 * _MINUTE
_DAY: Final = 24 * _HOUR
BASE_PERIOD: Final = Duration(30 * _DAY)
"""The period for which the table below is written."""


def _tier(
    factor: str, long: int, short: int | None, severity: str, hold: int | None = None, keep: int | None = None
) -> Tier:
    """Write a row of the table; lengths in milliseconds."""
    return Tier(
        Decimal(factor),
        Duration(long),
        None if short is None else Duration(short),
        severity,
        None if hold is None else Duration(hold),
        None if keep is None else Duration(keep),
    )


# Google, The Site Reliability Workbook, chapter 5, table 5-8 and the alert rules below it. The pairs spend
# 2 %, 5 %, 10 % and 10 % of a 30-day budget before they fire; the short window is a twelfth of the long one.
# They keep firing for five minutes, so that errors that pause for a moment are one notification and not several.
_KEEP: Final = 5 * _MINUTE
_PAGE_1H: Final = _tier("14.4", _HOUR, 5 * _MINUTE, "page", keep=_KEEP)
_PAGE_6H: Final = _tier("6", 6 * _HOUR, 30 * _MINUTE, "page", keep=_KEEP)
_TICKET_1D: Final = _tier("3", _DAY, 2 * _HOUR, "ticket", keep=_KEEP)
_TICKET_3D: Final = _tier("1", 3 * _DAY, 6 * _HOUR, "ticket", keep=_KEEP)

NO_ALERTS: Final = Policy("none", ())
"""No burn-rate alerts: budgets are recorded, and only missing data alert."""

BUILT_IN: Final = {
    policy.name: policy
    for policy in (
        Policy("google", (_PAGE_1H, _PAGE_6H, _TICKET_1D, _TICKET_3D)),
        Policy("google-3", (_PAGE_1H, _PAGE_6H, _TICKET_3D)),
        # One window a tier, as small teams write it by hand; `for` stands in for the short window.
        Policy(
            "single-window",
            (
                _tier("14.4", 5 * _MINUTE, None, "page", 5 * _MINUTE),
                _tier("6", _HOUR, None, "page", 5 * _MINUTE),
                _tier("1", _DAY, None, "ticket", 5 * _MINUTE),
            ),
        ),
        NO_ALERTS,
    )
}
DEFAULT: Final = "google"
ADAPT: Final = "adapt"
_STRONGEST: Final = Decimal("0.9")  # of the burn rate of a full outage: what an adapted tier asks for
COUNT: Final = "count"


def count_policy(per: Duration) -> Policy:
    """Give the policy of a count: the budget is the count itself, so it alerts when that is spent."""
    return Policy(COUNT, (Tier(Decimal(1), per, None, "ticket"),))


def budget_period(period: Rolling | Calendar) -> Duration:
    """Give the length for which policies are scaled; calendar units count with their usual length."""
    if isinstance(period, Calendar):
        return CALENDAR[period.unit].usual
    return period.length


def budget_spent(tier: Tier, period: Duration) -> Decimal:
    """Give the share of the period's budget that is spent when a tier fires: factor x long / period."""
    return tier.factor * tier.long.ms / period.ms


def scaled(policy: Policy, period: Duration, base: Duration = BASE_PERIOD) -> Policy:
    """Fit a policy that is written for ``base`` to another period.

    Windows grow and shrink with the period, to whole minutes, so each tier spends the same share of the
    budget before it fires. Where rounding a window moves that share, the factor makes up for it; it never
    falls below 1, where an alert would fire inside the objective. ``for`` stays as it is: it is about noise
    and scrapes, not about budgets.
    """
    if period == base:
        return policy
    return replace(policy, tiers=tuple(_scaled_tier(tier, period, base) for tier in policy.tiers))


def _scaled_tier(tier: Tier, period: Duration, base: Duration) -> Tier:
    """Scale one tier."""
    long = _scaled_window(tier.long, period, base)
    short = None if tier.short is None else _scaled_window(tier.short, period, base)
    if short is not None and short >= long:
        short = Duration(max(_MINUTE, long.ms // 2))
    factor = budget_spent(tier, base) * period.ms / long.ms
    return replace(tier, factor=max(Decimal(1), _rounded(factor)), long=long, short=short)


def _scaled_window(window: Duration, period: Duration, base: Duration) -> Duration:
    """Scale a window to the nearest whole minute, at least one."""
    minutes = (window.ms * period.ms + base.ms * _MINUTE // 2) // (base.ms * _MINUTE)
    return Duration(max(1, minutes) * _MINUTE)


def _rounded(factor: Decimal) -> Decimal:
    """Round a factor to four places; thresholds made of it stay short and exact."""
    return factor.quantize(Decimal("0.0001")).normalize() + 0


def adapted(policy: Policy, objective: Decimal) -> Policy:
    """Replace the tiers that no outage can reach by the strongest that one can.

    A full outage burns at 1 / (1 - objective). A tier at or above that gets nine tenths of it as its factor, and
    longer windows, so that it still spends its share of the budget before it fires; its note says so. Two that become
    the same alert are one.
    """
    fullest = 1 / (1 - objective)
    tiers = []
    for tier in policy.tiers:
        if tier.factor < fullest:
            tiers.append(tier)
            continue
        factor = max(Decimal(1), (fullest * _STRONGEST).quantize(Decimal("0.01")))
        grown = Duration(_MINUTE * max(1, round(tier.long.ms * tier.factor / factor / _MINUTE)))
        short = None if tier.short is None else Duration(_MINUTE * max(1, round(grown.ms / 12 / _MINUTE)))
        note = f"adapted from {tier.factor} times over {tier.long}, which even a full outage cannot reach"
        tiers.append(replace(tier, factor=factor.normalize() + 0, long=grown, short=short, note=note))
    return Policy(ADAPT, tuple(_merged(tiers)))


def _merged(tiers: list[Tier]) -> Iterable[Tier]:
    """Make one of tiers with the same window and severity: that with the lower factor, and what is noted of either."""
    kept: dict[tuple[Duration, str], Tier] = {}
    for tier in tiers:
        first = kept.setdefault((tier.long, tier.severity), tier)
        lower = min(first, tier, key=lambda one: one.factor)
        kept[tier.long, tier.severity] = replace(lower, note=first.note or tier.note)
    return kept.values()
