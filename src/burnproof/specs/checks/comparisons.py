"""Check for comparisons whose window cannot tell a loss from noise."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from burnproof.diagnostics import problem
from burnproof.model.decimals import plain
from burnproof.model.quantities import Duration
from burnproof.model.slo import Compare
from burnproof.specs.checks.places import percent, sli_path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from burnproof.diagnostics import Problem
    from burnproof.model.slo import Slo

_LEAST_OF_SCRAPE: Final = Decimal("0.8")
"""The share of a scrape that the tolerance of the window must be: below, healthy systems were found bad."""
_MINUTE: Final = 60_000


def window(slo: Slo) -> Iterator[Problem]:
    """The window must hold a slice, and a slice in which all is lost must be more than its tolerance."""
    indicator = slo.indicator
    if not isinstance(indicator, Compare) or not indicator.tolerance or indicator.slice.ms < 2 * slo.scrape.ms:
        return  # a slice that is too short is told of by another check
    over, length, tolerance = indicator.judged_over(slo.scrape), indicator.slice, indicator.tolerance
    where = slo.span(sli_path(slo, "over"))
    if over < length:
        message = f"over {over} is shorter than a slice of {length}"
        yield problem("compare-window", message, where, "leave it out, or make it as long as some slices")
    elif over.ms * tolerance >= length.ms:
        message = f"{percent(tolerance)} of {over} is a whole slice of {length}, so none is ever bad by itself"
        hint = f"make over shorter than {Duration(int(length.ms / tolerance))}, or slices longer"
        yield problem("compare-window", message, where, hint)


def noise(slo: Slo) -> Iterator[Problem]:
    """What is tolerated must be more than most of a scrape, and than chance at the declared rate."""
    indicator = slo.indicator
    if not isinstance(indicator, Compare) or not indicator.tolerance:
        return
    over, tolerance = indicator.judged_over(slo.scrape), indicator.tolerance
    where = slo.span(sli_path(slo, "over"))
    needed = _LEAST_OF_SCRAPE * slo.scrape.ms / tolerance
    if indicator.slice <= over and over.ms < needed:
        message = f"{percent(tolerance)} of {over} is less than what two scrapes {slo.scrape} apart differ by"
        hint = f"make over {_minutes(needed)} or longer, or the tolerance larger"
        yield problem("compare-noise", message, where, hint)
    elif slo.expected_rate is not None and over.ms >= needed:
        events = slo.expected_rate * over.ms / 1000
        if events and events * tolerance * tolerance < 1:
            chance = percent(min(Decimal(1), 1 / events.sqrt()))
            message = (
                f"by chance {chance} of the {plain(round(events))} events expected in {over} may be missing, "
                f"which is more than the tolerance"
            )
            needed = 1000 / (tolerance * tolerance * slo.expected_rate)
            hint = f"make over {_minutes(needed)} or longer, or the tolerance {chance}: smaller losses are not found"
            yield problem("compare-noise", message, where, hint)


def _minutes(ms: Decimal) -> Duration:
    """Round up to whole minutes."""
    return Duration(int(-(-ms // _MINUTE)) * _MINUTE)
