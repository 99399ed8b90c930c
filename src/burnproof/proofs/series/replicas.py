"""Split a counter into two instances, and every series into two replicas of one scrape."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from burnproof.model.decimals import plain
from burnproof.proofs.series.counters import instance
from burnproof.proofs.series.example_labels import metric
from burnproof.proofs.timeline import counter_values
from burnproof.proofs.types import InputSeries
from burnproof.rules import selectors
from promrules.syntax.dedup import taken_by_hand
from promrules.syntax.labels import labels_of
from promrules.syntax.nodes import VectorSelector
from promrules.syntax.parse import parse

if TYPE_CHECKING:
    from burnproof.model.slo import Slo
    from burnproof.proofs.series.feed import Feed, Without
    from burnproof.proofs.timeline import Timeline
    from promrules.syntax.labels import Labels

_ITEM: Final = re.compile(r"\{\{.*?\}\}(?:[+-]\{\{.*?\}\})?(?:x\d+)?|\S+")
_RISING: Final = re.compile(r"(?P<first>-?[\d.e]+)(?:(?P<step>[+-][\d.e]+))?(?:x(?P<more>\d+))?")


def replicated(atom: Labels, increments: tuple[tuple[int, Decimal | None], ...]) -> list[InputSeries]:
    """Spread a counter over two instances, unevenly, so that only their sum is right."""
    made = []
    for replica, part in (("a", Decimal("0.75")), ("b", Decimal("0.25"))):
        own = tuple((samples, None if step is None else step * part) for samples, step in increments)
        made.append(InputSeries(metric(VectorSelector(()), instance(atom, "replica", replica)), counter_values(own)))
    return made


@dataclass(frozen=True, slots=True)
class PairFeed:
    """Every series of a feed twice, as two servers have it that scrape the same targets.

    The second one has run only since the middle of the first stretch, and has found some targets later still. So a rule
    that adds up both counts too much; in a share of what was before that and since, too little of what was before; and
    one side of a comparison more than the other.
    """

    feed: Feed
    labels: tuple[str, ...]

    def series(self, story: Timeline, sample: int, *, without: Without | None = None) -> tuple[InputSeries, ...] | None:
        """See ``Feed``."""
        alone = self.feed.series(story, sample, without=without)
        if alone is None:
            return None
        first = story.stretches[0].seconds // sample
        missing = (first * 3 // 4, first * 3 // 4, first // 2, first // 2)  # a feed has two instances of each counter
        pairs = (paired(one, self.labels, missing[at % len(missing)]) for at, one in enumerate(alone))
        return tuple(twin for pair in pairs for twin in pair)


def paired(one: InputSeries, labels: tuple[str, ...], missing: int) -> tuple[InputSeries, InputSeries]:
    """Give a series as two servers have it, of which the second lacks the first samples."""
    selector = parse(one.series)
    if not isinstance(selector, VectorSelector):
        raise TypeError(f"not a series: {one.series}")
    # Instances of a feed are told apart by a label that replicas may be told apart by here.
    own = [(f"instance_{m.name}" if m.name in labels else m.name, m.value) for m in selector.matchers]
    first, second = (
        metric(VectorSelector(()), labels_of([*own, *((label, name) for label in labels)]))
        for name in ("first", "second")
    )
    return InputSeries(first, one.values), InputSeries(second, late(one.values, missing))


def late(values: str, missing: int) -> str:
    """Leave out the first samples of a series in promtool's notation; of a histogram, that rises, none."""
    items = _ITEM.findall(values)
    made, left = [f"_x{missing}"] if missing else [], missing
    for item in items:
        if not left:
            made.append(item)
            continue
        found = _RISING.fullmatch(item)
        if found is None:
            return values
        count = 1 + int(found["more"] or 0)
        gone = min(left, count)
        left -= gone
        if gone < count:
            step = Decimal(found["step"] or 0)
            first = plain(Decimal(found["first"]) + step * gone)
            rest = count - gone - 1
            sign = "" if step < 0 else "+"
            made.append(f"{first}{sign}{plain(step)}x{rest}" if rest else first)
    return " ".join(made)


def dedup_labels(slo: Slo) -> tuple[str, ...] | None:
    """Give the labels that tell an SLO's replicas apart; None where the members of a composite disagree."""
    each = {_of_part(part) for part in slo.parts}
    return each.pop() if len(each) == 1 else None


def _of_part(part: Slo) -> tuple[str, ...]:
    found = set(part.dedup)
    for _, query in part.indicator.queries:
        found |= taken_by_hand(parse(query.text.replace(selectors.WINDOW, "5m")))
    return tuple(sorted(found))
