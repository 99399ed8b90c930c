"""Texts in ``tests/problems``: input files, the command, and the output it must give, in one file.

``python tests/problem_texts.py`` runs every text, rewrites its output and makes ``docs/reference/problems.md`` anew;
``git diff`` is the review.

The form of a text::

    What the case is about, in a sentence.
    $ burnproof check a.yaml
    --- a.yaml
    …
    --- output, exit 1
    …

In a file headed ``--- a.yaml, escaped`` backslash escapes stand for bytes that no editor would keep; one
headed ``--- a.yaml, 9 MB`` is filled up with comments to that size,
and one headed ``--- a.yaml, link b.yaml`` is a symbolic link. ``--url SERVER`` asks the server that the section
``--- server, described`` describes, in the form of ``promcatalog.Server``.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from burnproof.compile import compile_specs
from burnproof.compile.plan import rule_groups
from burnproof.diagnostics import CODES, Severity, Stage, exit_code, render_text
from burnproof.importers import import_files
from promcatalog import ask_described

HERE = Path(__file__).parent
FOLDER = HERE / "problems"
DOCS = HERE.parent / "docs" / "reference" / "problems.md"
_INTRODUCTION = """# Problems

Every problem that `burnproof check` and `burnproof import` report, by where it is found. Errors stop a compilation,
warnings do so under `--strict`. This page is made from the table of codes and from `tests/problems/` by
`python tests/problem_texts.py`.
"""
_COMMAND = re.compile(r"\$ ((?:[A-Z_]+=\S+ )*)burnproof (check|import) ?(.*)")
_RUN = {"check": compile_specs, "import": import_files}


@dataclass(frozen=True)
class ProblemText:
    """One text: what it shows, variables of the environment, command, arguments, files, output with its exit code."""

    about: str
    variables: tuple[tuple[str, str], ...]
    command: str
    arguments: tuple[str, ...]
    files: tuple[tuple[str, str], ...]
    output: str
    exit_code: int


def parse(text: str) -> ProblemText:
    """Read a text of the form above."""
    head, *sections = re.split(r"^--- ", text, flags=re.MULTILINE)
    about, _, command = head.strip().partition("\n")
    files, output, code = [], "", 0
    for section in sections:
        title, _, body = section.partition("\n")
        name, _, remark = title.partition(", ")
        if name == "output":
            output, code = body, int(remark.removeprefix("exit "))
        else:
            files.append((title, body))
    found = _COMMAND.fullmatch(command)
    assert found is not None, f"no command: {command}"
    variables = tuple((name, value) for name, _, value in (word.partition("=") for word in found[1].split()))
    return ProblemText(about, variables, found[2], tuple(found[3].split()), tuple(files), output, code)


def run(case: ProblemText) -> tuple[str, int]:
    """Check the files of a text in a folder of their own; give the output and the exit code."""
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            for title, body in case.files:
                name, _, remark = title.partition(", ")
                if remark == "described":
                    continue
                path = Path(name)
                path.parent.mkdir(parents=True, exist_ok=True)
                if remark == "escaped":
                    path.write_bytes(body.encode("latin-1").decode("unicode_escape").encode("latin-1"))
                elif remark.startswith("link "):
                    path.symlink_to(remark.removeprefix("link "))
                elif remark.endswith(" MB"):
                    path.write_text(body + "# filler\n" * (int(remark[:-3]) * 2**20 // 9), encoding="utf-8")
                else:
                    path.write_text(body, encoding="utf-8", newline="")
            with mock.patch.dict(os.environ, dict(case.variables)):
                made = _RUN[case.command]([word for word in case.arguments if word not in ("--url", "SERVER")])
        finally:
            os.chdir(before)
    problems = made.problems
    if "--url" in case.arguments:
        groups = {slo.id: rule_groups(slo) for slo in made.slos}
        problems += ask_described(dict(case.files)["server, described"], made.slos, groups, made.texts)[0]
    return render_text(problems, made.texts), exit_code(problems)


def written(case: ProblemText, output: str, code: int) -> str:
    """Write a text with an output."""
    files = "".join(f"--- {title}\n{body}" for title, body in case.files)
    command = " ".join((*("=".join(pair) for pair in case.variables), f"burnproof {case.command}", *case.arguments))
    return f"{case.about}\n$ {command}\n{files}--- output, exit {code}\n{output}"


def documentation() -> str:
    """Make the page of all codes, each with the text named after it as its example."""
    parts = [_INTRODUCTION]
    for stage in Stage:
        parts.append(f"\n## {stage.value}\n")
        for code in CODES:
            if code.stage is stage:
                case = parse((FOLDER / f"{code.name}.txt").read_text(encoding="utf-8"))
                mild = " (warning)" if code.severity is Severity.WARNING else ""
                parts.append(
                    f"\n### {code.name}{mild}\n\n{code.doc}\n\n```text\n{_example(code.name, case.output)}```\n"
                )
    return "".join(parts)


def _example(code: str, output: str) -> str:
    """Take the block of one code out of an output."""
    blocks = output.split("\n\n")
    return next(block for block in blocks if f"[{code}]" in block).rstrip("\n") + "\n"


def renew() -> None:
    """Rewrite all outputs and the page."""
    for path in sorted(FOLDER.glob("*.txt")):
        case = parse(path.read_text(encoding="utf-8"))
        path.write_text(written(case, *run(case)), encoding="utf-8")
    DOCS.write_text(documentation(), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(renew())
