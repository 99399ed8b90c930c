"""A name that is not there to those that are and read most like it."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MOST: Final = 8
"""Names that are shown."""
_COMPARED: Final = 3000
"""Names that are compared letter by letter: a second's work, of the million that a server may have."""
_LONGEST: Final = 60
_WORDS: Final = re.compile(r"[^a-zA-Z0-9]+")


def nearest(name: str, there: Iterable[str], most: int = 3) -> list[str]:
    """Give the names that read most like one, the nearest first."""
    words = _words(name)
    ranked = sorted((one for one in there if len(one) <= 200), key=lambda one: (-len(words & _words(one)), one))
    return difflib.get_close_matches(name[:200], ranked[:_COMPARED], most, 0.6)


def _words(name: str) -> set[str]:
    """Give the words of a name, plural or not."""
    return {word.lower().rstrip("s") for word in _WORDS.split(name) if word}


def some(names: Sequence[str]) -> str:
    """List the first names, and say how many more there are."""
    shown = [one if len(one) <= _LONGEST else f"{one[:_LONGEST]}…" for one in names[:MOST]]
    more = f" and {len(names) - MOST} more" if len(names) > MOST else ""
    return ", ".join(shown) + more
