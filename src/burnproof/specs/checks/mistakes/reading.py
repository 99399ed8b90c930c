"""Run lints over the selectors of an SLI, and put what they find under the very characters at fault."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from burnproof.diagnostics import problem
from burnproof.specs.checks.promql import tree
from burnproof.specs.keys.promql.queries import exact_tree
from promrules.syntax.nodes import Binary, Negation, VectorSelector, children
from promrules.syntax.tokens import Token, string_value, tokenize

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from burnproof.diagnostics import Problem
    from burnproof.model.indicators import Query
    from burnproof.model.slo import Slo
    from promrules.syntax.nodes import Matcher, Node, Span

    Lint = Callable[[Slo, tuple["Reading", ...]], Iterator["Finding"]]


@dataclass(frozen=True, slots=True)
class Reading:
    """One of an SLI's queries: the key that it stands under, and its tree."""

    key: str
    query: Query
    node: Node


class Finding(NamedTuple):
    """A mistake: its code, where it is in which query, why, and what to write."""

    code: str
    reading: Reading
    span: Span
    message: str
    hint: str


def check_of(lint: Lint) -> Callable[[Slo], Iterator[Problem]]:
    """Make a check of a lint.

    Trees that are read for every spec do not know their places, since those of like queries are shared. So the text
    is parsed by itself where there is something to point to.
    """

    def check(slo: Slo) -> Iterator[Problem]:
        yield from found_in(slo, lint)

    check.__doc__, check.__name__ = lint.__doc__, lint.__name__
    return check


def readings_of(slo: Slo) -> tuple[Reading, ...]:
    """Give an SLO's own queries with their trees."""
    return tuple(Reading(key, query, tree(slo, query)) for key, query in slo.indicator.queries)


def found_in(slo: Slo, lint: Lint) -> Iterator[Problem]:
    """Yield what a lint finds in an SLO, in its place."""
    readings = readings_of(slo)
    if next(lint(slo, readings), None) is None:
        return
    placed = tuple(replace(one, node=exact_tree(one.query.text)) for one in readings)
    for code, reading, span, message, hint in lint(slo, placed):
        yield problem(code, message, reading.query.place(*span), hint)


class Signed(NamedTuple):
    """A selector, and whether what it reads is added (1) or subtracted (-1)."""

    selector: VectorSelector
    sign: int


def signed(node: Node, sign: int = 1) -> Iterator[Signed]:
    """Yield the selectors of what a query adds (1) and subtracts (-1), without conditions and divisors."""
    match node:
        case VectorSelector():
            yield Signed(node, sign)
        case Negation(expr=inner):
            yield from signed(inner, -sign)
        case Binary(op="-", left=left, right=right):
            yield from signed(left, sign)
            yield from signed(right, -sign)
        case Binary(op="and" | "unless" | "/", left=left):
            yield from signed(left, sign)
        case _:
            for child in children(node):
                yield from signed(child, sign)


def value_span(query: Query, selector: VectorSelector, matcher: Matcher) -> Span:
    """Give the characters of a matcher's value with its quotes; of the whole selector where they are not found."""
    return _find(query, selector, matcher, at=2)


def matcher_span(query: Query, selector: VectorSelector, matcher: Matcher) -> Span:
    """Give the characters of a matcher: name, operator and value."""
    return _find(query, selector, matcher, at=0)


def _find(query: Query, selector: VectorSelector, matcher: Matcher, *, at: int) -> Span:
    start, end = selector.span
    tokens = tokenize(query.text[start:end])
    for name, op, value in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if value.kind != "string" or op.text != matcher.op.value:
            continue
        if (_text(name), string_value(value)) == (matcher.name, matcher.value):
            return start + (name, op, value)[at].start, start + value.end
    return selector.span


def _text(token: Token) -> str:
    return string_value(token) if token.kind == "string" else token.text


def name_span(query: Query, selector: VectorSelector) -> Span:
    """Give the characters of a metric's name."""
    start, end = selector.span
    name = selector.name or ""
    at = query.text.find(name, start, end) if name else -1
    return selector.span if at < 0 else (at, at + len(name))
