"""Measure with what weight each window counts an event, by where the event falls between the scrapes.

`python tests/truth/weights.py FILE… [--scrape 30] [--real 30] [--interval 60] [--windows 6h,1d] [--worlds 3] [--leave]`
prints the weights of the windows of rule files or specs, as Prometheus' own rule manager records them.

Errors and totals of a window are sums of increments. So the weight with which a window counts one bad event, at each
place between two scrapes, decides for every pattern of traffic: an exact window has 1 inside and 0 outside.

How it is measured: bursts of different sizes, one at each place, are laid into the window one after the other, among
so many good events that the total does not notice. The figure is `ratio * total`, in bursts. Between entries it must
stand still; what it rises by at an entry is that burst's weight. Where the ratio is read while no burst is about to
enter or to leave, the weights of all bursts are the solution of a linear system, and what it cannot explain (a weight
that changes while the burst is inside) is the residual.

Total: windows of up to an hour have steady traffic. Longer ones may count some minutes more or less than their
length, which would change a steady total; there, nearly all traffic stands in two blocks: one that the window holds
while the bursts enter, and one that it holds while they leave.
"""

from __future__ import annotations

import argparse
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from judge import Plan, Series, World, judge
from rulefiles import only, read, recorded

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

EPOCH = 1_767_225_600.0
"""2026-01-01T00:00:00Z: on the full hour and day."""
RATIO = re.compile(r"(?:slo:sli_error:ratio_rate|r:)(\d+)(s|m|h|d|w)")
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_HIGH = 1e12
"""What every counter starts from: near zero, `rate` extrapolates less."""

Feed = "Callable[[np.ndarray, np.ndarray, np.ndarray], Sequence[Series]]"


def by_code(ts: np.ndarray, good: np.ndarray, bad: np.ndarray) -> Sequence[Series]:
    """Give the two counters of a ratio: good and bad requests of one pod."""
    labels = {"__name__": "http_requests_total", "job": "shop", "pod": "a"}
    return Series({**labels, "code": "200"}, ts, good), Series({**labels, "code": "500"}, ts, bad)


@dataclass(frozen=True)
class Setting:
    """How the raw data and the rules stand to each other."""

    scrape: float = 30.0
    """Real scrape interval."""
    interval: float = 60.0
    """Evaluation interval of groups that name none."""
    delay: float = 0.0
    """How late samples arrive."""
    worlds: int = 3
    """How many phases of scrapes and groups are measured; 0: as many as meet every place, at least three."""
    leave: bool = False
    """Whether bursts are followed until they have left the window."""
    feed: Feed = by_code


@dataclass(frozen=True)
class Schedule:
    """When bursts and blocks of good events happen, in seconds since the start, and when the ratio is settled."""

    window: float
    bursts: np.ndarray
    blocks: tuple[tuple[float, float], ...]
    start: float
    end: float
    enters: float
    """How long after an event the window may still not count it."""
    leaves: tuple[float, float]
    """From when to when, after an event and less the window, it may stop to count it."""


@dataclass(frozen=True)
class Weights:
    """Weights of one window.

    Attributes:
        window: its name, as `6h`.
        places: offsets of the bursts in the hour, seconds.
        weights: the weight of each burst.
        residual: how far the figure is from what constant weights explain, in the smallest burst.
        entering: ages of a burst, in seconds, at which it was seen on its way in, and its weight then.
        leaving: the same on its way out, less the length of the window.
    """

    window: str
    places: np.ndarray
    weights: np.ndarray
    residual: float
    entering: np.ndarray
    leaving: np.ndarray

    @property
    def exact(self) -> bool:
        """Say whether every burst counts once, within half a percent, all the time."""
        return bool(np.abs(self.weights - 1).max() <= 0.005 and self.residual <= 0.005)

    def line(self) -> str:
        """Describe them on one line."""
        w, shares = self.weights, []
        for name, curve, done in (("in", self.entering, 1.0), ("out", self.leaving, 0.0)):
            partial = curve[np.abs(curve[:, 1] - done) > 0.005] if len(curve) else curve
            begun = curve[np.abs(curve[:, 1] - (1.0 - done)) > 0.005] if len(curve) else curve
            if len(partial) and len(begun):
                shares.append(f"{name} {begun[:, 0].min():.0f}..{partial[:, 0].max():.0f}s")
        missed = int(np.sum(np.abs(w - 1) > 0.005))
        return (
            f"{self.window:>5}  bursts {len(w):4d}  mean {w.mean():7.4f}  min {w.min():7.4f}  max {w.max():7.4f}  "
            f"off {missed:4d}  residual {self.residual:7.4f}  {'  '.join(shares)}"
        )


