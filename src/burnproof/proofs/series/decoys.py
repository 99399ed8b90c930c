"""Series that a rule must not read: one label off from those it reads, and loud.

Without them a rule that lost a matcher would still pass its proofs, since nothing else would be there to be matched.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from burnproof.model import naming
from burnproof.model.slo import Count, Quantile, Ratio, Threshold
from burnproof.proofs.series.counters import instance
from burnproof.proofs.series.example_labels import example, metric
from burnproof.proofs.series.queries import raw_selectors
from burnproof.proofs.series.second_examples import near_miss
from burnproof.proofs.series.value_solver import conditions, risen
from burnproof.proofs.timeline import EVENTS_PER_SECOND, Timeline, counter_values
from burnproof.proofs.types import InputSeries
from burnproof.rules import selectors
from burnproof.rules.recording import recording_rules, sorted_labels
from promrules.syntax.labels import get, matches, predicate
from promrules.syntax.nodes import MatchOp, VectorSelector

if TYPE_CHECKING:
    from collections.abc import Iterator

    from burnproof.model.slo import Slo
    from burnproof.rules.measure import Measure
    from promrules.syntax.labels import Labels
    from promrules.syntax.nodes import Matcher

_NAME = "decoy"
_LOUD = EVENTS_PER_SECOND * 3
_OTHER_VALUES = ("+Inf", "decoy", "0", "")


def raw_decoys(slo: Slo, group: Labels, story: Timeline, sample: int) -> tuple[InputSeries, ...]:
    """Give raw series that violate just one matcher of a selector of the SLO, rising all the time."""
    leaves = tuple(raw_selectors(slo))
    samples = story.end // sample
    made: dict[str, InputSeries] = {}
    for part in slo.parts:
        for selector in raw_selectors(part):
            base = example(selector.matchers, None, group)
            for matcher in selector.matchers if base is not None else ():
                candidates = _off_by_one(base or (), matcher)
                labels = next(
                    (one for one in candidates if not any(matches(one, leaf.matchers) for leaf in leaves)), None
                )
                if labels is None:
                    continue
                series = metric(selector, labels)
                made[series] = InputSeries(series, _values(part, selector, samples, sample))
                if isinstance(part.indicator, Quantile) and (selector.name or "").endswith("_bucket"):
                    made |= _slow_bucket(selector, labels, part.indicator, made.pop(series))
    return tuple(made.values())


def _slow_bucket(
    selector: VectorSelector, labels: Labels, indicator: Quantile, all_of_it: InputSeries
) -> dict[str, InputSeries]:
    """Make a histogram of a counter: nothing within the bound, everything beyond."""
    within = metric(selector, instance(labels, "le", selectors.le_text(indicator.bound)))
    beyond = metric(selector, instance(labels, "le", "+Inf"))
    return {within: InputSeries(within, "0x1000000"), beyond: InputSeries(beyond, all_of_it.values)}


def recorded_decoys(slo: Slo, measure: Measure, group: Labels, story: Timeline, sample: int) -> tuple[InputSeries, ...]:
    """Give another SLO's recorded series under the names that this one's rules read, all as bad as can be."""
    identity = tuple((name, _NAME) for name in naming.IDENTITY)
    samples = story.end // sample
    names = dict.fromkeys(rule.record for rule in recording_rules(slo, measure))
    labels = sorted_labels((*identity, *group))
    made = [(name, labels) for name in names]
    made.append((naming.ANCHOR, sorted_labels(identity)))
    return tuple(
        InputSeries(metric(VectorSelector(()), (("__name__", name), *own)), f"1x{samples}") for name, own in made
    )


def excess_decoy(slo: Slo, story: Timeline, sample: int) -> tuple[InputSeries, ...]:
    """Give another SLO that counts more than there is: its alert is not ours to raise."""
    counts_good = isinstance(slo.indicator, Ratio) and slo.indicator.counts == "good"
    labels = sorted_labels((name, _NAME) for name in naming.IDENTITY)
    return tuple(
        InputSeries(metric(VectorSelector(()), (("__name__", name), *labels)), f"{level}x{story.end // sample}")
        for name, level in ((naming.ERRORS, -1 if counts_good else 2), (naming.TOTAL, 1))
    )


def anchor_decoy(story: Timeline, sample: int) -> InputSeries:
    """Give another SLO that has no data either: its alert is not ours to raise."""
    identity = tuple((name, _NAME) for name in naming.IDENTITY)
    labels = (("__name__", naming.ANCHOR), *sorted_labels(identity))
    return InputSeries(metric(VectorSelector(()), labels), f"1x{story.end // sample}")


def _off_by_one(labels: Labels, matcher: Matcher) -> Iterator[Labels]:
    """Change one label so that the matcher no longer holds; of a pattern, a near miss comes first."""
    if matcher.name == "__name__":
        return
    holds = predicate(matcher)
    value = get(labels, matcher.name)
    near = (near_miss(value),) if matcher.op is MatchOp.REGEX and value else ()
    for other in (*near, *_OTHER_VALUES, value + "-decoy", matcher.value):
        if not holds(other):
            yield instance(labels, matcher.name, other)


def _values(slo: Slo, selector: VectorSelector, samples: int, sample: int) -> str:
    if isinstance(slo.indicator, Threshold) and selector not in risen(slo.indicator.value):
        if selector in conditions(slo.indicator.value):
            return f"{_LOUD}x{samples}"
        # Bad for either side of a bound, where the worst of several series counts.
        level = slo.indicator.bound + (1 if slo.indicator.op.startswith("<") else -1)
        return f"{level}x{samples}"
    if isinstance(slo.indicator, Count):
        return counter_values(((samples, Decimal(5)),))
    return counter_values(((samples, _LOUD * sample),))
