"""Check ``min_events`` and the declared rate: would one failure page, or nothing ever?"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from burnproof.diagnostics import problem
from burnproof.model.decimals import plain
from burnproof.model.indicators import Events
from burnproof.model.slo import Quantile
from burnproof.specs.places import percent, sli_path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from burnproof.diagnostics import Problem
    from burnproof.model.slo import Slo

_PAGE: Final = "page"


def guard_has_events(slo: Slo) -> Iterator[Problem]:
    """``min_events`` needs events to count."""
    reason = slo.indicator.unguarded
    if slo.min_events is not None and reason:
        message = f"min_events has no meaning here: {reason}"
        yield problem("min-events", message, slo.span(sli_path(slo, "min_events")), "remove it")


def idle_has_meaning(slo: Slo) -> Iterator[Problem]:
    """A count of nothing is 0, and in slices of several SLOs each says for itself: there is no idle time to judge."""
    reason = slo.indicator.never_idle
    path = sli_path(slo, "no_traffic")
    if reason and path in slo.spans:
        yield problem("no-traffic", f"no_traffic has no meaning here: {reason}", slo.spans[path], "remove it")


def single_failure(slo: Slo) -> Iterator[Problem]:
    """At the declared rate, one failure must not page, and the guard must let alerts through."""
    if not isinstance(slo.indicator, Events) or slo.objective is None or slo.expected_rate is None:
        return
    pages = [tier for tier in slo.policy.tiers if tier.severity == _PAGE] or slo.policy.tiers[:1]
    for tier in pages:
        threshold = tier.factor * (1 - slo.objective)
        expected = slo.expected_rate * tier.long.ms / 1000
        guard = slo.min_events or Decimal(0)
        if guard > expected:
            message = f"{tier.long} of {_count(expected)} expected events never hold min_events {plain(guard)}"
            hint = "lower min_events, or lengthen the windows: this alert is silent at the expected rate"
            yield problem("guard-silences", message, slo.span(sli_path(slo, "min_events")), hint)
            return
        if expected * threshold < 1:
            message = (
                f"one failure in {tier.long} is {percent(min(Decimal(1), 1 / expected))} of {_count(expected)} "
                f"expected events, and the {tier.severity} tier fires above {percent(threshold)}"
            )
            least = (1 / threshold).to_integral_value("ROUND_CEILING")
            hint = f"at least {plain(least)} events in {tier.long} are needed: lower the objective, or set min_events"
            yield problem("one-failure-pages", message, slo.span("expected_rate"), hint)
            return


def slices_have_events(slo: Slo) -> Iterator[Problem]:
    """At the declared rate, a slice must hold the ``min_events`` without which it is not judged."""
    indicator = slo.indicator
    if not isinstance(indicator, Quantile) or slo.min_events is None or slo.expected_rate is None:
        return
    expected = slo.expected_rate * indicator.slice.ms / 1000
    if slo.min_events > expected:
        events = f"{_count(expected)} expected events"
        message = f"a slice of {indicator.slice} with its {events} never holds min_events {plain(slo.min_events)}"
        hint = "lower min_events, or lengthen the slices: no slice is judged at the expected rate, so nothing alerts"
        yield problem("guard-silences", message, slo.span(sli_path(slo, "min_events")), hint)


def _count(value: Decimal) -> str:
    """Write a number of events to one place."""
    return plain(value.quantize(Decimal("0.1")))
