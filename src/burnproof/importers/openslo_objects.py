"""Index OpenSLO's objects by kind and name, and resolve their references.

Source: https://github.com/OpenSLO/OpenSLO, the versions v1alpha, v1 and v2alpha. They spell the same things
differently, so a key is looked for under all its names.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from burnproof.diagnostics import problem
from burnproof.importers.reading import Keys, Notes, Refused, Shape, refused
from burnproof.specs.source import Mapping, Scalar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from burnproof.diagnostics import Problem
    from burnproof.specs.source import Value

OBJECT: Final = Shape("the object", ("apiVersion", "kind", "metadata", "spec"))
METADATA: Final = Shape(
    "metadata",
    ("name", "displayName", "labels"),
    {"annotations": "they are for other tools; write what people should read under description", "project": ""},
)
_SOURCE: Final = Shape(
    "DataSource",
    ("type",),
    {"description": "", "connectionDetails": "rules run where they are loaded, and need no connection"},
)
_METRIC: Final = Shape(
    "a metric",
    ("metricSource", "source", "queryType", "query", "dataSourceRef", "dataSourceSpec", "spec", "type"),
)
_METRIC_SOURCE: Final = Shape("metricSource", ("metricSourceRef", "type", "spec"))
_QUERY: Final = Shape("a query", ("query", "promql", "expr"))

# What answers PromQL, in lower case and without blanks, dashes and underscores.
_PROMETHEUS: Final = frozenset(
    {"prometheus", "promql", "thanos", "mimir", "cortex", "grafanacloud", "grafanamimir", "victoriametrics", "sloth"}
    | {"amazonprometheus", "amp", "amazonmanagedprometheus", "googlemanagedprometheus", "gmp", "azureprometheus"}
)
_ELSEWHERE: Final = "only queries of Prometheus can be compiled; measure it by a series of Prometheus"


@dataclass(slots=True)
class Objects:
    """All objects of a run.

    Attributes:
        found: by kind and name; of several with one name the first.
        used: those that another refers to, or that hold an SLO.
    """

    notes: Notes
    found: dict[tuple[str, str], Mapping] = field(default_factory=dict)
    used: set[tuple[str, str]] = field(default_factory=set)

    def add(self, root: Mapping) -> None:
        """Add an object."""
        key = (text_of(root, "kind"), text_of(root.entries.get("metadata", (None, None))[1], "name"))
        first = self.found.setdefault(key, root)
        if first is not root and key[0] != "SLO":
            message = f"there is a second {key[0]} {key[1]}; the first is at {first.span()}"
            self.notes.left_out(root, message, "the first is taken; rename one of the two")

    def named(self, kind: str, at: Scalar) -> Mapping:
        """Give the object that a reference names.

        Raises:
            Refused: there is none.
        """
        name = at.text.strip()
        found = self.found.get((kind, name))
        if found is None:
            hint = f"name the file that holds the {kind} {name}, too"
            raise Refused(problem("unresolved", f"there is no {kind} {name}", at.span(), hint))
        self.used.add((kind, name))
        return found

    def spec(self, root: Value, shape: Shape, kind: str) -> Keys:
        """Give the keys below ``spec`` of an object, which may stand where it is used.

        Raises:
            Refused: it has none.
        """
        if not isinstance(root, Mapping):
            raise refused(f"{kind} must be a mapping", root.span(), "see the specification of OpenSLO")
        keys = Keys(root, OBJECT, self.notes)
        keys.seen |= {"apiVersion", "kind", "metadata"}
        spec = keys.below(shape, "spec")
        if spec is None:
            raise refused(f"the {kind} has no spec", root.span(), "see the specification of OpenSLO")
        return spec

    def unused(self) -> Iterator[Problem]:
        """Name the objects that no SLO came to."""
        for (kind, name), root in self.found.items():
            if (kind, name) not in self.used and kind != "SLO":
                hint = "name the files of its SLOs, too, if there are any"
                yield problem("not-carried", f"no SLO that was read has the {kind} {name}", root.span(), hint)


def text_of(root: object, name: str) -> str:
    """Give a text of a mapping; "" where there is none."""
    entry = root.entries.get(name) if isinstance(root, Mapping) else None
    return entry[1].text.strip() if entry is not None and isinstance(entry[1], Scalar) else ""


def query_of(metric: Keys, objects: Objects) -> Scalar:
    """Give the query of a metric, whose source must be Prometheus.

    Raises:
        Refused: it is not, or there is no query.
    """
    inner = metric.below(_METRIC_SOURCE, "metricSource") or metric
    reference = inner.scalar("metricSourceRef", "dataSourceRef")
    _check_source(metric, inner, reference, objects)
    where = inner.below(_QUERY, "spec")
    query = (where or metric).scalar("query", "promql", "expr")
    if query is None or not query.text.strip():
        raise refused("the metric has no query", metric.node.span(), "write it under spec.query")
    for keys in (where, inner, metric):
        if keys is not None:
            keys.seen |= {"queryType", "metricSourceRef", "dataSourceRef", "type", "source"}
            keys.done()
    return query


def _check_source(metric: Keys, inner: Keys, reference: Scalar | None, objects: Objects) -> None:
    """Refuse a metric of something else than Prometheus."""
    said = inner.scalar("type") or metric.scalar("source")
    inline = metric.below(_SOURCE, "dataSourceSpec")
    if inline is not None:
        said = inline.scalar("type")
        inline.done()
    if said is None and reference is not None:
        spec = objects.spec(objects.named("DataSource", reference), _SOURCE, "DataSource")
        said = spec.scalar("type")
        spec.done()
    elif reference is not None:
        objects.used.add(("DataSource", reference.text.strip()))
    if said is not None and said.text.strip().lower().translate(_CUT) not in _PROMETHEUS:
        raise refused(f"its metrics come from {said.text.strip()}, not from Prometheus", said.span(), _ELSEWHERE)


_CUT: Final = str.maketrans("", "", " -_")


def metric_below(keys: Keys, name: str) -> Keys | None:
    """Give a metric below a key."""
    return keys.below(_METRIC, name)
