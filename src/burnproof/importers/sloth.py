"""Read files of Sloth: ``prometheus/v1``, its Kubernetes object, and catalogs of alert windows.

Source: https://github.com/slok/sloth, pkg/prometheus/api/v1 and pkg/kubernetes/api/sloth/v1.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from burnproof.importers.alerts import Asked, fitted
from burnproof.importers.model import Before, Objective, Pairs
from burnproof.importers.reading import (
    Keys,
    Notes,
    Refused,
    Shape,
    alert_name,
    label_pairs,
    label_text,
    name_of,
    percentage,
    refused,
)
from burnproof.importers.simplify import Found, of_events, of_ratio
from burnproof.importers.sloth_windows import METADATA, Windows
from burnproof.importers.windows import from_template
from burnproof.model.policies import BASE_PERIOD
from burnproof.specs.source import Mapping, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from burnproof.model.quantities import Duration
    from burnproof.model.slo import Tier
    from burnproof.specs.source import Value

_OBJECT = "the Kubernetes object"
DOCUMENT: Final = Shape(
    "a spec of Sloth", ("version", "service", "labels", "slos"), {"slo_plugins": "", "sloPlugins": ""}
)
OBJECT: Final = Shape(_OBJECT, ("apiVersion", "kind", "metadata", "spec"), {"status": ""})
_SLO: Final = Shape(
    "an SLO of Sloth", ("name", "description", "objective", "labels", "sli", "alerting"), {"plugins": ""}
)
_SLI: Final = Shape("sli", ("events", "raw", "plugin"))
_EVENTS: Final = Shape("events", ("error_query", "errorQuery", "total_query", "totalQuery"))
_RAW: Final = Shape("raw", ("error_ratio_query", "errorRatioQuery"))
_ALERTING: Final = Shape(
    "alerting",
    ("name", "labels", "annotations", "page_alert", "pageAlert", "ticket_alert", "ticketAlert"),
)
_ALERT: Final = Shape("an alert", ("disable", "labels", "annotations"))
_PLUGINS: Final = Shape("plugins", ("chain", "overridePrevious", "override_previous"))
_PLUGIN: Final = Shape("a plugin", ("id", "config", "priority"))

# What becomes of Sloth's own plugins; "" where burnproof does by itself what they do, or nothing is lost.
_KNOWN_PLUGINS: Final = {
    "sloth.dev/core/validate/v1": "",
    "sloth.dev/core/sli_rules/v1": "",
    "sloth.dev/core/metadata_rules/v1": "",
    "sloth.dev/core/alert_rules/v1": "",
    "sloth.dev/core/debug/v1": "",
    "sloth.dev/core/noop/v1": "",
    "sloth.dev/contrib/denominator_corrected_rules/v1": "",  # budgets go by events here
    "sloth.dev/contrib/remove_labels/v1": "",  # recorded series have no labels of the user's
    "sloth.dev/contrib/validate_victoria_metrics/v1": "",
    "sloth.dev/contrib/rule_intervals/v1": "burnproof chooses the intervals of its groups (docs/reference/rules.md)",
    "sloth.dev/contrib/info_labels/v1": "write them under labels: those stand on the info series, and on alerts too",
    "sloth.dev/contrib/error_budget_exhausted_alert/v1": "write a step under budget_policy (docs/reference/spec.md)",
}
_FOREIGN_PLUGIN: Final = "it is a program of its own, which is not run here; write what it adds into the spec"


@dataclass(frozen=True, slots=True)
class Settings:
    """What holds for all objectives of a run.

    Attributes:
        windows: the alert windows.
        scrape: the time between scrapes, where it is known.
    """

    windows: Windows
    scrape: Duration | None = None


def objectives(root: Keys, settings: Settings) -> Iterator[Objective]:
    """Read a document of either form; what is refused is noted, and the others follow."""
    try:
        spec = _spec(root)
        service = name_of(spec.needed("service"), root.notes)
    except Refused as reason:
        root.notes.problems.append(reason.found)
        return
    _name_misspelt(spec.node, root.notes, in_object=root.shape is OBJECT)
    _name_plugins(spec, "slo_plugins", "sloPlugins")
    shared = label_pairs(spec.pairs("labels"), root.notes)
    places = _places("labels", spec.pairs("labels")) | _place(spec, "service")
    try:
        slos = list(spec.each(_SLO, "slos"))
        if not slos:
            raise refused("the spec has no slos", spec.node.span(), "Sloth needs one, too")
    except Refused as reason:
        root.notes.problems.append(reason.found)
        return
    for slo in slos:
        try:
            made = _objective(slo, service, settings)
        except Refused as reason:
            root.notes.problems.append(reason.found)
            continue
        yield replace(made, shared=shared, places=places | made.places)
    spec.done()


def _spec(root: Keys) -> Keys:
    """Give the part with the SLOs, of a document or of a Kubernetes object."""
    if root.shape is DOCUMENT:
        root.text("version")
        return root
    root.text("apiVersion")
    kind = root.text("kind")
    if kind != "PrometheusServiceLevel":
        message = f"Sloth has no objects of the kind {kind or 'nothing'}"
        raise refused(message, root.node.span(), "they are of the kind PrometheusServiceLevel or AlertWindows")
    metadata = root.below(METADATA, "metadata")
    if metadata is not None:
        metadata.text("name")
        metadata.done()
    spec = root.below(DOCUMENT, "spec")
    if spec is None:
        raise refused("the object has no spec", root.node.span(), "Sloth needs it, too")
    root.done()
    return spec


def _objective(slo: Keys, service: str, settings: Settings) -> Objective:
    """Read one SLO.

    Raises:
        Refused: it cannot be carried over.
    """
    notes = slo.notes
    found, ratio = _sli(slo)
    objective = percentage(slo.needed("objective"))
    alerting = slo.below(_ALERTING, "alerting")
    own = label_pairs(slo.pairs("labels"), notes)
    place = slo.node_of("sli") or slo.node
    for message, hint in found.notes:
        notes.otherwise(place, message, hint)
    _name_plugins(slo, "plugins")
    windows = settings.windows
    made = Objective(
        service=service,
        name=name_of(slo.needed("name"), notes),
        objective=objective,
        sli=found.sli,
        node=slo.node,
        description=slo.text("description"),
        before=Before("Sloth", ratio, (), windows.period),
        window="" if windows.period == BASE_PERIOD else str(windows.period),
        labels=own,
        places=_place(slo, "name", "description", "objective", "sli", "alerting")
        | _places("labels", slo.pairs("labels")),
    )
    asked = Asked(objective, windows.period, settings.scrape)
    made = replace(made, tiers=()) if alerting is None else _alerts(made, alerting, windows, asked)
    slo.done()
    return made


def _sli(slo: Keys) -> tuple[Found, str]:
    """Read the SLI, and give the error ratio that Sloth records.

    Raises:
        Refused: it cannot be carried over.
    """
    sli = slo.below(_SLI, "sli")
    if sli is None:
        raise refused("the SLO has no sli", slo.node.span(), "Sloth needs it, too")
    events, raw, plugin = sli.below(_EVENTS, "events"), sli.below(_RAW, "raw"), sli.node_of("plugin")
    sli.done()
    if events is not None:
        bad, total = events.needed("error_query", "errorQuery"), events.needed("total_query", "totalQuery")
        events.done()
        some, every = from_template(bad, "Sloth"), from_template(total, "Sloth")
        return of_events(some, "bad", every), f"({some.text})\n/\n({every.text})"
    if raw is not None:
        ratio = raw.needed("error_ratio_query", "errorRatioQuery")
        raw.done()
        read = from_template(ratio, "Sloth")
        return of_ratio(read, "bad"), read.text
    if plugin is not None:
        used = plugin.entries.get("id") if isinstance(plugin, Mapping) else None
        message = (
            f"the plugin {used[1].text} writes the query" if used and hasattr(used[1], "text") else "a plugin does"
        )
        hint = "its program is not run here: take the query from what sloth generate writes, as sli.raw"
        raise refused(message, plugin.span(), hint)
    raise refused("the sli is neither events nor raw nor a plugin", sli.node.span(), "Sloth needs one of them, too")


# Alerts


def _alerts(made: Objective, alerting: Keys, windows: Windows, asked: Asked) -> Objective:
    """Add names, labels and annotations of alerts, and the tiers with their own ones."""
    notes = alerting.notes
    shared_annotations, links = _annotations(alerting.pairs("annotations"))
    labels = label_pairs(alerting.pairs("labels"), notes, _SEVERITY)
    severity = _severity(alerting.pairs("labels"))
    tiers: list[Tier] = []
    for kind in ("page", "ticket"):
        alert = _alert(alerting, kind)
        entries = alert.pairs("labels") if alert is not None else []
        if alert is not None and alert.flag("disable"):
            alert.done()
            continue
        own = label_pairs(entries, notes, _SEVERITY)
        annotations, _ = _annotations(alert.pairs("annotations")) if alert is not None else ((), {})
        named = _severity(entries) or severity or kind
        tiers += [
            replace(tier, severity=named, labels=own, annotations=annotations)
            for tier in windows.tiers()
            if tier.severity == kind
        ]
        if alert is not None:
            alert.done()
    tiers, common = _common(tiers)
    place = alerting.node
    made = replace(
        made,
        alert=alert_name(alerting.scalar("name"), notes),
        alert_labels=(*labels, *common),
        annotations=shared_annotations,
        runbook=links.get("runbook", ""),
        dashboard=links.get("dashboard", ""),
        tiers=fitted(tiers, asked, place, notes),
        before=replace(made.before, tiers=tuple(tiers)) if made.before is not None else None,
        policy=windows.name or "sloth",
        places=made.places
        | _places("alerting.labels", alerting.pairs("labels"))
        | _places("alerting.annotations", alerting.pairs("annotations"))
        | {f"alerting.{name}": key for name in ("name",) if (key := alerting.key_of(name)) is not None},
    )
    alerting.done()
    return made


def _alert(alerting: Keys, kind: str) -> Keys | None:
    """Give the keys of one alert, which the object and the file spell differently."""
    return alerting.below(_ALERT, f"{kind}_alert", f"{kind}Alert")


def _common(tiers: list[Tier]) -> tuple[list[Tier], Pairs]:
    """Take the labels out of the tiers that all of them have."""
    common = tuple(pair for pair in tiers[0].labels if all(pair in tier.labels for tier in tiers)) if tiers else ()
    return [replace(tier, labels=tuple(pair for pair in tier.labels if pair not in common)) for tier in tiers], common


_SEVERITY: Final = frozenset({"severity"})
_LINKS: Final = {"runbook": "runbook", "runbook_url": "runbook", "dashboard": "dashboard", "dashboard_url": "dashboard"}
# Labels of Sloth that annotations name, and what they are called here.
_NAMES: Final = (("sloth_service", "slo_service"), ("sloth_slo", "slo"), ("sloth_id", "slo_id"))
_SEVERITY_LABEL: Final = ("sloth_severity", "severity")


def _severity(entries: list[tuple[Scalar, Value]]) -> str:
    """Give the severity that labels set; names of severities are names."""
    found = next((value for key, value in entries if key.text == "severity"), None)
    if not isinstance(found, Scalar) or not found.text.strip():
        return ""
    return name_of(found, Notes("Sloth"), quiet=True)


def _annotations(entries: list[tuple[Scalar, Value]]) -> tuple[Pairs, dict[str, str]]:
    """Give annotations, and the links among them, which have keys of their own."""
    made: list[tuple[str, str]] = []
    links: dict[str, str] = {}
    for key, value in entries:
        text = label_text(value) or ""
        for old, new in (*_NAMES, _SEVERITY_LABEL):
            text = text.replace(f"$labels.{old}", f"$labels.{new}")
        link = _LINKS.get(key.text)
        if link and link not in links and "{{" not in text and text.startswith(("https://", "http://")):
            links[link] = text
        elif text:
            made.append((key.text, text))
    return tuple(made), links


# Spellings, plugins and places

_CAMEL: Final = {
    "error_query": "errorQuery",
    "total_query": "totalQuery",
    "error_ratio_query": "errorRatioQuery",
    "page_alert": "pageAlert",
    "ticket_alert": "ticketAlert",
    "slo_plugins": "sloPlugins",
}


def _name_misspelt(node: Value, notes: Notes, *, in_object: bool) -> None:
    """Name keys in the spelling of the other form, which Sloth ignores: files write error_query, objects errorQuery."""
    right = _CAMEL if in_object else {camel: snake for snake, camel in _CAMEL.items()}
    entries = node.entries.values() if isinstance(node, Mapping) else ()
    for key, value in entries:
        if key.text in right:
            message = f"Sloth ignores {key.text} here, where it is called {right[key.text]}; it counts now"
            notes.otherwise(key, message, "remove it if it is not meant")
        _name_misspelt(value, notes, in_object=in_object)
    for item in node.items if isinstance(node, Sequence) else ():
        _name_misspelt(item, notes, in_object=in_object)


def _name_plugins(keys: Keys, *names: str) -> None:
    """Name the plugins that did something which is not done here."""
    plugins = keys.below(_PLUGINS, *names)
    if plugins is None:
        return
    for plugin in plugins.each(_PLUGIN, "chain"):
        used = plugin.text("id")
        why = _KNOWN_PLUGINS.get(used, _FOREIGN_PLUGIN)
        if why:
            keys.notes.left_out(plugin.node, f"the plugin {used} is not carried over", why)


def _place(keys: Keys, *names: str) -> dict[str, Scalar]:
    return {name: key for name in names if (key := keys.key_of(name)) is not None}


def _places(path: str, entries: list[tuple[Scalar, Value]]) -> dict[str, Scalar]:
    return {f"{path}.{key.text}": key for key, _ in entries}
