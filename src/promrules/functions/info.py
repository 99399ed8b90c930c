"""info(v, {…}): add the labels of info metrics (``target_info``) to the series of the same instance and job."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from promrules.columns.matrices import drops, merged
from promrules.columns.selectors import anchor, duration, instant_vector
from promrules.columns.values import EvaluationError, Matrix
from promrules.syntax.labels import NAME, get, is_empty_matching, keep, predicate
from promrules.syntax.nodes import Matcher, MatchOp, Subquery, VectorSelector, children, unwrapped

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from promrules.columns.calls import Engine
    from promrules.columns.frame import Frame
    from promrules.columns.values import Mask
    from promrules.syntax.labels import Labels
    from promrules.syntax.nodes import Call, Node

    Choice = NDArray[np.int64]

_IDENTIFYING: Final = frozenset({"instance", "job"})
_ANY: Final = Matcher(NAME, MatchOp.REGEX, ".+_info")
_DEFAULT: Final = Matcher(NAME, MatchOp.EQUAL, "target_info")


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What the second argument asks for.

    Attributes:
        names: Matchers on the info metric's name; none written stands for ``target_info``.
        data: Matchers on the labels to be added, all labels if there are none.
        given: Whether there is a second argument.
    """

    names: tuple[Matcher, ...]
    data: tuple[Matcher, ...]
    given: bool

    def is_source(self, labels: Labels) -> bool:
        """Tell whether a series is itself an info series of this call, which is left as it is."""
        names = self.names if self.given else (_DEFAULT,)
        return bool(names) and all(predicate(matcher)(get(labels, NAME)) for matcher in names)

    @property
    def selector(self) -> VectorSelector:
        """Select the info series."""
        return VectorSelector((*(self.names or (_DEFAULT,)), *self.data))

    def added(self, base: Labels, sources: list[Labels]) -> Labels:
        """Give ``base`` with the labels of its info series.

        Raises:
            EvaluationError: two info series differ in a label.
        """
        wanted = {matcher.name for matcher in self.data}
        own = {name for name, _ in base}
        found: dict[str, str] = {}
        for source in sources:
            for name, value in source:
                if name == NAME or (wanted and name not in wanted):
                    continue
                if found.setdefault(name, value) != value:
                    raise EvaluationError(f"conflicting label: {name}")
        return tuple(sorted((*base, *((name, value) for name, value in found.items() if name not in own))))


def info(engine: Engine, node: Call, frame: Frame) -> Matrix:
    """Evaluate ``info``; info series are looked up where the argument's own samples come from."""
    base = engine.vector(node.args[0], frame)
    wanted = _wanted(node)
    times = _reference(node.args[0], frame)
    sources = instant_vector(wanted.selector, engine.ctx, replace(frame, times=times), timestamps=True)
    _refuse_histograms(engine, wanted, replace(frame, times=times))
    rows: list[tuple[int, Labels, Mask]] = []
    for row, labels in enumerate(base.labels):
        if wanted.is_source(labels):
            rows.append((row, labels, base.present[row]))
        else:
            rows += [(row, *part) for part in _enriched(engine, frame, base, row, sources, wanted)]
    return _assembled(engine, frame, base, rows)


def _wanted(node: Call) -> _Wanted:
    """Read the second argument."""
    if len(node.args) < 2:
        return _Wanted((), (), given=False)
    selector = unwrapped(node.args[1])
    matchers = selector.matchers if isinstance(selector, VectorSelector) else ()
    names = tuple(matcher for matcher in matchers if matcher.name == NAME)
    if names and all(matcher.op in (MatchOp.NOT_EQUAL, MatchOp.NOT_REGEX) for matcher in names):
        names = (*names, _ANY)  # what is merely excluded leaves all info metrics, not all metrics
    return _Wanted(names, tuple(matcher for matcher in matchers if matcher.name != NAME), given=True)


def _reference(node: Node, frame: Frame) -> NDArray[np.int64]:
    """Follow ``@`` and ``offset`` down to the first selector."""
    times = frame.times
    stack: list[tuple[Node, NDArray[np.int64]]] = [(node, times)]
    while stack:
        item, times = stack.pop()
        if isinstance(item, VectorSelector | Subquery):
            times = anchor(item.at, duration(item.offset, frame), replace(frame, times=times))
            if isinstance(item, VectorSelector):
                return times
        stack.extend((child, times) for child in reversed(children(item)))
    return frame.times


def _refuse_histograms(engine: Engine, wanted: _Wanted, frame: Frame) -> None:
    """Info metrics are floats by convention."""
    found = instant_vector(wanted.selector, engine.ctx, frame)
    if found.histograms is not None:
        raise EvaluationError("info sample should be float")


def _enriched(
    engine: Engine, frame: Frame, base: Matrix, row: int, sources: Matrix, wanted: _Wanted
) -> list[tuple[Labels, Mask]]:
    """Give the label sets a row takes on, with the columns where it does."""
    labels, present = base.labels[row], base.present[row]
    own = keep(labels, _IDENTIFYING)
    by_name: dict[str, list[int]] = {}
    for place, source in enumerate(sources.labels):
        if own and keep(source, _IDENTIFYING) == own:
            by_name.setdefault(get(source, NAME), []).append(place)
    choices = [_newest(engine, frame, sources, places, present) for places in by_name.values()]
    if not choices:
        unmatched_stays = all(is_empty_matching(matcher) for matcher in wanted.data)
        return [(labels, present)] if unmatched_stays else []
    patterns, which = np.unique(np.array(choices), axis=1, return_inverse=True)
    which = which.reshape(-1)
    parts: list[tuple[Labels, Mask]] = []
    for index in range(patterns.shape[1]):
        mask = present & (which == index)
        chosen = [sources.labels[place] for place in patterns[:, index].tolist() if place >= 0]
        if not mask.any() or (not chosen and not all(is_empty_matching(matcher) for matcher in wanted.data)):
            continue
        try:
            parts.append((wanted.added(labels, chosen), mask))
        except EvaluationError as error:
            engine.ctx.fail(frame, mask, error.message)
    return parts


def _newest(engine: Engine, frame: Frame, sources: Matrix, places: list[int], present: Mask) -> Choice:
    """Choose, column by column, the info series with the newest sample; -1 where there is none."""
    there = sources.present[places]
    taken = np.where(there, sources.values[places], -np.inf)
    best = taken.max(axis=0)
    tied = ((taken == best) & there).sum(axis=0) > 1
    engine.ctx.fail(frame, tied & present, "found duplicate series for info metric")
    return np.where(there.any(axis=0), np.array(places)[taken.argmax(axis=0)], -1)


def _assembled(engine: Engine, frame: Frame, base: Matrix, rows: list[tuple[int, Labels, Mask]]) -> Matrix:
    """Build the result from rows of the base vector under their new labels."""
    index = [row for row, _, _ in rows]
    flags = drops(base)
    histograms = None if base.histograms is None else base.histograms[index]
    present = np.array([mask for _, _, mask in rows], dtype=bool).reshape(len(rows), frame.size)
    labels = [labels for _, labels, _ in rows]
    result = Matrix(labels, base.values[index], present, histograms, [flags[row] for row in index])
    return merged(result, engine.ctx, frame)
