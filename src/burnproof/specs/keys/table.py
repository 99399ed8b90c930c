"""Read values by tables of keys, and make the JSON Schema from the same tables.

A table is a frozen dataclass whose fields carry a ``Key``. Reading never stops at a problem: it notes it,
marks the place as broken, and goes on, so that all problems of a file come at once.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Protocol

from burnproof.diagnostics import Problem, Span, problem
from burnproof.model.quantities import UnitError
from burnproof.specs.source import Mapping, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Callable

    from burnproof.specs.source import Value

Schema = dict[str, Any]

# What other tools and habits call our fields.
SYNONYMS: Final = {
    "target": "objective", "goal": "objective", "slo": "objective", "title": "name", "indicator": "sli",
    "time_window": "window", "period": "window", "timeWindow": "window",
    "error_query": "bad", "errors": "bad", "error": "bad", "total_query": "total", "success": "good",
    "good_query": "good",
    "threshold": "at_most", "le": "at_most", "max": "at_most", "less_than": "at_most", "metric": "histogram",
    "runbook_url": "runbook", "severities": "policy", "team": "owner", "metric_name": "histogram", "grouping": "by",
    "page_alert": "policy", "ticket_alert": "policy", "windows": "tiers", "burn_rate": "factor",
    "long_window": "long", "short_window": "short", "group_by": "by", "journey_id": "journey", "cuj": "journey",
    "events": "ratio",
    "raw": "ratio",
    "bool_gauge": "probe",
    "latencyNative": "latency",
}  # fmt: skip


class Reader:
    """What reading gathers: problems, places by path, and the top fields below which something is wrong."""

    __slots__ = ("broken", "problems", "spans")

    def __init__(self, problems: list[Problem]) -> None:
        """Gather problems into ``problems``."""
        self.problems = problems
        self.spans: dict[str, Span] = {}
        self.broken: set[str] = set()

    def fail(self, path: str, code: str, message: str, span: Span, hint: str = "") -> None:
        """Note a problem; what stands at ``path`` cannot be used."""
        found = problem(code, message, span, hint)
        self.problems.append(found)
        if found.severity.value == "error":
            self.broken.add(path.partition(".")[0])


class Kind(Protocol):
    """Something a key can hold."""

    @property
    def expected(self) -> str:
        """What to call it in a message."""

    def read(self, node: Value, reader: Reader, path: str) -> Any:
        """Read a value; None after a problem."""

    def schema(self, definitions: dict[str, Schema]) -> Schema:
        """Describe it as JSON Schema, adding named parts to ``definitions``."""


@dataclass(frozen=True)
class Leaf:
    """Text with a meaning; ``parse`` gives the value or raises ``UnitError``."""

    parse: Callable[[Any], Any]
    json: Schema
    expected: str
    whole_scalar: bool = False  # parse takes the scalar with its place, not the text alone

    def read(self, node: Value, reader: Reader, path: str) -> Any:
        """Read the text."""
        if type(node) is not Scalar:
            shown = "a list" if isinstance(node, Sequence) else "a mapping"
            hint = "quote text that begins with { or [" if _looks_quoted_away(node) else f"write {self.expected}"
            reader.fail(path, "wrong-type", f"{shown} is given where {self.expected} is needed", node.span(), hint)
            return None
        try:
            return self.parse(node if self.whole_scalar else node.text)
        except UnitError as error:
            start = getattr(error, "start", None)
            span = node.span() if start is None else node.part(start, error.end)  # type: ignore[attr-defined]  # QueryError
            reader.fail(path, error.code, error.message, span, error.hint)
            return None

    def schema(self, definitions: dict[str, Schema]) -> Schema:  # noqa: ARG002 - a leaf has no parts
        """Give the leaf's own schema."""
        return dict(self.json)


def _looks_quoted_away(node: Value) -> bool:
    """Tell whether YAML probably took plain text such as {a="b"} for a collection."""
    return node.start.line == node.end.line


