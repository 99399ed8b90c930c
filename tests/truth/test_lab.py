"""The lab against Prometheus' own rule manager: the same alerts fire at the same evaluations.

Random scenarios are made for SLOs of several kinds, by seed; what is compared is every firing of every alert.
"""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
from judge import Gap, Plan, Series, World, judge

from burnproof.compile.plan import make_plan
from burnproof.lab.alerts import Run, compiled, firings
from burnproof.lab.course import Plan as Lengths
from burnproof.lab.course import course_of
from burnproof.lab.play import _pauses
from burnproof.lab.scenario import Phase, Scenario
from burnproof.lab.scraped import UnplayableError, parts_of, storage_of
from burnproof.model.quantities import Duration
from burnproof.output.render import render
from burnproof.specs.resolve import read_slos
from places import ROOT

EPOCH = 1_699_920_000
"""A Monday's midnight, by which the lab's clock is moved to one that a server accepts."""
SERVICES = ("processor", "aragora")


def slos():
    return [slo for name in SERVICES for slo in read_slos([str(ROOT / "slos" / f"{name}.yaml")]).slos]


def scenario(chance):
    """Make a scenario of up to three phases."""
    phases = []
    for _ in range(chance.integers(1, 4)):
        minutes = int(chance.choice([2, 5, 20, 45, 90]))
        phases.append(
            Phase(
                lasts=Duration(minutes * 60_000),
                errors=Decimal(str(round(float(chance.choice([0, 0.1, 0.5, 1, 1])), 3))),
                traffic=Decimal(str(chance.choice([0.1, 1, 3]))),
                restart=bool(chance.random() < 0.2),
                scrapes_fail=Decimal("0.2") if chance.random() < 0.2 else None,
                no_rules=bool(chance.random() < 0.1),
            )
        )
    return Scenario(name="random", title="random", phases=tuple(phases))


def case(seed):
    """Give an SLO, a course of it and its raw series; another SLO where a kind cannot show the scenario."""
    chance = np.random.default_rng(seed)
    known = slos()
    while True:
        slo = known[int(chance.integers(len(known)))]
        try:
            lengths = Lengths(before=6 * 3600, after=4 * 3600, seed=seed, groups=len(parts_of(slo)))
            course = course_of(slo, scenario(chance), lengths)
            return slo, course, storage_of(slo, course, seed)
        except UnplayableError:
            continue


def judged(slo, course, storage):
    """Give what fires on the rule manager, and the phase of each group in milliseconds."""
    plan = make_plan([slo], proofs=False, kinds=("rules",))
    (text,) = render(plan, {}, None, ("rules",)).values()
    series = [Series(dict(one.labels), one.times / 1000 + EPOCH, one.values) for one in storage]
    gaps = [Gap(start + EPOCH, end + EPOCH, restart=False) for start, end in _pauses(course)]
    verdict = judge(
        Plan({"slo.yaml": text}, [World(series)], start=EPOCH, end=EPOCH + course.seconds - 0.001, gaps=gaps)
    )
    found = sorted(
        (firing.labels["alertname"], firing.labels.get("slo_tier", ""), firing.start - EPOCH, end(firing.end))
        for firing in verdict.firings()
    )
    return found, {group["name"]: group["phase"] for group in verdict.groups}


def end(at):
    return None if at is None else at - EPOCH


def simulated(slo, course, storage, phases):
    run = Run(course.seconds, pauses=_pauses(course), phases=tuple(phases.items()))
    return sorted((f.alert, f.tier, f.start, f.end) for f in firings(compiled(slo), storage, run))


@pytest.mark.parametrize("seed", [1, 2, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(3, 51))])
def test_the_same_alerts_fire_at_the_same_evaluations(seed):
    slo, course, storage = case(seed)
    raw = [type(one)(one.labels, one.times, one.values) for one in storage]
    by_manager, phases = judged(slo, course, raw)

    found = simulated(slo, course, storage, phases)

    assert [
        (a, t, pytest.approx(s, abs=0.001), e and pytest.approx(e, abs=0.001)) for a, t, s, e in by_manager
    ] == found
