"""Split an SLO into one for each of its levels."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any, Final

from burnproof.diagnostics import problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from burnproof.diagnostics import Problem, Span
    from burnproof.specs.keys import LevelSpec, SloSpec

BASE_LEVEL: Final = "target"
_BOUNDS: Final = ("at_most", "less_than", "at_least", "more_than", "bound", "fewer_than")


def levels_of(slo: SloSpec, problems: list[Problem]) -> Iterator[tuple[LevelSpec | None, SloSpec]]:
    """Yield an SLO as it stands, and once more for each of its further levels, with what the level changes."""
    yield None, slo
    seen = {BASE_LEVEL}
    for number, level in enumerate(slo.levels or ()):
        place = slo.spans.get(f"levels.{number}.name", slo.spans.get("levels"))
        if level.name in seen:
            message = f"there is a level {level.name!r} already"
            problems.append(problem("duplicate-name", message, place, "choose another name"))
            continue
        seen.add(level.name)
        kind = slo.sli.written() if "sli" in slo.spans and "sli" not in slo.broken else None
        changed = {name: getattr(level, name) for name in _BOUNDS if getattr(level, name) is not None}
        unknown = [name for name in changed if kind is None or getattr(kind, name, None) is None]
        if kind is not None and unknown:
            message = f"the level changes {unknown[0]}, which the SLI does not have"
            where = slo.spans.get(f"levels.{number}.{unknown[0]}", place)
            problems.append(problem("one-of", message, where, "a level changes the bound that the SLI itself names"))
            continue
        if not changed and level.objective is None:
            message = f"the level {level.name!r} changes neither objective nor bound"
            problems.append(problem("one-of", message, place, "give it an objective or a bound of its own"))
            continue
        alike = kind is not None and all(value == getattr(kind, name) for name, value in changed.items())
        if alike and level.objective in (None, slo.objective):
            message = f"the level {level.name!r} promises what the SLO itself does, so each of its alerts comes twice"
            problems.append(problem("one-of", message, place, "give it another objective or bound"))
            continue
        sli = slo.sli
        if kind is not None and changed:
            bounded: Any = {kind_name(slo): replace(kind, **changed)}
            sli = replace(sli, **bounded)
        yield (
            level,
            replace(
                slo,
                sli=sli,
                objective=slo.objective if level.objective is None else level.objective,
                alerting=level.alerting or slo.alerting,
                # A release is not frozen once for each level: what the policy is about is the budget of the target.
                budget_policy=level.budget_policy or (),
                spans=_level_spans(slo, level, f"levels.{number}."),
            ),
        )


def _level_spans(slo: SloSpec, level: LevelSpec, start: str) -> dict[str, Span]:
    """Give the places of a level's fields: its own where it says something, else those of its SLO."""
    spans = {
        path: span for path, span in slo.spans.items() if level.alerting is None or path.partition(".")[0] != "alerting"
    }
    for path, span in slo.spans.items():
        own = path.removeprefix(start)
        if own not in (path, "name"):
            spans[f"sli.{kind_name(slo)}.{own}" if own in _BOUNDS and slo.sli is not None else own] = span
    return spans


def kind_name(slo: SloSpec) -> str:
    """Name the key under ``sli`` that holds the SLI."""
    kind = slo.sli.written()
    return next(item.name for item in fields(slo.sli) if getattr(slo.sli, item.name) is kind)