def seconds(window: str) -> float:
    """Give the length of a window named as in a metric, `30m`."""
    return float(int(window[:-1]) * _UNITS[window[-1]])


def schedule(window: float, setting: Setting, shift: int) -> Schedule:
    """Lay bursts into a window; `shift` moves them by as many times their number, so that worlds meet all places."""
    scrape, slack = setting.scrape, setting.interval + 2 * setting.scrape + setting.delay + 5
    if window <= 3600:
        slack = scrape + setting.delay + 2
        apart = np.ceil((window + 4 * slack) / 60) * 60 + scrape
        bursts = window + slack + apart * np.arange(6)
        end = bursts[-1] + window + 2 * slack
        return Schedule(window, bursts, ((-window, end + window),), -900.0, end, slack, (-slack, slack))
    hourly = window >= 86_400
    tile = 3600.0 if hourly else 300.0
    enters, leaves = tile + 300 + slack, (-slack, tile + 900 + slack)
    apart = (1.5 * tile if hourly else 4 * tile) + scrape
    block = 2 * tile
    first = block + 2 * enters
    most = int(3600 / scrape) if hourly else int(600 / scrape)
    room = window - 2 * block - first - 2 * enters - 3 * tile
    number = max(1, min(most, int(room / apart)))
    bursts = first + shift * number * scrape % tile + apart * np.arange(number)
    second = np.ceil((bursts[-1] + enters) / tile + 1) * tile
    end = bursts[-1] + window + leaves[1] + 900 if setting.leave else float(second)
    return Schedule(window, bursts, ((0.0, block), (second, second + block)), -900.0, end, enters, leaves)


def _world(plan: Schedule, sizes: np.ndarray, phase: float, setting: Setting) -> Sequence[Series]:
    ts = (
        np.arange(plan.start - 2 * plan.window if plan.window <= 3600 else plan.start, plan.end, setting.scrape) + phase
    )
    good = _HIGH + np.floor(ts - ts[0])
    for begin, until in plan.blocks:
        good += np.floor(np.clip((ts - begin) / (until - begin), 0, 1) * _block(plan))
    at = np.searchsorted(plan.bursts + phase - setting.scrape / 2, ts, side="right")
    bad = _HIGH + np.concatenate([[0], np.cumsum(sizes)])[at]
    moved = [
        Series(s.labels, s.ts + EPOCH, s.values, s.ts + EPOCH + setting.delay) for s in setting.feed(ts, good, bad)
    ]
    return tuple(moved)


def _block(plan: Schedule) -> float:
    """How many good events are in a block: per second of steady traffic 100,000, else 10⁹."""
    return 1e5 * (plan.blocks[0][1] - plan.blocks[0][0]) if len(plan.blocks) == 1 else 1e9


