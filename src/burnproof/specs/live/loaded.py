"""Whether the server has the generated rules, as they are now, and can evaluate them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any, Final

from burnproof.diagnostics import problem
from burnproof.model.quantities import UnitError, duration
from burnproof.prometheus import catalog
from burnproof.rules.types import AlertingRule
from promrules.syntax.bounded import parse_bounded
from promrules.syntax.nodes import VectorSelector, children
from promrules.syntax.parse import PromqlSyntaxError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from burnproof.diagnostics import Problem
    from burnproof.model.slo import Slo
    from burnproof.rules.types import Labels, Rule
    from burnproof.specs.live.subject import Subject
    from promrules.syntax.nodes import Node

Key = tuple[str, str, "Labels"]
"""Kind, name and labels of a rule, by which the two sides are told to be one."""
Loaded = dict[Key, list[dict[str, Any]]]
_MAX_RULES: Final = 200_000


def current(subject: Subject) -> Iterator[Problem]:
    """Compare what is loaded with what the specs compile to."""
    asker = subject.asker
    groups = asker.optional("the rules", catalog.rules)
    if groups is None:
        return
    there: Loaded = defaultdict(list)
    left = _MAX_RULES
    for group in groups:
        rules = group.get("rules")
        for rule in rules[:left] if isinstance(rules, list) else ():
            left -= 1
            if isinstance(rule, dict):
                there[_loaded_key(rule)].append(rule)
    missing: list[Slo] = []
    for slo in subject.slos:
        wanted = [rule for group in subject.groups.get(slo.id, ()) for rule in group.rules]
        found = [(rule, there.get(_key(rule), [])) for rule in wanted]
        if wanted and not any(match for _, match in found):
            missing.append(slo)
            subject.of(slo).rules = "not loaded"
            continue
        yield from _compared(subject, slo, found)
    yield from _missing(subject, missing)


def _missing(subject: Subject, missing: list[Slo]) -> Iterator[Problem]:
    """Say which SLOs have no rules; where none has, once."""
    hint = "add generated/rules/*.yaml to rule_files, and reload the server; before a roll-out this is as it should be"
    if missing and len(missing) == len(subject.slos):
        yield problem("live-not-loaded", "the server has none of the generated rules", missing[0].span("name"), hint)
        return
    for slo in missing:
        yield problem("live-not-loaded", f"the server has none of the rules of {slo.id}", slo.span("name"), hint)


def _compared(subject: Subject, slo: Slo, found: list[tuple[Rule, list[dict[str, Any]]]]) -> Iterator[Problem]:
    """Compare rule by rule, and pass on what the server says of those that fail."""
    stale = [rule for rule, match in found if not any(_same(rule, one) for one in match)]
    subject.of(slo).rules = f"{len(stale)} of {len(found)} differ" if stale else "loaded"
    if stale:
        message = f"{len(stale)} of {len(found)} rules of {slo.id} differ from what this spec compiles to"
        hint = f"the first is {_name(stale[0])}; generate, roll out, and reload the server"
        yield problem("live-stale", message, slo.span("name"), hint)
    failing = [(rule, one) for rule, match in found for one in match if one.get("health") == "err"]
    if failing:
        rule, one = failing[0]
        said = subject.asker.client.connection.shown(str(one.get("lastError", ""))) or "it does not say why"
        message = f"{len(failing)} rules of {slo.id} fail on the server, {_name(rule)} first: {said}"
        yield problem("live-failing", message, slo.span("name"), "mend the cause; its alerts and windows stand still")


def _name(rule: Rule) -> str:
    return rule.alert if isinstance(rule, AlertingRule) else rule.record


def _key(rule: Rule) -> Key:
    return ("alerting" if isinstance(rule, AlertingRule) else "recording", _name(rule), rule.labels)


def _loaded_key(rule: dict[str, Any]) -> Key:
    labels = rule.get("labels")
    pairs = sorted((str(name), str(value)) for name, value in labels.items()) if isinstance(labels, dict) else []
    return str(rule.get("type", "")), str(rule.get("name", "")), tuple(pairs)


def _same(rule: Rule, one: dict[str, Any]) -> bool:
    """Tell whether a loaded rule is the generated one; servers write expressions and durations in their own way."""
    if not _same_query(rule.expr, str(one.get("query", ""))):
        return False
    if not isinstance(rule, AlertingRule):
        return True
    annotations = one.get("annotations")
    return (
        _seconds(rule.hold) == one.get("duration", 0)
        and ("keepFiringFor" not in one or _seconds(rule.keep_firing_for) == one["keepFiringFor"])
        and (not isinstance(annotations, dict) or dict(rule.annotations) == annotations)
    )


def _same_query(wanted: str, there: str) -> bool:
    try:
        return wanted == there or ordered(parse_bounded(wanted)) == ordered(parse_bounded(there))
    except PromqlSyntaxError:
        return False


def ordered(node: Node) -> Node:
    """Give a tree with the matchers of each selector in one order: Prometheus prints them sorted."""
    if isinstance(node, VectorSelector):
        return replace(node, matchers=tuple(sorted(node.matchers, key=lambda one: (one.name, one.op, one.value))))
    if not children(node):
        return node
    values: dict[str, Any] = {item.name: getattr(node, item.name) for item in fields(node)}
    below = children(node)
    for name, value in values.items():
        if isinstance(value, tuple) and any(one in below for one in value):
            values[name] = tuple(map(ordered, value))
        elif any(value is one for one in below):
            values[name] = ordered(value)
    return type(node)(**values)


def _seconds(text: str) -> float:
    try:
        return float(duration(text).seconds) if text else 0.0
    except UnitError:
        return 0.0
