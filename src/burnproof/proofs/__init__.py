"""SLOs to unit tests that prove their alerts. Predictions are arithmetic; no engine is asked what it thinks."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from burnproof.model.quantities import Duration
from burnproof.model.slo import Count
from burnproof.proofs.assertions import tier_fires, tier_silent
from burnproof.proofs.scenarios import budget_policy, counts, outage
from burnproof.proofs.scenarios.burn_rate import shape_of, tell
from burnproof.proofs.scenarios.composite_members import member_scenes
from burnproof.proofs.scenarios.edge_cases import edge_scenes
from burnproof.proofs.scenarios.few_slices import few_scene
from burnproof.proofs.scenarios.late_samples import delayed
from burnproof.proofs.scenarios.min_events import guard_scene
from burnproof.proofs.scenarios.missing_series import absence_scenes
from burnproof.proofs.scenarios.outage import Scene
from burnproof.proofs.scenarios.slices import slice_scenes
from burnproof.proofs.scenarios.window_edges import window_scenes
from burnproof.proofs.series.decoys import raw_decoys, recorded_decoys
from burnproof.proofs.series.feed import Feed, LeftOut
from burnproof.proofs.series.generators import feed_of, groups_of
from burnproof.proofs.timeline import Stretch, Timeline
from burnproof.proofs.types import InputSeries, Proof, ProofFile
from burnproof.rules.kinds import measure_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from burnproof.model.slo import Slo, Tier
    from burnproof.rules.measure import Measure
    from burnproof.rules.types import Labels, RuleFile


def proof_files(file: RuleFile, slos: tuple[Slo, ...]) -> tuple[ProofFile, ...]:
    """Plan the unit tests of one service: a file per evaluation interval, since promtool has one a file."""
    order = tuple(group.name for group in file.groups)
    made = sorted(((scene.grid, proof) for slo in slos for scene, proof in proofs_of(slo)), key=lambda item: item[0])
    files = []
    for grid, members in groupby(made, key=lambda item: item[0]):
        interval = str(Duration(grid * 1000))
        name = file.service if grid == outage.MINUTE else f"{file.service}.{interval}"
        files.append(ProofFile(name, file.service, interval, order, tuple(proof for _, proof in members)))
    return tuple(files)


def proofs_of(slo: Slo) -> Iterator[tuple[Scene, Proof]]:
    """Yield the proofs of one SLO; none where no example input can be made for its queries (``check`` says so)."""
    groups = groups_of(slo)
    feeds = [feed_of(slo, group) for group in groups]
    if not feeds or any(feed is None for feed in feeds):
        return
    known = [feed for feed in feeds if feed is not None]
    measure = measure_of(slo)
    for prompt in scenes(slo, measure, groups):
        scene = delayed(slo, prompt)
        if scene is None:
            continue
        series = _series(scene, known)
        if series is not None and scene.decoys:
            series += raw_decoys(slo, groups[0], scene.story, scene.sample)
            series += recorded_decoys(slo, measure, groups[0], scene.story, scene.sample)
        if series is not None:
            name, sample = f"{slo.id}: {scene.name}", str(Duration(scene.sample * 1000))
            yield scene, Proof(name, sample, series + scene.others, scene.alerts, scene.exprs)


def unproved(slos: Iterable[Slo]) -> Iterator[Slo]:
    """Yield the SLOs whose queries no example input could be made for."""
    for slo in slos:
        groups = groups_of(slo)
        if not groups or any(feed_of(slo, group) is None for group in groups):
            yield slo


def scenes(slo: Slo, measure: Measure, groups: tuple[Labels, ...]) -> Iterator[Scene]:
    """Yield what is to be proved of an SLO."""
    yield from _tier_scenes(slo, measure, groups)
    if isinstance(slo.indicator, Count):
        yield counts.quiet_scene(slo)
        whole = counts.whole_scene(slo, slo.indicator, groups[0])
        if whole is not None:
            yield whole
    else:
        for without in (None, LeftOut.GOOD):
            found = outage.outage(slo, measure, groups[0], without)
            if found is not None:
                yield found
        yield outage.deployment(slo, measure, groups)
        yield outage.idle(slo, measure)
        if measure.pair is not None and not measure.pair.slices:
            yield outage.no_errors(slo, measure, groups)
    yield from edge_scenes(slo, measure, groups)
    yield from member_scenes(slo, measure, groups)
    yield from slice_scenes(slo, measure, groups[0])
    yield from window_scenes(slo, measure, groups[0])
    gone = outage.no_data(slo, measure)
    if gone is not None:
        yield gone
    yield from absence_scenes(slo, measure, groups)
    yield from _budget_scenes(slo, measure, groups[0])


def _budget_scenes(slo: Slo, measure: Measure, group: Labels) -> Iterator[Scene]:
    for step in slo.budget_policy:
        if isinstance(slo.indicator, Count):
            counted = budget_policy.count_scene(slo, slo.indicator, step, group)
            if counted is not None:
                yield counted
            continue
        spent = budget_policy.step_scene(slo, measure, step, group)
        if spent is not None:
            yield spent


def _tier_scenes(slo: Slo, measure: Measure, groups: tuple[Labels, ...]) -> Iterator[Scene]:
    for tier in slo.policy.tiers:
        if isinstance(slo.indicator, Count):
            yield counts.tier_scene(slo, slo.indicator, tier, groups)
            continue
        yield _threshold_scene(slo, measure, tier, groups)
        guarded = guard_scene(slo, measure, tier, groups[0])
        if guarded is not None:
            yield guarded
        few = few_scene(slo, measure, tier, groups[0])
        if few is not None:
            yield few


def _threshold_scene(slo: Slo, measure: Measure, tier: Tier, groups: tuple[Labels, ...]) -> Scene:
    story = tell(shape_of(slo, measure, tier))
    checks = [tier_silent(slo, tier, time) for time in story.silent]
    checks += [tier_fires(slo, tier, time, (groups[0],)) for time in story.firing]
    title = f"{tier.long}: silent just below {tier.factor}x, fires just above, resets"
    return Scene(title, story.timeline, story.grid, story.sample, tuple(checks), decoys=True, alike=False)


def _series(scene: Scene, feeds: list[Feed]) -> tuple[InputSeries, ...] | None:
    healthy = Timeline(tuple(Stretch(s.seconds) for s in scene.story.stretches))
    made: dict[str, InputSeries] = {}
    for number, feed in enumerate(feeds):
        story = scene.story if scene.alike or number == 0 else healthy
        without = scene.without if scene.alike or number == 0 else None
        series = feed.series(story, scene.sample, without=without)
        if series is None:
            return None
        made.update((one.series, one) for one in series)
    return tuple(made.values())
