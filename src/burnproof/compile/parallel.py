"""Compile many specs in several processes; the result is that of ``compile_specs``.

A shard holds a few services: their rules, proofs and pages are planned, rendered and verified together, and their
texts laid aside on disk, so that neither time nor memory grows with more than one shard at a time. What is about all
services (the overview, Alertmanager's configuration, boards of the user's own) is a task of its own beside them. As
soon as any part finds a problem, everything is compiled again in one piece, so that messages never depend on this.
"""

from __future__ import annotations

import gc
import sys
from dataclasses import dataclass, field, replace
from importlib import import_module
from itertools import groupby
from typing import TYPE_CHECKING

from burnproof.compile import STEPS, Compilation, compile_loaded, spec_names, without_proofs
from burnproof.compile.counts import Counts
from burnproof.compile.plan import make_plan
from burnproof.compile.temporary_texts import Spool, store
from burnproof.diagnostics import exit_code
from burnproof.model import naming
from burnproof.output.plan import Plan
from burnproof.output.render import KINDS, RenderError, render
from burnproof.output.verify import PAGES, verify
from burnproof.pages.alertmanager import alertmanager_config
from burnproof.pages.dashboards import dashboards
from burnproof.pages.inputs import input_metrics
from burnproof.proofs import unproved
from burnproof.rules.types import AlertingRule, RecordingRule
from burnproof.specs.resolve import read_slos
from promrules.processes import begin_worker
from promrules.workers import LostWorkerError, end_processes, processors, workers

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
    from multiprocessing.connection import Connection
    from pathlib import Path

    from burnproof.compile.temporary_texts import Place
    from burnproof.model.slo import Slo
    from burnproof.rules.types import RuleFile
    from burnproof.specs.resolve import Loaded

WORTH = 120
"""From so many objectives on, other processes save more than they cost to start."""
SIZE = 40
"""Objectives in a shard: enough to share what is common to all, few enough to keep a processor's work even."""

HOW = "fork" if sys.platform == "linux" else "spawn"
"""How processes start: a fork shares the objectives with its parent; elsewhere each is sent what it needs."""

_COMMON = ("dashboards", "alertmanager")
"""Kinds with pages about all services."""
_SHARED_PAGES = "dashboards/_"
"""How the names of files begin that stand once beside all dashboards."""


@dataclass(frozen=True, slots=True)
class Job:
    """What every process is told.

    Attributes:
        loaded: the objectives and boards.
        templates: the user's templates.
        kinds: what to make.
        folder: where to lay texts aside.
    """

    loaded: Loaded
    templates: Path | None
    kinds: tuple[str, ...]
    folder: str


@dataclass(frozen=True, slots=True)
class Made:
    """What became of a task.

    Attributes:
        places: where its texts lie.
        names: the names of its rule groups, and those of its alerts with their labels.
        unproved: ids of objectives without proofs.
        counts: how many rules, alerts and tests it made.
        sound: nothing at all was found wrong, and its records cannot be another service's.
    """

    places: dict[str, Place]
    names: tuple[Hashable, ...] = ()
    unproved: tuple[str, ...] = ()
    counts: Counts = field(default_factory=Counts)
    sound: bool = True


_UNSOUND = Made({}, sound=False)


def calm_collector() -> None:
    """Have garbage collected less often: plans hold many values and few circles, and modules stay for good."""
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)


def compile_many(
    paths: Iterable[str],
    *,
    templates: Path | None = None,
    kinds: Sequence[str] = KINDS,
    strict: bool = False,
    compat: str = "",
    step: Callable[[str], None] = lambda _: None,
) -> Compilation:
    """Compile the specs in ``paths`` as ``compiler.compile_specs`` does, in several processes where that pays.

    The files of a large compilation are read from disk when asked for, and it comes without a plan. With ``compat``,
    series are recorded under the names of that tool, too.
    """
    step(STEPS[0])
    loaded = read_slos(paths)
    if compat:
        loaded = replace(loaded, slos=tuple(replace(slo, compat=compat) for slo in loaded.slos))
    if len(loaded.slos) >= WORTH and not exit_code(loaded.problems, strict=strict):
        step(STEPS[1])
        made = _compiled(loaded, templates, tuple(kinds), strict=strict)
        if made is not None:
            return made
    return compile_loaded(loaded, templates=templates, kinds=kinds, strict=strict, step=step)


def _compiled(loaded: Loaded, templates: Path | None, kinds: tuple[str, ...], *, strict: bool) -> Compilation | None:
    """Compile shards; None where something stands against it."""
    shards = shards_of(loaded.slos)
    try:
        files = Spool()
        job = Job(loaded, templates, kinds, files.folder)
        results = []
        for made in _run(job, shards):
            if not made.sound or not files.keys().isdisjoint(made.places):
                return None
            files.take(made.places)
            results.append(made)
    except (OSError, EOFError, LostWorkerError):  # no room, no semaphores, no memory: one process may still do
        return None
    names = [name for made in results for name in made.names]
    if len(set(names)) < len(names):
        return None
    missing = {slo_id for made in results for slo_id in made.unproved}
    problems = (*loaded.problems, *without_proofs(slo for slo in loaded.slos if slo.id in missing))
    if exit_code(problems, strict=strict):
        return None
    counts = sum((made.counts for made in results), Counts())
    return Compilation(problems, loaded.texts, loaded.slos, None, files, counts)


