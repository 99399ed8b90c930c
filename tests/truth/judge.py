"""Run rule files on Prometheus' own rule manager, over given samples: `judge(Plan(...))` gives a `Verdict`.

The program is `tools/judge` (Go), which `make judge` builds. Times are seconds since the epoch in Python and
milliseconds in its files. Each world has its own samples and its own copy of all groups, and they run side by side.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

ROOT = Path(__file__).parents[2]
BUILT = ROOT / "build" / "judge"
SOURCES = (ROOT / "tools" / "go.mod", ROOT / "tools" / "go.sum", *sorted((ROOT / "tools" / "judge").glob("*.go")))

STALE = np.array([0x7FF0000000000002], dtype=np.uint64).view(np.float64)[0]
"""Prometheus' staleness marker: a NaN of its own, which is told apart by its bits."""


class NoJudgeError(Exception):
    """The judge cannot be had on this machine."""


@dataclass(frozen=True)
class Series:
    """One series: its labels, and timestamps, values and arrival times of its samples, all in seconds."""

    labels: Mapping[str, str]
    ts: np.ndarray
    values: np.ndarray
    arrival: np.ndarray | None = None
    """When each sample can be read; without it, at its timestamp."""


@dataclass(frozen=True)
class World:
    """Series that share a storage; `salt` changes the phases of all groups."""

    series: Sequence[Series]
    salt: str = ""


@dataclass(frozen=True)
class Gap:
    """A time in which no group is evaluated; a restart forgets alerts and restores the state of `for`."""

    start: float
    end: float
    restart: bool = True


@dataclass(frozen=True)
class Plan:
    """What one run is told."""

    rules: Mapping[str, str]
    """Texts of rule files by name."""
    worlds: Sequence[World]
    start: float
    end: float
    interval: float = 60.0
    latency: float = 0.0
    gaps: Sequence[Gap] = ()
    record: Sequence[str] = ()
    """Selectors of the series that the verdict holds."""
    queries: Sequence[tuple[str, Sequence[float]]] = ()
    external_labels: Mapping[str, str] = field(default_factory=dict)
    storage: str = "memory"


@dataclass(frozen=True)
class Figure:
    """A recorded series, without its staleness markers."""

    world: int
    labels: Mapping[str, str]
    ts: np.ndarray
    values: np.ndarray

    @property
    def name(self) -> str:
        """Name of the metric."""
        return self.labels["__name__"]

    def at(self, t: float | np.ndarray, lookback: float = 300.0) -> np.ndarray:
        """Give the last value at each time, NaN where there is none within the lookback."""
        t = np.asarray(t, dtype=float)
        place = np.searchsorted(self.ts, t, side="right") - 1
        known = (place >= 0) & (t - self.ts[np.maximum(place, 0)] < lookback)
        return np.where(known, self.values[np.maximum(place, 0)], np.nan)


@dataclass(frozen=True)
class Change:
    """An alert enters a state (`pending`, `firing` or `inactive`) at a time."""

    world: int
    time: float
    labels: Mapping[str, str]
    state: str
    value: float


@dataclass(frozen=True)
class Firing:
    """An alert that fired from `start` to `end`; `end` is None while it still does at the end of the run."""

    labels: Mapping[str, str]
    start: float
    end: float | None


@dataclass(frozen=True)
class Verdict:
    """What one run found."""

    figures: tuple[Figure, ...]
    changes: tuple[Change, ...]
    answers: tuple[Mapping[str, Any], ...]
    errors: tuple[Mapping[str, Any], ...]
    groups: tuple[Mapping[str, Any], ...]
    evaluations: int
    samples_read: int
    """Samples that all rules read, as Prometheus counts them."""

    def all(self, name: str, world: int = 0, **labels: str) -> tuple[Figure, ...]:
        """Give the recorded series of a name that have the labels."""
        wanted = {"__name__": name, **labels}.items()
        return tuple(f for f in self.figures if f.world == world and wanted <= dict(f.labels).items())

    def one(self, name: str, world: int = 0, **labels: str) -> Figure:
        """Give the one recorded series of a name that has the labels."""
        found = self.all(name, world, **labels)
        if len(found) != 1:
            names = sorted({f.name for f in self.figures})
            raise LookupError(f"{len(found)} series are called {name} {labels}; there are {', '.join(names)}")
        return found[0]

    def firings(self, world: int = 0, **labels: str) -> tuple[Firing, ...]:
        """Give each time that an alert with the labels fired, in order."""
        found = []
        for own in _by_alert(self.changes, world, labels):
            states = [*own, None]
            for now, then in pairwise(states):
                if now is not None and now.state == "firing":
                    found.append(Firing(now.labels, now.time, then.time if then else None))
        return tuple(sorted(found, key=lambda firing: firing.start))


