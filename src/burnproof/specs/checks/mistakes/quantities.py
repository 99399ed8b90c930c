"""Refuse queries that cannot be divided, and warn of those whose values do not add up over windows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from burnproof.model.indicators import Compare, Ratio
from burnproof.specs.checks.mistakes.additivity import obstacle
from burnproof.specs.checks.mistakes.dimensions import described, dimension_of
from burnproof.specs.checks.mistakes.reading import Finding
from promrules.syntax.nodes import Binary, Call, Negation, Paren

if TYPE_CHECKING:
    from collections.abc import Iterator

    from burnproof.model.slo import Slo
    from burnproof.specs.checks.mistakes.dimensions import Dimension
    from burnproof.specs.checks.mistakes.reading import Reading
    from promrules.syntax.nodes import Node


def alike(slo: Slo, readings: tuple[Reading, ...]) -> Iterator[Finding]:
    """Two queries that are divided or compared must be quantities of the same kind."""
    if not isinstance(slo.indicator, Ratio | Compare):
        return
    one, two = readings
    first, second = _dimension(one), _dimension(two)
    if first.constant or second.constant or first.per_second is None or second.per_second is None:
        return
    whole = (0, len(two.query.text))
    if first.quotient != second.quotient:
        which, wanted = (two, first) if second.quotient else (one, second)
        message = f"{which.key} is a quotient already, a ratio of 0 to 1, and the other query is {described(wanted)}"
        yield Finding("dimension", which, (0, len(which.query.text)), message, _numerator(which, wanted))
    elif {first.per_second, second.per_second} == {0, 1}:
        message = "one query is per second and the other per window"
        yield Finding("mixed-functions", two, whole, message, "use rate in both; a bare selector is read as rate too")
    elif None not in (first.units, second.units) and first != second:
        message = f"{one.key} is {described(first)} and {two.key} {described(second)}, which cannot be divided"
        hint = "count the same thing in both queries, such as rates of _count or _total"
        yield Finding("units", two, whole, message, hint)


def additive(slo: Slo, readings: tuple[Reading, ...]) -> Iterator[Finding]:
    """Each query of events must give for an hour what it gives for the parts of the hour together."""
    if not isinstance(slo.indicator, Ratio | Compare) or next(alike(slo, readings), None) is not None:
        return
    for one in readings:
        found = obstacle(one.node, is_selector=one.query.is_selector)
        if found is not None:
            message = f"this does not add up over a longer window: {found.message}"
            yield Finding("not-additive", one, found.span, message, found.hint)


def _dimension(reading: Reading) -> Dimension:
    """Give the dimension of a query, of a bare selector that of its rate."""
    return dimension_of(Call("rate", (reading.node,)) if reading.query.is_selector else reading.node)


def _numerator(reading: Reading, wanted: Dimension) -> str:
    """Name the part of a quotient that is of the wanted dimension: what was meant to be counted."""
    for node, complement in _quotients(reading.node):
        if dimension_of(node.left) == dimension_of(node.right) == wanted:
            above, below = (_written(reading, side) for side in (node.left, node.right))
            return f"write {f'the difference: {below} - {above}' if complement else f'what it divides alone: {above}'}"
    return "count the events themselves, for example by rate(…[$window])"


def _written(reading: Reading, node: Node) -> str:
    start, end = node.span
    return " ".join(reading.query.text[start:end].split())


def _quotients(node: Node, *, complement: bool = False) -> Iterator[tuple[Binary, bool]]:
    """Yield the divisions that an expression is made of, outermost first, and whether each is taken from 1."""
    match node:
        case Paren(expr=inner) | Negation(expr=inner):
            yield from _quotients(inner, complement=complement)
        case Binary(op="/"):
            yield node, complement
        case Binary(op=op, left=left, right=right):
            taken = op == "-" and dimension_of(left).constant
            yield from _quotients(left, complement=complement)
            yield from _quotients(right, complement=complement ^ taken)
        case _:
            return
