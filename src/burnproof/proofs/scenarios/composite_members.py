"""Prove that each member of a composite counts, with its weight."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from burnproof.model import naming
from burnproof.model.decimals import plain
from burnproof.model.slo import AnyBad, Weighted
from burnproof.proofs.assertions import is_nan, is_near
from burnproof.proofs.prediction import counts_counters
from burnproof.proofs.scenarios.slices import clock_of, is_judged_as_a_whole, whole
from burnproof.proofs.scene import MINUTE, Case, Scene, sample_seconds, slice_seconds
from burnproof.proofs.series.feed import LeftOut, OthersGone, OthersHealthy
from burnproof.proofs.timeline import EVENTS_PER_SECOND, Stretch, Timeline, round_up
from burnproof.rules.kinds.composite import weight_of
from burnproof.rules.measure import HOUR
from burnproof.rules.recording import windows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from burnproof.model.slo import Slo
    from burnproof.proofs.scenarios.slices import Clock
    from burnproof.rules.measure import Measure
    from burnproof.rules.types import Labels

_GRID = 5 * MINUTE
_SHARE = Decimal("0.25")


def scenes(case: Case) -> Iterator[Scene]:
    """Yield scenes for each member of a composite: it alone is bad, and it alone is there at all."""
    slo, measure, groups = case.slo, case.measure, case.groups
    match slo.indicator:
        case Weighted(members=members):
            for weight, member in members:
                yield _heavy(slo, measure, groups, member, weight)
                yield _lone(slo, measure, groups, member, weight)
        case AnyBad(members=parts):
            yield _none_of_a_kind(slo, groups, LeftOut.BAD, 0)
            yield _none_of_a_kind(slo, groups, LeftOut.GOOD, len(parts))
            for part in parts:
                yield _enough(slo, groups, part)
                yield _lone_slices(slo, groups, part)
                clock = clock_of(slo)
                if clock is not None and is_judged_as_a_whole(part, groups[0]):
                    yield _whole(slo, part, clock, groups[0])


def _heavy(slo: Slo, measure: Measure, groups: tuple[Labels, ...], member: Slo, weight: Decimal) -> Scene:
    """A quarter of one member's events is bad, and all have as many events: its weight in all weights, times that."""
    story = Timeline((Stretch(65 * MINUTE, share=_SHARE),))
    value = float(_SHARE * weight / weight_of(slo))
    checks = tuple(
        is_near(slo, naming.error_ratio(window), value, story.end, group)
        for window in windows(slo, measure)
        for group in groups
    )
    title = f"{member.id} counts {plain(weight)} of {plain(weight_of(slo))} times"
    return Scene(title, story, _GRID, sample_seconds(slo), checks, without=OthersHealthy(member.id), decoys=True)


def _lone(slo: Slo, measure: Measure, groups: tuple[Labels, ...], member: Slo, weight: Decimal) -> Scene:
    """The others have no data: what is left is one member's events, and their share of bad ones; then it rests."""
    bad, rests = 65 * MINUTE, 30 * MINUTE
    story = Timeline((Stretch(bad, share=_SHARE), Stretch(rests, rate=Decimal(0))))
    pair = measure.pair
    checks = []
    for group in groups:
        checks += [
            is_near(slo, naming.error_ratio(window), float(_SHARE), bad, group)
            for window in windows(slo, measure)
            if window <= HOUR
        ]
        if pair is not None and counts_counters(slo):
            events = float(EVENTS_PER_SECOND * weight)
            checks += [
                is_near(slo, pair.total, events * pair.base.seconds / float(pair.weight), bad, group),
                is_near(slo, pair.total, 0, story.end, group),
            ]
    title = f"{member.id} is judged without the others"
    return Scene(title, story, _GRID, sample_seconds(slo), tuple(checks), without=OthersGone(member.id), decoys=True)


def _none_of_a_kind(slo: Slo, groups: tuple[Labels, ...], missing: LeftOut, bad_members: int) -> Scene:
    """Nothing bad ever happened or nothing good, so that no such series exists: no member is bad, or all are."""
    end = round_up(max(15 * MINUTE, 3 * slice_seconds(slo)), _GRID)
    story = Timeline((Stretch(end, share=Decimal(1 if bad_members else 0)),))
    checks = tuple(is_near(slo, naming.SLICE_VALUE, bad_members, end, group) for group in groups)
    title = f"no {missing.value} series reads as {'all bad' if bad_members else 'no errors'}"
    return Scene(title, story, _GRID, sample_seconds(slo), checks, without=missing)


def _enough(slo: Slo, groups: tuple[Labels, ...], member: Slo) -> Scene:
    """One member is bad, just so, and the others are good: the slice is bad, by one of them."""
    end = round_up(max(15 * MINUTE, 3 * slice_seconds(slo)), _GRID)
    story = Timeline((Stretch(end, share=Decimal(1)),))
    checks = tuple(
        is_near(slo, metric, 1, end, group) for group in groups for metric in (naming.SLICE_VALUE, naming.SLICE_ERRORS)
    )
    title = f"{member.id} alone makes a slice bad"
    return Scene(title, story, _GRID, sample_seconds(slo), checks, without=OthersHealthy(member.id), decoys=True)


def _whole(slo: Slo, member: Slo, clock: Clock, group: Labels) -> Scene:
    """One member is bad for parts of slices: three fifths of a slice decide it."""
    scene = whole(replace(slo, min_events=member.min_events), clock, group)
    return replace(scene, name=f"{member.id}: {scene.name}", without=OthersHealthy(member.id))


def _lone_slices(slo: Slo, groups: tuple[Labels, ...], member: Slo) -> Scene:
    """The others have no data: one member's verdicts are the whole's, and while it rests there is data without any."""
    length = round_up(max(15 * MINUTE, 3 * slice_seconds(slo)), _GRID)
    good, bad, rests = length, 2 * length, 3 * length
    story = Timeline((Stretch(length), Stretch(length, share=Decimal(1)), Stretch(length, rate=Decimal(0))))
    # A value does not rest; events and their quantiles do.
    idle = is_near if not member.indicator.rests or member.no_traffic == "good" else None
    checks = []
    for group in groups:
        checks += [is_near(slo, naming.SLICE_VALUE, 0, good, group), is_near(slo, naming.SLICE_VALUE, 1, bad, group)]
        if idle is not None and member.min_events is None:
            checks.append(idle(slo, naming.SLICE_VALUE, 0, rests, group))
        elif member.no_traffic == "ignore":
            checks.append(is_nan(slo, naming.SLICE_VALUE, rests, group))
    title = f"{member.id} is judged without the others"
    return Scene(title, story, _GRID, sample_seconds(slo), tuple(checks), without=OthersGone(member.id), decoys=True)
