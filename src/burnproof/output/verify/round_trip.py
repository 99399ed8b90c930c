"""Parse what a template wrote and compare it with the plan.

Compared are all rules and proofs, field by field. Expressions may differ in blanks outside strings, since breaking
lines is a template's work; everything else must be the same text.
"""

from __future__ import annotations

import math
import posixpath
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from burnproof.output.render import MARK
from burnproof.output.verify.context import at_file
from burnproof.output.verify.documents import NotADocumentError, read
from burnproof.rules.types import RecordingRule
from promrules.syntax import label_values as shapes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from burnproof.diagnostics import Problem
    from burnproof.output.verify.context import Written
    from burnproof.proofs.types import AlertCheck, ExprCheck, Proof, ProofFile
    from burnproof.rules.types import Rule, RuleGroup

HINT = "A template lays out what the plan holds: compare yours with the one that burnproof ships."

_PIECES = re.compile(r"""\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|`[^`]*`|[\w:.]+|\S""")
_ABSENT = object()
_HERE = ("rules/", "tests/")  # pages are held against the plan elsewhere


def round_trip(written: Written) -> Iterator[Problem]:
    """Parse every text and hold it against the plan."""
    documents: dict[str, Any] = {}
    yield from _read_all(written, documents)
    if len(documents) != sum(path.startswith(_HERE) for path in written.files):
        return
    homes: dict[str, list[str]] = {}
    if "rules" in written.kinds:
        yield from _rules(written, documents, homes)
    if "tests" in written.kinds:
        for file in written.plan.proofs:
            path = f"tests/{file.name}.yaml"
            expected = _proof_file(file)
            rules = homes.get(file.service)
            if rules is not None:
                expected["rule_files"] = [posixpath.relpath(rule, "tests") for rule in rules]
            elif isinstance(documents.get(path), dict):
                expected["rule_files"] = documents[path].get("rule_files")
            yield from _compare(path, expected, documents.get(path))


def _read_all(written: Written, documents: dict[str, Any]) -> Iterator[Problem]:
    """Parse the rule files and proofs into ``documents``; of every file, see whose it says it is."""
    for path, text in written.files.items():
        if MARK not in text.partition("\n")[0]:
            yield at_file(path, f"the first line lacks the header {MARK!r}, by which burnproof knows its files", HINT)
        if not path.startswith(_HERE):
            continue
        try:
            documents[path] = read(text)
        except NotADocumentError as error:
            yield at_file(path, f"what the template wrote is not a YAML document: {error}", HINT)


def _rules(written: Written, documents: dict[str, Any], homes: dict[str, list[str]]) -> Iterator[Problem]:
    """Compare the rule files; note in ``homes`` which files hold each service's groups."""
    found: list[tuple[str, Any]] = []
    for path, document in documents.items():
        if not path.startswith("rules/"):
            continue
        if not isinstance(document, dict) or set(document) != {"groups"} or not isinstance(document["groups"], list):
            yield at_file(path, "a rule file holds one key, `groups`, with a list", HINT)
            return
        found += [(path, group) for group in document["groups"]]
    planned = [(file.service, group) for file in written.plan.rules for group in file.groups]
    if len(found) != len(planned):
        yield at_file("rules/", f"the plan has {len(planned)} groups, the rendered files {len(found)}", HINT)
        return
    for (service, group), (path, got) in zip(planned, found, strict=True):
        paths = homes.setdefault(service, [])
        if path not in paths:
            paths.append(path)
        yield from _compare(path, _group(group), got)


def _group(group: RuleGroup) -> dict[str, Any]:
    expected: dict[str, Any] = {"name": group.name, "rules": [_rule(rule) for rule in group.rules]}
    if group.interval:
        expected["interval"] = group.interval
    if group.query_offset:
        expected["query_offset"] = group.query_offset
    return expected


def _rule(rule: Rule) -> dict[str, Any]:
    expected: dict[str, Any] = {"expr": rule.expr}
    if rule.labels:
        expected["labels"] = dict(rule.labels)
    if isinstance(rule, RecordingRule):
        expected["record"] = rule.record
        return expected
    expected["alert"] = rule.alert
    if rule.annotations:
        expected["annotations"] = dict(rule.annotations)
    if rule.hold:
        expected["for"] = rule.hold
    if rule.keep_firing_for:
        expected["keep_firing_for"] = rule.keep_firing_for
    return expected


