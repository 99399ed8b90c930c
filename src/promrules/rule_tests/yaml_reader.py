"""YAML text to typed values with their place: strict, as Go's decoder reads it, and every problem noted at once.

Scalars stay text until a field asks for a type, so `expr: 1` is the text `1` and `"5m"` the same as `5m`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml

from promrules.go_templates.durations import DurationError, parse_duration
from promrules.go_templates.literals import parse_float, parse_int
from promrules.problem import Problem, Span

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_TRUE = frozenset({"y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "true", "True", "TRUE"})
_FALSE = frozenset({"n", "N", "no", "No", "NO", "off", "Off", "OFF", "false", "False", "FALSE"})
_SPECIAL_FLOATS = {
    f"{sign}.{word}": value
    for sign, value in (("", "inf"), ("+", "inf"), ("-", "-inf"))
    for word in ("inf", "Inf", "INF")
} | {".nan": "nan", ".NaN": "nan", ".NAN": "nan"}
_MAX_MERGES = 100  # `<<` chains longer than that are an attack, or a cycle


class FileProblems(Exception):  # noqa: N818  # not one error but all of a file
    """What is wrong with a file, all at once; `problems` is never empty."""

    def __init__(self, problems: Collection[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(f"{problem.span or ''}: {problem.message}" for problem in self.problems))


def span_of(file: str, node: yaml.Node) -> Span:
    """Give the place of a YAML node."""
    start, end = node.start_mark, node.end_mark
    return Span(file, start.line + 1, start.column + 1, end.line + 1, end.column + 1)


def compose(text: str, file: str) -> yaml.Node | None:
    """Parse the first document of a YAML text; None when it is empty.

    Raises:
        FileProblems: not YAML; the place is the parser's.
    """
    try:
        loader = _Loader(text)
        try:
            return loader.get_node() if loader.check_node() else None
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        span = (
            Span(file, mark.line + 1, mark.column + 1, mark.line + 1, mark.column + 2)
            if mark
            else Span(file, 1, 1, 1, 1)
        )
        said = ", ".join(part for part in (error.problem, error.context) if part)
        raise FileProblems([Problem("yaml", f"not valid YAML: {said}", span)]) from None
    except yaml.YAMLError as error:
        raise FileProblems([Problem("yaml", f"not valid YAML: {error}", Span(file, 1, 1, 1, 1))]) from None
    except RecursionError:
        raise FileProblems([Problem("yaml", "not valid YAML: nested too deeply", Span(file, 1, 1, 1, 1))]) from None


@dataclass(slots=True)
class Decoder:
    """Reads nodes as typed values and notes what does not fit; a bad value reads as its type's zero.

    Attributes:
        file: the name that problems carry.
        ignore_unknown: skip fields that the format does not have.
        problems: everything found so far.
    """

    file: str
    ignore_unknown: bool = False
    problems: list[Problem] = field(default_factory=list)

    def fail(self, node: yaml.Node | Span, message: str, hint: str = "", code: str = "schema") -> None:
        """Note a problem at a node."""
        span = node if isinstance(node, Span) else span_of(self.file, node)
        self.problems.append(Problem(code, message, span, hint))

    def check(self) -> None:
        """Raise FileProblems when anything was noted."""
        if self.problems:
            raise FileProblems(self.problems)

    def fields(self, node: yaml.Node | None, what: str, known: Collection[str]) -> dict[str, yaml.Node]:
        """Read a mapping with the fields of `what`; unknown and repeated ones are noted."""
        found: dict[str, yaml.Node] = {}
        for key, value in self.pairs(node, what):
            name = key.value
            if name in known:
                found[name] = value
            elif not self.ignore_unknown:
                self.fail(key, f"field {name} not found in {what}", f"known fields: {', '.join(sorted(known))}")
        return found

    def pairs(self, node: yaml.Node | None, what: str) -> list[tuple[yaml.Node, yaml.Node]]:
        """Read the items of a mapping, merge keys resolved; keys are scalars."""
        if node is None or is_null(node):
            return []
        if not isinstance(node, yaml.MappingNode):
            self.fail(node, f"{what} must be a mapping, got {_described(node)}")
            return []
        items: dict[str, tuple[yaml.Node, yaml.Node]] = {}
        merged: list[yaml.Node] = []
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                self.fail(key, f"a field name in {what} must be text")
            elif key.tag == "tag:yaml.org,2002:merge":
                merged.append(value)
            elif key.value in items:
                first = items[key.value][0].start_mark.line + 1
                self.fail(key, f"field {key.value} already set in {what}, on line {first}")
            else:
                items[key.value] = (key, value)
        for key, value in self.merges(merged, what):
            items.setdefault(key.value, (key, value))
        return list(items.values())

    def merges(self, pending: list[yaml.Node], what: str) -> Iterator[tuple[yaml.Node, yaml.Node]]:
        """Give the items that `<<` brings in; the first mapping that has a key wins."""
        count = 0
        while pending and count < _MAX_MERGES:
            source = pending.pop(0)
            count += 1
            if isinstance(source, yaml.SequenceNode):
                pending[:0] = source.value
            elif isinstance(source, yaml.MappingNode):
                for key, value in source.value:
                    if key.tag == "tag:yaml.org,2002:merge":
                        pending.append(value)
                    elif isinstance(key, yaml.ScalarNode):
                        yield key, value
            else:
                self.fail(source, f"map merge in {what} requires a mapping or a list of mappings")

    def items(self, node: yaml.Node | None, what: str) -> list[yaml.Node]:
        """Read a list."""
        if node is None or is_null(node):
            return []
        if not isinstance(node, yaml.SequenceNode):
            self.fail(node, f"{what} must be a list, got {_described(node)}")
            return []
        return list(node.value)

    def text(self, node: yaml.Node | None, what: str) -> str:
        """Read a text; numbers and booleans count as what is written."""
        if node is None or is_null(node):
            return ""
        if not isinstance(node, yaml.ScalarNode):
            self.fail(node, f"{what} must be text, got {_described(node)}")
            return ""
        return str(node.value)

    def texts(self, node: yaml.Node | None, what: str) -> dict[str, str]:
        """Read a mapping from text to text."""
        return {key.value: self.text(value, f"{what} {key.value}") for key, value in self.pairs(node, what)}

    def duration(self, node: yaml.Node | None, what: str) -> int:
        """Read a Prometheus duration into milliseconds."""
        if node is None or is_null(node):
            return 0
        text = self.text(node, what)
        try:
            return parse_duration(text)
        except DurationError as problem:
            self.fail(node, f"{what}: {problem}", "a duration is written like 5m, 1h30m, 250ms or 0")
            return 0

    def number(self, node: yaml.Node | None, what: str) -> float:
        """Read a YAML number, `.inf` and `.nan` included."""
        if node is None or is_null(node):
            return 0.0
        text = self.text(node, what)
        value = _plain_number(node, text)
        if value is None:
            hint = f"write {_hint_number(text)}" if text.lower().lstrip("+-") in {"nan", "inf", "infinity"} else ""
            self.fail(node, f"{what} must be a number, got {_described(node)}", hint)
            return 0.0
        return value

    def integer(self, node: yaml.Node | None, what: str) -> int:
        """Read a whole number."""
        value = self.number(node, what)
        if value != value or value in (float("inf"), float("-inf")):  # noqa: PLR0124  # NaN differs from itself
            self.fail(node or yaml.ScalarNode("", ""), f"{what} must be a whole number")
            return 0
        return int(value)

    def flag(self, node: yaml.Node | None, what: str) -> bool:
        """Read a boolean."""
        if node is None or is_null(node):
            return False
        text = self.text(node, what)
        if text not in _TRUE | _FALSE or _is_quoted(node):  # a quoted "true" is text
            self.fail(node, f"{what} must be true or false, got {_described(node)}")
        return text in _TRUE


def is_null(node: yaml.Node) -> bool:
    """Tell whether a node is YAML's null: nothing, `~` or `null`, unquoted."""
    return isinstance(node, yaml.ScalarNode) and not node.style and node.value in _NULLS


def _plain_number(node: yaml.Node, text: str) -> float | None:
    if _is_quoted(node):
        return None
    if text in _SPECIAL_FLOATS:
        return float(_SPECIAL_FLOATS[text])
    if text.lower().lstrip("+-").startswith(("inf", "nan")):
        return None
    plain = text.replace("_", "")
    integer = parse_int(plain)
    if integer is not None:
        return float(integer)
    return parse_float(plain)


def _is_quoted(node: yaml.Node) -> bool:
    """Tell whether a scalar is text whatever it says."""
    return isinstance(node, yaml.ScalarNode) and bool(node.style)


def _hint_number(text: str) -> str:
    sign = "-" if text.startswith("-") else ""
    return f"{sign}.inf" if "inf" in text.lower() else ".nan"


def _described(node: yaml.Node) -> str:
    if isinstance(node, yaml.ScalarNode):
        return f"{node.value[:40]!r}"
    return "a mapping" if isinstance(node, yaml.MappingNode) else "a list"
