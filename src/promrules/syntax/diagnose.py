"""Find the characters at fault in a text promql-parser refused, and say what was expected there.

promql-parser gives a bare sentence without a position, most often just "invalid promql query". Syntax is re-read here
with a stack of brackets and one bit, "operand or operator next"; for errors of type and meaning the smallest bracketed
piece of the text that gets the same complaint is the place.
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Final

from promrules.syntax.lexemes import AGGREGATIONS, MATCHING_WORDS, is_operator
from promrules.syntax.signatures import FUNCTIONS
from promrules.syntax.tokens import PromqlSyntaxError, Token

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_PAIRS: Final = {"(": ")", "[": "]", "{": "}"}
_NAMES: Final = {"(": "parenthesis", "[": "bracket", "{": "brace"}
_CLOSERS: Final = {closer: opener for opener, closer in _PAIRS.items()}
_LIST_WORDS: Final = frozenset({"by", "without", "on", "ignoring", "group_left", "group_right"})
_MATCH_OPERATORS: Final = frozenset({"=", "!=", "=~", "!~"})


def locate(tokens: Sequence[Token], complaint: str, refuses: Callable[[int, int], str | None]) -> PromqlSyntaxError:
    """Give the error for ``tokens``, which promql-parser refused with ``complaint``.

    ``refuses(first, last)`` parses only the tokens ``first`` to ``last`` (included) and gives the complaint, if any.
    """
    return _brackets(tokens) or _grammar(tokens) or _smallest(tokens, complaint, refuses)


def shown(token: Token) -> str:
    """Name a token the way a message does."""
    if token.kind == "end":
        return "end of input"
    words = {"name": "identifier ", "number": "number ", "duration": "duration ", "string": "string "}
    text = token.text if token.kind == "string" else f'"{token.text}"'
    return words.get(token.kind, "") + text


def _brackets(tokens: Sequence[Token]) -> PromqlSyntaxError | None:
    """Find brackets without their partner."""
    stack: list[Token] = []
    for token in tokens:
        if token.kind in _PAIRS:
            stack.append(token)
        elif token.kind in _CLOSERS:
            if not stack or stack[-1].kind != _CLOSERS[token.kind]:
                name = _NAMES[_CLOSERS[token.kind]]
                return PromqlSyntaxError(f"unexpected right {name} {token.text!r}", token.start, token.end)
            stack.pop()
    if not stack:
        return None
    token = stack[-1]
    return PromqlSyntaxError(f"unclosed left {_NAMES[token.kind]}", token.start, token.end)


class _Reader:
    """One pass over tokens whose brackets match, up to the first token out of place."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self.tokens = tokens
        self.position = 0

    def run(self) -> PromqlSyntaxError | None:
        """Read everything."""
        operand = True
        while True:
            token = self.tokens[self.position]
            problem = self._operand(token) if operand else self._operator(token)
            if problem is not None:
                return problem
            if token.kind == "end":
                return None
            operand = self.next_is_operand

    def _fail(self, token: Token, expected: str) -> PromqlSyntaxError:
        return PromqlSyntaxError(f"unexpected {shown(token)}, expected {expected}", token.start, token.end)

    def _operand(self, token: Token) -> PromqlSyntaxError | None:
        """Read the beginning of an operand."""
        following = self.tokens[self.position + 1] if token.kind != "end" else token
        self.next_is_operand = False
        self.position += 1
        if token.kind in ("+", "-", "("):
            self.next_is_operand = not (token.kind == "(" and following.kind == ")")
            return None
        if token.kind == "{":
            return self._matchers()
        if token.kind in ("number", "duration", "string"):
            return None
        if token.kind == "name":
            return self._name(token, following)
        if token.kind == ")" and self.tokens[self.position - 2].kind == ",":
            return PromqlSyntaxError("trailing commas not allowed here", token.start, token.end)
        return self._fail(token, "an expression")

    def _name(self, token: Token, following: Token) -> PromqlSyntaxError | None:
        """Read a name where an operand begins: a function, an aggregation or a metric."""
        word = token.text.lower()
        if following.kind == "{":
            self.position += 1
            return self._matchers()
        if word in AGGREGATIONS and following.text.lower() in ("by", "without"):
            self.position += 1
            return self._label_list()
        if following.kind == "(" and token.text not in FUNCTIONS and word not in AGGREGATIONS:
            near = difflib.get_close_matches(token.text, [*FUNCTIONS, *AGGREGATIONS], 1)
            hint = f", did you mean {near[0]}?" if near else ""
            return PromqlSyntaxError(f'unknown function with name "{token.text}"{hint}', token.start, token.end)
        if following.kind == "(":
            self.position += 1
            self.next_is_operand = self.tokens[self.position].kind != ")"
        return None

    def _operator(self, token: Token) -> PromqlSyntaxError | None:
        """Read what may follow an operand."""
        self.position += 1
        self.next_is_operand = False
        if token.kind in (")", "end"):
            return None
        if token.kind == ",":
            self.next_is_operand = True
            return None
        if token.kind == "[":
            while self.tokens[self.position - 1].kind != "]":
                self.position += 1
            return None
        if token.kind == "@" or (token.kind == "name" and token.text.lower() == "offset"):
            return self._modifier()
        if token.kind == "name" and token.text in ("anchored", "smoothed"):
            return None
        if token.kind == "name" and token.text.lower() in ("by", "without"):
            return self._label_list()
        if is_operator(token):
            self.next_is_operand = True
            return self._matching()
        if token.kind == "=":
            return PromqlSyntaxError('unexpected "=", did you mean "=="?', token.start, token.end)
        return self._fail(token, "an operator or the end")

    def _modifier(self) -> PromqlSyntaxError | None:
        """Step over the number, duration or call behind ``offset`` and ``@``, which were read before."""
        while self.tokens[self.position].kind in ("+", "-"):
            self.position += 1
        self.position += 3 if self.tokens[self.position + 1].kind == "(" else 1
        return None

    def _matching(self) -> PromqlSyntaxError | None:
        """Read ``bool``, ``on (…)`` and the like behind an operator."""
        while self.tokens[self.position].kind == "name":
            token = self.tokens[self.position]
            word = token.text.lower()
            following = self.tokens[self.position + 1]
            if word == "bool":
                self.position += 1
            elif word in MATCHING_WORDS and following.kind == "(":
                self.position += 1
                problem = self._label_list() if word in _LIST_WORDS else self._number_in_brackets()
                if problem is not None:
                    return problem
            elif word in ("group_left", "group_right"):
                self.position += 1
            elif word in ("on", "ignoring"):
                return self._fail(following, '"(" and label names')
            else:
                break
            self.next_is_operand = True
        return None

    def _number_in_brackets(self) -> PromqlSyntaxError | None:
        """Step over ``(number)``."""
        while self.tokens[self.position].kind != ")":
            self.position += 1
        self.position += 1
        return None

    def _label_list(self) -> PromqlSyntaxError | None:
        """Read ``(a, b)``; behind it stands whatever the caller expects, an open bracket too."""
        opener = self.tokens[self.position]
        if opener.kind != "(":
            return self._fail(opener, '"(" and label names')
        self.position += 1
        while True:
            token = self.tokens[self.position]
            self.position += 1
            if token.kind == ")":
                break
            if token.kind not in ("name", "string"):
                return self._fail(token, "a label name")
            if self.tokens[self.position].kind == ",":
                self.position += 1
            elif self.tokens[self.position].kind != ")":
                return self._fail(self.tokens[self.position], '"," or ")"')
        self.next_is_operand = self.tokens[self.position].kind == "("
        return None

    def _matchers(self) -> PromqlSyntaxError | None:
        """Read the inside of braces."""
        while True:
            token = self.tokens[self.position]
            if token.kind == "}":
                self.position += 1
                return None
            if token.kind not in ("name", "string"):
                return self._fail(token, 'a label name or "}"')
            operator = self.tokens[self.position + 1]
            if token.kind == "string" and operator.kind in (",", "}"):
                self.position += 1
            elif operator.kind not in _MATCH_OPERATORS:
                return self._fail(operator, 'one of "=", "!=", "=~", "!~"')
            else:
                value = self.tokens[self.position + 2]
                if value.kind != "string":
                    return self._fail(value, "a quoted string")
                self.position += 3
            token = self.tokens[self.position]
            if token.kind == ",":
                self.position += 1
            elif token.kind != "}":
                return self._fail(token, '"," or "}"')