def _by_alert(changes: Sequence[Change], world: int, labels: Mapping[str, str]) -> Iterator[list[Change]]:
    alerts: dict[tuple[tuple[str, str], ...], list[Change]] = {}
    for change in changes:
        if change.world == world and labels.items() <= dict(change.labels).items():
            alerts.setdefault(tuple(sorted(change.labels.items())), []).append(change)
    yield from alerts.values()


def program() -> Path:
    """Give the judge, built if it is missing or older than its sources; raises NoJudgeError where that cannot be."""
    if _is_fresh():
        return BUILT
    if shutil.which("go") is None:
        raise NoJudgeError("no judge in build/, and no Go to build it: see https://go.dev/doc/install")
    BUILT.parent.mkdir(exist_ok=True)
    with (BUILT.parent / "judge.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # tests run in several processes, and one of them builds
        if not _is_fresh():
            done = subprocess.run(
                ["make", "judge"], cwd=ROOT, capture_output=True, text=True, check=False, timeout=1800
            )
            if done.returncode != 0:
                raise NoJudgeError(f"`make judge` failed: {done.stderr[-500:]}")
            os.utime(BUILT)
    return BUILT


def _is_fresh() -> bool:
    if not os.access(BUILT, os.X_OK):
        return False
    return all(BUILT.stat().st_mtime >= source.stat().st_mtime for source in SOURCES)


def judge(plan: Plan) -> Verdict:
    """Run a plan."""
    with tempfile.TemporaryDirectory() as folder:
        _write(plan, Path(folder))
        done = subprocess.run([str(program()), folder], capture_output=True, text=True, check=False, timeout=3600)
        if done.returncode != 0:
            raise RuntimeError(done.stderr)
        return _read(Path(folder))


def _ms(seconds: float) -> int:
    return round(seconds * 1000)


def _write(plan: Plan, folder: Path) -> None:
    worlds = [
        {"salt": world.salt, "series": [{"labels": dict(s.labels), "count": len(s.ts)} for s in world.series]}
        for world in plan.worlds
    ]
    told = {
        "rules": [{"file": name, "text": text} for name, text in plan.rules.items()],
        "start": _ms(plan.start),
        "end": _ms(plan.end),
        "interval": _ms(plan.interval),
        "latency": _ms(plan.latency),
        "external_labels": dict(plan.external_labels),
        "gaps": [{"from": _ms(gap.start), "to": _ms(gap.end), "restart": gap.restart} for gap in plan.gaps],
        "storage": plan.storage,
        "record": list(plan.record),
        "queries": [{"expr": expr, "times": [_ms(t) for t in times]} for expr, times in plan.queries],
        "worlds": worlds,
    }
    (folder / "plan.json").write_text(json.dumps(told))
    series = [s for world in plan.worlds for s in world.series]
    with (folder / "samples.bin").open("wb") as file:
        for s in series:
            file.write(np.round(s.ts * 1000).astype("<i8").tobytes())
        for s in series:
            file.write(np.asarray(s.values).astype("<f8").tobytes())
        for s in series:
            file.write(np.round((s.ts if s.arrival is None else s.arrival) * 1000).astype("<i8").tobytes())


def _read(folder: Path) -> Verdict:
    told = json.loads((folder / "result.json").read_text())
    raw = (folder / "records.bin").read_bytes()
    total = len(raw) // 16
    ts = np.frombuffer(raw, "<i8", total) / 1000
    values = np.frombuffer(raw, "<f8", total, offset=8 * total)
    figures, at = [], 0
    for recorded in told["records"]:
        own = slice(at, at := at + recorded["count"])
        kept = ~np.isnan(values[own]) | (values[own].view(np.uint64) != np.float64(STALE).view(np.uint64))
        figures.append(Figure(recorded["world"], recorded["labels"], ts[own][kept], values[own][kept]))
    labels = told["labels"]
    changes = tuple(
        Change(alert["world"], alert["time"] / 1000, labels[alert["labels"]], alert["state"], alert["value"])
        for alert in told["alerts"]
    )
    return Verdict(
        figures=tuple(figures),
        changes=changes,
        answers=tuple(told["answers"]),
        errors=tuple(told["errors"]),
        groups=tuple(told["groups"]),
        evaluations=told["evaluations"],
        samples_read=told["samples_read"],
    )
