"""Check rules and files: names, uniqueness, sizes, and thresholds that nothing can reach."""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING

from burnproof.diagnostics import Problem, Severity
from burnproof.model import naming
from burnproof.output.render import MAX_BYTES
from burnproof.output.verify.context import at_file, at_group, at_rule, rule_name
from burnproof.rules.types import AlertingRule, RecordingRule
from promrules.go_templates import AlertTemplate, TemplateError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from burnproof.output.verify.context import Written
    from burnproof.rules.types import Labels

MAX_RULES = 20
"""Rules per group that Mimir and Cortex take from a tenant by default."""

_LEVEL_METRIC_OPERATIONS = re.compile(r"[a-zA-Z_]\w*:[a-zA-Z_]\w*:\w+", re.ASCII)
_LABEL = re.compile(r"[a-zA-Z_]\w*", re.ASCII)
_PATH = re.compile(r"[a-z]+/[A-Za-z0-9_][A-Za-z0-9_.-]*", re.ASCII)
_RATIO_ABOVE = re.compile(r"slo:sli_error:ratio_rate\w+\{[^{}]*\}\s*>\s*([0-9.eE+-]+)")
_ACTION = re.compile(r"\{\{.*?\}\}", re.DOTALL)
_QUERY = re.compile(r'(?<=\{\{ with query )"(?:[^"\\\n]|\\["\\])*"')


def names(written: Written) -> Iterator[Problem]:
    """Check the names of metrics and labels, and that no two rules write the same."""
    seen: Counter[tuple[str, str, str, Labels]] = Counter()
    for group in written.groups():
        for rule in group.rules:
            kind = "record" if isinstance(rule, RecordingRule) else "alert"
            # A team may call the alerts of all its SLOs alike: their series carry the SLO, and tell them apart.
            key = (kind, "" if kind == "record" else group.name, rule_name(rule), rule.labels)
            seen[key] += 1
            foreign = group.name.startswith(naming.COMPAT_GROUP)
            if kind == "record" and not foreign and not _LEVEL_METRIC_OPERATIONS.fullmatch(rule_name(rule)):
                yield at_rule(group, rule, "a recorded metric is named level:metric:operations")
            for name, _ in rule.labels:
                if not _LABEL.fullmatch(name) or name == "__name__":
                    yield at_rule(group, rule, f"{name!r} is no label name")
            if seen[key] == 2:
                hint = "Rename the SLO that came later."
                if kind == "record":
                    yield at_rule(group, rule, "two rules record this series with the same labels", hint)
                else:
                    message = f"two alerts are called {rule_name(rule)} and have the same labels"
                    yield Problem("generated", message, None, "Give each its own `alerting.name`.", Severity.WARNING)


def groups(written: Written) -> Iterator[Problem]:
    """Check that group names are unique and that no group is larger than rulers take."""
    seen: set[str] = set()
    for group in written.groups():
        if group.name in seen:
            yield at_group(group, "two groups have this name")
        seen.add(group.name)
        if len(group.rules) > MAX_RULES:
            yield at_group(group, f"it has {len(group.rules)} rules, and rulers take {MAX_RULES} a group")
        if not group.rules:
            yield at_group(group, "it has no rules")


def files(written: Written) -> Iterator[Problem]:
    """Check that every path stays in its folder and every rule file within what the operator takes."""
    for path, text in written.files.items():
        if not _PATH.fullmatch(path):
            yield at_file(path, "a service's name has to make a plain file name")
        if path.startswith("rules/") and len(text) > MAX_BYTES // 4 and len(text.encode()) > MAX_BYTES:
            hint = "One group alone is that large: shorten its annotations."
            yield at_file(path, f"it is larger than {MAX_BYTES} bytes, too large for one object", hint)


def thresholds(written: Written) -> Iterator[Problem]:
    """Check that no alert waits for an error ratio above 1."""
    for group in written.groups():
        for rule in group.rules:
            if isinstance(rule, AlertingRule):
                for found in _RATIO_ABOVE.findall(rule.expr):
                    if float(found) >= 1:
                        hint = "factor x (1 - objective) has to stay below 1."
                        yield at_rule(group, rule, f"an error ratio is never above {found}: it cannot fire", hint)


def templates(written: Written) -> Iterator[Problem]:
    """Check that the labels and annotations of alerts parse as Go templates."""
    for group in written.groups():
        for rule in group.rules:
            if isinstance(rule, AlertingRule):
                for name, text in (*rule.labels, *rule.annotations):
                    message = _template_error(text) if "{{" in text else None
                    if message is not None:
                        yield at_rule(group, rule, f"{name} is not a template: {message}", f"It reads {text!r}")


def _template_error(text: str) -> str | None:
    """Give what is wrong with a Go template, looking only at its actions where strings cannot hide others.

    What is queried differs with each SLO and is any text to a template, so it is left out too.
    """
    actions = _ACTION.findall(text)
    if text.count("{{") != len(actions) or any("'" in a or "`" in a or a.count('"') % 2 for a in actions):
        return _parse_error(text)
    return _parse_error("x".join([_QUERY.sub('""', action) if '"' in action else action for action in actions]))


@lru_cache(maxsize=4096)
def _parse_error(text: str) -> str | None:
    try:
        AlertTemplate("", text)
    except TemplateError as error:
        return str(error)
    return None
