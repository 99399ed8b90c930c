"""A scenario in a few lines of data: what happens, how it is scraped, when rules run, and what is compared."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from events import idle, pods, split
from judge import Gap, Plan, World, judge
from rulefiles import compiled
from scrapes import BY_CODE, Scrape, scrape
from weights import EPOCH, seconds

from truth import GOOGLE, Lag, Truth, Watch, wrong

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from events import Pod, Span, Traffic
    from judge import Change, Series, Verdict
    from scrapes import Column

    from truth import Tier

SHOP = """
version: burnproof/v1
service: shop
owner: {team: shop-team, contact: "#shop"}
window: 30d
scrape_interval: DECLARED
slos:
  - name: availability
    objective: 99.9%
    sli:
      ratio:
        total: http_requests_total{job="shop"}
        FORM
    alerting: {policy: google}
"""
BAD = 'bad: http_requests_total{job="shop",code=~"5.."}'
GOOD = 'good: http_requests_total{job="shop",code=~"2.."}'
_SLOWEST = 240.0
"""Seconds between two evaluations at most: from five minutes on, readers in other groups would miss samples."""
RATIO = "slo:sli_error:ratio_rate"


@dataclass(frozen=True)
class Case:
    """One scenario.

    Attributes:
        name: what happens.
        traffic: gives the events.
        until: how long it lasts, seconds.
        served_by: pods.
        scrape: how they are scraped.
        declared: scrape interval in the spec, seconds; what it really is where None.
        spec: the spec; FORM and DECLARED are filled in.
        gaps: when rules are not evaluated.
        start: when rules are deployed.
        compare: from when on figures are compared, by window; alerts from the same time as their long window.
        tolerance: how far a figure may be off, as a share of the truth.
        tiers: tiers that are compared.
        churn: pods come and go, so that a figure may be off as far as `increase` over the raw window is.
        unknown: events of these spans may be counted or not: nothing was scraped, or no rule ran for too long.
        healed: from when on windows of a day and more must count them, since the hour's tile is computed from raw data.
        salt: changes the phases of all groups.
        epoch: when the scenario starts.
        interval: evaluation interval of groups that name none.
        columns: the counters of each pod.
        more: gives further series, or all of them where there are no columns.
    """

    name: str
    traffic: Callable[[], Traffic]
    until: float
    served_by: Sequence[Pod] = field(default_factory=lambda: pods(3))
    scrape: Scrape = Scrape()  # noqa: RUF009 - it is frozen
    declared: float | None = None
    spec: str = SHOP.replace("FORM", BAD)
    gaps: Sequence[Gap] = ()
    start: float = 120.0
    compare: dict[str, float] = field(default_factory=dict)
    tolerance: float = 0.01
    tiers: Sequence[Tier] = GOOGLE
    churn: bool = False
    unknown: Sequence[Span] = ()
    healed: float = np.inf
    salt: str = ""
    epoch: float = EPOCH
    interval: float = 60.0
    columns: Sequence[Column] = BY_CODE
    more: Callable[[], Sequence[Series]] | None = None

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Outcome:
    """What the rules made of a scenario; times are seconds since its start."""

    case: Case
    verdict: Verdict
    events: Traffic

    @cached_property
    def truths(self) -> tuple[Truth, ...]:
        """Give the truth, with the edges that scrapes and interval allow; a second one without unknown events."""
        how = self.case.scrape
        declared = self.case.declared or how.interval
        # A scrape that fails, or a pod that ends, moves the edge by one scrape more.
        seen = max(how.interval, declared) * (2 if how.missed or self.case.churn else 1) + how.jitter
        lag = Lag(seen, self.case.interval, how.delay[1])
        known = [Truth(self.events, lag=lag)]
        if self.case.unknown:
            known.append(Truth(idle(self.events, self.case.unknown), lag=lag))
        return tuple(known)

    def bounds(self, window: float, t: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Give the least and the greatest ratio that a window may show at each time."""
        least, most = self.truths[0].bounds(window, t)
        for truth in self.truths[1:]:
            also = (t < self.case.healed) | (window < 86_400)
            lower, upper = truth.bounds(window, t)
            least = np.where(also, np.fmin(least, lower), least)
            most = np.where(also, np.fmax(most, upper), most)
        return least, most

    def figure(self, window: str) -> tuple[np.ndarray, np.ndarray]:
        """Give times and values of a window's recorded ratio."""
        found = self.verdict.all(RATIO + window)
        if not found:
            return np.empty(0), np.empty(0)
        return found[0].ts - self.case.epoch, found[0].values

    @property
    def fired(self) -> list[Change]:
        """Give every alert that began to fire."""
        return [change for change in self.verdict.changes if change.state == "firing"]

    def firings(self, tier: str) -> list[tuple[float, float | None]]:
        """Give when a tier fired."""
        return [
            (firing.start - self.case.epoch, None if firing.end is None else firing.end - self.case.epoch)
            for firing in self.verdict.firings(slo_tier=tier)
        ]


def spec(form: str = BAD, declared: float = 30) -> str:
    """Give the spec of the shop."""
    return SHOP.replace("FORM", form).replace("DECLARED", f"{declared:.0f}s")


