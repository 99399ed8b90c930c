"""Show problems, and print sentences to stderr."""

from __future__ import annotations

import os
import shutil
import sys
from typing import TYPE_CHECKING, TextIO

from burnproof.diagnostics.formats import render_github, render_json, render_sarif
from burnproof.diagnostics.text import render_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from burnproof.diagnostics import Problem

_FORMATS = {"json": render_json, "github": render_github, "sarif": render_sarif}


def text_of(problems: Sequence[Problem], texts: Mapping[str, str], form: str, *, colour: bool) -> str:
    """Give ``problems`` in a format: text, json, github or sarif."""
    if form == "text":
        return render_text(problems, texts, color=colour)
    return _FORMATS[form](problems)


def show(problems: Sequence[Problem], texts: Mapping[str, str], *, no_color: bool) -> None:
    """Draw problems on stderr, each under the user's own line."""
    sys.stderr.write(render_text(problems, texts, color=colours(sys.stderr, no_color=no_color)))


def say(sentence: str) -> None:
    """Tell the user something that is no data."""
    sys.stderr.write(sentence + "\n")


UNKNOWN_WIDTH = 160
"""Columns of what is no terminal: wide enough for every table."""


def columns() -> int:
    """Give how wide stdout's terminal is."""
    return shutil.get_terminal_size((UNKNOWN_WIDTH, 24)).columns


def colours(stream: TextIO, *, no_color: bool) -> bool:
    """Tell whether to paint what goes to ``stream``: on terminals, unless told not to (https://no-color.org)."""
    return not no_color and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb" and stream.isatty()
