"""A long PromQL line to an indented text that says the same: breaks stand where a reader would put them.

>>> print(broken('sum(rate(a[5m])) / sum(rate(b[5m])) > 0.5 and on (id) c > 1', width=40))
sum(rate(a[5m])) / sum(rate(b[5m])) > 0.5
and on (id) c > 1

Only blanks change. Lines break before the loosest binary operator outside brackets; where there is none, the
outermost brackets open onto lines of their own.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise

from promrules.syntax import label_values as shapes

WIDTH = 100
_NARROW = 24  # nested deeper than this leaves room for, a text stays as it is
_INDENT = "  "
_STRINGS = r"""\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|`[^`]*`"""
_TOKEN = re.compile(
    rf"{_STRINGS}|(?P<open>[(\[{{])|(?P<close>[)\]}}])|(?P<comma>,)|"
    r"(?P<op>(?<=\s)(?:or|and|unless|==|!=|>=|<=|>|<|\+|-|\*|/|%)(?=\s))"
)
# Loosest first, as PromQL binds them.
_PRECEDENCE = (("or",), ("and", "unless"), ("==", "!=", ">=", "<=", ">", "<"), ("+", "-"), ("*", "/", "%"))


def broken(expr: str, width: int = WIDTH) -> str:
    """Give ``expr`` on as many lines as it needs to keep most of them under ``width``.

    A text with a comment (which ends with its line) or a raw string (which may hold line ends) stays as it is.
    """
    if "#" in expr or "`" in expr:
        return expr
    shape, values = shapes.split(expr)
    return shapes.join(_broken_shape(shape, width), values)


@lru_cache(maxsize=4096)
def _broken_shape(shape: str, width: int) -> str:
    return "\n".join(_lines(" ".join(line.strip() for line in shape.split("\n")).strip(), width))


def _lines(expr: str, width: int) -> list[str]:
    # The values that the shape lacks take room too: an identity is about as long as this.
    if len(expr) + 12 * expr.count('=""') <= width or width < _NARROW:
        return [expr]
    operators, commas, brackets = _outside(expr)
    if commas:
        return [line for part in _cut(expr, [at + 1 for at in commas]) for line in _lines(part, width)]
    for level in _PRECEDENCE:
        cuts = [at for at, op in operators if op in level]
        if cuts:
            return [line for part in _cut(expr, cuts) for line in _lines(part, width)]
    if brackets:
        start, end = max(brackets, key=lambda pair: pair[1] - pair[0])
        inner = _lines(expr[start + 1 : end].strip(), width - len(_INDENT))
        return [expr[: start + 1], *(_INDENT + line for line in inner), expr[end:]]
    return [expr]


def _cut(expr: str, cuts: list[int]) -> list[str]:
    return [expr[start:end].strip() for start, end in pairwise([0, *cuts, len(expr)])]


def _outside(expr: str) -> tuple[list[tuple[int, str]], list[int], list[tuple[int, int]]]:
    """Find what stands outside all brackets: operators, commas, and the round bracket pairs themselves."""
    operators: list[tuple[int, str]] = []
    commas: list[int] = []
    brackets: list[tuple[int, int]] = []
    opened: list[int] = []
    for token in _TOKEN.finditer(expr):
        if token["open"]:
            opened.append(token.start())
        elif token["close"] and opened:
            start = opened.pop()
            # An empty pair, or one that only lists labels after `by` or `on`, is not worth a line.
            if not opened and token[0] == ")" and not re.search(r"\b(?:by|without|on|ignoring)\s*$", expr[:start]):
                brackets.append((start, token.start()))
        elif not opened and token["op"] and token.start() > 0:
            operators.append((token.start(), token[0]))
        elif not opened and token["comma"] and token.end() < len(expr):
            commas.append(token.start())
    return operators, commas, brackets
