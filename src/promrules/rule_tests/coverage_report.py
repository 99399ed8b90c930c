"""Coverage as text, Markdown, JSON and JUnit: what no test exercises, at its place."""

from __future__ import annotations

import json
from dataclasses import asdict
from itertools import groupby
from typing import TYPE_CHECKING

from promrules.report_forms import Form, junit
from promrules.rule_tests.coverage import by_rule

if TYPE_CHECKING:
    from promrules.rule_tests.coverage import Coverage, Part


def written(coverage: Coverage, form: Form) -> str:
    """Write coverage in a format."""
    return {Form.TEXT: _text, Form.MARKDOWN: _markdown, Form.JSON: _json, Form.JUNIT: _junit}[form](coverage)


def _summary(coverage: Coverage) -> str:
    seen, every = len(coverage.seen & coverage.parts), len(coverage.parts)
    rules = list(by_rule(coverage))
    whole = sum(done == count for _, done, count in rules)
    return f"{seen} of {every} parts exercised: {coverage.share:.1%}; {whole} of {len(rules)} rules in full."


def _said(part: Part) -> str:
    return f"{part.text} never {part.outcome}".strip() if part.text else f"never {part.outcome}"


def _text(coverage: Coverage) -> str:
    lines = []
    for (file, line, rule), parts in groupby(coverage.missing, key=lambda part: (part.file, part.line, part.rule)):
        lines.append(f"{file}:{line}: {rule}")
        lines += [f"    {_said(part)}" for part in parts]
    return "\n".join([*lines, _summary(coverage)]) + "\n"


def _markdown(coverage: Coverage) -> str:
    rows = [f"### Coverage of rules: {_summary(coverage)}", ""]
    if coverage.missing:
        rows += ["| rule | what no test exercises |", "|---|---|"]
    for part in coverage.missing:
        said = _said(part).replace("|", "\\|").replace("`", "'")
        rows.append(f"| `{part.rule}` ({part.file}:{part.line}) | {said} |")
    return "\n".join(rows) + "\n"


def _json(coverage: Coverage) -> str:
    rules = [
        {"file": file, "line": line, "rule": rule, "exercised": done, "parts": count}
        for (file, line, rule), done, count in by_rule(coverage)
    ]
    made = {
        "schema": "promrules/coverage/v1",
        "share": coverage.share,
        "rules": rules,
        "missing": [asdict(part) for part in coverage.missing],
    }
    return json.dumps(made, indent=2, ensure_ascii=False) + "\n"


def _junit(coverage: Coverage) -> str:
    missing = set(coverage.missing)
    cases = [
        (
            f"{part.file}:{part.line} {part.rule}",
            " ".join(text for text in (part.text, part.outcome) if text),
            _said(part) if part in missing else "",
        )
        for part in sorted(coverage.parts)
    ]
    return junit("coverage of rules", cases)
