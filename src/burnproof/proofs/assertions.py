"""Write what a proof asserts in promtool's format: this tier fires now with these labels, or does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from burnproof.model import naming
from burnproof.model.decimals import plain
from burnproof.model.quantities import Duration
from burnproof.proofs import tolerances
from burnproof.proofs.types import ExprCheck
from burnproof.rules.alerting import no_data_labels, no_data_name, tier_labels
from burnproof.rules.recording import identity_labels, sorted_labels
from promrules.syntax.labels import format_labels

if TYPE_CHECKING:
    from decimal import Decimal

    from burnproof.model.slo import Slo, Tier
    from burnproof.rules.compat import Copy
    from burnproof.rules.types import Labels


def at(seconds: int) -> str:
    """Write a time of the test."""
    return str(Duration(seconds * 1000))


def alert_series(name: str, slo: Slo, rule_labels: Labels, group: Labels, **more: str) -> Labels:
    """Give the labels of a firing alert as Prometheus puts them on ``ALERTS``."""
    return sorted_labels((*identity_labels(slo), *group, *rule_labels, ("alertname", name), *more.items()))


def tier_fires(slo: Slo, tier: Tier, seconds: int, groups: tuple[Labels, ...] = ((),)) -> ExprCheck:
    """Assert that a tier's alert fires for exactly these groups, with exactly its labels."""
    expected = tuple(
        sorted(
            (format_labels(alert_series(slo.alert_name, slo, tier_labels(slo, tier), group, **_FIRING)), "1")
            for group in groups
        )
    )
    return ExprCheck(at(seconds), _firing(slo.alert_name, slo, f',{naming.TIER}="{tier.long}"'), expected)


def tier_silent(slo: Slo, tier: Tier, seconds: int) -> ExprCheck:
    """Assert that a tier's alert fires for no group."""
    return tier_fires(slo, tier, seconds, groups=())


def no_data_fires(slo: Slo, seconds: int) -> ExprCheck:
    """Assert that the no-data alert fires."""
    labels = alert_series(no_data_name(slo), slo, no_data_labels(slo), (), **_FIRING)
    return ExprCheck(at(seconds), _firing(no_data_name(slo), slo), ((format_labels(labels), "1"),))


def all_silent(slo: Slo, seconds: int, name: str = "") -> ExprCheck:
    """Assert that no alert of the SLO fires, or none of one name."""
    if name:
        return ExprCheck(at(seconds), _firing(name, slo), ())
    return ExprCheck(at(seconds), f'ALERTS{{{naming.ID}="{slo.id}",alertstate="firing"}}', ())


def is_near(
    slo: Slo,
    metric: str,
    value: float,
    seconds: int,
    group: Labels = (),
    labels: Labels = (),
    scale: float = 0.0,
) -> ExprCheck:
    """Assert that a recorded series of a group is within a thousandth of a value and carries its labels.

    Recorded values are floats that two versions of Prometheus may round differently in the last place, and
    counters rise by binary fractions. ``scale`` is what the thousandth is of, where not of the value itself.
    """
    selected = _of_group(slo, metric, group)
    margin = max(abs(value), scale, tolerances.LEAST_RECORDED) / tolerances.PARTS
    expected = format_labels(sorted_labels((*identity_labels(slo), *group, *labels)))
    return ExprCheck(at(seconds), f"abs({selected} - {_number(value)}) < bool {_number(margin)}", ((expected, "1"),))


def is_beyond(
    slo: Slo, metric: str, bound: Decimal, beyond: int, seconds: int, group: Labels = (), op: str = ">"
) -> ExprCheck:
    """Assert that a recorded series of a group is above a bound (``beyond`` 1), or not above it (0); or what else."""
    expected = format_labels(sorted_labels((*identity_labels(slo), *group)))
    query = f"{_of_group(slo, metric, group)} {op} bool {plain(bound)}"
    return ExprCheck(at(seconds), query, ((expected, str(beyond)),))


def is_nan(slo: Slo, metric: str, seconds: int, group: Labels = ()) -> ExprCheck:
    """Assert that a recorded series of a group is there and has no value, which equals nothing, itself included."""
    selected = _of_group(slo, metric, group)
    expected = format_labels(sorted_labels((*identity_labels(slo), *group)))
    return ExprCheck(at(seconds), f"{selected} != bool {selected}", ((expected, "1"),))


def is_absent(slo: Slo, metric: str, seconds: int) -> ExprCheck:
    """Assert that a recorded series does not exist."""
    return ExprCheck(at(seconds), naming.selector(metric, slo.id), ())


def is_between(
    slo: Slo, metric: str, low: float, high: float, seconds: int, group: Labels = (), scale: float = 0.0
) -> ExprCheck:
    """Assert that a recorded series of a group is between two values, or within a thousandth of one of them.

    ``scale`` is what the thousandth is of, where not of the value itself.
    """
    margin = max(abs(low), abs(high), scale, tolerances.LEAST_RECORDED) / tolerances.PARTS
    middle, half = (low + high) / 2, (high - low) / 2 + margin
    selected = _of_group(slo, metric, group)
    expected = format_labels(sorted_labels((*identity_labels(slo), *group)))
    expr = f"abs({selected} - {_number(middle)}) < bool {_number(half)}"
    return ExprCheck(at(seconds), expr, ((expected, "1"),))


def copy_is_near(copy: Copy, own: float, seconds: int, group: Labels = ()) -> ExprCheck:
    """Assert that a series under another tool's name has the value of its own one, and exactly its labels."""
    labels = sorted_labels((*group, *copy.labels))
    value = copy.value(own)
    margin = max(abs(value), abs(own), tolerances.LEAST_RECORDED) / tolerances.PARTS
    selected = copy.record + format_labels(labels)
    expr = f"abs({selected} - {_number(value)}) < bool {_number(margin)}"
    return ExprCheck(at(seconds), expr, ((format_labels(labels), "1"),))


def copy_is_there(copy: Copy, seconds: int, groups: tuple[Labels, ...]) -> ExprCheck:
    """Assert that a series under another tool's name is there for exactly these groups."""
    expected = (format_labels(sorted_labels((*group, *copy.labels))) for group in groups)
    selected = copy.record + format_labels(copy.labels)
    return ExprCheck(at(seconds), f"{selected} >= bool 0", tuple(sorted((labels, "1") for labels in expected)))


def is_nothing(slo: Slo, metric: str, seconds: int, group: Labels) -> ExprCheck:
    """Assert that a group has no such recorded series."""
    return ExprCheck(at(seconds), _of_group(slo, metric, group), ())


_FIRING = {"__name__": "ALERTS", "alertstate": "firing"}


def _firing(name: str, slo: Slo, more: str = "") -> str:
    return f'ALERTS{{alertname="{name}",{naming.ID}="{slo.id}"{more},alertstate="firing"}}'


def _of_group(slo: Slo, metric: str, group: Labels) -> str:
    matchers = "".join(f",{name}={_quoted(text)}" for name, text in group)
    return naming.selector(metric, slo.id)[:-1] + matchers + "}"


def _number(value: float) -> str:
    return f"{value:.15g}"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
