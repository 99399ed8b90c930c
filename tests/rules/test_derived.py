"""Kinds that are readings of another: their rules are those of what they stand for, and so are their proofs."""

from __future__ import annotations

import pytest
from rulecases import Case, engines, judge, load, run

from burnproof.compile.plan import make_plan
from burnproof.output.render import render
from burnproof.specs.keys.derived import DERIVED
from burnproof.specs.resolve import slos_from_text
from places import sampled

HEAD = "version: burnproof/v1\nservice: shop\nslos:\n  - name: up\n    objective: 99%\n    sli: "
PROBE = "{probe: {gauge: 'up{job=\"x\"}', by: zone, min_events: 50, no_traffic: good}}"
AS_RATIO = """{ratio: {total: 'count_over_time(up{job="x"}[$window])', good: 'sum_over_time(up{job="x"}[$window])',
          by: zone, min_events: 50, no_traffic: good}}"""
SAME = ((PROBE, AS_RATIO),)


def rules(sli):
    slos = load(f"{HEAD}{sli}\n")
    return render(make_plan(slos), {}, None, ("rules", "tests"))


@pytest.mark.parametrize(("derived", "plain"), SAME, ids=[pair[0].split(":")[0] for pair in SAME])
def test_rules_and_proofs_are_those_of_what_it_stands_for(derived, plain):
    """Nothing but the spec knows of the derived kind."""
    assert rules(derived) == rules(plain)


def test_every_derived_kind_is_shown_here():
    """A new reading comes with its equivalent."""
    assert {pair[0].split(":")[0].strip("{") for pair in SAME} == {kind.name for kind in DERIVED}


def test_problems_point_at_the_keys_of_the_derived_kind():
    """Checks see the kind that is measured, and the user sees what was written."""
    loaded = slos_from_text("a.yaml", f'{HEAD}{{probe: {{gauge: \'up{{a="1",a="2"}}\', by: __zone}}}}\n')

    assert [(found.code, found.span.line, found.span.column) for found in loaded.problems] == [
        ("impossible-matchers", 6, 26),
        ("reserved-label", 6, 49),
    ]


PROBES = Case(
    "a target that is looked at four times as often counts four times",
    "up",
    {
        'up{job="x",instance="often"}': "1 1 1 1 0" + " 1 1 1 1 0" * 95,
        'up{job="x",instance="seldom"}': "1 _ _ _" + " 1 _ _ _" * 119,
    },
    # 48 of 240 looks of an hour failed, and none of 60.
    values={
        ("2h", 'round(slo:sli_error:ratio_rate1h{slo_id="shop-up"}, 0.01)'): (
            ('{slo="up",slo_id="shop-up",slo_service="shop"}', 0.16),
        )
    },
    spec=f"{HEAD}{{probe: {{gauge: 'up{{job=\"x\"}}'}}}}\n",
    interval="15s",
)


@pytest.mark.parametrize("engine", engines())
def test_looks_are_counted_and_not_averages_averaged(engine, tmp_path):
    """The error ratio is that of all looks together, on every engine."""
    run(PROBES, engine, tmp_path)


@pytest.mark.parametrize(("objective", "window"), sampled([("95%", "30d"), ("99.9%", "{calendar: week}")], every=2))
@pytest.mark.parametrize("engine", sampled(engines(), every=3))
def test_the_proofs_of_a_probe_hold(objective, window, engine, tmp_path):
    """Samples are counted where they lie, and a closed window has one more of them than a left-open one."""
    # A week shortens the shortest window of the policy to a minute, which needs scrapes within it.
    head = HEAD.replace("99%", objective).replace("slos:", f"window: {window}\nscrape_interval: 15s\nslos:")
    plan = make_plan(load(f"{head}{{probe: {{gauge: up, by: instance}}}}\n"))
    for name, text in render(plan, {}, None, ("rules", "tests")).items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)

    for path in sorted((tmp_path / "tests").iterdir()):
        judge(path, engine)


@pytest.mark.parametrize(
    ("gauge", "ranged"),
    [
        ("up offset 5m", "up[$window] offset 5m"),
        ('up{job="an offset 5m"}', 'up{job="an offset 5m"}[$window]'),
        ('up{job="a"} offset 5m', 'up{job="a"}[$window] offset 5m'),
    ],
)
def test_the_range_of_a_probe_stands_before_its_offset(gauge, ranged):
    spec = f"""
version: burnproof/v1
service: shop
slos:
  - name: seen
    objective: 99%
    sli:
      probe: {{gauge: '{gauge}'}}
"""
    loaded = slos_from_text("spec.yaml", spec)

    assert loaded.problems == ()
    assert loaded.slos[0].indicator.total.text == f"count_over_time({ranged})"
