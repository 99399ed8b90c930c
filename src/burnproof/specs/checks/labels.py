"""Check labels and annotations: names that burnproof needs itself, and templates that are not expanded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from burnproof.diagnostics import problem
from burnproof.model.naming import RESERVED_LABELS
from burnproof.specs.places import sli_path
from promrules.go_templates import AlertTemplate, TemplateError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from burnproof.diagnostics import Problem
    from burnproof.model.slo import Slo

_SETTABLE: Final = ("labels", "alerting.labels")
_TIERS: Final = "alerting.policy.tiers"


def reserved(slo: Slo) -> Iterator[Problem]:
    """Identity and severity are burnproof's own, and a group label must keep its groups apart."""
    for path, name, _ in _labels(slo):
        span = slo.span(path)
        if name in RESERVED_LABELS or name.startswith("__"):
            hint = (
                "rename it; the severity of an alert is set by its policy's tiers"
                if name == "severity"
                else "rename it"
            )
            yield problem("reserved-label", f"the label {name} is burnproof's own", span, hint)
        elif name in slo.by:
            message = f"the label {name} would overwrite the group label of the same name"
            yield problem("reserved-label", message, span, "rename it, or leave it out of by")
    for name in slo.by:
        if name in RESERVED_LABELS or name.startswith("__"):
            yield problem(
                "reserved-label", f"no SLO can be grouped by {name}", slo.span(sli_path(slo, "by")), "remove it"
            )


def _labels(slo: Slo) -> Iterator[tuple[str, str, str]]:
    """Give the path, the name and the value of each label that the user sets."""
    for key, pairs in zip(_SETTABLE, (slo.labels, slo.alert_labels), strict=True):
        yield from ((f"{key}.{name}", name, text) for name, text in pairs)
    for index, tier in enumerate(slo.policy.tiers):
        yield from ((f"{_TIERS}.{index}.labels.{name}", name, text) for name, text in tier.labels)


def untemplated(slo: Slo) -> Iterator[Problem]:
    """Labels say which alert it is: where one follows the data, each value is another alert, and no proof holds."""
    labels = [(f"{path}.value", text) for path, _, text in _labels(slo)]
    for path, text in (*labels, ("owner.team", slo.owner.team)):
        if "{{" in text:
            message = f"the label value {text!r} is a template, and labels identify an alert"
            hint = "name the label of the series under by, or move the template to alerting.annotations"
            yield problem("template-label", message, slo.span(path), hint)


def templates(slo: Slo) -> Iterator[Problem]:
    """Every template in an annotation must parse."""
    for name, text in slo.annotations:
        yield from _template(slo, f"alerting.annotations.{name}.value", text)
    for index, tier in enumerate(slo.policy.tiers):
        for name, text in tier.annotations:
            yield from _template(slo, f"{_TIERS}.{index}.annotations.{name}.value", text)
    for key, text in (
        ("alerting.runbook", slo.runbook),
        ("alerting.dashboard", slo.dashboard),
        ("remediation", slo.remediation),
    ):
        yield from _template(slo, key, text)


def _template(slo: Slo, path: str, text: str) -> Iterator[Problem]:
    if "{{" not in text:
        return
    try:
        AlertTemplate(slo.alert_name, text)
    except TemplateError as error:
        said = str(error).rpartition(": ")[2] or str(error)
        yield problem(
            "template", f"the template does not parse: {said}", slo.span(path), "see Prometheus' template reference"
        )
