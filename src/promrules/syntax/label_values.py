"""PromQL text to its shape: the same text with the values of label matchers taken out.

>>> split('rate(x{job="api",code=~"5.."}[5m])')
('rate(x{job="",code=~"5.."}[5m])', ('api',))

A thousand objectives of one kind have a thousand texts and one shape, so what depends on the shape alone
(where lines break, whether it parses, which labels it carries) is worked out once. Only values of ``=`` and
``!=`` matchers without quotes or escapes are taken out: no such value can change how the rest is read.
"""

from __future__ import annotations

import re
from functools import lru_cache

# Whole strings and comments are consumed in order, so that a match never begins inside one.
_TOKENS = re.compile(
    r"""="([^"'`\\\n]*)" | "(?:[^"\\\n]|\\.)*" | '(?:[^'\\\n]|\\.)*' | `[^`]*` | \#[^\n]*""",
    re.VERBOSE,
)


@lru_cache(maxsize=8192)
def split(expr: str) -> tuple[str, tuple[str, ...]]:
    """Give the shape of ``expr`` and the values that were taken out, in the order of the text."""
    values: list[str] = []

    def take(token: re.Match[str]) -> str:
        value = token[1]
        if value is None:
            return token[0]
        values.append(value)
        return '=""'

    return _TOKENS.sub(take, expr), tuple(values)


def join(shape: str, values: tuple[str, ...]) -> str:
    """Put ``values`` back into a shape, whose blanks may have changed since ``split``."""
    rest = iter(values)

    def give(token: re.Match[str]) -> str:
        return f'="{next(rest)}"' if token[1] is not None else token[0]

    return _TOKENS.sub(give, shape)
