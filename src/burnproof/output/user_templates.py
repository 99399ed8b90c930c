"""Check a folder of the user's templates, and say which of them wrote a file."""

from __future__ import annotations

import difflib
from dataclasses import replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from jinja2 import TemplateError, meta

from burnproof.diagnostics import Problem

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from pathlib import Path

    from jinja2 import Environment

_TEMPLATES = {
    "rules": "rules.yaml.j2",
    "tests": "unit_tests.yaml.j2",
    "dashboards": "dashboard.json.j2",
    "alertmanager": "alertmanager.yaml.j2",
    "runbooks": "runbook.md.j2",
    "dashboards/_datasource.yaml": "grafana-datasource.yaml.j2",
    "dashboards/_provider.yaml": "grafana-provider.yaml.j2",
}
"""What is written, a file or all of a folder, and the template that lays it out."""
_ENDINGS = (".j2", ".jinja", ".jinja2")
_NEAR = 0.75
"""So like a template's name, of 1, is the name of a file that is probably meant to be one."""


def unused(folder: Path, shipped: Collection[str], environment: Environment) -> Problem | None:
    """Say which files of ``folder`` look like overrides and are none: no template has the name, and none reads them.

    Args:
        folder: the user's templates.
        shipped: the names that can be overridden.
        environment: what parses them.
    """
    read = _read(folder, shipped, environment)
    if read is None:
        return None
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if any(part.startswith(".") for part in PurePosixPath(name).parts) or name.endswith("~"):
            continue
        if path.is_dir() and (name in read or name.endswith(_ENDINGS)):
            return Problem("render", f"{path}: this is a folder, but a template is needed", None, "Make it a file.")
        near = difflib.get_close_matches(PurePosixPath(name).name.lower(), shipped, 1, _NEAR)
        if path.is_dir() or name in read or not (near or name.endswith(_ENDINGS)):
            continue
        hint = f"did you mean {near[0]}?" if near else "Remove it, or include it from a template that is used."
        known = ", ".join(sorted(shipped))
        return Problem("render", f"{path}: no template of this name is used; these are: {known}", None, hint)
    return None


def _read(folder: Path, shipped: Collection[str], environment: Environment) -> set[str] | None:
    """Give the names that are read, by themselves or from others; None where one is told only when it runs."""
    found: set[str] = set()
    ahead = list(shipped)
    while ahead:
        name = ahead.pop()
        if name in found:
            continue
        found.add(name)
        for other in _named_in(folder / name, environment):
            if other is None:
                return None
            ahead.append(other)
    return found


def _named_in(path: Path, environment: Environment) -> Iterator[str | None]:
    try:
        text = path.read_text(encoding="utf-8")
        yield from meta.find_referenced_templates(environment.parse(text))
    except (OSError, UnicodeDecodeError):  # it is not there, or rendering it will say why it cannot be read
        return
    except TemplateError:  # rendering it will say where; until then nobody knows what it reads
        yield None


def blamed(problems: Iterable[Problem], templates: Path | None) -> tuple[Problem, ...]:
    """Name the user's template beside each problem of a file that it wrote."""
    return tuple(_blamed(problem, templates) if templates else problem for problem in problems)


def _blamed(problem: Problem, templates: Path) -> Problem:
    path = problem.message.partition(":")[0]
    name = _TEMPLATES.get(path) or _TEMPLATES.get(path.partition("/")[0], "")
    if "/" not in path or not (templates / name).is_file():
        return problem
    return replace(problem, hint=f"{problem.hint} {templates / name} wrote it.".lstrip())
