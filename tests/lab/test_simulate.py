"""``burnproof simulate``: detection and reset times of the field's own examples, and what others got wrong."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from burnproof.lab.scenario import library, scenarios_from_text
from burnproof.lab.simulate import Job, Settings, run_job
from burnproof.model.quantities import duration
from burnproof.rules import detection_time
from burnproof.rules.alerting import threshold
from burnproof.rules.kinds import measure_of
from burnproof.specs.resolve import read_slos

SPEC = """\
version: burnproof/v1
service: shop
scrape_interval: 30s
slos:
  - name: availability
    objective: 99.9%
    sli: {ratio: {total: 'requests_total{job="shop"}', bad: 'requests_total{job="shop",code=~"5.."}'}}
"""
LIBRARY = {scenario.name: scenario for scenario in library()}


def slo(tmp_path, **changes):
    text = SPEC
    for old, new in changes.values():
        text = text.replace(old, new)
    path = tmp_path / "shop.yaml"
    path.write_text(text)
    loaded = read_slos([str(path)])
    assert [str(one) for one in loaded.problems if one.severity.value == "error"] == []
    (found,) = loaded.slos
    return found


def scenario(phases, **more):
    head = "".join(f"    {name}: {value}\n" for name, value in more.items())
    text = f"version: burnproof/scenarios/v1\nscenarios:\n  - name: mine\n    title: mine\n{head}    phases: {phases}\n"
    (found,) = scenarios_from_text("mine.yaml", text).scenarios
    return found


def played(own, *scenarios, **settings):
    return run_job(Job(own, scenarios, Settings(**settings)))


# The SRE Workbook, chapter 5: 99.9 % over 30 days, a full outage, and ten times and once the budget.
@pytest.mark.parametrize(
    ("phases", "tier", "share"),
    [
        ("[{lasts: 1h, errors: 100%}]", "1h", 1.0),
        ("[{lasts: 1h, errors: 100%}]", "6h", 1.0),
        ("[{lasts: 8h, burn: 10}]", "6h", 0.01),
        ("[{lasts: 2d, burn: 4}]", "1d", 0.004),
    ],
)
def test_detection_times_agree_with_arithmetic(tmp_path, phases, tier, share):
    own = slo(tmp_path)
    (found,) = played(own, scenario(phases))
    fired = next(one for one in found.tiers if one.tier == tier)
    chosen = next(one for one in own.policy.tiers if str(one.long) == tier)
    by_arithmetic = float(threshold(own, chosen)) * chosen.long.seconds / share

    assert fired.wanted == pytest.approx(by_arithmetic, abs=30)
    # A scrape, an evaluation of the record and one of the alert later; where tiles are read, a tile as well.
    late = 30 + 60 + 60 + (240 + 300 if chosen.long > duration("1h") else 0)
    assert by_arithmetic <= fired.fired <= by_arithmetic + late


def test_once_the_budget_fires_nothing(tmp_path):
    (found,) = played(slo(tmp_path), scenario("[{lasts: 1d, burn: 0.95}]"))

    assert [one.fired for one in found.tiers] == [None] * 4


def test_reset_times_agree_with_arithmetic(tmp_path):
    own = slo(tmp_path)
    (found,) = played(own, LIBRARY["full-outage"])
    measure = measure_of(own)

    for tier, fired in zip(own.policy.tiers, found.tiers, strict=True):
        assert detection_time.detection(own, measure, tier, 1) is not None
        by_arithmetic = detection_time.reset(own, tier, 1).seconds
        assert by_arithmetic - 60 <= fired.reset <= by_arithmetic + 60 + 300 + 240


@pytest.mark.parametrize(
    ("name", "pages"),
    [("night", 1), ("on-the-clock", 1), ("low-traffic-outage", 1), ("within-budget", 0), ("spike", 1)],
)
def test_what_others_got_wrong(tmp_path, name, pages):
    """Errors on the clock page nobody where tiles of rates lie side by side; an outage at low traffic pages again."""
    (found,) = played(slo(tmp_path), LIBRARY[name])

    assert dict(found.notifications)["page"] == pages
    assert found.agrees


@pytest.mark.parametrize(("least", "pages"), [("", 1), (", min_events: 500", 0)])
def test_one_failure_among_ten_requests_an_hour(tmp_path, least, pages):
    """It pages with Sloth, and here without a least number of events, which `check` asks for."""
    own = slo(tmp_path, guard=('"5.."}\'', f'"5.."}}\'{least}'))
    (found,) = played(own, LIBRARY["lone-failure"])

    assert dict(found.notifications)["page"] == pages


def test_a_tier_that_cannot_fire_is_seen(tmp_path):
    own = slo(tmp_path)
    hopeless = replace(own, objective=type(own.objective)("0.9"))
    (found,) = played(hopeless, LIBRARY["full-outage"])

    assert found.tiers[0].wanted is None
    assert found.tiers[0].fired is None


def test_scenarios_side_by_side_are_what_they_are_alone(tmp_path):
    own = slo(tmp_path)
    names = ["full-outage", "counter-reset", "flapping"]
    together = played(own, *(LIBRARY[name] for name in names))

    assert together == tuple(played(own, LIBRARY[name])[0] for name in names)


def test_the_seed_decides(tmp_path):
    own = slo(tmp_path)
    shaky = scenario("[{lasts: 40m, errors: 3%, scrapes_fail: 40%}]", arrivals="random")

    assert played(own, shaky, seed=4) == played(own, shaky, seed=4)


def test_the_command_prints_a_table_and_json(burnproof, tmp_path):
    slo(tmp_path)
    arguments = ("simulate", "shop.yaml", "--scenario", "full-outage", "--policy", "google", "--policy", "google-3")

    table = burnproof(*arguments, cwd=tmp_path, check=0).stdout
    found = json.loads(burnproof(*arguments, "--format", "json", cwd=tmp_path, check=0).stdout)

    assert "shop-availability, policy google-3" in table
    assert [one["policy"] for one in found["outcomes"]] == ["google", "google-3"]
    assert found["outcomes"][0]["tiers"][0]["fired"] > 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--scenario", "fire"), "there is no scenario fire"),
        (("--slo", "shop-avail"), "did you mean"),
        (("--policy", "googel"), "there is no built-in policy googel"),
        (("--scenarios", "none.yaml"), "none.yaml"),
    ],
)
def test_what_is_not_there_is_said(burnproof, tmp_path, arguments, said):
    slo(tmp_path)

    done = burnproof("simulate", "shop.yaml", *arguments, cwd=tmp_path, check=2)

    assert said in done.stderr
