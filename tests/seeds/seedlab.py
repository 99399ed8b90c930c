"""The committed specs, one SLO at a time, and input for them."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from burnproof.specs.resolve import read_slos
from simulated import counter, run

if TYPE_CHECKING:
    from collections.abc import Mapping

    from burnproof.model.slo import Slo
    from simulated import Run

SLOS = Path(__file__).parents[2] / "slos"
WARM = 70  # minutes of health before anything happens: longer than what the slice policies here look back
SAMPLE = "15s"  # the scrape interval of the specs: slices of a minute need several samples
PER_MINUTE = 4


def play(slo: Slo, series: Mapping[str, str], end: str, evaluation: str = "1m") -> Run:
    """Run the rules of an SLO over series sampled every 15 s."""
    return run(slo, series, end, interval=SAMPLE, evaluation=evaluation)


def rising(*phases: tuple[float, int]) -> str:
    """Write a counter that rises by so much a minute for so many minutes, phase after phase."""
    return counter(*((growth / PER_MINUTE, minutes * PER_MINUTE) for growth, minutes in phases))


def steady(*phases: tuple[float, int]) -> str:
    """Write a gauge that has a level for so many minutes, phase after phase."""
    return " ".join(f"{level!r}x{minutes * PER_MINUTE - 1}" for level, minutes in phases)


@lru_cache(maxsize=8)
def load(service: str) -> dict[str, Slo]:
    """Give the SLOs of a committed spec by id, without the service in front."""
    loaded = read_slos([SLOS / f"{service}.yaml"])
    assert loaded.problems == ()
    return {slo.id.removeprefix(f"{service}-"): slo for slo in loaded.slos}


def histogram(metric: str, *phases: tuple[float | None, int], rate: int = 600, slow: float = 1.0) -> dict[str, str]:
    """Give a histogram for `play`: in each phase, of `rate` observations a minute the share `slow` has a value.

    A phase is a value and minutes. The other observations are in the lowest bucket, all of them where it is None.
    """
    name, _, labels = metric.partition("{")
    inner = labels.rstrip("}")
    bounds = [0.001, 0.0015, 0.002, 0.05, 0.075, 0.1, 0.125, 0.15, 0.2, 0.225, 0.25, 0.3, 0.5, 0.75, 1, 1.5, 2, 5, 6.25]
    bounds += [7.5, 10, 15, 20, 22.5, 30, 60, 100, float("inf")]
    made = {}
    for bound in bounds:
        le = "+Inf" if bound == float("inf") else f"{bound:g}"
        steps = [
            (rate if value is None or value <= bound else rate * (1 - slow) if bound > 0.0005 else 0, minutes)
            for value, minutes in phases
        ]
        made[f'{name}_bucket{{{inner + "," if inner else ""}le="{le}"}}'] = rising(*steps)
    made[f"{name}_count{{{inner}}}"] = rising(*((rate, minutes) for _, minutes in phases))
    return made
