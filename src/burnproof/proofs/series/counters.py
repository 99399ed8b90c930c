"""Read a query for events as a sum of counters: which series must rise, and by how much."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from burnproof.proofs.series.example_labels import example
from burnproof.rules.query_terms import COUNTERS, Term, terms_of
from promrules.syntax.labels import get, labels_of, matches

if TYPE_CHECKING:
    from burnproof.model.slo import Ratio
    from promrules.syntax.labels import Labels


@dataclass(frozen=True, slots=True)
class Bundles:
    """The series that rise by one for one event that is counted, and for one that is not."""

    counted: tuple[Labels, ...]
    other: tuple[Labels, ...]


def bundles(ratio: Ratio, group: Labels = ()) -> Bundles | None:
    """Find series that make counted and other events, carrying the group's labels.

    None where the query is no sum of counters, or where no series can tell the two apart.
    """
    total, counted = terms_of(ratio.total), terms_of(ratio.counted)
    if total is None or counted is None or not all(term.func in COUNTERS for term in total + counted):
        return None
    atoms = _atoms(total + counted, group)
    weighed = [(weight_in(total, atom), weight_in(counted, atom), atom) for atom in atoms]
    other = _find(weighed, (1, 0))
    both = _find(weighed, (1, 1), prefer=other or ())
    return None if other is None or both is None else Bundles(counted=both, other=other)


def uncounted(ratio: Ratio, group: Labels) -> Labels | None:
    """Find a series that is counted but not in the total; None where there can be none."""
    total, counted = terms_of(ratio.total) or (), terms_of(ratio.counted) or ()
    for term in counted:
        for other in total:
            made = example(term.selector.matchers, other.selector.matchers, group)
            if made is not None and not any(matches(made, one.selector.matchers) for one in total):
                return instance(made, "replica", "uncounted")
    return None


def _atoms(terms: tuple[Term, ...], group: Labels) -> list[Labels]:
    """List label sets worth trying: each selector's, alone and outside each of the others."""
    found: dict[Labels, None] = {}
    selected = [term.selector.matchers for term in terms]
    for wanted in selected:
        for unwanted in (None, *(other for other in selected if other != wanted)):
            made = example(wanted, unwanted, group)
            if made is not None:
                found[made] = None
    return list(found)


def weight_in(terms: tuple[Term, ...], atom: Labels) -> float:
    """Give how much a sum rises when one series rises by one."""
    return sum(term.factor for term in terms if matches(atom, term.selector.matchers))


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
