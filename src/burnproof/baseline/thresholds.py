"""A baseline, or the targets beside it, to warning and critical thresholds, and those to Prometheus alerts.

How far a threshold lies from its base is a rule per metric: relative for latency and throughput, percentage points
for error ratios. 5 % of errors and "one above" are 6 %, not 5.05 %.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import yaml

from burnproof.baseline.compare import RULES
from burnproof.clientcheck import Change
from burnproof.decimals import plain
from burnproof.results.quantities import UNITS, Quantity

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from burnproof.results.model import Result


@dataclass(frozen=True, slots=True)
class Distance:
    """How far warning and critical lie from the base of one metric."""

    metric: str
    warning: Change
    critical: Change


# 25 % and 50 % above for P95, 10 % and 20 % below for throughput, one and five points above for errors.
DISTANCES: Final = (
    Distance("response_time_p95", Change(Decimal("0.25")), Change(Decimal("0.50"))),
    Distance("requests_per_second", Change(Decimal("0.10")), Change(Decimal("0.20"))),
    Distance("error_rate", Change(Decimal("0.01"), in_points=True), Change(Decimal("0.05"), in_points=True)),
)
_UNITS: Final = {"response_time_p95": UNITS["ms"], "requests_per_second": UNITS["rps"], "error_rate": UNITS["ratio"]}
_CEILING: Final = {rule.metric: rule.is_ceiling for rule in RULES}
_TITLES: Final = {rule.metric: rule.title for rule in RULES}


@dataclass(frozen=True, slots=True)
class Threshold:
    """One threshold: the value beyond which a level is reached."""

    metric: str
    level: str
    base: Quantity
    limit: Quantity
    change: Change

    @property
    def is_ceiling(self) -> bool:
        """Whether values above it are bad."""
        return _CEILING[self.metric]

    @property
    def title(self) -> str:
        """What people call the metric."""
        return _TITLES[self.metric]


def thresholds(bases: Mapping[str, Quantity], distances: Iterable[Distance] = DISTANCES) -> tuple[Threshold, ...]:
    """Derive thresholds for each metric that has a base, warning before critical."""
    made = []
    for distance in distances:
        base = bases.get(distance.metric)
        if base is None:
            continue
        own = base.within(_UNITS[distance.metric])
        for level, change in (("warning", distance.warning), ("critical", distance.critical)):
            limit = Quantity(change.limit(own.value, is_ceiling=_CEILING[distance.metric]), own.unit)
            made.append(Threshold(distance.metric, level, own, limit, change))
    return tuple(made)


def bases_of(baseline: Result) -> dict[str, Quantity]:
    """Take the bases from what a baseline measured."""
    found = {}
    for metric in _UNITS:
        reading = baseline.readings.get(metric)
        if reading is not None and reading.quantity is not None and not reading.trouble:
            found[metric] = reading.quantity
    return found


def alert_rules(
    operation: str, made: Iterable[Threshold], queries: Mapping[str, str], hold: str = "5m"
) -> dict[str, Any]:
    """Give a Prometheus rule group: an alert a threshold whose metric has a query.

    Queries are in seconds, ratios and events per second, as Prometheus has them. A throughput alert only fires
    while there are requests at all, for no demand is not a lack of capacity.
    """
    rules = []
    for threshold in made:
        query = queries.get(threshold.metric)
        if query is None:
            continue
        limit = plain(threshold.limit.canonical)
        expr = f"({query}) {'>' if threshold.is_ceiling else '<'} {limit}"
        if not threshold.is_ceiling:
            expr = f"{expr} and ({query}) > 0"
        words = "".join(part.capitalize() for part in operation.replace("-", "_").split("_"))
        name = f"{words}{threshold.title.title().replace(' ', '')}{threshold.level.capitalize()}"
        side = "above" if threshold.is_ceiling else "below"
        summary = (
            f"{threshold.title} of {operation} is {side} {threshold.limit} ({threshold.change} from {threshold.base})"
        )
        rules.append(
            {
                "alert": name,
                "expr": expr,
                "for": hold,
                "labels": {"severity": {"warning": "ticket", "critical": "page"}[threshold.level]},
                "annotations": {"summary": summary},
            }
        )
    return {"groups": [{"name": f"baseline-{operation}", "rules": rules}]}


def rules_text(document: Mapping[str, Any]) -> str:
    """Write a rule file."""
    return yaml.safe_dump(dict(document), sort_keys=False, allow_unicode=True, width=1000)