def _grammar(tokens: Sequence[Token]) -> PromqlSyntaxError | None:
    """Find the first token out of place."""
    return _Reader(tokens).run()


def _smallest(tokens: Sequence[Token], complaint: str, refuses: Callable[[int, int], str | None]) -> PromqlSyntaxError:
    """Find the smallest piece in brackets, with the name before them, that gets the same complaint."""
    for first, last in sorted(_pieces(tokens), key=lambda piece: piece[1] - piece[0]):
        if refuses(first, last) == complaint:
            return PromqlSyntaxError(complaint, tokens[first].start, tokens[last].end)
    last = max(0, len(tokens) - 2)
    return PromqlSyntaxError(complaint, tokens[0].start, tokens[last].end)


def _pieces(tokens: Sequence[Token]) -> list[tuple[int, int]]:
    """Give the first and last token of every piece that could be an expression: calls, brackets, their arguments."""
    pieces: list[tuple[int, int]] = []
    stack: list[tuple[int, int]] = []
    for index, token in enumerate(tokens):
        if token.kind in ("(", "{", "["):
            stack.append((index, index + 1))
        elif token.kind in (",", ")", "}", "]") and stack:
            opened, argument = stack[-1]
            if token.kind in (",", ")") and tokens[opened].kind == "(":
                pieces.append((argument, index - 1))
            stack[-1] = (opened, index + 1)
            if token.kind != ",":
                stack.pop()
                named = opened > 0 and tokens[opened - 1].kind == "name"
                pieces.append((opened - named, index))
    return [(first, last) for first, last in pieces if first <= last]
