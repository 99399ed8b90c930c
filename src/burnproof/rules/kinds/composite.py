"""Measure a composite: add up the events of its members, or call a slice bad if any of them is.

Both read the raw series of their members. A member without any data takes no part; its own alert tells of it.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from burnproof.model import naming
from burnproof.model.decimals import plain
from burnproof.model.indicators import Events
from burnproof.rules import selectors
from burnproof.rules.kinds import slices
from burnproof.rules.kinds.events import Sums, as_ratio, events_of, is_classic, measure_sums
from burnproof.rules.measure import BASE, Verdict, times

if TYPE_CHECKING:
    from collections.abc import Sequence

    from burnproof.model.quantities import Duration
    from burnproof.model.slo import AnyBad, Floor, Latency, Query, Ratio, Slo, Weighted
    from burnproof.rules.kinds.events import Sum
    from burnproof.rules.measure import Measure

_ONE = Decimal(1)


def weight_of(slo: Slo) -> Decimal:
    """Give how often an event counts that every member of a weighted SLO sees; 1 for all other kinds."""
    members = getattr(slo.indicator, "members", ())
    return sum((part[0] for part in members if isinstance(part, tuple)), start=Decimal(0)) or _ONE


def weighted(slo: Slo, indicator: Weighted) -> Measure:
    """Add up weighted events: bad = sum of weight x bad, total = sum of weight x total."""
    return measure_sums(slo, Sums(slo.by, slo.scrape, *sums(indicator, slo.by)))


def sums(indicator: Weighted, by: tuple[str, ...]) -> tuple[Sum, Sum, Literal["good", "bad"]]:
    """Give what all members count, as sums; where some count good events and some bad ones, bad = total - good."""
    ratios = [(weight, as_ratio(_events(member), by)) for weight, member in indicator.members]
    total = tuple((weight, ratio.total) for weight, ratio in ratios)
    if all(ratio.counts == "good" for _, ratio in ratios):
        return total, tuple((weight, ratio.counted) for weight, ratio in ratios), "good"
    bad: list[tuple[Decimal, Query]] = []
    for weight, ratio in ratios:
        bad += (
            [(weight, ratio.total), (-weight, ratio.counted)] if ratio.counts == "good" else [(weight, ratio.counted)]
        )
    return total, tuple(bad), "bad"


def _events(member: Slo) -> Ratio | Latency | Floor:
    if not isinstance(member.indicator, Events):
        raise TypeError(f"{member.id} counts no events")
    return member.indicator


def any_bad(slo: Slo, indicator: AnyBad, measures: Sequence[Measure]) -> Measure:
    """A slice is bad where one member is, or more; the value that is recorded is how many of them are.

    Args:
        slo: the composite.
        indicator: its members.
        measures: those of the members, in their order.
    """
    members = tuple(zip(indicator.members, measures, strict=True))
    seen = [(one, _present(one, measure, indicator.slice)) for one, measure in members]
    # One that cannot be judged takes no part.
    bad = _summed(slo, [(one, _bad(one, measure, indicator.slice)) for one, measure in members])
    present = _summed(slo, seen)
    # Where no member can be judged the value is NaN, as that of an idle quantile: data arrive, and say nothing.
    value = f"{bad}\nor on ({', '.join(slo.by)})\n{present} * NaN"
    judging = replace(slo, no_traffic="ignore")
    return replace(slices.judged(judging, value, "<", _ONE, indicator.slice), verdict=Verdict(bad, present))


def ratio_of_events(slo: Slo) -> Ratio:
    """Read an SLO of events as the ratio that it is.

    Raises:
        TypeError: it is not judged by events.
    """
    return as_ratio(_events(slo), slo.by)


def _summed(slo: Slo, each: list[tuple[Slo, str]]) -> str:
    """Add up an expression of each member; they have no labels of their own, and ``or`` would keep but one of them."""
    named = [f'label_replace({expr}, "{naming.ID}", "{member.id}", "", "")' for member, expr in each]
    return selectors.aggregated("sum", slo.by, "\nor\n".join(named))


def _present(member: Slo, measure: Measure, length: Duration) -> str:
    """Give something of a member that is there as long as its data arrive, idle or not."""
    return _sums(member).all(length) if measure.verdict is None else measure.verdict.present


def _bad(member: Slo, measure: Measure, length: Duration) -> str:
    """Say by PromQL whether a member is bad (1) or good (0) in the slice that ends now, from raw series alone."""
    return _overspent(member, length) if measure.verdict is None else measure.verdict.bad


def _sums(member: Slo) -> Sums:
    """Give what a member counts."""
    ratio = as_ratio(_events(member), member.by)
    total, counted = ((_ONE, ratio.total),), ((_ONE, ratio.counted),)
    classic = is_classic(member.indicator)
    return Sums(member.by, member.scrape, total, counted, ratio.counts, one_source=classic)


def burn(member: Slo, measure: Measure) -> str:
    """Give how fast a member burns its budget just now, from raw series alone."""
    now = _share(member, BASE) if measure.verdict is None else measure.verdict.bad
    return f"({now}) / {plain(1 - (member.objective or 0))}"


def _share(member: Slo, length: Duration) -> str:
    """Give a member's error ratio over a window, from raw series alone."""
    sums = _sums(member)
    return sums.ratio(length, sums.all(length))


def _overspent(member: Slo, length: Duration) -> str:
    """An SLO of events is bad in a slice in which it spends more than its error budget."""
    sums = _sums(member)
    join, events = sums.join, sums.all(length)
    share = _share(member, length)
    if member.no_traffic == "good":
        share = f"({share} or {join} 0 * {events})"
    bad = f"{share} > bool {plain(1 - (member.objective or 0))}"
    if member.min_events is None:
        return bad
    number = times(events, events_of(member.scrape, sums.total, length))
    return f"({bad} and {join} {number} >= {plain(member.min_events)})"
