"""Counts are whole: short-lived series, resets, replicas; the same on the embedded engine as on Prometheus."""

from __future__ import annotations

import pytest

from burnproof.compile.plan import rule_groups
from burnproof.specs.resolve import slos_from_text
from simulated import run, slo_of

SPEC = """
version: burnproof/v1
service: shop
scrape_interval: {scrape}
slos:
  - name: restarts
    sli:
      count: {{counter: 'restarts_total{{job="shop"}}', fewer_than: 100, per: {per}{more}}}
"""
COUNT = "slo:sli_errors:increase{per}"


def counted(series, at, per="1h", scrape="30s", more=""):
    """Run the rules of a count over series that are told as of job shop; give what it counts at a time."""
    slo = slo_of(SPEC.format(per=per, scrape=scrape, more=more))
    told = {f'restarts_total{{job="shop",{labels}}}': values for labels, values in series.items()}
    return run(slo, told, at, interval=scrape).value(COUNT.format(per=per), at)


@pytest.mark.parametrize(
    ("series", "events"),
    [
        ({f'pod="{n}"': f"_x{4 + 5 * n} 0 0 1 1x{n % 3}" + " stale" for n in range(5)}, 5),
        ({f'pod="{n}"': "_x9 0 1 stale" for n in range(2)}, 2),
        ({'pod="a"': "7x200"}, 0),
        ({'pod="a"': "1000x20 1003x200"}, 3),
        ({'pod="a"': "1000x20 1003x20 0x10 1x200"}, 4),
        ({'pod="a"': "3x20 4x20 0x10 0x200", 'pod="b"': "_x30 2 3x200"}, 2),
        # What a series had counted by its first sample is not known to have happened in the window.
        ({'pod="a"': "_x30 5 6x100"}, 1),
    ],
)
def test_counts_are_whole(series, events):
    assert counted(series, "55m") == events


def test_an_event_is_counted_for_just_the_window():
    series = {'pod="a"': "10x39 11x400"}  # the sample at 20m is the first to show it

    assert [counted(series, at) for at in ("19m", "20m", "79m30s", "80m")] == [0, 1, 1, 0]


PAIR = {
    "both": ({'replica="a"': "7x20 8x20 9x60", 'replica="b"': "7x20 8x20 9x60"}, 2),
    "the second died": ({'replica="a"': "7x20 8x20 9x60", 'replica="b"': "7x20 8x5 stale"}, 2),
    "they took turns": ({'replica="a"': "7x20 8x5 stale", 'replica="b"': "_x21 8x20 9x60"}, 2),
    "a reset": ({'replica="a"': "7x20 8x20 0x5 1x60", 'replica="b"': "7x20 8x20 0x5 1x60"}, 2),
    "the other counter as well": (
        {'pod="a",replica="a"': "7x20 8x60", 'pod="a",replica="b"': "7x20 8x60", 'pod="b",replica="b"': "7x20 9x60"},
        3,
    ),
}


@pytest.mark.parametrize("case", PAIR)
def test_a_pair_counts_once(case):
    series, events = PAIR[case]

    assert counted(series, "40m", more=", dedup: [replica]") == events


@pytest.mark.parametrize("counter", ["x_total", "rate(x_total[$window])", "(increase(x_total[$window]))"])
def test_replicas_that_the_author_takes_out_are_a_dedup(counter):
    text = SPEC.format(per="1h", scrape="30s", more="")
    by_hand = text.replace("'restarts_total{job=\"shop\"}'", f"'max without (replica) ({counter})'")
    by_key = text.replace("'restarts_total{job=\"shop\"}'", "x_total").replace("100,", "100, dedup: replica,")
    first, second = (slos_from_text("spec.yaml", one).slos[0] for one in (by_hand, by_key))

    assert first.dedup == second.dedup == ("replica",)
    assert rule_groups(first) == rule_groups(second)


def test_long_counts_are_evaluated_every_few_minutes():
    for per, interval in (("1h", "1m"), ("30d", "4m")):
        groups = rule_groups(slo_of(SPEC.format(per=per, scrape="30s", more="")))
        every = {rule.record: group.interval for group in groups for rule in group.rules if hasattr(rule, "record")}

        assert every[COUNT.format(per=per)] == interval
