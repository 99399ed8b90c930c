"""Prometheus rule files: text in, groups of parsed rules out, or every problem with its line.

`load_rules("groups: [{name: g, rules: [{record: a, expr: b}]}]")` gives a RuleFile of one group with one rule.
The format and its checks are those of Prometheus' rulefmt.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from promrules.go_templates import AlertTemplate, TemplateError
from promrules.problem import Span
from promrules.rule_tests.yaml_reader import Decoder, FileProblems, compose, span_of
from promrules.syntax.bounded import parse_bounded
from promrules.syntax.labels import NAME, is_legacy_name
from promrules.syntax.parse import PromqlSyntaxError

if TYPE_CHECKING:
    from promrules.syntax.nodes import Node

Templates = tuple[tuple[str, AlertTemplate], ...]
"""Label or annotation names with their templates, sorted by name."""


@dataclass(frozen=True, slots=True)
class RecordingRule:
    """A rule that records the result of an expression under a name.

    Attributes:
        name: the metric name it writes.
        expr: the expression as written; `node` the same, parsed.
        labels: labels set on every recorded series (the group's included); an empty value removes the label.
        span: where the rule stands.
    """

    name: str
    expr: str
    node: Node
    labels: tuple[tuple[str, str], ...]
    span: Span


@dataclass(frozen=True, slots=True)
class AlertingRule:
    """A rule that fires alerts for the series its expression returns.

    Attributes:
        name: the alert's name.
        expr: the expression as written; `node` the same, parsed.
        hold_ms: `for`, milliseconds.
        keep_firing_ms: `keep_firing_for`, milliseconds.
        labels: templates of the labels set on every alert (the group's included), sorted by name.
        annotations: templates of the annotations, sorted by name.
        span: where the rule stands.
    """

    name: str
    expr: str
    node: Node
    hold_ms: int
    keep_firing_ms: int
    labels: Templates
    annotations: Templates
    span: Span


Rule = RecordingRule | AlertingRule


@dataclass(frozen=True, slots=True)
class RuleGroup:
    """Rules evaluated one after the other at the same times.

    Attributes:
        name: unique in its file.
        rules: in order of evaluation.
        interval_ms: the group's own evaluation interval, 0 when it has none (unit tests ignore it).
        query_offset_ms: how far back in time its rules look and record.
        limit: most series or alerts one rule may give, 0 for no limit.
        span: where the group stands; its `file` tells the file.
    """

    name: str
    rules: tuple[Rule, ...]
    interval_ms: int
    query_offset_ms: int
    limit: int
    span: Span


@dataclass(frozen=True, slots=True)
class RuleFile:
    """A whole rule file."""

    path: str
    groups: tuple[RuleGroup, ...]


_GROUP_FIELDS = frozenset({"name", "interval", "query_offset", "limit", "labels", "rules"})
_RULE_FIELDS = frozenset({"record", "alert", "expr", "for", "keep_firing_for", "labels", "annotations"})
_LEGACY_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")


def load_rules(source: str | Path, *, file: str = "", ignore_unknown: bool = False, compat: int = 3) -> RuleFile:
    """Read a rule file from a path, or from YAML text named `file` in problems.

    Args:
        source: a Path, or the YAML text itself.
        file: the name that problems and groups carry; default: the path.
        ignore_unknown: skip unknown fields instead of refusing them.
        compat: 3 allows UTF-8 names, 2 only the old alphabet.

    Raises:
        FileProblems: everything that is wrong with the file.
        OSError: the file cannot be read.
    """
    name = file or (str(source) if isinstance(source, Path) else "<rules>")
    text = source.read_text(encoding="utf-8") if isinstance(source, Path) else source
    reader = _Reader(Decoder(name, ignore_unknown), compat)
    root = reader.decoder.fields(compose(text, name), "the rule file", {"groups"})
    groups = tuple(map(reader.group, reader.decoder.items(root.get("groups"), "groups")))
    reader.decoder.check()
    return RuleFile(name, groups)


class _Reader:
    """Reads groups and rules; the decoder holds the problems."""

    def __init__(self, decoder: Decoder, compat: int) -> None:
        self.decoder = decoder
        self.compat = compat
        self.names: dict[str, int] = {}

    def group(self, node: yaml.Node) -> RuleGroup:
        decoder = self.decoder
        found = decoder.fields(node, "a rule group", _GROUP_FIELDS)
        name = decoder.text(found.get("name"), "the name of a group")
        if not name:
            decoder.fail(node, "Groupname must not be empty", "give the group a name")
        elif name in self.names:
            decoder.fail(
                found["name"],
                f'groupname: "{name}" is repeated in the same file',
                f"the other one stands on line {self.names[name]}",
            )
        self.names.setdefault(name, node.start_mark.line + 1)
        shared = self.label_map(found.get("labels"), "labels of the group")
        rules = [self.rule(item, shared) for item in decoder.items(found.get("rules"), "rules")]
        return RuleGroup(
            name=name,
            rules=tuple(rule for rule in rules if rule is not None),
            interval_ms=decoder.duration(found.get("interval"), "interval"),
            query_offset_ms=decoder.duration(found.get("query_offset"), "query_offset"),
            limit=decoder.integer(found.get("limit"), "limit"),
            span=span_of(decoder.file, node),
        )

    def rule(self, node: yaml.Node, shared: dict[str, str]) -> Rule | None:
        """Read one rule; None when it is broken (the problems say how)."""
        decoder = self.decoder
        known = len(decoder.problems)
        found = decoder.fields(node, "a rule", _RULE_FIELDS)
        record = decoder.text(found.get("record"), "record")
        alert = decoder.text(found.get("alert"), "alert")
        if record and alert:
            decoder.fail(found["alert"], "only one of 'record' and 'alert' must be set")
        if not record and not alert:
            decoder.fail(node, "one of 'record' or 'alert' must be set")
        labels = {**shared, **self.label_map(found.get("labels"), "labels")}
        expr, parsed = self.expression(found.get("expr"), node)
        if record:
            self.check_record(found, record)
        hold = decoder.duration(found.get("for"), "for")
        keep = decoder.duration(found.get("keep_firing_for"), "keep_firing_for")
        annotations = self.annotation_map(found.get("annotations"))
        span = span_of(decoder.file, node)
        if alert and not record:
            label_templates = self.templates(alert, "label", labels, found.get("labels") or node)
            texts = self.templates(alert, "annotation", annotations, found.get("annotations") or node)
            if parsed is None or len(decoder.problems) > known:
                return None
            return AlertingRule(alert, expr, parsed, hold, keep, label_templates, texts, span)
        if parsed is None or len(decoder.problems) > known:
            return None
        return RecordingRule(record, expr, parsed, tuple(sorted(labels.items())), span)

    def check_record(self, found: dict[str, yaml.Node], name: str) -> None:
        decoder = self.decoder
        for field in ("annotations", "for", "keep_firing_for"):
            given = found.get(field)
            if given is None:
                continue
            is_set = decoder.pairs(given, field) if field == "annotations" else decoder.duration(given, field)
            if is_set:
                decoder.fail(given, f"invalid field '{field}' in recording rule", "only alerts have it")
        if self.compat < 3 and not is_legacy_name(name, colon=True):
            decoder.fail(found["record"], f"invalid recording rule name: {name}")
        if "{" in name or "}" in name:
            decoder.fail(found["record"], f"braces present in the recording rule name; should it be in expr?: {name}")

    def expression(self, node: yaml.Node | None, rule: yaml.Node) -> tuple[str, Node | None]:
        decoder = self.decoder
        text = decoder.text(node, "expr")
        if node is None or not text:
            decoder.fail(node or rule, "field 'expr' must be set in rule")
            return "", None
        try:
            return text, parse_bounded(text)
        except PromqlSyntaxError as error:
            span = expression_span(decoder.file, node, error)
            decoder.fail(span, f"could not parse expression: {error.message}", code="promql")
            return text, None

    def label_map(self, node: yaml.Node | None, what: str) -> dict[str, str]:
        found = self.decoder.texts(node, what)
        for name in found:
            if name == NAME or not self.valid_label(name):
                self.decoder.fail(node or yaml.ScalarNode("", ""), f"invalid label name: {name}")
        return found

    def annotation_map(self, node: yaml.Node | None) -> dict[str, str]:
        found = self.decoder.texts(node, "annotations")
        for name in found:
            if not self.valid_label(name):
                self.decoder.fail(node or yaml.ScalarNode("", ""), f"invalid annotation name: {name}")
        return found

    def valid_label(self, name: str) -> bool:
        return bool(name) if self.compat >= 3 else bool(_LEGACY_LABEL.fullmatch(name))

    def templates(self, alert: str, what: str, texts: dict[str, str], node: yaml.Node) -> Templates:
        """Parse the templates of an alert; what does not parse is noted under its own line."""
        places = {key.value: value for key, value in node.value} if isinstance(node, yaml.MappingNode) else {}
        parsed: list[tuple[str, AlertTemplate]] = []
        for name in sorted(texts):
            try:
                parsed.append((name, AlertTemplate(alert, texts[name])))
            except TemplateError as error:
                self.decoder.fail(places.get(name, node), f'{what} "{name}": {error}', code="template")
        return tuple(parsed)


def expression_span(file: str, node: yaml.Node, error: PromqlSyntaxError) -> Span:
    """Give the place of a syntax error inside the YAML scalar that holds the expression."""
    start = node.start_mark
    text = str(node.value)
    style = node.style if isinstance(node, yaml.ScalarNode) else None
    if style in ("|", ">"):
        # the content begins on the line after the indicator; its indentation is the least of its lines
        before = text[: error.start]
        line = start.line + 1 + (before.count("\n") if style == "|" else 0)
        indent = _block_indent(node)
        column = len(before) - (before.rfind("\n") + 1) + indent if style == "|" else indent
        return Span(file, line + 1, column + 1, line + 1, column + 1 + max(1, error.end - error.start))
    if node.start_mark.line != node.end_mark.line:
        return span_of(file, node)
    column = start.column + (1 if style else 0) + error.start
    return Span(file, start.line + 1, column + 1, start.line + 1, column + 1 + max(1, error.end - error.start))


def _block_indent(node: yaml.Node) -> int:
    """Guess a block scalar's indentation: its key stands two columns further out in every formatter."""
    mark = node.start_mark
    buffer = mark.buffer
    if buffer is None:
        return int(mark.column) - len("expr: ") + 2
    line = buffer.split("\n")[mark.line + 1] if buffer.count("\n") > mark.line else ""
    return len(line) - len(line.lstrip(" "))


__all__ = ["AlertingRule", "FileProblems", "RecordingRule", "Rule", "RuleFile", "RuleGroup", "load_rules"]
