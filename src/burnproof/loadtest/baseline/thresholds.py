"""Derive warning and critical thresholds from a baseline or targets, and Prometheus alerts from those.

How far a threshold lies from its base is a rule per metric: relative for latency and throughput, percentage points
for error ratios. 5 % of errors and "one above" are 6 %, not 5.05 %.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import yaml

from burnproof.loadtest.baseline.compare import RULES
from burnproof.model.decimals import plain
from burnproof.model.measured import COUNT, UNITS, UNKNOWN, Dimension, Quantity, shown
from burnproof.model.result_check import Change
from promrules.syntax.parse import PromqlSyntaxError, parse
from promrules.syntax.types import ValueType, type_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from burnproof.loadtest.results.model import Result


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
_EXAMPLES: Final = {"response_time_p95": "5000ms", "requests_per_second": "5rps", "error_rate": "5%"}
_TITLES: Final = {rule.metric: rule.title for rule in RULES}


class ThresholdError(Exception):
    """A base or a distance that cannot be meant; the message says what to write."""


def stated_base(metric: str, given: Quantity) -> Quantity:
    """Give a target in its metric's unit; a time must name its unit, a bare ratio is one of 1.

    Raises:
        ThresholdError: it is no such quantity, or no number that can be a target.
    """
    own = _UNITS[metric]
    if given.unit in (UNKNOWN, COUNT):
        if own.dimension is Dimension.TIME:
            number = plain(given.value)
            raise ThresholdError(f"a time needs its unit; write {number}ms or {number}s")
        given = Quantity(given.value, own)
    if given.unit.dimension is not own.dimension:
        raise ThresholdError(
            f"{given} is {given.unit.dimension.value}; write {own.dimension.value}, {_EXAMPLES[metric]}"
        )
    if given.value < 0 or (given.value == 0 and own.dimension is not Dimension.RATIO):
        raise ThresholdError(f"a target of {given} can never be kept; write {own.dimension.value}, {_EXAMPLES[metric]}")
    if own.dimension is Dimension.RATIO and given.canonical > 1:
        raise ThresholdError(
            f"more than 100 % cannot fail; write {plain(given.value)}% if that is meant, or 0.05 for 5 %"
        )
    return given.within(own)


def stated_distance(metric: str, warning: Change, critical: Change) -> Distance:
    """Give the distances of a metric.

    Raises:
        ThresholdError: they are of two kinds, not in order, or in points where the metric is no ratio.
    """
    if warning.in_points != critical.in_points:
        raise ThresholdError(f"{warning} and {critical} cannot be put in order; write both in % or both in pp")
    if warning.in_points and metric != "error_rate":
        raise ThresholdError("percentage points are for error ratios; write 25%,50%")
    if warning.amount >= critical.amount:
        raise ThresholdError(f"critical, {critical}, must lie beyond warning, {warning}: swap the two")
    if not _CEILING[metric] and critical.amount >= 1:
        raise ThresholdError(f"nothing lies {critical} below; write less than 100%")
    return Distance(metric, warning, critical)


def query_fault(query: str) -> str:
    """Say why a query cannot be what an alert compares with a threshold; "" where it can."""
    try:
        found = type_of(parse(query))
    except PromqlSyntaxError as error:
        at = f" at {query[error.start : error.end]!r}" if query[error.start : error.end].strip() else ""
        return f"no PromQL: {error.message}{at}"
    return "" if found is ValueType.VECTOR else f"it gives a {found.value}; an alert needs an instant vector"


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
    """Derive thresholds for each metric that has a base, warning before critical.

    Raises:
        ThresholdError: one of them lies where no value can.
    """
    made = []
    for distance in distances:
        base = bases.get(distance.metric)
        if base is None:
            continue
        own = base.within(_UNITS[distance.metric])
        for level, change in (("warning", distance.warning), ("critical", distance.critical)):
            limit = Quantity(change.limit(own.value, is_ceiling=_CEILING[distance.metric]), own.unit)
            if own.unit.dimension is Dimension.RATIO and limit.value >= 1:
                raise ThresholdError(
                    f"{_TITLES[distance.metric]}: {level} at {shown(limit.value * 100)}% is never exceeded; give a "
                    "smaller --target or --distance"
                )
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
