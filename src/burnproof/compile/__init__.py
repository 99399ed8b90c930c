"""Compile specs to files, on one screen: load → normalise → plan → render → verify.

Every step is a plain call on immutable values. Problems end the way after the step that found them, all of that
step's at once; nothing raises for what a user's file or template holds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import PurePath
from typing import TYPE_CHECKING

from burnproof.compile.counts import Counts
from burnproof.compile.plan import make_plan
from burnproof.diagnostics import exit_code, problem
from burnproof.model.slo import Threshold
from burnproof.output.render import KINDS, RenderError, render
from burnproof.output.user_templates import blamed
from burnproof.output.verify import verify
from burnproof.proofs import unproved
from burnproof.specs.resolve import read_slos

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from burnproof.diagnostics import Problem
    from burnproof.model.slo import Slo
    from burnproof.output.plan import Plan
    from burnproof.specs.resolve import Loaded

STEPS = ("reading specs", "planning rules and proofs", "rendering templates", "verifying what was rendered")


@dataclass(frozen=True, slots=True)
class Compilation:
    """What became of some specs.

    Attributes:
        problems: all that was found, warnings too; with an error among them, ``files`` is empty.
        texts: file name -> text of each spec, for drawing carets.
        slos: the objectives.
        plan: what was planned for them, where it came so far.
        files: path below the output folder -> text.
        counts: how many rules, alerts and tests there are.
    """

    problems: tuple[Problem, ...]
    texts: Mapping[str, str]
    slos: tuple[Slo, ...] = ()
    plan: Plan | None = None
    files: Mapping[str, str] = field(default_factory=dict)
    counts: Counts = field(default_factory=Counts)


def compile_specs(
    paths: Iterable[str],
    *,
    templates: Path | None = None,
    kinds: Sequence[str] = KINDS,
    strict: bool = False,
    step: Callable[[str], None] = lambda _: None,
) -> Compilation:
    """Compile the specs in ``paths`` and prove the result, touching no output.

    Args:
        paths: YAML files, folders of them, ``-`` for standard input.
        templates: a folder whose files override shipped templates.
        kinds: what to make, of ``render.KINDS``.
        strict: whether warnings stop the compilation as errors do.
        step: is told the name of each step as it begins.
    """
    step(STEPS[0])
    return compile_loaded(read_slos(paths), templates=templates, kinds=kinds, strict=strict, step=step)


def compile_loaded(
    loaded: Loaded,
    *,
    templates: Path | None = None,
    kinds: Sequence[str] = KINDS,
    strict: bool = False,
    step: Callable[[str], None] = lambda _: None,
) -> Compilation:
    """Compile what the front end has read; arguments as for ``compile_specs``."""
    problems = tuple(loaded.problems)
    if exit_code(problems, strict=strict):
        return Compilation(problems, loaded.texts)
    step(STEPS[1])
    plan = make_plan(loaded.slos, loaded.boards, kinds=kinds)
    problems += without_proofs(loaded.slos)
    if exit_code(problems, strict=strict):
        return Compilation(problems, loaded.texts)
    step(STEPS[2])
    try:
        files = render(plan, spec_names(loaded.slos), templates, kinds)
    except RenderError as error:
        span = error.problem.span
        texts = {**loaded.texts, span.file: error.text} if span else loaded.texts
        return Compilation((*problems, error.problem), texts)
    step(STEPS[3])
    problems += blamed(verify(plan, files, kinds), templates)
    if exit_code(problems, strict=strict):
        files = {}
    return Compilation(problems, loaded.texts, loaded.slos, plan, files, Counts.of(plan))


def without_proofs(slos: Iterable[Slo]) -> tuple[Problem, ...]:
    """Warn of objectives whose alerts come without proofs."""
    message = "no example series could be worked out for these queries, so the alerts of this SLO are not proved"
    return tuple(problem("unproved", message, slo.span("sli"), _provable(slo)) for slo in unproved(slos))


def _provable(slo: Slo) -> str:
    """Say what could be proved instead."""
    if not isinstance(slo.indicator, Threshold):
        return "write the query as a sum of rates or increases of selectors with $window, or as a bare selector"
    if "histogram_quantile(" in slo.indicator.value.text:
        return "write it as an SLI of the kind `quantile`, or as `latency`, whose budget counts requests"
    return "write the value as a gauge or a rate, a sum, mean or quotient of these, `time() - …` or `… - time()`"


def spec_names(slos: Iterable[Slo]) -> dict[str, tuple[str, ...]]:
    """Give service -> names of the files that declare it, without folders.

    The names stand in what is written, which must not depend on where the command was run.
    """
    names: dict[str, set[str]] = {}
    for slo in slos:
        span = slo.span("")
        names.setdefault(slo.service, set()).update({PurePath(span.file).name} if span else ())
    return {service: tuple(sorted(found)) for service, found in names.items() if found}
