"""What the figures ought to be, and when alerts ought to fire: arithmetic on true events, independent of all rules.

A window is (t - W, t]. Rules see it late by what is documented, at both ends: a window on raw counters by one scrape; a
window of more than an hour ends up to five minutes and a scrape ago, from a day on up to a minute and a scrape. One of
more than three days also begins up to 84 minutes early, since it holds whole hours. So a figure has to lie between the
least and the greatest ratio of the windows that these edges allow. Within them there is no tolerance but the one that a
test states.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from events import Traffic
    from judge import Firing

HOUR, DAY = 3600.0, 86_400.0
_RESUMES = 600.0
"""Seconds after a time without rules in which an alert may be back: figures of slow groups come first."""


@dataclass(frozen=True)
class Tier:
    """A pair of windows that both have to burn as many times faster than the budget allows."""

    name: str
    factor: float
    long: float
    short: float
    hold: float = 0.0
    """How long both have to last: `for`."""


GOOGLE = (
    Tier("1h", 14.4, HOUR, 300.0),
    Tier("6h", 6.0, 6 * HOUR, 1800.0),
    Tier("1d", 3.0, DAY, 2 * HOUR),
    Tier("3d", 1.0, 3 * DAY, 6 * HOUR),
)
"""The SRE workbook's table, chapter 5, with its third row added."""
GOOGLE_3 = (GOOGLE[0], GOOGLE[1], GOOGLE[3])
SINGLE = (
    Tier("5m", 14.4, 300.0, 300.0, 300.0),
    Tier("1h", 6.0, HOUR, HOUR, 300.0),
    Tier("1d", 1.0, DAY, DAY, 300.0),
)
POLICIES = {"google": GOOGLE, "google-3": GOOGLE_3, "single-window": SINGLE}


@dataclass(frozen=True)
class Lag:
    """How late a rule may see an event come, and go, in seconds, besides its windows."""

    scrape: float = 30.0
    interval: float = 60.0
    delay: float = 0.0

    def edges(self, window: float) -> tuple[np.ndarray, np.ndarray]:
        """Give lags of the window's end, and of its beginning, that are allowed."""
        raw = self.scrape + self.delay
        if window <= HOUR:
            both = np.linspace(0, raw, 3)
            return both, both
        tile = 300 + raw + self.interval
        if window < DAY:
            both = np.linspace(0, tile, 8)
            return both, both
        minute = (60 if self.scrape <= 60 else 300) + raw + self.interval
        more = 0 if window <= 3 * DAY else HOUR + 1200 + 240
        return np.linspace(0, minute, 4), np.linspace(0, minute + more, 16)


