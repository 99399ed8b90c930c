"""Make the panels of one SLO: objective, budget left, burn rate, alerts, data.

No panel shows anything reassuring where there are no data: a figure that cannot be computed reads ``no data``.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from burnproof.model import naming
from burnproof.model.decimals import percent, plain
from burnproof.model.slo import Count
from burnproof.pages.grid import targets
from burnproof.pages.indicators import indicator_panel
from burnproof.pages.select import chosen, named
from burnproof.pages.states import alert_states, data_state
from burnproof.pages.types import Said, Step
from burnproof.pages.words import about, budget_text, things
from burnproof.rules.calendars import calendar_of
from burnproof.rules.measure import DAY, read_tile, times
from burnproof.rules.periods import period, period_events, period_ratio, period_text, reads_raw
from burnproof.rules.recording import short_window

if TYPE_CHECKING:
    from burnproof.model.naming import Side
    from burnproof.model.quantities import Duration
    from burnproof.model.slo import Slo
    from burnproof.pages.grid import Grid
    from burnproof.pages.types import Level, Panel
    from burnproof.rules.measure import Measure, Pair

ZERO = Decimal(0)
NEVER = Decimal(10**9)  # seconds: what is more than thirty years away is called never
TIMES = "suffix:x"


def slo_panels(slo: Slo, measure: Measure, grid: Grid) -> tuple[Panel, ...]:
    """Place the panels of one SLO below what is on the grid."""
    panels = (
        _attained(slo, grid),
        _left(slo, grid),
        _ends_in(slo, grid),
        _burn_now(slo, grid),
        _so_far(slo, measure, grid),
        data_state(slo, measure, grid),
        _burn_down(slo, grid),
        _burn_rates(slo, grid),
        _over_time(slo, measure, grid),
        indicator_panel(slo, grid),
        grid.panel(f"{slo.id}/about", "text", "What to know", "", 8, 8, content=about(slo)),
        alert_states(slo, measure, grid),
    )
    return tuple(panel for panel in panels if panel is not None)


def _attained(slo: Slo, grid: Grid) -> Panel:
    """Show what was attained in the period, or for a count what was counted."""
    key = f"{slo.id}/attained"
    if isinstance(slo.indicator, Count):
        limit, per = slo.indicator.limit, slo.indicator.per
        said = f"Events in the last {per}; fewer than {plain(limit)} are promised."
        counted = targets((chosen(naming.count_over(per), slo), named(slo, "counted")), instant=True)
        steps = (Step(None, "ok"), Step(limit, "critical"))
        return grid.panel(key, "stat", f"Counted in {per}", said, 4, 5, targets=counted, steps=steps)
    objective = slo.objective or ZERO
    said = f"Share of good {things(slo)} in the period ({period_text(slo)}); {percent(objective)} is promised."
    share = targets((f"1 - {chosen(period_ratio(slo), slo)}", named(slo, "attained")), instant=True)
    steps = (Step(None, "critical"), Step(objective, "ok"))
    return grid.panel(key, "stat", "Attained", said, 4, 5, targets=share, unit="percentunit", steps=steps)


def budget_steps(slo: Slo) -> tuple[Step, ...]:
    """Give the thresholds of the remaining budget: spent below zero, worrying below the policy's mildest step."""
    mildest = max((step.below for step in slo.budget_policy), default=ZERO)
    worrying = (Step(ZERO, "warning"), Step(mildest, "ok")) if mildest else (Step(ZERO, "ok"),)
    return (Step(None, "critical"), *worrying)


def _left(slo: Slo, grid: Grid) -> Panel:
    said = f"Share of the error budget ({budget_text(slo)}) that is left; below zero the SLO is missed."
    left = targets((chosen(naming.BUDGET_REMAINING, slo), named(slo, "left")), instant=True)
    steps = budget_steps(slo)
    return grid.panel(
        f"{slo.id}/left", "stat", "Budget left", said, 4, 5, targets=left, unit="percentunit", steps=steps
    )


def _ends_in(slo: Slo, grid: Grid) -> Panel:
    """Project when the budget ends: what is left of it, over the rate at which it goes."""
    window = projection_window(slo)
    whole = plain(Decimal(period(slo).ms) / 1000 * slo.budget)
    left, ratio = chosen(naming.BUDGET_REMAINING, slo), chosen(naming.error_ratio(window), slo)
    # Without errors the quotient is far beyond NEVER, and where nothing is left it is 0, never 0/0.
    expr = f"clamp_max(clamp_min({left}, 0) * {whole} / clamp_min({ratio}, 1e-12), {plain(NEVER)})"
    said = (
        f"Time until the budget is spent, if the error rate of the last {window} goes on and no old errors leave the "
        f"period meanwhile. Empty while nothing happened in the last {window}: there is no rate to go by."
    )
    return grid.panel(
        f"{slo.id}/ends-in",
        "stat",
        "Budget ends in",
        said,
        4,
        5,
        targets=targets((expr, named(slo, "ends in")), instant=True),
        unit="s",
        steps=(Step(None, "critical"), Step(Decimal(3 * 86_400), "warning"), Step(Decimal(7 * 86_400), "ok")),
        said=(Said(ZERO, ZERO, "spent", "critical"), Said(NEVER, None, "not at this rate", "ok")),
        no_value="no rate to go by",
    )


