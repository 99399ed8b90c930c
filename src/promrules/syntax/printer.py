"""Nodes back to PromQL: one canonical line that parses to an equal node."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from promrules.syntax.labels import is_legacy_name, quote
from promrules.syntax.nodes import (
    Aggregate,
    Binary,
    Boundary,
    Call,
    Cardinality,
    Duration,
    Matcher,
    Matching,
    MatchOp,
    MatrixSelector,
    Negation,
    Node,
    NumberLiteral,
    Paren,
    RangeMode,
    StringLiteral,
    Subquery,
    VectorSelector,
    children,
)

if TYPE_CHECKING:
    from collections.abc import Callable

_UNITS: Final = (("y", 31_536_000_000), ("w", 604_800_000), ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000),
                 ("s", 1000), ("ms", 1))  # fmt: skip
_EXACT_ONLY: Final = frozenset({"y", "w", "d"})
_KEYWORDS: Final = frozenset({"bool", "on", "ignoring", "group_left", "group_right", "by", "without", "inf", "nan"})


def to_text(root: Node) -> str:
    """Write ``root`` as PromQL; works bottom-up without recursion, so any depth prints."""
    done: dict[int, str] = {}
    stack: list[tuple[Node, bool]] = [(root, False)]
    while stack:
        node, ready = stack.pop()
        below = children(node)
        if ready:
            done[id(node)] = _WRITERS[type(node)](node, *(done[id(child)] for child in below))
        elif id(node) not in done:
            stack.append((node, True))
            stack.extend((child, False) for child in below)
    return done[id(root)]


def format_number(value: float) -> str:
    """Write a float so that it reads back to the same bits."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Inf" if value > 0 else "-Inf"
    return (
        repr(int(value)) if value == int(value) and abs(value) < 1e15 and math.copysign(1, value) > 0 else repr(value)
    )


def format_duration(milliseconds: int) -> str:
    """Write milliseconds as Prometheus prints durations: ``1h30m``; weeks and days only where they fit exactly."""
    if milliseconds == 0:
        return "0s"
    rest = abs(milliseconds)
    parts: list[str] = []
    for unit, size in _UNITS:
        if unit in _EXACT_ONLY and rest % size:
            continue
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count}{unit}")
    return ("-" if milliseconds < 0 else "") + "".join(parts)


def _duration(duration: Duration, *, nested: bool = False) -> str:
    """Write a duration, arithmetic in brackets."""
    if isinstance(duration, int):
        return format_duration(duration)
    if duration.op in ("step", "range"):
        return f"{duration.op}()"
    args = [_duration(arg, nested=True) for arg in duration.args]
    if duration.op in ("min_of", "max_of"):
        return f"{duration.op}({', '.join(args)})"
    text = f"-{args[0]}" if duration.op == "neg" else f"{args[0]} {duration.op} {args[1]}"
    return f"({text})" if nested else text


def _offset(duration: Duration) -> str:
    """Write an offset; arithmetic behind ``offset`` needs brackets."""
    return format_duration(duration) if isinstance(duration, int) else _duration(duration, nested=True)


def _modifiers(offset: Duration, at: int | Boundary | None, mode: RangeMode = RangeMode.PLAIN) -> str:
    """Write range mode, ``@`` and ``offset``."""
    text = f" {mode}" if mode else ""
    if isinstance(at, Boundary):
        text += f" @ {at}()"
    elif at is not None:
        text += f" @ {'-' if at < 0 else ''}{abs(at) // 1000}.{abs(at) % 1000:03d}"
    return text + (f" offset {_offset(offset)}" if offset else "")


def _matcher(matcher: Matcher) -> str:
    """Write one label matcher."""
    name = matcher.name if is_legacy_name(matcher.name) else quote(matcher.name)
    return f"{name}{matcher.op}{quote(matcher.value)}"


def _head(node: VectorSelector) -> str:
    """Write name and braces of a selector."""
    first = node.matchers[0] if node.matchers else None
    name = ""
    rest = node.matchers
    if first and first.name == "__name__" and first.op is MatchOp.EQUAL and first.value.lower() not in _KEYWORDS:
        rest = rest[1:]
        if is_legacy_name(first.value, colon=True):
            name = first.value
        else:
            return f"{{{', '.join([quote(first.value), *map(_matcher, rest)])}}}"
    return f"{name}{{{', '.join(map(_matcher, rest))}}}" if rest or not name else name


def _vector(node: VectorSelector) -> str:
    return _head(node) + _modifiers(node.offset, node.at, node.mode)


def _matrix(node: MatrixSelector, _selector: str) -> str:
    inner = node.selector
    return f"{_head(inner)}[{_duration(node.range)}]{_modifiers(inner.offset, inner.at, inner.mode)}"


def _subquery(node: Subquery, expr: str) -> str:
    step = "" if node.step is None else _duration(node.step)
    return f"{expr}[{_duration(node.range)}:{step}]{_modifiers(node.offset, node.at)}"


def _labels(names: tuple[str, ...]) -> str:
    return f"({', '.join(name if is_legacy_name(name) else quote(name) for name in names)})"


def _aggregate(node: Aggregate, *args: str) -> str:
    word = "without" if node.without else "by"
    grouping = f" {word} {_labels(node.grouping)} " if node.grouping or node.without else ""
    return f"{node.op}{grouping}({', '.join(args)})"


def _matching(matching: Matching) -> str:
    """Write the words between an operator and its right operand."""
    text = ""
    if matching.on or matching.labels:
        text += f" {'on' if matching.on else 'ignoring'} {_labels(matching.labels)}"
    if matching.cardinality in (Cardinality.MANY_TO_ONE, Cardinality.ONE_TO_MANY):
        text += f" {matching.cardinality} {_labels(matching.include)}"
    left, right = matching.fill_left, matching.fill_right
    if left is not None and (left == right or (right is not None and math.isnan(left) and math.isnan(right))):
        return f"{text} fill ({format_number(left)})"
    text += "" if left is None else f" fill_left ({format_number(left)})"
    return text + ("" if right is None else f" fill_right ({format_number(right)})")


def _binary(node: Binary, left: str, right: str) -> str:
    word = " bool" if node.return_bool else ""
    return f"{left} {node.op}{word}{_matching(node.matching)} {right}"


_WRITERS: Final[dict[type, Callable[..., Any]]] = {
    NumberLiteral: lambda node: format_number(node.value),
    StringLiteral: lambda node: quote(node.value),
    Paren: lambda node, expr: f"+{expr}" if node.plus else f"({expr})",
    Negation: lambda _node, expr: f"-{expr}",
    VectorSelector: _vector,
    MatrixSelector: _matrix,
    Subquery: _subquery,
    Call: lambda node, *args: f"{node.func}({', '.join(args)})",
    Aggregate: _aggregate,
    Binary: _binary,
}