def shards_of(slos: Iterable[Slo]) -> list[tuple[Slo, ...]]:
    """Part objectives by service into shards of ``SIZE`` or, where one service has more, of that service."""
    shards: list[tuple[Slo, ...]] = []
    for _, members in groupby(sorted(slos, key=lambda slo: (slo.service, slo.id)), key=lambda slo: slo.service):
        service = tuple(members)
        if shards and len(shards[-1]) + len(service) <= SIZE:
            shards[-1] += service
        else:
            shards.append(service)
    return shards


def _run(job: Job, shards: Sequence[tuple[Slo, ...]]) -> Iterator[Made]:
    """Do all tasks, the one about all services first, and give their results in that order."""
    common = any(kind in job.kinds for kind in _COMMON)
    processes = min(processors(), len(shards))
    if processes < 2:
        if common:
            yield _about_all(job)
        for shard in shards:
            yield _about_services(job, shard)
        return
    context = import_module("multiprocessing").get_context(HOW)
    # The task about all services has a process of its own, whose memory goes with it. It starts before the pool, whose
    # threads no fork should copy.
    answer, ask = context.Pipe(duplex=False)
    apart = context.Process(target=_apart_from_pool, args=(job, ask), daemon=True) if common else None
    if apart is not None:
        apart.start()
    ask.close()
    try:
        with workers(_task, range(len(shards)), processes, HOW, _begin, (job, shards), job.folder) as results:
            made = list(results)  # first, so that no worker waits for what takes longest
            if apart is not None:
                yield answer.recv()
            yield from made
    finally:
        if apart is not None:
            end_processes([apart])
        answer.close()


def _apart_from_pool(job: Job, ask: Connection) -> None:
    begin_worker(job.folder)
    _begin(job, ())
    ask.send(_about_all(job))


_AT_WORK: list[tuple[Job, Sequence[tuple[Slo, ...]]]] = []
"""In a process of the pool: what there is to do."""


def _begin(job: Job, shards: Sequence[tuple[Slo, ...]]) -> None:
    """Start a process of the pool."""
    calm_collector()
    _AT_WORK[:] = [(job, shards)]


def _task(number: int) -> Made:
    job, shards = _AT_WORK[0]
    return _about_services(job, shards[number])


def _about_services(job: Job, slos: tuple[Slo, ...]) -> Made:
    """Compile everything that is about single services."""
    kinds = tuple(kind for kind in job.kinds if kind != "alertmanager")
    plan = make_plan(slos, (), kinds=kinds)
    plan = replace(plan, dashboards=plan.dashboards[1:])  # the first is the overview
    missing = tuple(slo.id for slo in unproved(slos))
    files = _texts(plan, slos, job, kinds)
    if files is None or verify(plan, files, kinds) or not _apart(plan):
        return _UNSOUND
    kept = {name: text for name, text in files.items() if not name.startswith(_SHARED_PAGES)}
    return Made(store(kept, job.folder), tuple(_names(plan)), missing, Counts.of(plan))


def _apart(plan: Plan) -> bool:
    """Tell whether every record carries its service's name, so that no other service can have the same one."""
    return all(
        (naming.SERVICE, file.service) in rule.labels
        for file in plan.rules
        for group in file.groups
        for rule in group.rules
        if isinstance(rule, RecordingRule)
    )


def _names(plan: Plan) -> Iterator[Hashable]:
    """Yield what no other service may have as well."""
    for file in plan.rules:
        for group in file.groups:
            yield group.name
            yield from {(rule.alert, rule.labels) for rule in group.rules if isinstance(rule, AlertingRule)}


def _about_all(job: Job) -> Made:
    """Compile everything that is about all services at once, held against all records; the shards check those."""
    kinds = tuple(kind for kind in job.kinds if kind in _COMMON)
    slos = tuple(sorted(job.loaded.slos, key=lambda slo: (slo.service, slo.id)))
    plan = Plan((), (), alertmanager=(alertmanager_config(slos),) if "alertmanager" in kinds else ())
    rules: tuple[RuleFile, ...] = ()
    if "dashboards" in kinds:
        firsts = tuple({slo.service: slo for slo in reversed(slos)}.values())[::-1]
        pages = dashboards(firsts, job.loaded.boards)
        plan = replace(plan, dashboards=(*pages[:1], *pages[1 + len(firsts) :]), inputs=input_metrics(slos))
        rules = tuple(_records(file) for shard in shards_of(slos) for file in make_plan(shard, (), kinds=()).rules)
    files = _texts(plan, slos, job, kinds)
    if files is None or verify(replace(plan, rules=rules), files, kinds, PAGES):
        return _UNSOUND
    return Made(store(files, job.folder))


def _records(file: RuleFile) -> RuleFile:
    """Leave out alerts, which no page reads and which take most of the memory."""
    groups = (
        replace(group, rules=tuple(rule for rule in group.rules if isinstance(rule, RecordingRule)))
        for group in file.groups
    )
    return replace(file, groups=tuple(groups))


def _texts(plan: Plan, slos: Iterable[Slo], job: Job, kinds: tuple[str, ...]) -> dict[str, str] | None:
    try:
        return render(plan, spec_names(slos), job.templates, kinds)
    except RenderError:
        return None
