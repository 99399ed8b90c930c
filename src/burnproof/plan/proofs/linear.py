"""An events query as a sum of counters: which series must rise for it to rise, and how much."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from burnproof.plan import selectors
from burnproof.plan.measure import BASE
from burnproof.plan.proofs.examples import example
from burnproof.promql.labels import get, labels_of, matches
from burnproof.promql.nodes import (
    Aggregate,
    Binary,
    Call,
    MatrixSelector,
    Negation,
    Node,
    NumberLiteral,
    Paren,
    VectorSelector,
)
from burnproof.promql.parse import parse

if TYPE_CHECKING:
    from burnproof.model import Query, Ratio
    from burnproof.promql.labels import Labels

Terms = tuple[tuple[float, VectorSelector], ...]
_COUNTED = ("rate", "increase")


@dataclass(frozen=True, slots=True)
class Bundles:
    """The series that rise by one for one event that is counted, and for one that is not."""

    counted: tuple[Labels, ...]
    other: tuple[Labels, ...]


def terms_of(query: Query) -> Terms | None:
    """Read a query as a sum of counters' rates; None where it is something else."""
    if query.is_selector:
        return ((1.0, selectors.read(query)),)
    return _terms(parse(query.text.replace(selectors.WINDOW, str(BASE))))


def _terms(node: Node) -> Terms | None:
    match node:
        case Paren(expr=inner) | Aggregate(op="sum", expr=inner):
            return _terms(inner)
        case Call(func=func, args=(MatrixSelector(selector=selector),)) if func in _COUNTED:
            return ((1.0, selector),)
        case Negation(expr=inner):
            return _scaled(_terms(inner), -1)
        case Binary(op="+" | "-" as op, left=left, right=right):
            first, second = _terms(left), _scaled(_terms(right), 1 if op == "+" else -1)
            return None if first is None or second is None else first + second
        case Binary(op="*", left=NumberLiteral(value=value), right=other):
            return _scaled(_terms(other), value)
        case Binary(op="*" | "/" as op, left=other, right=NumberLiteral(value=value)) if value:
            return _scaled(_terms(other), value if op == "*" else 1 / value)
        case Binary(op="or", left=left, right=right) if _is_zero(right):
            return _terms(left)
        case _:
            return None


def _is_zero(node: Node) -> bool:
    """Tell whether a node is what people write to fill holes: ``vector(0)``, or ``0 * …``."""
    match node:
        case Paren(expr=inner):
            return _is_zero(inner)
        case Call(func="vector", args=(NumberLiteral(value=value),)):
            return value == 0
        case Binary(op="*", left=NumberLiteral(value=value)) | Binary(op="*", right=NumberLiteral(value=value)):
            return value == 0
        case _:
            return False


def _scaled(terms: Terms | None, factor: float) -> Terms | None:
    return None if terms is None else tuple((factor * weight, selector) for weight, selector in terms)


def bundles(ratio: Ratio, group: Labels = ()) -> Bundles | None:
    """Find series that make counted and other events, carrying the group's labels.

    None where the query is no sum of counters, or where no series can tell the two apart.
    """
    total, counted = terms_of(ratio.total), terms_of(ratio.counted)
    if total is None or counted is None:
        return None
    atoms = _atoms(total + counted, group)
    weighed = [(_weight(total, atom), _weight(counted, atom), atom) for atom in atoms]
    other = _find(weighed, (1, 0))
    both = _find(weighed, (1, 1), prefer=other or ())
    return None if other is None or both is None else Bundles(counted=both, other=other)


def _atoms(terms: Terms, group: Labels) -> list[Labels]:
    """List label sets worth trying: each selector's, alone and outside each of the others."""
    found: dict[Labels, None] = {}
    for _, selector in terms:
        for unwanted in (None, *(other.matchers for _, other in terms if other.matchers != selector.matchers)):
            made = example(selector.matchers, unwanted, group)
            if made is not None:
                found[made] = None
    return list(found)


def _weight(terms: Terms, atom: Labels) -> float:
    return sum(weight for weight, selector in terms if matches(atom, selector.matchers))


def _find(
    weighed: list[tuple[float, float, Labels]], goal: tuple[float, float], prefer: tuple[Labels, ...] = ()
) -> tuple[Labels, ...] | None:
    """Find one series, or two together, whose rise is the goal."""
    for total, counted, atom in weighed:
        if (total, counted) == goal:
            return (atom,)
    pairs = [
        (first[2], second[2])
        for at, first in enumerate(weighed)
        for second in weighed[at + 1 :]
        if (first[0] + second[0], first[1] + second[1]) == goal
    ]
    # Two series that count the same request differ in nothing but the name, and share those already in use.
    pairs.sort(key=lambda pair: (_differences(*pair), not set(pair) & set(prefer)))
    return pairs[0] if pairs else None


def _differences(left: Labels, right: Labels) -> int:
    names = {name for name, _ in (*left, *right)} - {"__name__"}
    return sum(get(left, name) != get(right, name) for name in names)


def instance(atom: Labels, name: str, value: str) -> Labels:
    """Give a sibling of a series, told apart by one more label."""
    return labels_of([*(pair for pair in atom if pair[0] != name), (name, value)])
