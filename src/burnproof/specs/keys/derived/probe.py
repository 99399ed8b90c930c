"""Read ``probe``, a gauge that is 1 if a target was up, as a ratio of probes.

The error ratio is the share of looks at which it was down: 1 - sum_over_time / count_over_time, weighted by how often
each target is looked at. An average of averages would let a target that is scraped twice count once.
"""

# ruff: noqa: RUF009 - key() is dataclasses.field with a name: a default, not a shared value

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from burnproof.model.slo import Query
from burnproof.specs.keys import fields
from burnproof.specs.keys.kinds.common import Common, Derived
from burnproof.specs.keys.kinds.ratio import RatioSpec
from burnproof.specs.keys.table import Table, key


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeSpec(Common):
    """Events: the share of looks at a target that found it up, by a gauge of 0 and 1."""

    gauge: Query = key(fields.SELECTOR, "the gauge, such as probe_success or up", required=True)


_MODIFIER: Final = re.compile(r"""\s+(?:offset|@)\s(?=[^"'`]*$)|\s*@\s*(?=[^"'`]*$)""", re.IGNORECASE)


def _ranged(selector: str) -> str:
    """Write the range of a selector, which stands before its offset."""
    found = _MODIFIER.search(selector)
    at = found.start() if found else len(selector)
    return f"{selector[:at]}[$window]{selector[at:]}"


def _as_ratio(probe: ProbeSpec) -> RatioSpec:
    """Count the looks, and those that found it up."""

    def over_time(function: str) -> Query:
        text = f"{function}({_ranged(probe.gauge.text.strip())})"
        return Query(text, is_selector=False, span=probe.gauge.span)

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
