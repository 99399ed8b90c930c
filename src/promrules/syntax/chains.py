"""Tell from tokens how deep their tree is at least: a sum of many terms is as deep as it is long.

A parser's memory grows with the square of that depth, so limits on it are tested before anything is parsed.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from promrules.syntax.lexemes import is_operator

if TYPE_CHECKING:
    from collections.abc import Iterable

    from promrules.syntax.tokens import Token

_LEVELS: Final = (
    ("or",), ("and", "unless"), ("==", "!=", "<", "<=", ">", ">=", "</", ">/"), ("+", "-"),
    ("*", "/", "%", "atan2"), ("^",),
)  # fmt: skip
"""Operators from the loosest (https://prometheus.io/docs/prometheus/latest/querying/operators/)."""
_OPENERS: Final = frozenset("([{")
_CLOSERS: Final = frozenset(")]}")
_ENDS: Final = _CLOSERS | {",", "end"}
_BINDING: Final = {text: level for level, texts in enumerate(_LEVELS) for text in texts}


def longest_chain(tokens: Iterable[Token]) -> int:
    """Count the loosest operators between two brackets or commas, where there are most of them.

    All operators of one precedence that stand beside each other make one level of the tree each; tighter ones between
    them make further levels, which are not counted.
    """
    longest = 0
    groups: list[Counter[int]] = [Counter()]
    for token in tokens:
        if token.kind in _OPENERS:
            groups.append(Counter())
        elif token.kind in _ENDS:
            longest = max(longest, groups[-1][min(groups[-1], default=0)])
            groups[-1] = Counter()
            if token.kind in _CLOSERS and len(groups) > 1:
                groups.pop()
        elif is_operator(token):
            groups[-1][_BINDING.get(token.text.lower(), len(_LEVELS))] += 1
    return longest
