"""Read OpenSLO's SLOs of v1alpha, v1 and v2alpha with all that they refer to.

Source: https://github.com/OpenSLO/OpenSLO. An SLO with several objectives for one indicator has levels here; one whose
objectives have indicators of their own is a composite of them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from burnproof.importers.alerts import Asked, fitted
from burnproof.importers.model import Calendar, Level, Objective, Sli
from burnproof.importers.openslo_alerts import Alerts, alerts_of
from burnproof.importers.openslo_objects import METADATA, Objects, text_of
from burnproof.importers.openslo_periods import period_of
from burnproof.importers.openslo_slis import OBJECTIVE, SLI, Method, measured, method_of
from burnproof.importers.reading import Keys, Notes, Refused, Shape, label_pairs, name_of, percentage, refused, share
from burnproof.model.decimals import plain
from burnproof.specs.source import Mapping, Scalar

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from burnproof.model.quantities import Duration
    from burnproof.specs.source import Value

_ROOT: Final = Shape("an SLO", ("apiVersion", "kind", "metadata", "spec"))
_SPEC: Final = Shape(
    "an SLO",
    (
        "description", "service", "serviceRef", "indicator", "indicatorRef", "sli", "sliRef", "timeWindow",
        "timeWindows", "budgetingMethod", "objectives", "alertPolicies",
    ),
)  # fmt: skip
_SERVICE: Final = Shape("Service", ("description",))
_INDICATORS: Final = ("indicator", "sli")
_REFERENCES: Final = ("indicatorRef", "sliRef")
_OBJECTIVE_NAMED: Final = "objective"
_TAKEN: Final = frozenset({"target"})  # what the first level of an SLO is called


def objectives(roots: Sequence[Mapping], notes: Notes, scrape: Duration | None) -> Iterator[Objective]:
    """Read all SLOs; what is refused is noted, and so is every object that no SLO came to."""
    objects = Objects(notes)
    for root in roots:
        objects.add(root)
    for root in roots:
        kind = text_of(root, "kind")
        try:
            if kind == "SLO":
                yield from _slo(root, objects, scrape)
            elif kind == "AlertPolicy":
                alerts_of([root], Objects(Notes(notes.tool, []), objects.found, objects.used))
        except Refused as reason:
            if reason.found not in notes.problems:
                notes.problems.append(reason.found)
    notes.problems += objects.unused()


@dataclass(frozen=True, slots=True)
class _Common:
    """What all objectives of one SLO have in common."""

    spec: Keys
    name: str
    made: Objective
    period: Duration
    alerts: Alerts
    scrape: Duration | None


def _slo(root: Mapping, objects: Objects, scrape: Duration | None) -> Iterator[Objective]:
    """Read one SLO.

    Raises:
        Refused: it cannot be carried over.
    """
    notes = objects.notes
    keys = Keys(root, _ROOT, notes)
    keys.seen |= {"apiVersion", "kind"}
    metadata, spec = keys.below(METADATA, "metadata"), keys.below(_SPEC, "spec")
    if metadata is None or spec is None:
        raise refused("the SLO has no metadata or no spec", root.span(), "OpenSLO needs both, too")
    keys.done()
    name = name_of(metadata.needed("name"), notes)
    period, length = period_of(spec)
    policies = spec.items("alertPolicies")
    made = Objective(
        service=_service(spec, objects),
        name=name,
        objective=Decimal(0),
        sli=Sli("", ()),
        node=root,
        description=spec.text("description"),
        title=metadata.text("displayName"),
        window=period,
        labels=label_pairs(metadata.pairs("labels"), notes),
        places=_places(metadata, spec),
    )
    common = _Common(spec, name, made, length, alerts_of(policies, objects), scrape)
    metadata.done()
    found = list(spec.each(OBJECTIVE, "objectives"))
    if not found:
        raise refused("the SLO has no objectives", spec.node.span(), "OpenSLO needs one, too")
    own = [one for one in found if any(one.node_of(name) is not None for name in (*_INDICATORS, *_REFERENCES))]
    made_all = list(_composite(own, common, objects) if own else _levels(found, common, objects))
    spec.done()
    yield from made_all


def _service(spec: Keys, objects: Objects) -> str:
    """Name the service, and note that the object of that name is used."""
    found = spec.scalar("service", "serviceRef")
    if found is None:
        return "default"
    key = ("Service", found.text.strip())
    if key in objects.found:
        objects.used.add(key)
    return name_of(found, objects.notes)


def _places(metadata: Keys, spec: Keys) -> dict[str, Scalar]:
    found = {
        "name": metadata.key_of("name"),
        "description": spec.key_of("description"),
        "sli": spec.key_of(*_INDICATORS, *_REFERENCES),
        "service": spec.key_of("service", "serviceRef"),
        "alerting": spec.key_of("alertPolicies"),
    }
    return {name: key for name, key in found.items() if key is not None}


def _indicator(keys: Keys, objects: Objects) -> Keys:
    """Give the SLI that stands in a mapping or is referred to.

    Raises:
        Refused: there is none.
    """
    inline: Value | None = keys.node_of(*_INDICATORS)
    reference = keys.scalar(*_REFERENCES)
    if inline is None and reference is not None:
        inline = objects.named("SLI", reference)
    if inline is None:
        return Keys(Mapping({}, keys.node.file, keys.node.start, keys.node.end), SLI, objects.notes)
    if isinstance(inline, Mapping) and "spec" not in inline.entries:
        return Keys(inline, SLI, objects.notes)  # v1alpha has no metadata there
    return objects.spec(inline, SLI, "SLI")


def _target(objective: Keys) -> Decimal:
    percent, ratio = objective.scalar("targetPercent"), objective.scalar("target")
    if percent is not None:
        return percentage(percent)
    if ratio is None:
        raise refused("the objective has no target", objective.node.span(), "write for example target: 0.999")
    return share(ratio)


# Several objectives for one indicator


def _levels(found: list[Keys], common: _Common, objects: Objects) -> Iterator[Objective]:
    """Make one SLO with levels where objectives differ in their target alone, and one for each otherwise."""
    read: list[tuple[Keys, Objective]] = []
    for objective in found:
        # Each reads the indicator anew, so that what is not carried over is named for one of them alone.
        kept = objects.notes.problems[:]
        one = _objective(objective, common, _indicator(common.spec, objects), objects)
        if read:
            objects.notes.problems[:] = kept
        objective.done()
        read.append((objective, one))
    first = read[0][1]
    alike = [(objective, one) for objective, one in read[1:] if _without_bound(one) == _without_bound(first)]
    names = _names([objective for objective, _ in alike])
    yield replace(first, levels=tuple(_level(name, one, first) for name, (_, one) in zip(names, alike, strict=True)))
    others = [(objective, one) for objective, one in read[1:] if _without_bound(one) != _without_bound(first)]
    for name, (_, one) in zip(_names([objective for objective, _ in others]), others, strict=True):
        yield replace(one, name=f"{common.name}-{name}", places={})


def _without_bound(one: Objective) -> Sli:
    """Give what is measured, without the bound that a level of a threshold may have of its own."""
    if one.sli.kind != "threshold":
        return one.sli
    return Sli(one.sli.kind, tuple(pair for pair in one.sli.keys if pair[0] != "bound"))


def _level(name: str, one: Objective, first: Objective) -> Level:
    """Make a level of an objective: what it has in common with the first one is not said again."""
    bound, usual = (str(dict(each.sli.keys).get("bound", "")) for each in (one, first))
    own = None if one.objective == first.objective and bound != usual else one.objective
    return Level(name, own, bound if bound != usual else "")


def _names(found: list[Keys]) -> list[str]:
    """Name objectives after what they are called for people, each differently."""
    names: list[str] = []
    for number, objective in enumerate(found, start=2):
        shown = objective.scalar("displayName")
        name = f"{_OBJECTIVE_NAMED}-{number}"
        if shown is not None and shown.text.strip():
            name = name_of(shown, Notes("OpenSLO"), quiet=True).lower()
        names.append(name if name not in names and name not in _TAKEN else f"{name}-{number}")
    return names


def _objective(objective: Keys, common: _Common, sli: Keys, objects: Objects) -> Objective:
    notes = objects.notes
    objective.scalar("displayName")
    method = method_of(common.spec.text("budgetingMethod"), objective)
    found = measured(sli, objective, method, objects)
    sli.done()
    for message, hint in found.found.notes:
        notes.otherwise(sli.node if sli.node.entries else objective.node, message, hint)
    target = _target(objective)
    return _alerting(replace(common.made, objective=target, sli=found.found.sli), common, found.slice, notes)


def _alerting(made: Objective, common: _Common, slices: Duration | None, notes: Notes) -> Objective:
    """Add the alerts; an SLO without alert policies has none."""
    asked = Asked(made.objective, common.period, common.scrape, slices)
    place = common.spec.node_of("alertPolicies") or common.spec.node
    tiers = fitted(common.alerts.tiers, asked, place, notes) if common.alerts.tiers else ()
    return replace(made, tiers=tiers, policy="openslo", no_data=common.alerts.no_data)


# Composites


def _composite(found: list[Keys], common: _Common, objects: Objects) -> Iterator[Objective]:
    """Make an SLO of each objective, and one that weighs their events."""
    members = []
    weights: list[tuple[str, str]] = []
    names = _names(found)
    for name, objective in zip(names, found, strict=True):
        one = _objective(objective, common, _indicator(objective, objects), objects)
        weight = objective.text("compositeWeight") or "1"
        objective.done()
        weights.append((f"{common.name}-{name}", weight))
        members.append(replace(one, name=f"{common.name}-{name}", title="", places={}))
    total = sum((Decimal(weight) for _, weight in weights), Decimal(0))
    products = (one.objective * Decimal(weight) for one, (_, weight) in zip(members, weights, strict=True))
    mean = sum(products, Decimal(0)) / total
    target = mean.quantize(Decimal("0.000001")).normalize()
    message = f"the composite's objective is {plain(target * 100)}%, the mean of its members' by weight"
    hint = "OpenSLO names none; an event of each member counts as often as its weight says"
    objects.notes.otherwise(common.spec.node_of("objectives") or common.spec.node, message, hint)
    yield from members
    sli = Sli("composite", (("weighted", tuple(weights)),))
    yield _alerting(replace(common.made, objective=target, sli=sli), common, None, objects.notes)


__all__ = ["Calendar", "Method", "objectives"]
