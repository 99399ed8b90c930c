"""Compiled rules on the embedded engine: an SLO and input series in, which of its alerts fire when out."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from burnproof.compile.plan import make_plan
from burnproof.model import naming
from burnproof.model.quantities import duration
from burnproof.output.render import render
from burnproof.specs.resolve import slos_from_text
from promrules.columns.series import Storage
from promrules.columns.values import Matrix
from promrules.engine import evaluate
from promrules.prometheus_scripts.series_notation import as_series, parse_series
from promrules.rule_tests.evaluation import EvalOptions, evaluate_rules
from promrules.rule_tests.rule_file import load_rules
from promrules.syntax.labels import NAME
from promrules.syntax.parse import parse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from burnproof.model.slo import Slo
    from promrules.rule_tests.evaluation import Evaluation

NO_DATA = "NoData"


@lru_cache(maxsize=64)
def slos_of(spec: str) -> tuple[Slo, ...]:
    """Read a spec's text, which must be without errors."""
    loaded = slos_from_text("spec.yaml", spec)
    assert loaded.ok, loaded.problems
    return loaded.slos


def slo_of(spec: str, name: str = "") -> Slo:
    """Give one SLO of a spec: the first, or the one of that name."""
    return next(slo for slo in slos_of(spec) if name in ("", slo.name))


def rule_text(slos: tuple[Slo, ...]) -> str:
    """Compile SLOs of one service to the text of its rule file."""
    plan = make_plan(slos, proofs=False)
    return render(plan, {}, None, ("rules",))[f"rules/{slos[0].service}.yaml"]


@dataclass(frozen=True)
class Run:
    """What came of running an SLO's rules over some input."""

    slo: Slo
    evaluation: Evaluation

    def firing(self, at: str) -> str:
        """Name what fires at a time: windows of tiers in their order, NoData last; joined by blanks."""
        moment = duration(at).ms
        tiers = [str(tier.long) for tier in self.slo.policy.tiers]
        found = {name for name, spans in self.spans().items() if any(a <= moment <= b for a, b in spans)}
        return " ".join(name for name in (*dict.fromkeys(tiers), NO_DATA) if name in found)

    def spans(self) -> dict[str, list[tuple[int, int]]]:
        """Give, for each tier and NoData, from when to when it fired without a pause, ms."""
        found: dict[str, list[tuple[int, int]]] = {}
        step = int(self.evaluation.times[1] - self.evaluation.times[0])
        for series in self.evaluation.storage:
            labels = dict(series.labels)
            if labels[NAME] != "ALERTS" or labels["alertstate"] != "firing" or labels["slo_id"] != self.slo.id:
                continue
            name = labels.get(naming.TIER, NO_DATA if labels["alertname"].endswith(NO_DATA) else labels["alertname"])
            times = series.times[~np.isnan(series.values)]
            for part in np.split(times, np.flatnonzero(np.diff(times) > step) + 1):
                if len(part):
                    found.setdefault(name, []).append((int(part[0]), int(part[-1])))
        return found

    def values(self, query: str, at: str) -> list[float]:
        """Evaluate a query at a time."""
        moment = np.array([duration(at).ms], dtype=np.int64)
        found = evaluate(parse(query), self.evaluation.storage, moment).value
        if isinstance(found, Matrix):
            return sorted(float(value) for value in found.values[found.present].ravel())
        return [float(found.values[0])]

    def value(self, record: str, at: str) -> float | None:
        """Give the only value of one of the SLO's recorded series; None where there is none."""
        found = self.values(f'{record}{{slo_id="{self.slo.id}"}}', at)
        assert len(found) <= 1, found
        return found[0] if found else None


def run(
    slo: Slo,
    series: Mapping[str, str] | Storage,
    end: str,
    *,
    interval: str = "1m",
    evaluation: str = "1m",
    start: str = "",
    offset: str = "",
    compat: int = 3,
) -> Run:
    """Run the rules of one SLO.

    Args:
        slo: whose rules.
        series: series -> values in promtool's notation, `interval` apart; or a storage.
        end: when to stop.
        interval: time between samples.
        evaluation: time between evaluations.
        start: when to begin evaluating; 0 unless given.
        offset: how long after the whole interval evaluations fall.
        compat: the Prometheus whose semantics hold, 2 or 3.
    """
    groups = load_rules(rule_text((slo,)), file="rules.yaml").groups
    storage = series if isinstance(series, Storage) else storage_of(series, interval)
    shift = duration(offset).ms if offset else 0
    begin = (duration(start).ms if start else 0) + shift
    made = evaluate_rules(
        groups, storage, begin, duration(end).ms + shift, duration(evaluation).ms, EvalOptions(compat=compat)
    )
    assert not made.failures, made.failures
    return Run(slo, made)


def storage_of(series: Mapping[str, str], interval: str = "1m") -> Storage:
    """Make a storage of series in promtool's notation."""
    storage = Storage()
    for name, values in series.items():
        labels, samples = parse_series(f"{name} {values}")
        storage.add(as_series(labels, samples, duration(interval).ms))
    return storage


def counter(*stretches: tuple[float, int]) -> str:
    """Write a counter that starts at 0 and grows by so much for so many intervals, stretch after stretch."""
    level, items = 0.0, ["0"]
    for growth, count in stretches:
        if count:
            items.append(f"{level + growth!r}+{growth!r}x{count - 1}")
        level += growth * count
    return " ".join(items)
