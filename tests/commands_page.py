"""``docs/reference/commands.md``, made from the command line's own definitions.

``python tests/commands_page.py`` writes it anew; ``git diff`` is the review.
"""

from __future__ import annotations

import inspect
import sys
from enum import Enum
from importlib import import_module
from pathlib import Path
from typing import get_args, get_type_hints

from typer.models import OptionInfo

from burnproof.cli import COMMANDS, Command

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "commands.md"
_INTRODUCTION = """# Commands

Every command with its arguments and options, as `burnproof COMMAND --help` prints them. This page is made from the
command line's own definitions by `python tests/commands_page.py`.

| exit code | means |
|---|---|
| 0 | all well |
| 1 | what was asked is false: problems, drift, a failed test, a missed objective |
| 2 | the command could not be carried out |
| 130, 143 | ended by Ctrl-C, or by SIGTERM |

Data go to stdout, everything else to stderr. `NO_COLOR` and `--no-color` turn colours off. `burnproof --debug COMMAND`
shows the traceback of an internal error. Notes in the folder `BURNPROOF_CACHE` let a run end at once that would change
nothing; an empty value turns them off. [Connecting to a server](../how-to/connect.md) lists the variables for servers.
"""


def page() -> str:
    """Make the page: one section for each command, in the order of ``burnproof --help``."""
    return _INTRODUCTION + "".join(_section(name, command) for name, command in COMMANDS.items())


def _section(name: str, command: Command) -> str:
    found = getattr(import_module(command.module), command.function)
    head = f"\n## burnproof {name}\n\n{command.help}\n"
    if callable(found):
        return head + _parameters(found)
    return head + "".join(
        f"\n### burnproof {name} {below}\n\n{_first_paragraph(function)}\n{_parameters(function)}"
        for below, function in found.items()
    )


def _first_paragraph(function) -> str:
    return " ".join((inspect.getdoc(function) or "").split("\n\n")[0].split())


def _parameters(function) -> str:
    """Lay out arguments and options, as their annotations declare them."""
    hints = get_type_hints(function, include_extras=True)
    rows = [_row(one, hints[one.name]) for one in inspect.signature(function).parameters.values()]
    return "".join(("\n| argument or option | what it does |\n|---|---|\n", *rows)) if rows else ""


def _row(one: inspect.Parameter, hint: object) -> str:
    kind, info = get_args(hint)[:2]
    takes = info.metavar or _choices(kind) or ""
    if isinstance(info, OptionInfo):
        # In an annotation the first name is given where the default does otherwise.
        named = [name for name in (info.default, *(info.param_decls or ())) if str(name).startswith("-")]
        names = named or [f"--{one.name.replace('_', '-')}"]
        flag = kind is bool
        takes = ", ".join(names) + ("" if flag else f" {takes or _type_name(kind)}")
    text = " ".join((info.help or "").split()).replace("|", r"\|")
    default = getattr(one.default, "value", one.default)
    if default not in (None, False, inspect.Parameter.empty, "") and "[default" not in text:
        text += f" Default: `{default}`."
    return f"| `{takes or one.name.upper()}` | {text} |\n"


def _choices(kind: object) -> str:
    return r"\|".join(one.value for one in kind) if isinstance(kind, type) and issubclass(kind, Enum) else ""


def _type_name(kind: object) -> str:
    """Name the type of a value: of ``str | None`` it is TEXT."""
    inner = next((one for one in get_args(kind) if one is not type(None)), kind)
    return {str: "TEXT", int: "N", float: "N", Path: "PATH"}.get(inner, _choices(inner) or "TEXT")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    sys.stdout.write(f"{PAGE}\n")
