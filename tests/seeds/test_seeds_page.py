"""docs/explanation/seeds.md decides on every trap and names tests that exist; and what holds for all the specs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from seedlab import SLOS, load

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "explanation" / "seeds.md").read_text(encoding="utf-8")
TRAPS = {0: 12, 1: 17, 2: 17, 3: 21, 4: 18}
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", PAGE)))
SERVICES = sorted(path.stem for path in SLOS.glob("*.yaml"))


def test_every_trap_is_decided_once_and_in_order():
    wanted = [f"T{page}.{number}" for page, count in TRAPS.items() for number in range(1, count + 1)]

    assert re.findall(r"^\| (T\d\.\d+) ", PAGE, re.MULTILINE) == wanted


@pytest.mark.parametrize(("file", "name"), NAMED)
def test_a_test_that_is_named_exists(file, name):
    assert re.search(rf"^def {name}\(", (ROOT / file).read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize("number", range(1, TRAPS[3] + 1))
def test_each_trap_of_ca3_has_a_case(number):
    text = (ROOT / "tests" / "rules" / "test_ca3.py").read_text(encoding="utf-8")

    assert re.search(rf"T3\.{number}\b", text)


@pytest.mark.parametrize("file", sorted(set(re.findall(r"`((?:slos|examples)/[\w.-]+)`", PAGE))))
def test_specs_that_are_named_exist(file):
    assert (ROOT / file).is_file()


@pytest.mark.parametrize("service", SERVICES)
def test_every_spec_is_without_warnings(service):
    assert load(service)


@pytest.mark.parametrize("service", SERVICES)
def test_every_tier_of_every_seed_can_fire(service):
    slos = [slo for slo in load(service).values() if slo.objective is not None]

    assert all(tier.factor * (1 - slo.objective) < 1 for slo in slos for tier in slo.policy.tiers)


@pytest.mark.parametrize("service", SERVICES)
def test_every_slo_says_whose_it_is_and_where_to_read_on(service):
    for slo in load(service).values():
        assert slo.owner.team
        assert slo.runbook.startswith("https://")
        assert slo.journeys


def test_completion_is_promised_for_mock_agents_only():
    assert 'agents="mock"' in load("aragora-streaming")["completion"].indicator.histogram.text


def test_toombos_has_twelve_threshold_cells_and_no_more():
    cells = re.compile(r"(\w+)-(p95|rps|errors)(-critical)?")

    assert len([name for name in load("toombos") if cells.fullmatch(name)]) == 12
    assert {cells.fullmatch(name)[1] for name in load("toombos") if cells.fullmatch(name)} == {"content", "health"}
