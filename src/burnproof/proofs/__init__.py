"""Make unit tests that prove an SLO's alerts; expected values come from arithmetic, not from an engine."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING

from burnproof.model.quantities import Duration
from burnproof.proofs.late_samples import delayed
from burnproof.proofs.scenarios import scenes_of
from burnproof.proofs.scene import MINUTE, Case, Scene
from burnproof.proofs.series.decoys import raw_decoys, recorded_decoys
from burnproof.proofs.series.generators import feed_of, groups_of
from burnproof.proofs.series.second_examples import with_second_examples
from burnproof.proofs.timeline import Stretch, Timeline
from burnproof.proofs.types import InputSeries, Proof, ProofFile
from burnproof.rules.kinds import measure_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from burnproof.model.slo import Slo
    from burnproof.proofs.series.feed import Feed
    from burnproof.rules.types import RuleFile


def proof_files(file: RuleFile, slos: tuple[Slo, ...]) -> tuple[ProofFile, ...]:
    """Plan the unit tests of one service: a file per evaluation interval, since promtool has one a file."""
    order = tuple(group.name for group in file.groups)
    names = Counter(slo.alert_name for slo in slos)
    proofs = (
        (scene.grid, proof if names[slo.alert_name] == 1 else _of_shared_name(proof))
        for slo in slos
        for scene, proof in proofs_of(slo)
    )
    made = sorted(proofs, key=lambda item: item[0])
    files = []
    for grid, members in groupby(made, key=lambda item: item[0]):
        interval = str(Duration(grid * 1000))
        name = file.service if grid == MINUTE else f"{file.service}.{interval}"
        files.append(ProofFile(name, file.service, interval, order, tuple(proof for _, proof in members)))
    return tuple(files)


def _of_shared_name(proof: Proof) -> Proof:
    """Leave out the checks that know an alert by its name alone, where several SLOs call their alerts alike."""
    return replace(proof, alert_checks=())


def proofs_of(slo: Slo) -> Iterator[tuple[Scene, Proof]]:
    """Yield the proofs of one SLO; none where no example input can be made for its queries (``check`` says so)."""
    groups = groups_of(slo)
    feeds = [feed_of(slo, group) for group in groups]
    if not feeds or any(feed is None for feed in feeds):
        return
    known = [feed for feed in feeds if feed is not None]
    measure = measure_of(slo)
    for prompt in scenes_of(Case(slo, measure, groups)):
        scene = delayed(slo, prompt)
        if scene is None:
            continue
        series = _series(scene, known) if scene.raw else ()
        if series:
            series = with_second_examples(slo, series)
        if series is not None and (scene.decoys or scene.near):
            series += raw_decoys(slo, groups[0], scene.story, scene.sample)
        if series is not None and scene.decoys:
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
