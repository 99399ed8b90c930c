"""Parse an expression that will be evaluated: one with so many levels as Python's stack holds, and no more."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from promrules.syntax.chains import longest_chain
from promrules.syntax.nodes import children
from promrules.syntax.parse import PromqlSyntaxError, parse
from promrules.syntax.tokens import tokenize

if TYPE_CHECKING:
    from promrules.syntax.nodes import Node

MAX_LEVELS: Final = 400
"""Python's stack ends near 480 levels of a tree that is hashed, and a parser's memory grows with their square."""


@lru_cache(maxsize=4096)
def parse_bounded(text: str) -> Node:
    """Parse one expression; long chains are refused before they are parsed.

    Raises:
        PromqlSyntaxError: it is none, or has more than ``MAX_LEVELS`` levels.
    """
    # An operator and its operand take two characters at least.
    if len(text) > 2 * MAX_LEVELS and longest_chain(tokenize(text)) > MAX_LEVELS:
        raise _too_deep(text)
    node = parse(text)
    level: list[Node] = [node]
    for _ in range(MAX_LEVELS):
        level = [child for item in level for child in children(item)]
        if not level:
            return node
    raise _too_deep(text)


def _too_deep(text: str) -> PromqlSyntaxError:
    message = f"expression has more than {MAX_LEVELS} operators one after the other; record parts of it by other rules"
    return PromqlSyntaxError(message, 0, len(text))
