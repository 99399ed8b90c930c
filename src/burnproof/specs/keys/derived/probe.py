"""``probe``: a gauge that is 1 where something was up when it was looked at, as of blackbox_exporter, or ``up`` itself.

The error ratio is the share of looks at which it was down: 1 - sum_over_time / count_over_time, weighted by how often
each target is looked at. An average of averages would let a target that is scraped twice count once.
"""

# ruff: noqa: RUF009 - key() is dataclasses.field with a name: a default, not a shared value

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from burnproof.model.slo import Query
from burnproof.specs.keys import fields
from burnproof.specs.keys.derived.reading import Derived
from burnproof.specs.keys.kinds.common import Common
from burnproof.specs.keys.kinds.ratio import RatioSpec
from burnproof.specs.keys.table import Table, key


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeSpec(Common):
    """Events: the share of looks at a target that found it up, by a gauge of 0 and 1."""

    gauge: Query = key(fields.SELECTOR, "the gauge, such as probe_success or up", required=True)


def _as_ratio(probe: ProbeSpec) -> RatioSpec:
    """Count the looks, and those that found it up."""

    def over_time(function: str) -> Query:
        return Query(f"{function}({probe.gauge.text.strip()}[$window])", is_selector=False, span=probe.gauge.span)

    return RatioSpec(
        total=over_time("count_over_time"),
        good=over_time("sum_over_time"),
        by=probe.by,
        dedup=probe.dedup,
        min_events=probe.min_events,
        no_traffic=probe.no_traffic,
    )


KIND: Final = Derived(
    "probe", "events: looks that found a target up", Table(ProbeSpec, "a probe with gauge"), _as_ratio
)
