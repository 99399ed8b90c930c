"""Read Pyrra's ServiceLevelObjective.

Source: https://github.com/pyrra-dev/pyrra, kubernetes/api/v1alpha1/servicelevelobjective_types.go and slo/rules.go.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from burnproof.importers.alerts import Asked, fitted
from burnproof.importers.model import Before, Objective, Pairs, Sli
from burnproof.importers.reading import (
    Keys,
    Notes,
    Shape,
    alert_name,
    label_pairs,
    label_text,
    length,
    name_of,
    percentage,
    refused,
)
from burnproof.importers.simplify import Counts, Found, of_events
from burnproof.importers.windows import STAND_IN_MS, Windowed, from_template, printed
from burnproof.model.decimals import plain
from burnproof.model.quantities import Duration
from burnproof.model.slo import Tier
from burnproof.specs.source import Scalar
from promrules.syntax.nodes import Aggregate, Call, MatrixSelector, VectorSelector, unwrapped

if TYPE_CHECKING:
    from burnproof.specs.source import Value

OBJECT: Final = Shape("the Kubernetes object", ("apiVersion", "kind", "metadata", "spec"), {"status": ""})
_METADATA: Final = Shape("metadata", ("name", "namespace", "labels", "annotations"))
_SPEC: Final = Shape(
    "a spec of Pyrra",
    ("target", "window", "description", "indicator", "alerting", "performanceOverAccuracy"),
    {
        "performanceOverAccuracy": "",  # long windows are made of recorded tiles here, and are exact
        "partial_response_strategy": "set it where the rules are applied; burnproof writes it into no group",
        "ruleOutput": "set the labels of PrometheusRule objects where generated/rules is applied",
    },
)
_INDICATOR: Final = Shape("indicator", ("ratio", "latency", "latencyNative", "bool_gauge", "boolGauge"))
_RATIO: Final = Shape("ratio", ("errors", "total", "grouping"))
_LATENCY: Final = Shape("latency", ("success", "total", "grouping"))
_NATIVE: Final = Shape("latencyNative", ("latency", "total", "grouping"))
_GAUGE: Final = Shape("bool_gauge", ("metric", "grouping"))
_QUERY: Final = Shape("a query", ("metric",))
_ALERTING: Final = Shape(
    "alerting",
    ("disabled", "burnrates", "absent", "name", "absentName", "severities"),
    {"absentName": "the alert about missing data is named after the other: see alerting.name"},
)
_SEVERITIES: Final = Shape("severities", ("absent", "fastBurn", "mediumBurn", "slowBurn", "longTermBurn"))
_PREFIX: Final = "pyrra.dev/"
ALERT: Final = "ErrorBudgetBurn"

_MINUTE: Final = 60_000
_HOUR: Final = 60 * _MINUTE
_DAY: Final = 24 * _HOUR
_BASE: Final = 28 * _DAY
# slo/rules.go, Windows: written for 28 days, and scaled. Factor, long, short, for, key of the severity, severity.
_TIERS: Final = (
    (14, _HOUR, 5 * _MINUTE, 2 * _MINUTE, "fastBurn", "critical"),
    (7, 6 * _HOUR, 30 * _MINUTE, 15 * _MINUTE, "mediumBurn", "critical"),
    (2, _DAY, 2 * _HOUR, _HOUR, "slowBurn", "warning"),
    (1, 4 * _DAY, 6 * _HOUR, 3 * _HOUR, "longTermBurn", "warning"),
)
# Labels that name the service of an object, the surest first.
_SERVICE_LABELS: Final = (
    f"{_PREFIX}service",
    "app.kubernetes.io/part-of",
    "app.kubernetes.io/name",
    "app.kubernetes.io/instance",
    "app",
    "service",
)


def objective(root: Keys, service: str, scrape: Duration | None) -> Objective:
    """Read one object.

    Args:
        root: the object.
        service: whose it is, where nothing in it says so.
        scrape: the time between scrapes, where it is known.

    Raises:
        Refused: it cannot be carried over.
    """
    notes = root.notes
    root.text("apiVersion")
    if root.text("kind") not in ("ServiceLevelObjective", ""):
        raise refused(f"the kind {root.text('kind')} is not known", root.node.span(), "it is ServiceLevelObjective")
    metadata, spec = root.below(_METADATA, "metadata"), root.below(_SPEC, "spec")
    if metadata is None or spec is None:
        raise refused("the object has no metadata or no spec", root.node.span(), "Pyrra needs both, too")
    root.done()
    found, ratio = _sli(spec)
    place = spec.node_of("indicator") or spec.node
    for message, hint in found.notes:
        notes.otherwise(place, message, hint)
    window = spec.needed("window")
    period = length(window)
    share = percentage(spec.needed("target"))
    entries = metadata.pairs("labels")
    made = Objective(
        service=_service(metadata, found.sli, service),
        name=name_of(metadata.needed("name"), notes),
        objective=share,
        sli=found.sli,
        node=root.node,
        description=spec.text("description"),
        before=Before("Pyrra", ratio, (), period),
        window="" if period.ms == 30 * _DAY else window.text.strip(),
        labels=_own_labels(entries, notes),
        places={
            name: key
            for name, key in (
                ("name", metadata.key_of("name")),
                ("description", spec.key_of("description")),
                ("objective", spec.key_of("target")),
                ("sli", spec.key_of("indicator")),
                ("alerting", spec.key_of("alerting")),
            )
            if key is not None
        },
    )
    made = _alerts(made, metadata, spec, Asked(share, period, scrape))
    spec.flag("performanceOverAccuracy")
    spec.done()
    metadata.done()
    return made


def _service(metadata: Keys, sli: Sli, given: str) -> str:
    """Name the service: as told, by a label, by the job that is measured, or by the namespace."""
    if given:
        return given
    labels = {key.text: value for key, value in metadata.pairs("labels")}
    quiet = Notes("Pyrra")
    for name in _SERVICE_LABELS:
        found = labels.get(name)
        if isinstance(found, Scalar) and found.text.strip():
            return name_of(found, quiet, quiet=True)
    namespace = metadata.scalar("namespace")
    job = _job(sli)
    if job:
        return job
    return name_of(namespace, quiet, quiet=True) if namespace is not None else "default"


def _job(sli: Sli) -> str:
    """Give the job that all queries of an SLI select, where it can be a name."""
    jobs = set()
    for key, text in sli.keys:
        if key == "by" or not isinstance(text, str) or "{" not in text:
            continue
        first, _, rest = text.partition('job="')
        jobs.add(rest.partition('"')[0] if first.endswith(("{", ", ")) else "")
    job = jobs.pop() if len(jobs) == 1 else ""
    return job if job.replace("-", "").replace("_", "").isalnum() and job.isascii() else ""


def _own_labels(entries: list[tuple[Scalar, Value]], notes: Notes) -> Pairs:
    """Give the labels that Pyrra copies to its rules; the others are for Kubernetes."""
    own = []
    foreign = []
    for key, value in entries:
        if key.text.startswith(_PREFIX):
            own += [(name, text) for name, text in label_pairs([(_cut(key), value)], notes) if text]
        elif key.text not in _SERVICE_LABELS:
            foreign.append(key)
    if foreign:
        shown = ", ".join(key.text for key in foreign)
        hint = "set them where generated/rules is applied; labels with pyrra.dev/ in front are carried over"
        notes.left_out(foreign[0], f"not carried over: labels of the Kubernetes object ({shown})", hint)
    return tuple(own)


def _cut(key: Scalar) -> Scalar:
    return replace(key, text=key.text.removeprefix(_PREFIX))


# Indicators


def _sli(spec: Keys) -> tuple[Found, str]:
    """Read the indicator, and give the error ratio that Pyrra records as a burn rate.

    Raises:
        Refused: it cannot be carried over.
    """
    indicator = spec.below(_INDICATOR, "indicator")
    if indicator is None:
        raise refused("the spec has no indicator", spec.node.span(), "Pyrra needs it, too")
    ratio, latency = indicator.below(_RATIO, "ratio"), indicator.below(_LATENCY, "latency")
    native, gauge = indicator.below(_NATIVE, "latencyNative"), indicator.below(_GAUGE, "bool_gauge", "boolGauge")
    given = [keys for keys in (ratio, latency, native, gauge) if keys is not None]
    indicator.done()
    if len(given) != 1:
        message = "an indicator is exactly one of ratio, latency, latencyNative and bool_gauge"
        raise refused(message, indicator.node.span(), "keep one; Pyrra ignores the others")
    by = _grouping(given[0])
    if ratio is not None:
        return _events(ratio, ("errors", "bad"), by)
    if latency is not None:
        return _events(latency, ("success", "good"), by)
    if native is not None:
        return _native(native, by)
    return _probe(given[0], by)


def _grouping(keys: Keys) -> tuple[str, ...]:
    return tuple(text for item in keys.items("grouping") if (text := label_text(item)))


def _events(keys: Keys, counted: tuple[str, Counts], by: tuple[str, ...]) -> tuple[Found, str]:
    name, counts = counted
    some, every = _summed(_metric(keys, name), by), _summed(_metric(keys, "total"), by)
    keys.done()
    bad = some.text if counts == "bad" else f"({every.text} - {some.text})"
    return of_events(some, counts, every), f"{bad} / {every.text}"


def _metric(keys: Keys, name: str) -> Windowed:
    """Read a bare selector, which is all that Pyrra takes."""
    query = keys.below(_QUERY, name)
    if query is None:
        raise refused(f"the indicator has no {name}", keys.node.span(), "Pyrra needs it, too")
    found = _selector(query)
    query.done()
    return found


def _selector(keys: Keys) -> Windowed:
    read = from_template(keys.needed("metric"), "Pyrra")
    selector = unwrapped(read.tree)
    if not isinstance(selector, VectorSelector):
        raise refused("this is no selector of a metric", read.source.span(), "Pyrra takes nothing else either")
    if selector.offset:
        keys.notes.otherwise(read.source, "Pyrra ignores the offset, and it counts now", "remove it if it is not meant")
    return read


def _summed(read: Windowed, by: tuple[str, ...]) -> Windowed:
    """Put the sum of rates around a selector, as Pyrra's rules do."""
    selector = unwrapped(read.tree)
    tree = Aggregate("sum", Call("rate", (MatrixSelector(selector, STAND_IN_MS),)), grouping=by)  # type: ignore[arg-type]
    return Windowed(printed(tree), tree, read.source)


