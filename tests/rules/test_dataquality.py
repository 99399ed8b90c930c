"""The alert that more is counted than there is stands only where that can happen."""

from __future__ import annotations

import pytest
from rulecases import load

from burnproof.compile.plan import make_plan

SPEC = """\
version: burnproof/v1
service: shop
slos:
  - name: paid
    objective: 99%
    sli: {{ratio: {{total: '{total}', {counted}}}}}
"""


@pytest.mark.parametrize(
    ("total", "counted", "can"),
    [
        ('a{job="x"}', 'good: \'a{job="x",code="200"}\'', False),
        ("sum(rate(a[$window]))", "bad: 'sum(rate(a[$window])) - sum(rate(b[$window]))'", False),
        ("sum(rate(a[$window]))", "good: 'sum(rate(a[$window])) - sum(rate(b[$window]))'", False),
        ("sum(rate(a[$window]))", "bad: 'sum(rate(b[$window])) - sum(rate(c[$window]))'", True),
        ('a{job="x",code!=""}', 'bad: \'a{job="x",code=~"5.."}\'', False),
        ('a{job="x",code!=""}', 'bad: \'a{job="x",code=~"5..|"}\'', True),
        ('a{job="x",code!=""}', 'bad: \'a{job="x",code!~"2.."}\'', True),  # an absent code is no 2.. either
        ('a{job="x",code!="404"}', 'bad: \'a{job="x",code="500"}\'', False),
        ('a{job="x",code!="404"}', 'bad: \'a{job="x",code="404"}\'', True),
        ('a{job="x",code!="404"}', 'bad: \'a{job="x",code=~"4.."}\'', True),
        ('a{job=~"x|y"}', 'bad: \'a{job="x",code="500"}\'', False),
        ('a{job="x"}', "bad: 'failed{job=\"x\"}'", True),
        ('a{job="x"}', "bad: 'a{job=~\"x|y\"}'", True),
    ],
)
def test_alert_stands_where_counted_is_no_part_of_total(total, counted, can):
    """What is selected by a narrower selector is part of the total, however the narrower one is written."""
    groups = make_plan(load(SPEC.format(total=total, counted=counted))).rules[0].groups

    assert any(getattr(rule, "alert", "").endswith("BadData") for group in groups for rule in group.rules) == can
