"""Durations inside brackets and behind ``offset``: plain ones to milliseconds, arithmetic to a small tree."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from promrules.syntax.nodes import Duration, DurationCall
from promrules.syntax.tokens import MAX_DURATION_MS, PromqlSyntaxError, Token, number_value

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_BINDING: Final = {"+": 1, "-": 1, "*": 2, "/": 2, "%": 2, "^": 4}
_UNARY_BINDING: Final = 3
_FUNCTIONS: Final = {"step": 0, "range": 0, "min_of": 2, "max_of": 2}

Seconds = float | DurationCall


class DurationReader:
    """Reads duration expressions from tokens; ``position`` is the next token to read."""

    def __init__(self, tokens: Sequence[Token], position: int) -> None:
        """Start at ``tokens[position]``."""
        self.tokens = tokens
        self.position = position

    def read(self, *, in_brackets: bool) -> Duration:
        """Read one duration; behind ``offset`` only a signed literal or a bracketed expression belongs to it.

        Raises:
            PromqlSyntaxError: no duration stands here, or it is out of range.
        """
        start = self.tokens[self.position]
        value = self._binary(0) if in_brackets else self._prefix(tight=True)
        end = self.tokens[self.position - 1]
        return self._milliseconds(value, start, end)

    def _milliseconds(self, value: Seconds, start: Token, end: Token) -> Duration:
        """Round constant seconds to whole milliseconds."""
        if isinstance(value, DurationCall):
            return value
        if not math.isfinite(value) or abs(value) * 1000 > MAX_DURATION_MS:
            raise PromqlSyntaxError("duration out of range", start.start, end.end)
        return round(value * 1000)

    def _binary(self, binding: int) -> Seconds:
        """Read operands and operators that bind at least as tightly as ``binding``."""
        left = self._prefix()
        while True:
            operator = self.tokens[self.position]
            own = _BINDING.get(operator.kind)
            if own is None or own < binding:
                return left
            self.position += 1
            right = self._binary(own if operator.kind == "^" else own + 1)
            left = self._combine(operator, left, right)

    def _prefix(self, *, tight: bool = False) -> Seconds:
        """Read a literal, a sign and its operand (``tight``: no power), a call or a bracketed expression."""
        token = self.tokens[self.position]
        self.position += 1
        if token.kind in ("number", "duration"):
            return number_value(token)
        if token.kind in ("+", "-"):
            value = self._prefix(tight=True) if tight else self._binary(_UNARY_BINDING)
            if token.kind == "+":
                return value
            return DurationCall("neg", (as_duration(value),)) if isinstance(value, DurationCall) else -value
        if token.kind == "(":
            value = self._binary(0)
            self._expect(")")
            return value
        if token.kind == "name" and token.text.lower() in _FUNCTIONS:
            return self._call(token)
        shown = f'"{token.text}"' if token.text else "end of input"
        raise PromqlSyntaxError(f"unexpected {shown}, expected a duration such as 5m", token.start, token.end)

    def _call(self, name: Token) -> Seconds:
        """Read the arguments of ``step``, ``range``, ``min_of`` or ``max_of``."""
        function = name.text.lower()
        self._expect("(")
        args: list[Seconds] = []
        for index in range(_FUNCTIONS[function]):
            if index:
                self._expect(",")
            args.append(self._binary(0))
        self._expect(")")
        if args and not any(isinstance(arg, DurationCall) for arg in args):
            numbers = [arg for arg in args if not isinstance(arg, DurationCall)]
            return min(numbers) if function == "min_of" else max(numbers)
        return DurationCall(function, tuple(as_duration(arg) for arg in args))

    def _expect(self, kind: str) -> None:
        """Step over a token of this kind."""
        token = self.tokens[self.position]
        if token.kind != kind:
            raise PromqlSyntaxError(f"expected {kind!r} in duration expression", token.start, token.end)
        self.position += 1

    def _combine(self, operator: Token, left: Seconds, right: Seconds) -> Seconds:
        """Apply an operator at once to constants, else note it."""
        if isinstance(left, DurationCall) or isinstance(right, DurationCall):
            return DurationCall(operator.kind, (as_duration(left), as_duration(right)))
        try:
            return arithmetic(operator.kind, left, right)
        except ZeroDivisionError:
            word = "modulo" if operator.kind == "%" else "division"
            raise PromqlSyntaxError(f"{word} by zero", operator.start, operator.end) from None
        except (OverflowError, ValueError):
            raise PromqlSyntaxError("duration out of range", operator.start, operator.end) from None


def as_duration(value: Seconds) -> Duration:
    """Turn constant seconds into milliseconds, leave a tree as it is."""
    return value if isinstance(value, DurationCall) else round(value * 1000)


_ARITHMETIC: Final[dict[str, Callable[[float, float], float]]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "%": math.fmod,
    "^": math.pow,
    "min_of": min,
    "max_of": max,
}


def arithmetic(operator: str, left: float, right: float) -> float:
    """Apply a duration operator to seconds.

    Raises:
        ZeroDivisionError: division or modulo by zero.
        OverflowError, ValueError: a power out of range.
    """
    if operator == "%" and right == 0:
        raise ZeroDivisionError
    return _ARITHMETIC[operator](left, right)


def resolve(duration: Duration, step_ms: int, range_ms: int) -> int:
    """Give the milliseconds of ``duration`` in a query with this step and this length.

    Raises:
        ZeroDivisionError, OverflowError, ValueError: the arithmetic fails.
    """
    return duration if isinstance(duration, int) else round(_seconds(duration, step_ms, range_ms) * 1000)


def _seconds(duration: Duration, step_ms: int, range_ms: int) -> float:
    """Compute a duration tree in seconds."""
    if isinstance(duration, int):
        return duration / 1000
    if duration.op == "step":
        return step_ms / 1000
    if duration.op == "range":
        return range_ms / 1000
    values = [_seconds(arg, step_ms, range_ms) for arg in duration.args]
    return -values[0] if duration.op == "neg" else arithmetic(duration.op, values[0], values[1])
