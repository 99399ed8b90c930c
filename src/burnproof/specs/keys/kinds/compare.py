"""``compare``: slices in which one rate keeps up with another."""

# ruff: noqa: RUF009 - key() is dataclasses.field with a name: a default, not a shared value

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from burnproof.diagnostics import problem
from burnproof.model.decimals import plain
from burnproof.model.indicators import Compare
from burnproof.model.quantities import Duration
from burnproof.specs.keys import fields
from burnproof.specs.keys.kinds.common import SLICE_DOC, Common, SliKind
from burnproof.specs.keys.table import Table, key
from burnproof.specs.places import percent, sli_path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from burnproof.diagnostics import Problem
    from burnproof.model.indicators import Comparison, Query
    from burnproof.model.slo import Slo


@dataclass(frozen=True, slots=True, kw_only=True)
class CompareSpec(Common):
    """Slices: the share of slices in which one rate keeps up with another."""

    left: Query = key(fields.EVENT_QUERY, "the left counter", required=True)
    op: Comparison = key(fields.ORDER, "what must hold between left and right", required=True)
    right: Query = key(fields.EVENT_QUERY, "the right counter", required=True)
    tolerance: Decimal | None = key(fields.TOLERANCE, "by which share of right the left side may fail")
    slice: Duration = key(fields.DURATION, SLICE_DOC, required=True)
    over: Duration | None = key(
        fields.DURATION,
        "the window up to a slice's end that must fail, too; unless given, the tolerance is most of a scrape in it",
    )
    lag: Duration | None = key(
        fields.DURATION,
        "how long after its end a slice is judged: for events under way and late samples; 2m and two scrapes "
        "unless given",
    )


def _indicator(kind: CompareSpec) -> Compare:
    return Compare(kind.left, kind.op, kind.right, kind.tolerance or Decimal(0), kind.slice, kind.over, kind.lag)


def _tolerance(slo: Slo) -> Iterator[Problem]:
    """Two counters scraped apart are never quite equal."""
    indicator = slo.indicator
    if isinstance(indicator, Compare) and not indicator.tolerance:
        message = "without a tolerance, noise between scrapes breaks about half of all slices"
        yield problem("tolerance", message, slo.span(sli_path(slo, "op")), "add for example tolerance: 5%")


_LEAST_OF_SCRAPE: Final = Decimal("0.8")
"""The share of a scrape that the tolerance of the window must be: below, healthy systems were found bad."""
_MINUTE: Final = 60_000


def _window(slo: Slo) -> Iterator[Problem]:
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


def _chance(slo: Slo) -> Iterator[Problem]:
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


KIND: Final = SliKind(
    "compare",
    "slices: one rate against another",
    Table(CompareSpec, "a comparison with left, op, right and slice"),
    _indicator,
    checks=(_tolerance, _window, _chance),
)
