"""Warn of buckets that may not exist, and of selectors that miss a bucket or take all of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from burnproof.diagnostics import problem
from burnproof.model.decimals import plain
from burnproof.model.indicators import Compare, Floor, Latency, Ratio
from burnproof.specs.checks.histograms import bound_span, named_by_base
from burnproof.specs.checks.mistakes.reading import Finding, name_span, signed, value_span
from burnproof.specs.checks.mistakes.times import unit_of_time
from burnproof.specs.checks.promql import accepts
from promrules.syntax.nodes import Aggregate, MatchOp, walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from burnproof.diagnostics import Problem
    from burnproof.model.slo import Slo
    from burnproof.specs.checks.mistakes.reading import Reading

_WHOLE: Final = re.compile(r"\d+")


def undeclared(slo: Slo) -> Iterator[Problem]:
    """A bound that is no bucket of the exporter selects nothing; only declared buckets can be compared with it."""
    indicator = slo.indicator
    if not isinstance(indicator, Latency | Floor) or indicator.buckets or indicator.native:
        return
    if any(next(check(slo), None) is not None for check in (named_by_base, unit_of_time)):
        return  # told already, and what the bound is not known
    bound = plain(indicator.bound)
    message = f"whether the exporter has a bucket {bound} is not known: without it the SLI has no data"
    hint = f"write the values of le that the exporter has, such as buckets: [{bound}], or native: true"
    yield problem("undeclared-buckets", message, bound_span(slo), hint)


def spelling(_: Slo, readings: tuple[Reading, ...]) -> Iterator[Finding]:
    """A regular expression for ``le`` must take a whole bound in both spellings, 1 and 1.0."""
    for reading in readings:
        for one in signed(reading.node):
            for matcher in one.selector.matchers:
                if matcher.name != "le" or matcher.op not in (MatchOp.REGEX, MatchOp.NOT_REGEX):
                    continue
                bounds = [text for text in _WHOLE.findall(matcher.value) if accepts(matcher, text)]
                missed = [text for text in bounds if not accepts(matcher, f"{text}.0")]
                if missed and matcher.op is MatchOp.REGEX:
                    message = f'le="{missed[0]}" is stored as "{missed[0]}.0" by Prometheus 3, which this does not take'
                    hint = f'write le=~"({matcher.value})(\\\\.0)?"'
                    yield Finding(
                        "bucket-spelling", reading, value_span(reading.query, one.selector, matcher), message, hint
                    )


def all_buckets(slo: Slo, readings: tuple[Reading, ...]) -> Iterator[Finding]:
    """Buckets are cumulative: the sum of all counts an observation once for each bucket above it."""
    if not isinstance(slo.indicator, Ratio | Compare):
        return
    for reading in readings:
        if any(isinstance(item, Aggregate) and "le" in item.grouping for item in walk(reading.node)):
            continue
        for one in signed(reading.node):
            name = one.selector.name or ""
            if name.endswith("_bucket") and all(matcher.name != "le" for matcher in one.selector.matchers):
                message = (
                    "this adds up all buckets, each of which holds those below it: an observation counts many times"
                )
                hint = f'write {name.removesuffix("_bucket")}_count for all, or add le="…" for those up to a bound'
                yield Finding("all-buckets", reading, name_span(reading.query, one.selector), message, hint)