@dataclass(frozen=True)
class ListOf:
    """A list; with ``single``, one item may stand without the list."""

    item: Kind
    single: bool = False
    at_least: int = 0
    distinct: bool = False  # the same twice is a slip
    rising: bool = False  # so is another order than from the lowest up, which does no harm

    @property
    def expected(self) -> str:
        """A list, of what."""
        return f"a list, each item {self.item.expected}"

    def read(self, node: Value, reader: Reader, path: str) -> tuple[Any, ...] | None:
        """Read all items; those with problems are left out."""
        if type(node) is not Sequence:
            if self.single:
                value = self.item.read(node, reader, path)
                return None if value is None else (value,)
            reader.fail(path, "wrong-type", "a list is needed here", node.span(), "begin each item with '- '")
            return None
        if len(node.items) < self.at_least:
            few = (
                f"the list has {len(node.items)}, and takes at least {self.at_least}"
                if node.items
                else "the list is empty"
            )
            hint = f"add {self.item.expected}" if node.items else f"give {self.item.expected}"
            reader.fail(path, "empty-value", few, node.span(), hint)
        values: list[Any] = []
        for index, item in enumerate(node.items):
            below = f"{path}.{index}"
            reader.spans[below] = item.span()
            if type(item) is Scalar and item.is_null:
                reader.fail(path, "empty-value", "this item is empty", item.span(), f"give {self.item.expected}")
                continue
            value = self.item.read(item, reader, below)
            if value is None:
                continue
            if self.distinct and value in values:
                reader.fail(path, "repeated", "this item is in the list already", item.span(), "remove it")
            elif self.rising and values and value < values[-1]:
                hint = "order them from the lowest up, and see whether it is the value that was meant"
                reader.fail(path, "unordered", "this item is lower than the one before", item.span(), hint)
            values.append(value)
        return tuple(values)

    def schema(self, definitions: dict[str, Schema]) -> Schema:
        """An array, or one item."""
        item = self.item.schema(definitions)
        array: Schema = {"type": "array", "items": item} | ({"minItems": self.at_least} if self.at_least else {})
        return {"anyOf": [item, array]} if self.single else array


@dataclass(frozen=True)
class MapOf:
    """A mapping whose keys the user chooses, such as labels."""

    key: Leaf
    value: Leaf
    expected: str

    def read(self, node: Value, reader: Reader, path: str) -> tuple[tuple[str, Any], ...] | None:
        """Read all pairs in the order of the file."""
        if type(node) is not Mapping:
            reader.fail(path, "wrong-type", f"{self.expected} must be a mapping", node.span(), "write key: value")
            return None
        pairs = []
        for name, (key_node, value_node) in node.entries.items():
            below = f"{path}.{name}"
            reader.spans[below] = key_node.span()
            reader.spans[f"{below}.value"] = value_node.span()
            key = self.key.read(key_node, reader, path)
            if type(value_node) is Scalar and value_node.is_null:
                reader.fail(path, "empty-value", f"{name!r} has no value", key_node.span(), "give one, or '' for none")
                continue
            value = self.value.read(value_node, reader, path)
            if key is not None and value is not None:
                pairs.append((key, value))
        return tuple(pairs)

    def schema(self, definitions: dict[str, Schema]) -> Schema:
        """An object with free keys."""
        value = self.value.schema(definitions)
        return {
            "type": "object",
            "additionalProperties": value,
            "propertyNames": {"pattern": self.key.json.get("pattern", "")},
        }


