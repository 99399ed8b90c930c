"""``burnproof tune``: what it proposes does what was asked for, and what it leaves out is beaten by something."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from burnproof.lab.tune import Candidate, Wish, chosen, frontier

SPEC = """\
version: burnproof/v1
service: shop
slos:
  - name: availability
    objective: 99.9%
    sli: {ratio: {total: 'requests_total{job="shop"}', bad: 'requests_total{job="shop",code=~"5.."}'}}
  - name: restarts
    sli: {count: {counter: 'restarts_total{job="shop"}', fewer_than: 3, per: 24h}}
"""
WISH = Wish(Decimal(1), 600.0, 1.0)


def candidate(**changes):
    return Candidate(
        **{"policy": "google", "objective": Decimal("0.999"), "least": None, "detection": 60.0, "pages": 0.5,
           "recall": None, "left": 0.5, "cost": 100.0} | changes
    )  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "meets"),
    [
        ({}, True),
        ({"detection": None}, False),
        ({"detection": 601.0}, False),
        ({"pages": 1.5}, False),
        ({"left": -0.1}, False),
    ],
)
def test_a_wish_is_met_or_not(changes, meets):
    assert candidate(**changes).meets(WISH) is meets


def test_the_frontier_has_what_nothing_beats():
    cheap, slow, dear = candidate(), candidate(detection=90.0), candidate(cost=200.0, detection=30.0)

    assert frontier([cheap, slow, dear]) == (cheap, dear)


def test_the_strictest_objective_that_does_is_proposed():
    loose, strict = candidate(objective=Decimal("0.99"), pages=0), candidate()

    assert chosen([loose, strict, candidate(objective=Decimal("0.9999"), left=-1.0)], WISH) == strict
    assert chosen([candidate(pages=9.0)], WISH) is None


@pytest.fixture
def shop(tmp_path):
    (tmp_path / "shop.yaml").write_text(SPEC)
    return tmp_path


@pytest.mark.slow
def test_low_traffic_asks_for_a_least_number_of_events(burnproof, shop):
    told = burnproof(
        *("tune", "shop-availability", "shop.yaml", "--rate", "0.02", "--errors", "0.05%", "--within", "30m"),
        *("--format", "json"), cwd=shop, check=0,
    ).stdout  # fmt: skip
    found = json.loads(told)["candidates"]

    alone = [one["pages"] for one in found if one["policy"] == "google" and one["least"] is None]
    guarded = [one["pages"] for one in found if one["policy"] == "google" and one["least"] == 1000]
    assert alone > [1.0] > guarded
    (proposed,) = [one for one in found if one["proposed"]]
    assert proposed["pages"] <= 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("shop-availability",), "one of the three"),
        (("shop-availability", "--rate", "1", "--data", "x"), "one of the three"),
        (("shop-restarts", "--rate", "1"), "counts things"),
        (("shop-none", "--rate", "1"), "there is no SLO"),
        (("shop-availability", "--rate", "1", "--outage", "lots"), "lots"),
    ],
)
def test_what_cannot_be_done_is_said(burnproof, shop, arguments, said):
    slo, *options = arguments

    done = burnproof("tune", slo, "shop.yaml", *options, cwd=shop, check=2)

    assert said in done.stderr