def _total(plan: Schedule, t: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give the good events that the window holds at each time, and whether that is certain."""
    if len(plan.blocks) == 1:
        return np.full(len(t), (1e5 + 1) * plan.window), t > 0
    total, certain = np.zeros(len(t)), np.ones(len(t), dtype=bool)
    for begin, until in plan.blocks:
        inside = (t >= until + plan.enters) & (t <= begin + plan.window + plan.leaves[0])
        outside = (t < begin) | (t > until + plan.window + plan.leaves[1])
        total += np.where(inside, 1e9, 0)
        certain &= inside | outside
    return total + np.minimum(t - plan.start, plan.window), certain & (total > 0)


def _solve(name: str, plan: Schedule, sizes: np.ndarray, t: np.ndarray, ratio: np.ndarray) -> Weights:
    total, certain = _total(plan, t)
    age = t[:, None] - plan.bursts[None, :]
    entering = (age >= 0) & (age < plan.enters)
    leaving = (age > plan.window + plan.leaves[0]) & (age < plan.window + plan.leaves[1])
    inside = (age >= plan.enters) & (age <= plan.window + plan.leaves[0])
    counted = ratio * total
    settled = certain & ~entering.any(axis=1) & ~leaving.any(axis=1) & np.isfinite(ratio)
    matrix = (inside * sizes)[settled]
    assert matrix.any(axis=0).all(), f"{name}: a burst was never inside when the ratio was recorded"
    weights = np.linalg.lstsq(matrix, counted[settled], rcond=None)[0]
    residual = np.abs(counted[settled] - matrix @ weights).max() / sizes.min()
    moving = certain & np.isfinite(ratio) & ((entering | leaving).sum(axis=1) == 1)
    rest = counted - (inside * sizes) @ weights
    curves = []
    for edge, less in ((entering, 0.0), (leaving, plan.window)):
        row, burst = np.nonzero(edge & moving[:, None])
        share = rest[row] / sizes[burst] / np.where(np.abs(weights[burst]) > 0.05, weights[burst], 1)
        curves.append(np.column_stack([age[row, burst] - less, share]) if len(row) else np.empty((0, 2)))
    return Weights(name, plan.bursts % 3600, weights, float(residual), *curves)


def measure(files: Mapping[str, str], setting: Setting, windows: Sequence[str] = ()) -> Iterator[Weights]:
    """Measure the weights of the windows of rule files, all that record a ratio unless some are named."""
    for name in recorded(files):
        found = RATIO.fullmatch(name)
        if found is None or (windows and found[1] + found[2] not in windows):
            continue
        window = found[1] + found[2]
        chance = np.random.default_rng(7)
        plans, sizes, phases, worlds = [], [], [], []
        places = (3600 if seconds(window) >= 86_400 else 300) / setting.scrape
        bursts = len(schedule(seconds(window), setting, 0).bursts)
        for number in range(setting.worlds or max(3, int(np.ceil(places / bursts)))):
            plans.append(schedule(seconds(window), setting, shift=number))
            sizes.append(chance.integers(1000, 2000, len(plans[-1].bursts)).astype(float))
            phases.append(float(np.round(chance.uniform(0, setting.scrape), 3)))
            series = _world(plans[-1], sizes[-1], phases[-1], setting)
            worlds.append(World(series, salt=f"{number}/" if number else ""))
        start, end = EPOCH + plans[0].start, EPOCH + max(plan.end for plan in plans)
        verdict = judge(
            Plan(only(files, [name]), worlds, start, end, setting.interval, record=[f'{{__name__="{name}"}}'])
        )
        assert not verdict.errors, verdict.errors
        parts = []
        for number, plan in enumerate(plans):
            figure = verdict.one(name, number)
            # A burst happens half a scrape before the scrape that sees it.
            moved = Schedule(**{**vars(plan), "bursts": plan.bursts + phases[number] - setting.scrape / 2})
            parts.append(_solve(window, moved, sizes[number], figure.ts - EPOCH, figure.values))
        yield _joined(parts)


def _joined(parts: Sequence[Weights]) -> Weights:
    return Weights(
        parts[0].window,
        np.concatenate([part.places for part in parts]),
        np.concatenate([part.weights for part in parts]),
        max(part.residual for part in parts),
        np.concatenate([part.entering for part in parts]),
        np.concatenate([part.leaving for part in parts]),
    )


def main() -> None:
    """Print the weights of the windows of rule files."""
    parser = argparse.ArgumentParser(description="Measure the weights of windows on Prometheus' own rule manager.")
    parser.add_argument(
        "files", nargs="+", type=Path, help="rule files, or specs (the raw counters are http_requests_total)"
    )
    parser.add_argument("--scrape", type=float, default=30.0, help="real scrape interval, seconds")
    parser.add_argument("--interval", type=float, default=60.0, help="default evaluation interval, seconds")
    parser.add_argument("--delay", type=float, default=0.0, help="how late samples arrive, seconds")
    parser.add_argument("--worlds", type=int, default=3, help="phases of scrapes and groups; 0: all places")
    parser.add_argument("--windows", default="", help="names of windows, with commas")
    parser.add_argument("--leave", action="store_true", help="follow bursts until they have left the window")
    parser.add_argument("--places", action="store_true", help="print the weight at each place")
    told = parser.parse_args()
    setting = Setting(told.scrape, told.interval, told.delay, told.worlds, told.leave)
    for path in told.files:
        sys.stdout.write(f"{path}\n")
        for weights in measure(read(path), setting, tuple(filter(None, told.windows.split(",")))):
            sys.stdout.write(weights.line() + "\n")
            sys.stdout.flush()
            if told.places:
                for place, weight in sorted(zip(weights.places, weights.weights, strict=True)):
                    sys.stdout.write(f"       {place:7.1f}s of the hour  {weight:8.4f}\n")


if __name__ == "__main__":
    main()