@dataclass(frozen=True)
class TextOr:
    """Either text or a mapping: ``window: 30d`` or ``window: {calendar: month}``."""

    text: Leaf
    table: Table

    @property
    def expected(self) -> str:
        """Both."""
        return f"{self.text.expected}, or {self.table.expected}"

    def read(self, node: Value, reader: Reader, path: str) -> Any:
        """Read whichever stands there."""
        return (self.text if type(node) is Scalar else self.table).read(node, reader, path)

    def schema(self, definitions: dict[str, Schema]) -> Schema:
        """Either."""
        return {"anyOf": [self.text.schema(definitions), self.table.schema(definitions)]}


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a table.

    Attributes:
        kind: What it holds.
        doc: What it means, in a sentence; it becomes the editor's help.
        required: Whether it must be there.
        name: Its name in YAML where Python forbids that one.
    """

    kind: Kind
    doc: str
    required: bool = False
    name: str = ""


def key(kind: Kind, doc: str, *, required: bool = False, name: str = "") -> Any:
    """Declare a field of a table; absent values are None."""
    return field(default=None, metadata={"key": Key(kind, doc, required, name)})


@dataclass(frozen=True)
class Table:
    """A mapping with known keys, read into the frozen dataclass ``cls``.

    Attributes:
        cls: The dataclass; fields without a ``Key`` are not read.
        expected: What to call it in a message.
        exactly_one: Keys of which exactly one must be there.
        scoped: Whether it gathers its own places, handed to the fields ``spans`` and ``broken``.
    """

    cls: type
    expected: str
    exactly_one: tuple[str, ...] = ()
    scoped: bool = False

    @cached_property
    def keys(self) -> dict[str, tuple[str, Key]]:
        """YAML name to attribute and key."""
        declared = [(item.name, item.metadata["key"]) for item in fields(self.cls) if "key" in item.metadata]
        return {found.name or attribute: (attribute, found) for attribute, found in declared}

    @cached_property
    def _required(self) -> tuple[str, ...]:
        return tuple(name for name, (_, found) in self.keys.items() if found.required)

    def read(self, node: Value, reader: Reader, path: str) -> Any:
        """Read the mapping, key by key; None only where it is none."""
        if type(node) is not Mapping:
            reader.fail(path, "wrong-type", f"{self.expected} is needed here, as a mapping", node.span(), self._hint())
            return None
        outer = reader
        if self.scoped:
            reader, path = Reader(outer.problems), ""
            reader.spans[""] = node.span()
        values: dict[str, Any] = {}
        known = self.keys
        prefix = f"{path}." if path else ""
        for name, (key_node, value_node) in node.entries.items():
            below = prefix + name
            found = known.get(name)
            if found is None:
                self._unknown(key_node, reader, below)
            elif type(value_node) is Scalar and value_node.is_null:
                remove = "" if found[1].required else ", or remove the key"
                hint = f"give {found[1].kind.expected}{remove}"
                reader.fail(below, "empty-value", f"{name} has no value", key_node.span(), hint)
            else:
                reader.spans[below] = value_node.span()
                values[found[0]] = found[1].kind.read(value_node, reader, below)
        self._check_presence(node, reader, path)
        if self.scoped:
            return self.cls(**values, spans=reader.spans, broken=frozenset(reader.broken))
        return self.cls(**values)

    def _hint(self) -> str:
        return f"it has the keys {', '.join(self.keys)}"

    def _check_presence(self, node: Mapping, reader: Reader, path: str) -> None:
        """Note required keys that are absent, and alternatives of which none or several are there."""
        entries = node.entries
        for name in self._required:
            if name not in entries:
                _, found = self.keys[name]
                below = f"{path}.{name}" if path else name
                reader.fail(
                    below, "missing-key", f"the key {name} is missing", node.span(), f"give {found.kind.expected}"
                )
        if not self.exactly_one or entries.keys() - self.keys.keys():
            return  # an unknown key says it already, and with the name that was meant
        given = [name for name in self.exactly_one if name in entries]
        if len(given) == 1:
            return
        if not given:
            choices = ", ".join(self.exactly_one)
            reader.fail(path, "one-of", f"one of the keys {choices} is needed", node.span(), "give exactly one")
        for name in given[1:]:
            span = entries[name][0].span()
            reader.fail(
                path, "one-of", f"{name} is given together with {given[0]}", span, "keep exactly one of the two"
            )

    def _unknown(self, node: Scalar, reader: Reader, path: str) -> None:
        """Refuse a key, naming the one that was probably meant."""
        reader.fail(path, "unknown-key", f"unknown key {node.text!r}", node.span(), self.suggest(node.text))

    def suggest(self, name: str) -> str:
        """Say which key was meant, or which there are."""
        known = list(self.keys)
        lowered = name.replace("-", "_").lower()
        close = difflib.get_close_matches(lowered, known, n=1, cutoff=0.7)
        synonym = SYNONYMS.get(name) or SYNONYMS.get(lowered)
        if close:
            return f"did you mean {close[0]!r}?"
        if synonym in known:
            return f"it is called {synonym!r} here"
        place = _place_of_key(self, lowered)
        return place or self._hint()

    def schema(self, definitions: dict[str, Schema]) -> Schema:
        """A reference to the table's own schema."""
        title = self.cls.__name__
        if title not in definitions:
            made: Schema = {
                "type": "object",
                "additionalProperties": False,
                "description": (self.cls.__doc__ or "").strip(),
            }
            definitions[title] = made
            made["properties"] = {
                name: found.kind.schema(definitions) | {"description": found.doc}
                for name, (_, found) in self.keys.items()
            }
            if self._required:
                made["required"] = list(self._required)
            if self.exactly_one:
                made["oneOf"] = [{"required": [name]} for name in self.exactly_one]
        return {"$ref": f"#/$defs/{title}"}


def _place_of_key(table: Table, name: str, below: str = "") -> str:
    """Find a key in the tables below this one."""
    for step, (_, found) in table.keys.items():
        kind = found.kind
        inner = kind.table if isinstance(kind, TextOr) else kind.item if isinstance(kind, ListOf) else kind
        if not isinstance(inner, Table):
            continue
        where = f"{below}.{step}" if below else step
        if name in inner.keys:
            return f"{name!r} belongs under {where}"
        deeper = _place_of_key(inner, name, where)
        if deeper:
            return deeper
    return ""