def _native(keys: Keys, by: tuple[str, ...]) -> tuple[Found, str]:
    total, bound = _metric(keys, "total"), length(keys.needed("latency"))
    keys.done()
    seconds = Decimal(bound.ms) / 1000
    at_most = f"{plain(seconds)}s" if seconds >= 1 else f"{bound.ms}ms"
    histogram = printed(unwrapped(total.tree))
    sli = Sli("latency", (("histogram", histogram), ("at_most", at_most), ("native", "true"))).with_groups(by)
    return Found(sli), f"1 - histogram_fraction(0, {plain(seconds)}, {_summed(total, by).text})"


def _probe(keys: Keys, by: tuple[str, ...]) -> tuple[Found, str]:
    gauge = printed(unwrapped(_selector(keys).tree))
    keys.done()
    grouping = f"sum by ({', '.join(by)}) " if by else "sum"
    seen, up = (f"{grouping}({func}({gauge}[$window]))" for func in ("count_over_time", "sum_over_time"))
    return Found(Sli("probe", (("gauge", gauge),)).with_groups(by)), f"({seen} - {up}) / {seen}"


# Alerts


def _alerts(made: Objective, metadata: Keys, spec: Keys, asked: Asked) -> Objective:
    """Add Pyrra's alerts, scaled to the window as Pyrra does, and what their annotations say."""
    notes = spec.notes
    alerting = spec.below(_ALERTING, "alerting")
    severities = alerting.below(_SEVERITIES, "severities") if alerting is not None else None
    place = alerting.node if alerting is not None else spec.node_of("window") or spec.node
    burns = alerting is None or (alerting.flag("burnrates") is not False and alerting.flag("disabled") is not True)
    absent = alerting is None or alerting.flag("absent") is not False
    name = alert_name(alerting.scalar("name") if alerting is not None else None, notes) or ALERT

    def severity(key: str, usual: str) -> str:
        found = severities.scalar(key) if severities is not None else None
        return name_of(found, notes) if found is not None else usual

    tiers = [
        Tier(Decimal(factor), _scaled(long, asked), _scaled(short, asked), severity(key, usual), _scaled(hold, asked))
        for factor, long, short, hold, key, usual in _TIERS
    ]
    missing = severity("absent", "critical")
    for keys in (severities, alerting):
        if keys is not None:
            keys.done()
    return replace(
        made,
        alert=name,
        annotations=_annotations(metadata, notes),
        no_data=missing if absent else "false",
        tiers=fitted(tiers, asked, place, notes) if burns else (),
        before=replace(made.before, tiers=tuple(tiers) if burns else ()) if made.before is not None else None,
        policy=f"pyrra-{asked.period}",
    )


def _scaled(window: int, asked: Asked) -> Duration:
    """Scale a window of 28 days to the period, in whole minutes as Pyrra rounds them."""
    return Duration((2 * window * asked.period.ms + _BASE * _MINUTE) // (2 * _BASE * _MINUTE) * _MINUTE)


def _annotations(metadata: Keys, notes: Notes) -> Pairs:
    """Give the annotations that Pyrra copies to its alerts."""
    made = []
    for key, value in metadata.pairs("annotations"):
        text = label_text(value)
        if key.text.startswith(_PREFIX) and text:
            made.append((key.text.removeprefix(_PREFIX), text))
        elif not key.text.startswith("kubectl.kubernetes.io/"):
            hint = "annotations with pyrra.dev/ in front are carried over"
            notes.left_out(key, f"the annotation {key.text} is one of the Kubernetes object", hint)
    return tuple(made)