def series_of(case: Case, events: Traffic) -> World:
    """Give what is scraped of the events of a case."""
    found = scrape(split(events, case.served_by), case.until, case.scrape, case.columns) if case.columns else []
    found += case.more() if case.more else ()
    moved = [
        replace(s, ts=s.ts + case.epoch, arrival=(s.ts if s.arrival is None else s.arrival) + case.epoch) for s in found
    ]
    return World(moved, case.salt)


def play(
    case: Case, rules: Mapping[str, str] | None = None, queries: Sequence[tuple[str, Sequence[float]]] = ()
) -> Outcome:
    """Let a scenario happen."""
    events = case.traffic()
    declared = case.declared or case.scrape.interval
    plan = Plan(
        rules or compiled(case.spec.replace("DECLARED", f"{declared:.0f}s")),
        [series_of(case, events)],
        case.epoch + case.start,
        case.epoch + case.until,
        interval=case.interval,
        gaps=[replace(gap, start=gap.start + case.epoch, end=gap.end + case.epoch) for gap in case.gaps],
        record=['{__name__=~"slo:.*"}'],
        queries=[*queries, *_increases(case)],
    )
    verdict = judge(plan)
    assert not verdict.errors, verdict.errors
    return Outcome(case, verdict, events)


def _increases(case: Case) -> Sequence[tuple[str, Sequence[float]]]:
    """Ask for the ratios of `increase` over the raw windows, every two minutes, where a case is held against them."""
    if not case.churn:
        return ()
    asked = []
    for window, begin in case.compare.items():
        bad, total = (
            f"sum(increase(http_requests_total{{{matchers}}}[{window}]))"
            for matchers in ('job="shop",code=~"5.."', 'job="shop"')
        )
        times = [case.epoch + t for t in np.arange(begin + 30, case.until, 120.0)]
        asked.append((f"({bad} or on () vector(0)) / {total}", times))
    return asked


def figures_wrong(outcome: Outcome, prefix: str = RATIO) -> list[str]:
    """Hold the recorded ratios against the truth; give what is wrong, window by window."""
    found = []
    for number, (window, begin) in enumerate(outcome.case.compare.items()):
        t, values = _compared(outcome, window, begin)
        if t is None:
            found.append(f"{window} has {values:.0%} of its samples")
            continue
        least, most = outcome.bounds(seconds(window), t)
        allowed = _off_by_increase(outcome, number, window) if outcome.case.churn else 0.0
        slack = outcome.case.tolerance
        off = np.maximum(least * (1 - slack) - values, values - most * (1 + slack)) - allowed - 1e-9
        off = np.where(np.isfinite(least), off, 0)
        if (off > 0).any():
            worst = int(np.argmax(off))
            found.append(
                f"{window} is wrong in {np.mean(off > 0):.1%} of its evaluations, worst at {t[worst] / 3600:.2f} h: "
                f"{values[worst]:.6f}, truth {least[worst]:.6f} to {most[worst]:.6f}"
                + (f", increase off by {allowed:.6f}" if outcome.case.churn else "")
            )
    return found


def _compared(outcome: Outcome, window: str, begin: float) -> tuple[np.ndarray | None, np.ndarray]:
    """Give the evaluations that are compared; None and the share that there is, if many are missing."""
    case = outcome.case
    t, values = outcome.figure(window)
    holes = [(gap.start, gap.end + 2 * case.interval) for gap in case.gaps]
    kept = t >= begin
    for a, b in holes:
        kept &= (t < a) | (t >= b)
    apart = float(np.median(np.diff(t))) if len(t) > 1 else np.inf
    expected = (case.until - begin - sum(b - a for a, b in holes if b > begin)) / min(apart, _SLOWEST)
    if kept.sum() < 0.99 * expected - 5:
        return None, kept.sum() / expected
    every = 5 if seconds(window) >= 86_400 else 1
    return t[kept][::every], values[kept][::every]


def _off_by_increase(outcome: Outcome, number: int, window: str) -> float:
    """Give how far `increase` over the raw window is from the truth at worst."""
    own = [answer for answer in outcome.verdict.answers if answer["query"] == number and answer["vector"]]
    t = np.array([answer["time"] / 1000 - outcome.case.epoch for answer in own])
    values = np.array([float(answer["vector"][0]["value"]) for answer in own])
    least, most = outcome.bounds(seconds(window), t)
    return float(np.nanmax(np.maximum(np.maximum(least - values, values - most), 0)))


def alerts_wrong(outcome: Outcome) -> list[str]:
    """Hold the firings of all tiers of a case against the arithmetic on true events."""
    case, found = outcome.case, []
    for tier in case.tiers:
        begin = case.compare.get(tier.name)
        if begin is None:
            continue
        holes = tuple((gap.start, gap.end) for gap in case.gaps)
        watch = Watch(begin, case.until - 60, case.interval, case.scrape.interval, case.scrape.delay[1], holes)
        firings = [
            replace(f, start=f.start - case.epoch, end=None if f.end is None else f.end - case.epoch)
            for f in outcome.verdict.firings(slo_tier=tier.name)
        ]
        found += wrong(outcome.truths, tier, firings, watch)
    return found


def check(case: Case) -> Outcome:
    """Play a case; its figures and its alerts have to be those of the events."""
    outcome = play(case)
    found = [*figures_wrong(outcome), *alerts_wrong(outcome)]
    assert not found, "\n".join([case.name, *found])
    return outcome
