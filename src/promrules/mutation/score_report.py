"""A score of mutants as text, Markdown, JSON and JUnit: what no test notices, by subject and rule."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from promrules.report_forms import Form, junit

if TYPE_CHECKING:
    from promrules.mutation.run import Score, Survivor


def written(score: Score, form: Form) -> str:
    """Write a score in a format."""
    return {Form.TEXT: _text, Form.MARKDOWN: _markdown, Form.JSON: _json, Form.JUNIT: _junit}[form](score)


def _summary(score: Score) -> str:
    return f"{score.killed} of {score.total} mutants caught: {score.share:.2%}"


def _line(one: Survivor) -> str:
    verdict = f"no change: {one.reason}" if one.reason else "survived"
    return f"{one.subject}  {one.rule}: {one.change}: {verdict}"


def _text(score: Score) -> str:
    lines = [*map(_line, score.survivors), *(f"{name}: fails on the rules as they are" for name in score.failing)]
    return "\n".join([*lines, _summary(score)]) + "\n"


def _markdown(score: Score) -> str:
    rows = [f"### Mutation of rules: {_summary(score)}", ""]
    rows += ["| rule | change that no test notices |", "|---|---|"] if score.missed else []
    for one in score.missed:
        rows.append(f"| `{one.rule}` ({one.subject}) | {one.change.replace('|', chr(92) + '|')} |")
    rows += [f"- `{name}` fails on the rules as they are" for name in score.failing]
    return "\n".join(rows) + "\n"


def _json(score: Score) -> str:
    made = {
        "schema": "promrules/mutation/v1",
        "killed": score.killed,
        "total": score.total,
        "share": score.share,
        "survivors": [asdict(one) for one in score.survivors],
        "failing": list(score.failing),
    }
    return json.dumps(made, indent=2, ensure_ascii=False) + "\n"


def _junit(score: Score) -> str:
    """Write a case for each mutant that survived, each test that fails as it is, and one for all that are caught."""
    cases = [("mutants", f"{score.killed} mutants are caught", "")]
    cases += [(one.subject, f"{one.rule}: {one.change}", "no test notices") for one in score.missed]
    cases += [("tests", name, "fails on the rules as they are") for name in score.failing]
    return junit("mutation of rules", cases)
