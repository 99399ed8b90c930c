"""Check bounds against buckets: a bound that is no bucket cannot be measured."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from burnproof.diagnostics import problem
from burnproof.model.decimals import plain
from burnproof.model.indicators import OfHistogram
from burnproof.model.slo import Floor, Latency, Quantile
from burnproof.specs.keys.promql.queries import read
from burnproof.specs.keys.promql.uses import Use
from burnproof.specs.places import listed, sli_path
from promrules.syntax.nodes import MatchOp, VectorSelector

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal

    from burnproof.diagnostics import Problem, Span
    from burnproof.model.slo import Slo

_SUFFIX: Final = re.compile(r"_(bucket|count|sum)$")
_MILLISECONDS: Final = re.compile(r"_(milliseconds|millis|ms)$")
_OWN_LABELS: Final = frozenset({"le", "quantile"})


def named_by_base(slo: Slo) -> Iterator[Problem]:
    """A histogram is named by its base name; suffixes and ``le`` are added by the rules."""
    indicator = slo.indicator
    if not isinstance(indicator, OfHistogram):
        return
    query = indicator.histogram
    node = read(query.text, Use.SELECTOR).node
    if not isinstance(node, VectorSelector):
        return
    name = node.name
    if name is None:
        message = "the histogram needs its metric name, to which _bucket and _count are added"
        yield problem("histogram-name", message, query.span, 'write name{label="value"}')
        return
    found = _SUFFIX.search(name)
    if found and not indicator.native:
        message = f"{name} is a part of a histogram"
        hint = f"write {name.removesuffix(found[0])}: _bucket and _count are added as needed"
        yield problem("histogram-name", message, query.span, hint)
    for matcher in node.matchers:
        if matcher.name in _OWN_LABELS and not (matcher.op is MatchOp.EQUAL and not matcher.value):
            message = f"the histogram is selected by {matcher.name}, which the rules set themselves"
            yield problem("histogram-name", message, query.span, "remove the matcher; the bound says which bucket")


def native_or_classic(slo: Slo) -> Iterator[Problem]:
    """A native histogram has no declared buckets: one of the two keys is a mistake."""
    indicator = slo.indicator
    if isinstance(indicator, OfHistogram) and indicator.native and indicator.buckets:
        hint = "remove buckets, or native where the histogram is a classic one"
        yield problem(
            "one-of", "buckets are given together with native: true", slo.span(sli_path(slo, "buckets")), hint
        )


def in_buckets(slo: Slo) -> Iterator[Problem]:
    """Events are counted at bucket bounds only."""
    indicator = slo.indicator
    if not isinstance(indicator, Latency | Floor) or not indicator.buckets or indicator.native:
        return
    if indicator.bound not in indicator.buckets:
        top = indicator.buckets[-1]
        beyond = "; it is above the top one" if indicator.bound > top else ""
        message = f"{plain(indicator.bound)} is none of the declared buckets{beyond}"
        hint = f"declared are {listed(indicator.buckets)}{_nearest(indicator.bound, indicator.buckets)}"
        yield problem("bound-bucket", message, _bound_span(slo), hint)


def _nearest(bound: Decimal, buckets: tuple[Decimal, ...]) -> str:
    """Name the nearest bucket, or the factor of a thousand that was probably forgotten."""
    if bound / 1000 in buckets:
        return f"; if milliseconds are meant, write {plain(bound)}ms"
    nearest = min(buckets, key=lambda bucket: abs(bucket - bound))
    return f"; {plain(nearest)} is the nearest, or add the bucket to the exporter"


def _bound_span(slo: Slo) -> Span | None:
    """Find where the bound is written."""
    keys = ("at_most", "less_than", "at_least", "more_than")
    paths = [sli_path(slo, key) for key in keys]
    return next((slo.spans[path] for path in paths if path in slo.spans), slo.span(sli_path(slo, "")))


def quantile_visible(slo: Slo) -> Iterator[Problem]:
    """``histogram_quantile`` stops at the top finite bucket and interpolates between the others."""
    indicator = slo.indicator
    if not isinstance(indicator, Quantile) or not indicator.buckets or indicator.native:
        return
    top = indicator.buckets[-1]
    hint = f"declared are {listed(indicator.buckets)}"
    # A quantile beyond the top reads as the top itself, which breaks "< top" and nothing above it.
    if indicator.bound > top or (indicator.bound == top and indicator.op == "<="):
        message = (
            f"the quantile never reads above the top bucket {plain(top)}, so {plain(indicator.bound)} is never exceeded"
        )
        yield problem("bound-top", message, _bound_span(slo), hint)
    elif indicator.bound not in indicator.buckets:
        message = f"{plain(indicator.bound)} is between two buckets, where the quantile is interpolated"
        yield problem("bound-interpolated", message, _bound_span(slo), f"{hint}; choose one, or add the bucket")


def same_unit(slo: Slo) -> Iterator[Problem]:
    """A histogram in milliseconds has its bounds in milliseconds."""
    indicator = slo.indicator
    if not isinstance(indicator, Latency | Quantile):
        return
    node = read(indicator.histogram.text, Use.SELECTOR).node
    name = node.name if isinstance(node, VectorSelector) else None
    if name and _MILLISECONDS.search(name) and indicator.bound < 10 and not indicator.buckets:
        shown = plain(indicator.bound)
        message = f"{name} seems to count milliseconds, and the bound is {shown}"
        hint = f"a time such as 250ms becomes seconds; write {plain(indicator.bound * 1000)} without a unit"
        yield problem("bound-unit", message, _bound_span(slo), hint)
