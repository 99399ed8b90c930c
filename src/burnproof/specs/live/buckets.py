"""Which bucket bounds a histogram has on the server, and whether it is a native or a classic one."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from burnproof.diagnostics import problem
from burnproof.model.decimals import plain
from burnproof.model.indicators import OfHistogram
from burnproof.model.slo import Floor, Latency, Quantile
from burnproof.rules import selectors
from burnproof.specs.live.inputs import Part
from burnproof.specs.live.nearest import some
from burnproof.specs.live.presence import forms
from burnproof.specs.places import sli_path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from burnproof.diagnostics import Problem, Span
    from burnproof.prometheus import Series
    from burnproof.specs.live.inputs import Input
    from burnproof.specs.live.subject import Subject

_INFINITE = Decimal("Infinity")


def bounds(subject: Subject) -> Iterator[Problem]:
    """Hold each histogram's bound and declared buckets against those that are there."""
    for one in subject.inputs:
        if one.part is not Part.HISTOGRAM:
            continue
        classic, native = (subject.counts.get(form, 0) for form in forms(one))
        if one.native and classic and not native:
            message = f"{one.named} is a classic histogram here, not a native one"
            yield problem("live-native", message, one.span, "leave out `native: true`, and declare its buckets")
        elif not one.native and native and not classic:
            message = f"{one.named} is a native histogram here, so it has no buckets"
            yield problem("live-native", message, one.span, "write native: true instead of buckets")
        elif classic and not one.native:
            yield from _classic(subject, one)


def _classic(subject: Subject, one: Input) -> Iterator[Problem]:
    indicator = one.slo.indicator
    if not isinstance(indicator, OfHistogram):
        return
    bucket = selectors.text(selectors.with_suffix(one.selector, "_bucket"))
    there = _counted(subject.asker.listed(f"count by (le) ({bucket})", "which bucket bounds there are"))
    finite = sorted(bound for bound in there if bound != _INFINITE)
    if not finite:
        return
    place = _place(one)
    if indicator.bound not in there:
        yield _no_bound(one, indicator, finite, place)
    elif there[indicator.bound] < max(there.values()):
        lacking = max(there.values()) - there[indicator.bound]
        message = f"{lacking:g} of {max(there.values()):g} series have no bucket at {plain(indicator.bound)}"
        yield problem("live-buckets", message, place, "have all instances use the same buckets")
    undeclared = [bound for bound in indicator.buckets if bound not in there]
    if undeclared:
        message = f"declared buckets that are not there: {some([plain(bound) for bound in undeclared])}"
        span = one.slo.span(sli_path(one.slo, "buckets")) or one.span
        yield problem("live-buckets", message, span, f"write buckets: [{', '.join(map(plain, finite))}]")


def _place(one: Input) -> Span | None:
    """Find where the bound is written, under whichever key."""
    keys = ("at_most", "below", "at_least", "above")
    spans = (one.slo.spans.get(sli_path(one.slo, key)) for key in keys)
    return next((span for span in spans if span is not None), one.span)


def _no_bound(one: Input, indicator: Latency | Floor | Quantile, finite: list[Decimal], place: Span | None) -> Problem:
    """Say which buckets lie around a bound that is none."""
    bound = indicator.bound
    below = [there for there in finite if there < bound]
    above = [there for there in finite if there > bound]
    around = [plain(near) for near in (*below[-1:], *above[:1])]
    if isinstance(indicator, Quantile):
        message = f"no bucket of {one.named} ends at {plain(bound)}, so the quantile is interpolated around the bound"
        return problem("live-interpolated", message, place, f"choose {' or '.join(around)}, or add a bucket there")
    message = f"no bucket of {one.named} ends at {plain(bound)}, so nothing is measured"
    return problem("live-no-bucket", message, place, f"choose {' or '.join(around)}, or add a bucket to the exporter")


def _counted(found: tuple[Series, ...]) -> dict[Decimal, float]:
    """Give how many series each bound has."""
    counts: dict[Decimal, float] = {}
    for series in found:
        try:
            bound = Decimal(series.labels.get("le", "").replace("Inf", "Infinity"))
        except InvalidOperation:
            continue
        if not bound.is_nan() and series.points:
            counts[bound] = counts.get(bound, 0.0) + series.points[0][1]
    return counts
