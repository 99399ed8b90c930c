"""Generate the series of a composite: of all members, or of one member that alone is bad.

Members that read different series are fed apart, each as in its own proofs. Members that count the same requests, such
as an availability and a latency off one histogram, are fed by series found for all of them at once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from burnproof.model.indicators import Events
from burnproof.model.slo import AnyBad
from burnproof.proofs import tolerances
from burnproof.proofs.series.counters import weight_in
from burnproof.proofs.series.example_labels import example
from burnproof.proofs.series.feed import Feed, LeftOut, OthersGone, OthersHealthy, Without
from burnproof.proofs.series.queries import raw_selectors
from burnproof.proofs.series.replicas import replicated
from burnproof.proofs.timeline import Stretch, Timeline
from burnproof.rules.kinds.events import as_ratio
from burnproof.rules.query_terms import COUNTERS, terms_of
from promrules.syntax.labels import labels_of, matches
from promrules.syntax.nodes import VectorSelector
from promrules.syntax.parse import parse

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from burnproof.model.slo import Slo
    from burnproof.proofs.types import InputSeries
    from burnproof.rules.query_terms import Term
    from promrules.syntax.labels import Labels

_PROBE = Timeline((Stretch(60),))


@dataclass(frozen=True, slots=True)
class Member:
    """A member: its id, and where slices are judged by its error budget that budget."""

    id: str
    budget: Decimal | None

    def story(self, told: Timeline, without: Without | None) -> Timeline:
        """Give its own story: what is told, but healthy where another is to be bad; slices just off its budget."""
        healthy = isinstance(without, OthersHealthy) and without.member != self.id
        gone = isinstance(without, OthersGone) and without.member != self.id
        return Timeline(
            tuple(
                replace(s, share=self._share(s.share, without, healthy=healthy), rate=None if gone else s.rate)
                for s in told.stretches
            )
        )

    def _share(self, share: Decimal, without: Without | None, *, healthy: bool) -> Decimal:
        wanted = Decimal(0) if healthy else share
        # Where series are to be left out the good ones end, and a share of less than all would be told by none.
        if self.budget is None or isinstance(without, LeftOut):
            return wanted
        return min(Decimal(1), self.budget * tolerances.MEMBER_BUDGET.side(over=wanted > 0))


@dataclass(frozen=True, slots=True)
class ApartFeed:
    """Members that share no series, each with its own feed."""

    members: tuple[tuple[Member, Feed], ...]

    def series(self, story: Timeline, sample: int, *, without: Without | None = None) -> tuple[InputSeries, ...] | None:
        """See ``Feed``; a member whose kind cannot leave out series tells the story with all of them."""
        left = without if isinstance(without, LeftOut) else None
        made: list[InputSeries] = []
        told = False
        for member, feed in self.members:
            own = member.story(story, without)
            series = feed.series(own, sample, without=left)
            told = told or series is not None
            series = feed.series(own, sample) if series is None else series
            if series is None:
                return None
            made += series
        return tuple(made) if told else None


@dataclass(frozen=True, slots=True)
class JointFeed:
    """Counters that several members read: which rise for a request that is good, bad for all, or bad for one alone."""

    members: tuple[Member, ...]
    good: tuple[Labels, ...]
    bad: tuple[Labels, ...]
    alone: tuple[tuple[Labels, ...], ...]

    def series(self, story: Timeline, sample: int, *, without: Without | None = None) -> tuple[InputSeries, ...] | None:
        """See ``Feed``; None where series are to be left out, or where members' shares exceed all requests."""
        if without is not None and not isinstance(without, OthersHealthy):
            return None
        own = [member.story(story, without) for member in self.members]
        rises: dict[Labels, list[tuple[int, Decimal | None]]] = {
            atom: [] for atom in (*self.good, *self.bad, *(one for each in self.alone for one in each))
        }
        for number, stretch in enumerate(story.stretches):
            shares = [told.stretches[number].share for told in own]
            mixed = self._mixed(shares)
            if mixed is None:
                return None
            for atom, steps in rises.items():
                events = None if stretch.rate is None else stretch.rate * sample
                share = sum((part * bundle.count(atom) for part, bundle in mixed), start=Decimal(0))
                steps.append((stretch.seconds // sample, None if events is None else events * share))
        return tuple(one for atom, steps in rises.items() for one in replicated(atom, tuple(steps)))

    def _mixed(self, shares: Sequence[Decimal]) -> list[tuple[Decimal, tuple[Labels, ...]]] | None:
        """Give the share of each bundle of series."""
        common = min(shares)
        rest = [share - common for share in shares]
        good = 1 - common - sum(rest)
        if good < 0:
            return None
        return [(good, self.good), (common, self.bad), *zip(rest, self.alone, strict=True)]


def together(slo: Slo, feeds: Sequence[Feed | None], group: Labels) -> Feed | None:
    """Put the feeds of a composite's members together; None where they are in each other's way."""
    slices = isinstance(slo.indicator, AnyBad)
    members = tuple(
        Member(part.id, 1 - part.objective if slices and _counts(part) and part.objective is not None else None)
        for part in slo.parts
    )
    known = [feed for feed in feeds if feed is not None]
    if len(known) == len(members) and not _overlap(slo.parts, known):
        return ApartFeed(tuple(zip(members, known, strict=True)))
    return _joint(slo.parts, members, group)


def _counts(part: Slo) -> bool:
    return isinstance(part.indicator, Events)


def _overlap(parts: Sequence[Slo], feeds: Sequence[Feed]) -> bool:
    """Tell whether some member reads what is made for another."""
    for part, feed in zip(parts, feeds, strict=True):
        made = [_labels(one) for one in feed.series(_PROBE, 15) or ()]
        others = [one for other in parts if other is not part for one in raw_selectors(other)]
        if any(matches(labels, one.matchers) for labels in made for one in others):
            return True
    return False


def _labels(series: InputSeries) -> Labels:
    node = parse(series.series)
    if not isinstance(node, VectorSelector):
        raise TypeError(f"not a series: {series.series}")
    return labels_of([(matcher.name, matcher.value) for matcher in node.matchers])


def _joint(parts: Sequence[Slo], members: tuple[Member, ...], group: Labels) -> JointFeed | None:
    """Find series that tell the members' requests apart, by what each of them adds to every total and count."""
    sides: list[tuple[Term, ...]] = []
    good_side: list[bool] = []
    for part in parts:
        if not isinstance(part.indicator, Events) or getattr(part.indicator, "native", False):
            return None
        ratio = as_ratio(part.indicator)
        for query in (ratio.total, ratio.counted):
            terms = terms_of(query)
            if terms is None or not all(term.func in COUNTERS for term in terms):
                return None
            sides.append(terms)
        good_side.append(ratio.counts == "good")
    atoms = tuple(_atoms([term for side in sides for term in side], group))
    effects = {atom: tuple(weight_in(side, atom) for side in sides) for atom in atoms}

    def bundle(bad: Sequence[bool]) -> tuple[Labels, ...] | None:
        goal = [
            n for is_bad, counts_good in zip(bad, good_side, strict=True) for n in (1.0, float(is_bad != counts_good))
        ]
        return _cover(tuple(goal), effects)

    none = [False] * len(parts)
    good, bad = bundle(none), bundle([True] * len(parts))
    alone = [bundle([other is part for other in parts]) for part in parts]
    if good is None or bad is None or any(each is None for each in alone):
        return None
    return JointFeed(members, good, bad, tuple(each for each in alone if each is not None))


def _atoms(terms: Sequence[Term], group: Labels) -> Iterator[Labels]:
    """Yield label sets worth trying: each selector's, alone, outside each other one, and inside each other one."""
    selected = list(dict.fromkeys(term.selector.matchers for term in terms))
    found: dict[Labels, None] = {}
    for wanted in selected:
        inside = [(*wanted, *other) for other in selected if other != wanted]
        for both in (wanted, *inside):
            for unwanted in (None, *(other for other in selected if other != wanted)):
                made = example(both, unwanted, group)
                if made is not None:
                    found[made] = None
    yield from found


def _cover(goal: tuple[float, ...], effects: dict[Labels, tuple[float, ...]]) -> tuple[Labels, ...] | None:
    """Find series, each at most once, whose rises add up to a goal; what lacks something first is served first."""
    lacking = next((at for at, amount in enumerate(goal) if amount), None)
    if lacking is None:
        return ()
    for atom, effect in effects.items():
        if not effect[lacking] or any(has > left for has, left in zip(effect, goal, strict=True)):
            continue
        rest = tuple(left - has for has, left in zip(effect, goal, strict=True))
        others = {other: it for other, it in effects.items() if other != atom}
        found = _cover(rest, others)
        if found is not None:
            return (atom, *found)
    return None
