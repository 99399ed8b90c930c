"""Write verdicts as text, Markdown, JSON or GitHub annotations."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from burnproof import __version__
from burnproof.diagnostics import Problem, Severity, render_github
from burnproof.diagnostics.text import printable
from burnproof.loadtest.gate.model import Outcome, worst
from burnproof.loadtest.results.markdown import table
from burnproof.model.measured import PERCENT, Dimension, Quantity, shown

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from burnproof.loadtest.gate.model import Override, Verdict

SCHEMA: Final = "burnproof/gate/v1"
_COLORS: Final = {Outcome.PASS: "\x1b[32m", Outcome.WARN: "\x1b[33m", Outcome.FAIL: "\x1b[1;31m"}
_RESET: Final = "\x1b[0m"
_SEVERITIES: Final = {Outcome.FAIL: Severity.ERROR, Outcome.WARN: Severity.WARNING}


def text(verdicts: Sequence[Verdict], *, colour: bool = False) -> str:
    """Give one line a verdict, its reasons below it, and the count at the end."""
    lines = []
    for verdict in verdicts:
        mark = f"[{verdict.outcome}]"
        mark = f"{_COLORS[verdict.outcome]}{mark}{_RESET}" if colour else mark
        lines.append(f"{mark} {printable(_headline(verdict))}")
        lines += [f"       {printable(reason)}" for reason in verdict.reasons]
    return "\n".join([*lines, summary(verdicts)]) + "\n"


def _headline(verdict: Verdict) -> str:
    """Say what was judged: actual, target, headroom, place."""
    where = f" in {verdict.source}" if verdict.source and verdict.source != verdict.slo else ""
    if not verdict.metric:
        return f"{verdict.slo}{where}"
    found = "no value" if verdict.actual is None else actual_text(verdict)
    level = f", {verdict.level}" if verdict.level else ""
    return f"{verdict.slo}: {verdict.metric} {found} ({'; '.join(_terms(verdict))}{level}){where}"


def _terms(verdict: Verdict) -> list[str]:
    terms = []
    if verdict.target is not None:
        terms.append(f"target: {verdict.op} {_written(verdict.target, verdict)}")
    if verdict.override is not None:
        terms.append(override_text(verdict.override))
    if verdict.headroom is not None:
        terms.append(f"headroom: {headroom_text(verdict)}")
    if verdict.baseline is not None:
        terms.append(f"baseline: {_written(verdict.baseline, verdict)}")
    return terms


def override_text(override: Override) -> str:
    """Say which variable stands in for the spec's target."""
    said = "holds no number, the spec says" if override.target is None else f"says {override.target}, the spec"
    return f"{override.variable} {said} {override.spec}"


def _target_text(verdict: Verdict) -> str:
    """Write the target, and where it is from if not from the spec."""
    target = "-" if verdict.target is None else f"{verdict.op} {_written(verdict.target, verdict)}"
    return f"{target} ({override_text(verdict.override)})" if verdict.override else target


def _written(quantity: Quantity, verdict: Verdict) -> Quantity:
    """Give a quantity as people read it: a ratio in percent where the spec has it so."""
    if verdict.in_percent and quantity.unit.dimension is Dimension.RATIO:
        return quantity.within(PERCENT)
    return quantity


def actual_text(verdict: Verdict) -> str:
    """Write the number found; with all its digits where fewer would put it onto the target."""
    if verdict.actual is None:
        return "-"
    actual = _written(verdict.actual, verdict)
    target = None if verdict.target is None else _written(verdict.target, verdict)
    if target is not None and actual.value != target.value and shown(actual.value) == shown(target.value):
        return f"{actual.value} {actual.unit.name}".rstrip()
    return str(actual)


def headroom_text(verdict: Verdict) -> str:
    """Write what is left; of a ratio it is a share of the error budget and says so."""
    if verdict.headroom is None:
        return "-"
    if verdict.target is not None and verdict.target.unit.dimension is Dimension.RATIO:
        return f"{_tenths(verdict.headroom.value)}% of the error budget"
    return str(verdict.headroom)


def _tenths(value: Decimal) -> str:
    """Round a percentage to a tenth."""
    return f"{value:.1f}"


def summary(verdicts: Sequence[Verdict]) -> str:
    """Count outcomes: ``3 passed, 1 warned, 0 failed: WARN``."""
    counts = Counter(verdict.outcome for verdict in verdicts)
    overall = worst([verdict.outcome for verdict in verdicts])
    return f"{counts[Outcome.PASS]} passed, {counts[Outcome.WARN]} warned, {counts[Outcome.FAIL]} failed: {overall}"


def as_json(verdicts: Sequence[Verdict]) -> str:
    """Give a JSON document; numbers are in the unit beside them, headroom of a ratio in percent of its budget."""
    document = {
        "schema": SCHEMA,
        "burnproof": __version__,
        "outcome": worst([verdict.outcome for verdict in verdicts]).value,
        "verdicts": [_as_json(verdict) for verdict in verdicts],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _as_json(verdict: Verdict) -> dict[str, Any]:
    span = verdict.span
    return {
        "slo": verdict.slo,
        "outcome": verdict.outcome.value,
        "metric": verdict.metric or None,
        "source": verdict.source or None,
        "actual": _number(verdict.actual),
        "op": verdict.op or None,
        "target": _number(verdict.target),
        "unit": verdict.target.unit.name if verdict.target else None,
        "headroom": _number(verdict.headroom),
        "headroom_share": None if verdict.headroom_share is None else float(verdict.headroom_share),
        "override": _override(verdict.override),
        "baseline": _number(verdict.baseline),
        "samples": verdict.samples,
        "level": verdict.level or None,
        "reasons": list(verdict.reasons),
        "place": str(span) if span else None,
    }


def _override(override: Override | None) -> dict[str, Any] | None:
    if override is None:
        return None
    return {
        "variable": override.variable,
        "target": _number(override.target),
        "unit": override.target.unit.name if override.target else None,
        "spec_target": _number(override.spec),
        "spec_unit": override.spec.unit.name,
    }


def _number(quantity: Quantity | None) -> float | None:
    return None if quantity is None else float(quantity.value)


def markdown(verdicts: Sequence[Verdict], title: str = "SLO gate") -> str:
    """Give a Markdown report with one table."""
    overall = worst([verdict.outcome for verdict in verdicts])
    rows = [
        (
            str(verdict.outcome),
            verdict.slo,
            verdict.metric,
            "-" if verdict.actual is None else actual_text(verdict),
            _target_text(verdict),
            headroom_text(verdict),
            " ".join(verdict.reasons),
        )
        for verdict in verdicts
    ]
    header = ("", "SLO", "Metric", "Actual", "Target", "Headroom", "Remarks")
    return f"## {title}: {overall}\n\n{table(header, rows)}\n{summary(verdicts)}\n"


def github(verdicts: Sequence[Verdict]) -> str:
    """Give an annotation a failed or warned verdict, at the objective's place in the spec."""
    problems = [
        Problem("gate", f"{_headline(verdict)}\n{' '.join(verdict.reasons)}".strip(), verdict.span, "", severity)
        for verdict in verdicts
        if (severity := _SEVERITIES.get(verdict.outcome)) is not None
    ]
    return render_github(problems)
