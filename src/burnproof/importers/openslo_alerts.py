"""Read OpenSLO's alert policies as tiers; who is notified is left to Alertmanager."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from burnproof.importers.openslo_periods import window_of
from burnproof.importers.reading import Keys, Refused, Shape, name_of, refused
from burnproof.model.quantities import UnitError, number
from burnproof.model.slo import Tier
from burnproof.specs.source import Mapping, Scalar

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal

    from burnproof.importers.openslo_objects import Objects
    from burnproof.specs.source import Value

_POLICY: Final = Shape(
    "AlertPolicy",
    ("conditions", "notificationTargets", "alertWhenNoData", "alertWhenBreaching"),
    {
        "description": "",
        "alertWhenResolved": "Alertmanager sends it with send_resolved",
    },
)
_CONDITION: Final = Shape("AlertCondition", ("severity", "condition"), {"description": ""})
_BURN: Final = Shape("condition", ("kind", "op", "threshold", "lookbackWindow", "alertAfter"))
_REFERENCE: Final = Shape("a reference", ("alertPolicyRef", "conditionRef", "targetRef"))
_RATE: Final = frozenset({"burnrate", "burn_rate", ""})


@dataclass(frozen=True, slots=True)
class Alerts:
    """What the alert policies of an SLO say.

    Attributes:
        tiers: their conditions.
        no_data: whether missing data alert, as ``no_data`` of a spec; "" where nothing is said.
    """

    tiers: tuple[Tier, ...] = ()
    no_data: str = ""


def alerts_of(policies: list[Value], objects: Objects) -> Alerts:
    """Read alert policies, of which each stands in its place or is referred to.

    Raises:
        Refused: a reference leads nowhere.
    """
    tiers: list[Tier] = []
    no_data: list[bool | None] = []
    for item in policies:
        spec = objects.spec(_resolved(item, "alertPolicyRef", "AlertPolicy", objects), _POLICY, "AlertPolicy")
        no_data.append(spec.flag("alertWhenNoData"))
        if spec.flag("alertWhenBreaching") is not False:
            tiers += _conditions(spec, objects)
        else:
            spec.items("conditions")
        _targets(spec, objects)
        spec.done()
    return Alerts(tuple(tiers), "false" if no_data and all(flag is False for flag in no_data) else "")


def _resolved(item: Value, key: str, kind: str, objects: Objects) -> Value:
    """Follow a reference; v1alpha has bare names."""
    if isinstance(item, Scalar):
        return objects.named(kind, item)
    reference = Keys(item, _REFERENCE, objects.notes).scalar(key) if isinstance(item, Mapping) else None
    return item if reference is None else objects.named(kind, reference)


def _conditions(policy: Keys, objects: Objects) -> Iterator[Tier]:
    for item in policy.items("conditions"):
        spec = objects.spec(_resolved(item, "conditionRef", "AlertCondition", objects), _CONDITION, "AlertCondition")
        severity = spec.scalar("severity")
        burn = spec.below(_BURN, "condition")
        spec.done()
        if burn is None:
            raise refused("the AlertCondition has no condition", spec.node.span(), "OpenSLO needs it, too")
        op, kind = burn.text("op"), burn.text("kind").lower()
        if kind not in _RATE or op in ("lt", "lte"):
            said = f"a burn rate that is {op}" if kind in _RATE else f"the kind {kind}"
            hint = "alerts are about budgets that burn too fast: kind burnrate with op gt"
            objects.notes.left_out(burn.node, f"not carried over: a condition on {said}", hint)
            continue
        named = name_of(severity, objects.notes) if severity is not None else "page"
        hold = burn.scalar("alertAfter")
        yield Tier(
            _factor(burn.needed("threshold")),
            window_of(burn.needed("lookbackWindow")),
            None,
            named,
            None if hold is None or hold.text.strip() in ("0", "0m", "0s") else window_of(hold),
        )
        burn.done()


def _factor(found: Scalar) -> Decimal:
    try:
        return number(found.text)
    except UnitError as error:
        raise refused(error.message, found.span(), error.hint) from None


def _targets(policy: Keys, objects: Objects) -> None:
    """Follow the references to notification targets, and say that they are not carried over."""
    named = []
    for item in policy.items("notificationTargets"):
        try:
            target = _resolved(item, "targetRef", "AlertNotificationTarget", objects)
        except Refused as reason:
            objects.notes.problems.append(reason.found)
            continue
        metadata = target.entries.get("metadata") if isinstance(target, Mapping) else None
        entry = metadata[1].entries.get("name") if metadata and isinstance(metadata[1], Mapping) else None
        named.append(entry[1].text if entry and isinstance(entry[1], Scalar) else "one of them")
    if named:
        where = policy.key_of("notificationTargets") or policy.node
        hint = "route by the label severity or team in Alertmanager; generated/alertmanager.yaml is an example"
        objects.notes.left_out(where, f"not carried over: notification targets ({', '.join(named)})", hint)
