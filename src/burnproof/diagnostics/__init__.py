"""Report problems: where something is in a user's file, what is wrong, what to do."""

from __future__ import annotations

from burnproof.diagnostics.codes import BY_NAME, CODES, Code, Stage, exit_code, problem
from burnproof.diagnostics.formats import render_github, render_json, render_sarif
from burnproof.diagnostics.text import render_text, summary
from promrules.problem import Problem, Severity, Span

__all__ = [
    "BY_NAME", "CODES", "Code", "Problem", "Severity", "Span", "Stage", "exit_code", "problem", "render_github",
    "render_json", "render_sarif", "render_text", "summary",
]  # fmt: skip