class Truth:
    """Ratios of true events."""

    def __init__(self, traffic: Traffic, objective: float = 0.999, lag: Lag | None = None) -> None:
        order = np.argsort(traffic.t, kind="stable")
        self.t = traffic.t[order]
        self.bad = np.concatenate([[0.0], np.cumsum(traffic.bad[order])])
        self.total = np.concatenate([[0.0], np.cumsum(traffic.bad[order] + traffic.good[order])])
        self.budget = 1 - objective
        self.lag = lag or Lag()

    def counts(self, begin: np.ndarray, end: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Give bad events and all events of (begin, end]."""
        first, last = (np.searchsorted(self.t, edge, side="right") for edge in (begin, end))
        return self.bad[last] - self.bad[first], self.total[last] - self.total[first]

    def ratio(self, window: float, t: np.ndarray) -> np.ndarray:
        """Give the error ratio of (t - W, t]; NaN where nothing happened."""
        bad, total = self.counts(t - window, t)
        return np.where(total > 0, bad / np.maximum(total, 1e-12), np.nan)

    def bounds(self, window: float, t: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Give the least and the greatest ratio that the edges allow."""
        ends, begins = self.lag.edges(window)
        least, most = np.full(len(t), np.inf), np.full(len(t), -np.inf)
        for end in ends:
            for begin in begins:
                bad, total = self.counts(t - window - begin, t - end)
                ratio = np.where(total > 0, bad / np.maximum(total, 1e-12), np.nan)
                least, most = np.fmin(least, ratio), np.fmax(most, ratio)
        return least, most

    def due(self, tier: Tier, t: np.ndarray, margin: float = 1.0) -> np.ndarray:
        """Say at which times both windows of a tier burn too fast, wherever they begin within their edges."""
        bound = tier.factor * self.budget * margin
        holds = np.ones(len(t), dtype=bool)
        for window in (tier.long, tier.short):
            for begin in self.lag.edges(window)[1]:
                bad, total = self.counts(t - window - begin, t)
                holds &= bad > bound * total
        return holds

    def allowed(self, tier: Tier, t: np.ndarray, margin: float = 0.99) -> np.ndarray:
        """Say at which times a tier may fire, given the edges of its windows."""
        bound = tier.factor * self.budget * margin
        return (self.bounds(tier.long, t)[1] > bound) & (self.bounds(tier.short, t)[1] > bound)


@dataclass(frozen=True)
class Watch:
    """What is asked of the firings of a tier: from when to when, and when rules were not evaluated."""

    start: float
    end: float
    interval: float = 60.0
    scrape: float = 30.0
    delay: float = 0.0
    holes: tuple[tuple[float, float], ...] = ()
    keep: float = 0.0
    """How long an alert may go on firing after its cause ended."""

    def late(self, tier: Tier) -> float:
        """Give how late a tier may fire: two evaluations, from windows of 2h on five minutes; and a scrape."""
        slowest = 300.0 if tier.long >= 2 * HOUR else 2 * self.interval
        return slowest + (self.interval if tier.hold else 0.0) + self.scrape + self.delay


def spans(t: np.ndarray, holds: np.ndarray) -> list[tuple[float, float]]:
    """Give the spans of a grid of times in which something holds."""
    steps = np.diff(np.concatenate([[0], holds.astype(int), [0]]))
    return [(float(t[a]), float(t[b - 1])) for a, b in zip(*(np.nonzero(steps == s)[0] for s in (1, -1)), strict=True)]


def wrong(truths: Sequence[Truth], tier: Tier, firings: Sequence[Firing], watch: Watch) -> list[str]:
    """Hold a tier's firings against the arithmetic; times in seconds since the start. Gives what is wrong.

    Where nobody can know some events there are several truths: a tier must fire if all say so, and may if one does.
    """
    t = np.arange(watch.start, watch.end, 10.0)
    due = spans(t, np.all([truth.due(tier, t, margin=1.01) for truth in truths], axis=0))
    may = np.any([truth.allowed(tier, t) for truth in truths], axis=0)
    found = []
    fired = _resumed([(f.start, watch.end if f.end is None else f.end) for f in firings], watch)
    for begin, end in due:
        late = watch.late(tier) + tier.hold
        if end - begin <= late:
            continue
        missing = _uncovered(begin + late, end, [*fired, *((a, b + _RESUMES + late) for a, b in watch.holes)])
        if missing:
            a, b = missing[0]
            firing = "never fires" if not any(x <= end and y >= begin for x, y in fired) else "does not fire"
            lasts = f"its cause lasts from {_hm(begin)} to {_hm(end)}"
            found.append(f"tier {tier.name} {firing} from {_hm(a)} to {_hm(b)}; {lasts}")
    for begin, end in fired:
        if begin < watch.start:
            continue
        near = (t <= begin + 10) & (t >= begin - 2 * watch.interval - 20)
        if not may[near].any():
            found.append(f"tier {tier.name} fires without cause from {_hm(begin)} to {_hm(end)}")
    causes = _merged(spans(t, may), 2 * watch.interval)
    begun = [f for f in fired if f[0] >= watch.start]
    if len(begun) > max(len(causes), 1) and causes:
        found.append(
            f"tier {tier.name} fires {len(begun)} times for {len(causes)} causes: "
            + ", ".join(_hm(start) for start, _ in begun[:8])
        )
    return found


def _resumed(fired: Sequence[tuple[float, float]], watch: Watch) -> list[tuple[float, float]]:
    """Join what fired before a time without rules and again right after it: nobody could send it meanwhile."""
    joined: list[tuple[float, float]] = []
    for begin, end in fired:
        hole = any(a <= begin <= b + _RESUMES and joined[-1][1] >= a - watch.interval for a, b in watch.holes if joined)
        if hole:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((begin, end))
    return joined


def _uncovered(begin: float, end: float, by: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    left, at = [], begin
    for a, b in sorted(by):
        if a > end:
            break
        if a > at:
            left.append((at, a))
        at = max(at, b)
    if at < end:
        left.append((at, end))
    return [(a, b) for a, b in left if b - a > 10]


def _merged(parts: Sequence[tuple[float, float]], gap: float) -> list[tuple[float, float]]:
    merged: list[tuple[float, float]] = []
    for a, b in parts:
        if merged and a - merged[-1][1] <= gap:
            merged[-1] = (merged[-1][0], b)
        else:
            merged.append((a, b))
    return merged


def _hm(t: float) -> str:
    minutes = int(t // 60)
    return f"{minutes // 60}:{minutes % 60:02d}"
