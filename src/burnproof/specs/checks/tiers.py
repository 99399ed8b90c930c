"""Check for tiers that cannot work: thresholds above 1, windows without samples, slices longer than windows."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from burnproof.diagnostics import problem
from burnproof.model.decimals import plain
from burnproof.model.policies import ADAPT, BASE_PERIOD, BUILT_IN, budget_period
from burnproof.model.quantities import Duration
from burnproof.model.slo import Calendar, Compare, Count, slice_of
from burnproof.specs.places import percent, sli_path, tier_span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from burnproof.diagnostics import Problem, Span
    from burnproof.model.slo import Slo


def reachable(slo: Slo) -> Iterator[Problem]:
    """An error ratio is at most 1, so factor x (1 - objective) must stay below it."""
    if slo.objective is None:
        return
    budget = 1 - slo.objective
    for index, tier in enumerate(slo.policy.tiers):
        threshold = tier.factor * budget
        if threshold < 1:
            continue
        needed = percent(1 - 1 / tier.factor)
        above = (
            f"it needs an objective above {needed}"
            if tier.factor > 1
            else "it needs a factor below the burn of a full outage"
        )
        message = (
            f"the {tier.severity} tier over {tier.long} can never fire: "
            f"{plain(tier.factor)} × (1 − {plain(slo.objective)}) = {plain(threshold)} ≥ 1"  # noqa: RUF001 - a sum reads best in its own signs
        )
        hint = f"{above}; at {percent(slo.objective)} factors must stay below {_floored(1 / budget)}"
        yield problem("tier-unreachable", message, tier_span(slo, index, "factor"), hint)


def _floored(value: Decimal) -> str:
    """Write a number rounded to two places."""
    return plain(value.quantize(Decimal("0.01")))


def burning(slo: Slo) -> Iterator[Problem]:
    """A burn rate of 1 spends just the budget, so an alert below it fires while the objective is kept."""
    for index, tier in enumerate(slo.policy.tiers):
        if tier.factor < 1:
            message = (
                f"the {tier.severity} tier over {tier.long} fires at {plain(tier.factor)} times, while the SLO is kept"
            )
            hint = "choose a factor of 1 or more, or a lower objective if less is to alert"
            yield problem("factor", message, tier_span(slo, index, "factor"), hint)


def ordered_windows(slo: Slo) -> Iterator[Problem]:
    """Each window must be shorter than the next longer thing: short < long < period."""
    period = budget_period(slo.period)
    for index, tier in enumerate(slo.policy.tiers):
        if tier.short is not None and tier.short >= tier.long:
            message = f"the short window {tier.short} is not shorter than the long one, {tier.long}"
            hint = f"a twelfth of the long one is usual: it is there to end the alert soon{_scaling(slo)}"
            yield problem("tier-windows", message, tier_span(slo, index, "short"), hint)
        if tier.long >= period and not isinstance(slo.indicator, Count):
            shown = f"a {slo.period.unit}" if isinstance(slo.period, Calendar) else str(period)
            message = f"the long window {tier.long} is not shorter than the budget's period, {shown}"
            hint = f"such an alert comes when the budget is long spent; choose a shorter window{_scaling(slo)}"
            yield problem("tier-windows", message, tier_span(slo, index, "long"), hint)


def distinct(slo: Slo) -> Iterator[Problem]:
    """Two alerts with one severity and one long window have the same labels: Prometheus takes them for one."""
    seen: set[tuple[Duration, str]] = set()
    for index, tier in enumerate(slo.policy.tiers):
        if (tier.long, tier.severity) in seen:
            message = f"a second {tier.severity} tier over {tier.long}"
            yield problem("tier-duplicate", message, tier_span(slo, index, "long"), _one_of_two(slo))
        seen.add((tier.long, tier.severity))


def _one_of_two(slo: Slo) -> str:
    """Say what to do about equal tiers: those of a built-in policy become so where its period is very short."""
    if slo.policy.name not in (*BUILT_IN, ADAPT):
        return "keep the one with the lower factor"
    period = budget_period(slo.period)
    return f"a period of {period} is too short for {slo.policy.name}: choose a longer window, or a policy of your own"


def enough_scrapes(slo: Slo) -> Iterator[Problem]:
    """A rate needs two samples in its window, and four where one fails or comes late."""
    for index, tier in enumerate(slo.policy.tiers):
        for key, window in (("short", tier.short), ("long", tier.long)):
            if window is not None:
                span = tier_span(slo, index, key)
                yield from _few_scrapes(slo, f"a window of {window}", window, "window-scrapes", span)


def _few_scrapes(slo: Slo, what: str, length: Duration, code: str, where: Span | None) -> Iterator[Problem]:
    """Refuse what holds fewer than two scrapes, and warn of what holds fewer than four."""
    for code_of, least, number in ((code, 2, "two"), ("few-scrapes", 4, "four")):
        needed = Duration(least * slo.scrape.ms)
        if length < needed:
            assumed = "" if slo.scrape_interval else " (no scrape_interval is declared)"
            message = f"{what} holds fewer than {number} scrapes, {slo.scrape} apart{assumed}"
            yield problem(code_of, message, where, _scrape_hint(slo, needed))
            return


def _scrape_hint(slo: Slo, least: Duration) -> str:
    """Say what a window needs, and what was assumed."""
    declare = "" if slo.scrape_interval else ", or declare scrape_interval if yours is shorter"
    return f"make it {least} or longer{declare}{_scaling(slo)}"


def _scaling(slo: Slo) -> str:
    """Say where windows come from that nobody has written."""
    period = budget_period(slo.period)
    if slo.policy.name not in (*BUILT_IN, ADAPT) or period == BASE_PERIOD:
        return ""
    return f"; the windows of {slo.policy.name} are scaled to a period of {period}, so an own policy may fit better"


def slices(slo: Slo) -> Iterator[Problem]:
    """A slice must hold two scrapes; windows and period must hold slices."""
    indicator = slo.indicator
    length = slice_of(indicator)
    if length is None:
        return
    where = slo.span(sli_path(slo, "slice"))
    what = f"a slice of {length}"
    few = [] if not indicator.rests else [*_few_scrapes(slo, what, length, "slice", where)]
    # The longer window of a comparison says whether something is lost; the slice only when.
    yield from (one for one in few if one.code == "slice" or not isinstance(indicator, Compare))
    refused = any(one.code == "slice" for one in few)
    if not refused and length.ms not in _IN_AN_HOUR and length.ms % _HOUR:
        message = f"a slice of {length} is neither a whole part of an hour, in minutes, nor whole hours"
        hint = f"choose {_fitting(length)}: slices end with evaluations, and every hour has as many of them"
        yield problem("slice", message, where, hint)
    period = budget_period(slo.period)
    if 2 * length.ms > period.ms:
        message = f"a slice of {length} leaves fewer than two slices in a period of {period}"
        yield problem("slice", message, where, "choose a shorter slice")
        return
    for index, tier in enumerate(slo.policy.tiers):
        for key, window in (("short", tier.short), ("long", tier.long)):
            if window is not None and window < length:
                message = f"the {key} window {window} is shorter than a slice of {length}"
                hint = "choose longer windows, or leave the policy out: the default one keeps the tiers that fit"
                yield problem("window-slice", message, tier_span(slo, index, key), hint)


_MINUTE: Final = 60_000
_HOUR: Final = 60 * _MINUTE
_IN_AN_HOUR: Final = tuple(minutes * _MINUTE for minutes in range(1, 60) if 60 % minutes == 0)


def _fitting(length: Duration) -> str:
    """Name the slices next to one that does not fit: ``6m or 10m``."""
    choices = (*_IN_AN_HOUR, *(hours * _HOUR for hours in (max(1, length.ms // _HOUR), length.ms // _HOUR + 1)))
    below = [choice for choice in choices if choice < length.ms][-1:]
    above = [choice for choice in choices if choice > length.ms][:1]
    return " or ".join(str(Duration(choice)) for choice in (*below, *above))


def adapted(slo: Slo) -> Iterator[Problem]:
    """Say which tiers an ``adapt`` policy changed."""
    for tier in slo.policy.tiers:
        if tier.note:
            message = f"the tier {plain(tier.factor)} times over {tier.long} is {tier.note}"
            yield problem("adapted", message, slo.span("alerting.policy"), "raise the objective, or leave it as it is")