def projection_window(slo: Slo) -> Duration:
    """Choose the window whose rate projections go by: the longest of the policy within a day and a tenth of the period.

    For a count that is its own period, over which alone it is recorded.
    """
    if isinstance(slo.indicator, Count):
        return period(slo)
    longest = min(DAY.ms, period(slo).ms // 10)
    spans = [tier.long for tier in slo.policy.tiers]
    return max((span for span in spans if span.ms <= longest), default=min(spans, default=short_window(slo)))


def _burn_now(slo: Slo, grid: Grid) -> Panel:
    said = "How many times faster than sustainable the budget goes just now; 1x spends it exactly within the period."
    now = targets((chosen(naming.CURRENT_BURN_RATE, slo), named(slo, "now")), instant=True)
    steps = (Step(None, "ok"), *_tier_steps(slo))
    title = "Burn rate now"
    return grid.panel(
        f"{slo.id}/burn-now", "stat", title, said, 4, 5, targets=now, unit=TIMES, steps=steps, no_value="no events"
    )


def _so_far(slo: Slo, measure: Measure, grid: Grid) -> Panel:
    """Show how much happened in the period, good and bad."""
    key, title = f"{slo.id}/so-far", f"In {period_text(slo)}"
    pair = measure.pair
    if pair is None:
        share = targets((chosen(period_ratio(slo), slo), named(slo, "of the limit")), instant=True)
        said = "Share of the limit that was counted; at 100% the SLO is missed."
        steps = (Step(None, "ok"), Step(Decimal(1), "critical"))
        return grid.panel(key, "stat", title, said, 4, 5, targets=share, unit="percentunit", steps=steps)
    said = f"{things(slo).capitalize()} in the period: all, and the bad ones of them."
    both = (
        (_summed(slo, measure, pair, "total"), "all"),
        (_summed(slo, measure, pair, "errors"), "bad"),
    )
    return grid.panel(
        key,
        "stat",
        title,
        said,
        4,
        5,
        targets=targets(*((expr, named(slo, name)) for expr, name in both), instant=True),
    )


def _summed(slo: Slo, measure: Measure, pair: Pair, side: Side) -> str:
    """Count one side's events in the period, as the rules do."""
    if not reads_raw(slo, measure):
        return chosen(period_events(slo, side), slo)
    tile = read_tile(chosen(pair.name(side), slo), pair.base)
    return times(f"sum_over_time(({tile})[{period(slo)}:{pair.base}])", pair.weight)


def _burn_down(slo: Slo, grid: Grid) -> Panel:
    calendar = calendar_of(slo)
    grows = f"begins anew with each {calendar.unit}" if calendar else "grows back as old errors leave the period"
    said = f"How the budget of {period_text(slo)} went; it {grows}."
    left = targets((chosen(naming.BUDGET_REMAINING, slo), named(slo, "left")))
    return grid.panel(
        f"{slo.id}/burn-down",
        "timeseries",
        "Budget left over time",
        said,
        12,
        8,
        targets=left,
        unit="percentunit",
        steps=budget_steps(slo),
        high=Decimal(1),
    )


def _burn_rates(slo: Slo, grid: Grid) -> Panel:
    """Draw the burn rate over each window of the policy, and the factors at which its tiers fire."""
    read = {span for tier in slo.policy.tiers for span in (tier.long, tier.short) if span is not None}
    spans = sorted(read or {short_window(slo)})
    share = slo.budget
    over = "" if share == 1 else f" / {plain(share)}"
    rates = [(f"{chosen(naming.error_ratio(span), slo)}{over}", named(slo, str(span))) for span in spans]
    tiers = "; ".join(
        f"{tier.severity} above {plain(tier.factor)}x over {tier.long}" + (f" and {tier.short}" if tier.short else "")
        for tier in slo.policy.tiers
    )
    return grid.panel(
        f"{slo.id}/burn-rates",
        "timeseries",
        "Burn rate by window",
        f"An alert fires while both windows of a tier are above its line: {tiers}.",
        12,
        8,
        targets=targets(*rates),
        unit=TIMES,
        steps=(Step(None, "neutral"), *_tier_steps(slo)),
        low=ZERO,
        no_value="no events",
    )


def _tier_steps(slo: Slo) -> tuple[Step, ...]:
    """Give a threshold per factor; the first tier's severity is the critical one."""
    urgent = slo.policy.tiers[0].severity if slo.policy.tiers else ""
    levels: dict[Decimal, Level] = {}
    for tier in slo.policy.tiers:
        level: Level = "critical" if tier.severity == urgent else "warning"
        if levels.get(tier.factor) != "critical":
            levels[tier.factor] = level
    return tuple(Step(factor, level) for factor, level in sorted(levels.items()))


def _over_time(slo: Slo, measure: Measure, grid: Grid) -> Panel:
    """Draw good and bad events, or bad slices, or what is counted."""
    key = f"{slo.id}/events"
    pair = measure.pair
    if pair is None:
        share = targets((chosen(period_ratio(slo), slo), named(slo, "of the limit")))
        said = "Share of the limit that was counted in the window that ends here."
        steps = (Step(None, "ok"), Step(Decimal(1), "critical"))
        title = "Share of the limit"
        return grid.panel(
            key, "timeseries", title, said, 8, 8, targets=share, unit="percentunit", steps=steps, low=ZERO
        )
    names = (pair.total, pair.errors) if pair.slices else (naming.TOTAL, naming.ERRORS)
    total, errors = (chosen(name, slo) for name in names)
    drawn = targets((f"{total} - {errors}", named(slo, "good")), (errors, named(slo, "bad")))
    if pair.slices:
        said = f"1 while the last {pair.base} count as such; nothing where there were no data to judge."
        return grid.panel(key, "timeseries", f"Good and bad {things(slo)}", said, 8, 8, targets=drawn, low=ZERO)
    said = "Good and bad events per second, over five minutes."
    return grid.panel(
        key, "timeseries", "Good and bad events", said, 8, 8, targets=drawn, unit="cps", low=ZERO, no_value="no events"
    )