def _proof_file(file: ProofFile) -> dict[str, Any]:
    expected: dict[str, Any] = {
        "evaluation_interval": file.evaluation_interval,
        "tests": [_proof(proof) for proof in file.proofs],
    }
    if file.group_eval_order:
        expected["group_eval_order"] = list(file.group_eval_order)
    return expected


def _proof(proof: Proof) -> dict[str, Any]:
    expected: dict[str, Any] = {
        "name": proof.name,
        "interval": proof.interval,
        "input_series": [{"series": series.series, "values": series.values} for series in proof.series],
    }
    if proof.alert_checks:
        expected["alert_rule_test"] = [_alert_check(check) for check in proof.alert_checks]
    if proof.expr_checks:
        expected["promql_expr_test"] = [_expr_check(check) for check in proof.expr_checks]
    return expected


def _alert_check(check: AlertCheck) -> dict[str, Any]:
    alerts = []
    for alert in check.expected:
        expected: dict[str, Any] = {"exp_labels": dict(alert.labels)}
        if alert.annotations:
            expected["exp_annotations"] = dict(alert.annotations)
        alerts.append(expected)
    return {"eval_time": check.eval_time, "alertname": check.alertname, "exp_alerts": alerts}


def _expr_check(check: ExprCheck) -> dict[str, Any]:
    samples = [{"labels": labels, "value": float(value)} for labels, value in check.expected]
    return {"eval_time": check.eval_time, "expr": check.expr, "exp_samples": samples}


def _compare(path: str, expected: Any, got: Any) -> Iterator[Problem]:
    if expected != got:  # plain equality is the common case, and runs in C
        for place, want, have in _differences(expected, got, ""):
            yield at_file(path, f"{place} should be {_shown(want)}, but reads {_shown(have)}", HINT)


def _differences(expected: Any, got: Any, place: str) -> Iterator[tuple[str, Any, Any]]:
    """Yield (place, expected, got) of each leaf in which the two differ."""
    if isinstance(expected, dict) and isinstance(got, dict):
        for key in dict.fromkeys((*expected, *got)):
            want, have = expected.get(key, _ABSENT), got.get(key, _ABSENT)
            if want != have:
                yield from _differences(want, have, f"{place}.{key}" if place else str(key))
    elif isinstance(expected, list) and isinstance(got, list) and len(expected) == len(got):
        for index, (want, have) in enumerate(zip(expected, got, strict=True)):
            if want != have:
                yield from _differences(want, have, f"{place}[{_named(want, index)}]")
    elif not _same_leaf(expected, got, place):
        yield place or "the document", expected, got


def _same_leaf(expected: Any, got: Any, place: str) -> bool:
    if place.endswith("expr") and isinstance(expected, str) and isinstance(got, str):
        return same_but_blanks(expected, got)
    if isinstance(expected, float):
        try:
            value = float(got)
        except (TypeError, ValueError):
            return False
        return value == expected or (math.isnan(value) and math.isnan(expected))
    # YAML reads a bare 0 as a number, Prometheus as a duration.
    return type(got) is int and expected == str(got) and place.endswith(("interval", "offset", "eval_time", "for"))


def same_but_blanks(one: str, other: str) -> bool:
    """Tell whether two expressions differ in nothing but blanks and line ends outside strings."""
    one_shape, one_values = shapes.split(one)
    other_shape, other_values = shapes.split(other)
    return one_values == other_values and _pieces(one_shape) == _pieces(other_shape)


@lru_cache(maxsize=16384)
def _pieces(shape: str) -> tuple[str, ...]:
    if "#" in shape:
        return tuple(line.strip() for line in shape.strip().splitlines())
    return tuple(_PIECES.findall(shape))


def _named(value: Any, index: int) -> str:
    """Name a list's item as a reader knows it: by rule, group or test, else by its number."""
    if isinstance(value, dict):
        for key in ("record", "alert", "name", "alertname", "series"):
            if key in value:
                return str(value[key])
    return str(index)


def _shown(value: Any) -> str:
    if value is _ABSENT:
        return "absent"
    shown = repr(value)
    return shown if len(shown) <= 160 else f"{shown[:157]}..."
