"""One label or annotation of an alert: parsed once, expanded per sample.

`AlertTemplate("HighLatency", "{{ $value | humanize }}s").expand(data, now_ms)` gives `1.5s`, or Prometheus' own
`<error expanding template: …>`.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, get_args

from promrules.go_templates import nodes
from promrules.go_templates.builtins import BUILTINS
from promrules.go_templates.errors import TemplateError
from promrules.go_templates.execute import execute
from promrules.go_templates.nodes import Node
from promrules.go_templates.parse import Trees, parse
from promrules.go_templates.prometheus import NAMES, Query, prometheus_functions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from promrules.go_templates.values import TemplateData

PROLOGUE = (
    "{{$labels := .Labels}}{{$externalLabels := .ExternalLabels}}{{$externalURL := .ExternalURL}}{{$value := .Value}}"
)
_NODES = get_args(Node)
_FUNCTIONS = NAMES | frozenset(BUILTINS)


class AlertTemplate:
    """A template of an alerting rule.

    Attributes:
        text: the template as written.
        uses_value: whether the output can depend on the sample's value.
        uses_time: whether the output can depend on the time (`query`, `now`).

    Raises:
        TemplateError: the template does not parse.
    """

    __slots__ = ("_name", "_trees", "text", "uses_time", "uses_value")

    def __init__(self, alert: str, text: str) -> None:
        self.text = text
        self._name = f"__alert_{alert}"
        self._trees = _parsed(self._name, text) if "{{" in text else None
        self.uses_value = self.uses_time = False
        if self._trees is not None:
            used = [*self._trees.root.nodes[4:], *self._trees.named.values()]
            seen = [node for root in used for node in _walk(root)]
            self.uses_value = any(map(_reads_value, seen))
            self.uses_time = any(isinstance(node, nodes.Identifier) and node.name in {"query", "now"} for node in seen)

    @property
    def is_constant(self) -> bool:
        """Whether the text holds no action at all."""
        return self._trees is None

    def expand(self, data: TemplateData, now_ms: int, query: Query | None = None) -> str:
        """Give the text for one sample; a failure becomes the text Prometheus puts in its place."""
        if self._trees is None:
            return self.text
        table = prometheus_functions(now_ms, query) if query else prometheus_functions(now_ms)
        try:
            return execute(self._trees, data, {**BUILTINS, **table})
        except TemplateError as problem:
            return f"<error expanding template: error executing template {self._name}: {problem}>"


def _parsed(name: str, text: str) -> Trees:
    """Parse a template; alerts of one kind share their texts, and their name stands in errors alone.

    Raises:
        TemplateError: it does not parse.
    """
    try:
        return replace(_nameless(text), name=name)
    except TemplateError:
        return parse(name, PROLOGUE + text, _FUNCTIONS)  # the same error, with the name


@lru_cache(maxsize=1024)
def _nameless(text: str) -> Trees:
    return parse("", PROLOGUE + text, _FUNCTIONS)


def _reads_value(node: Node) -> bool:
    match node:
        case nodes.Field(names=names):
            return names[0] == "Value"
        case nodes.Variable(names=names):
            return names[0] == "$value" or names == ("$",) or names[:2] == ("$", "Value")
        case nodes.Dot():
            return True
    return False


def _walk(node: Node) -> Iterator[Node]:
    """Give a node and all below it."""
    pending: list[object] = [node]
    while pending:
        item = pending.pop()
        if isinstance(item, tuple):
            pending.extend(item)
        elif isinstance(item, _NODES):
            yield item
            pending.extend(getattr(item, name) for name in item.__slots__)  # faster than dataclasses.fields
