"""Read OpenSLO's indicators as kinds of SLI, by the budgeting method."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from burnproof.importers.model import Sli
from burnproof.importers.openslo_objects import metric_below, query_of
from burnproof.importers.openslo_periods import slice_of
from burnproof.importers.reading import Keys, Shape, refused
from burnproof.importers.simplify import Counts, Found, of_events, of_ratio
from burnproof.importers.windows import STAND_IN_MS, Windowed, from_template, printed, with_ranges
from burnproof.model.decimals import plain
from burnproof.model.quantities import Duration, UnitError, number
from promrules.syntax.nodes import (
    Binary,
    Call,
    MatrixSelector,
    Node,
    NumberLiteral,
    Paren,
    Subquery,
    VectorSelector,
    unwrapped,
    walk,
)

if TYPE_CHECKING:
    from burnproof.importers.openslo_objects import Objects
    from burnproof.specs.source import Scalar

SLI: Final = Shape("SLI", ("thresholdMetric", "ratioMetric", "ratioMetrics"), {"description": ""})
OBJECTIVE: Final = Shape(
    "an objective",
    (
        "displayName", "op", "value", "target", "targetPercent", "timeSliceTarget", "timeSliceWindow",
        "indicator", "indicatorRef", "sli", "sliRef", "compositeWeight", "ratioMetrics",
    ),
)  # fmt: skip
_RATIO: Final = Shape("ratioMetric", ("counter", "incremental", "good", "bad", "total", "raw", "rawType"))
_OPS: Final = {"lt": "<", "lte": "<=", "gt": ">", "gte": ">="}
_MINUTE: Final = Duration(60_000)


@dataclass(frozen=True, slots=True)
class Method:
    """How a budget is spent.

    Attributes:
        name: Occurrences, Timeslices or RatioTimeslices.
        target: the share of a slice that must be good for the slice to be good; None where nothing is said.
        slice: the length of slices; None for events.
    """

    name: str
    target: Decimal | None = None
    slice: Duration | None = None


@dataclass(frozen=True, slots=True)
class Measured:
    """A kind of SLI, how it differs, and the slices that it is judged by."""

    found: Found
    slice: Duration | None = None


def method_of(name: str, objective: Keys) -> Method:
    """Read the budgeting method with what the objective says of slices.

    Raises:
        Refused: it is not known, or lacks the length of its slices.
    """
    target, window = objective.scalar("timeSliceTarget"), objective.scalar("timeSliceWindow")
    if name in ("Occurrences", ""):
        return Method("Occurrences")
    if name not in ("Timeslices", "RatioTimeslices"):
        message = f"the budgeting method {name} is not known"
        raise refused(message, objective.node.span(), "write Occurrences, Timeslices or RatioTimeslices")
    length = slice_of(window) if window is not None else _MINUTE
    if window is None:
        objective.notes.otherwise(objective.node, "it names no timeSliceWindow, so its slices are 1m", "write one")
    return Method(name, None if target is None else number_of(target), length)


def number_of(found: Scalar) -> Decimal:
    """Give a number.

    Raises:
        Refused: it is none.
    """
    try:
        return number(found.text)
    except UnitError as error:
        raise refused(error.message, found.span(), error.hint) from None


def measured(sli: Keys, objective: Keys, method: Method, objects: Objects) -> Measured:
    """Read an indicator.

    Raises:
        Refused: it cannot be carried over.
    """
    threshold = metric_below(sli, "thresholdMetric")
    ratio = sli.below(_RATIO, "ratioMetric", "ratioMetrics") or objective.below(_RATIO, "ratioMetrics")
    if (threshold is None) == (ratio is None):
        message = "an indicator is either a ratioMetric or a thresholdMetric"
        raise refused(message, sli.node.span(), "keep one of them")
    if ratio is not None:
        return _ratio(ratio, objective, method, objects)
    return _threshold(query_of(threshold, objects), objective, method)  # type: ignore[arg-type]  # one is there


# Ratios


def _ratio(ratio: Keys, objective: Keys, method: Method, objects: Objects) -> Measured:
    good, bad, total = (metric_below(ratio, name) for name in ("good", "bad", "total"))
    raw = metric_below(ratio, "raw")
    counter = ratio.flag("counter", "incremental")
    kind = ratio.text("rawType")
    ratio.done()
    objective.seen |= {"op", "value"}  # they compare values, which a ratio has not
    if raw is not None:
        return _raw(query_of(raw, objects), method, success=kind != "failure")
    counted = good or bad
    if counted is None or total is None:
        raise refused("a ratioMetric is good or bad, and total", ratio.node.span(), "OpenSLO needs both, too")
    counts: Counts = "good" if good is not None else "bad"
    some, every = (with_ranges(query_of(one, objects), "OpenSLO", counter=counter) for one in (counted, total))
    notes = tuple(
        (note, "give the query with its range, where another is meant") for note in (some.notes or every.notes)
    )
    if method.name == "Timeslices":
        return _slices(_share(unwrapped(some.tree), unwrapped(every.tree)), counts, method, notes)
    found = of_events(some, counts, every)
    if method.name == "RatioTimeslices":
        tree = Binary("/", Paren(some.tree), Paren(every.tree))
        found = of_ratio_evenly(Windowed(printed(tree), tree, some.source), counts)
        notes = (*notes, _mean_note(method))
        return Measured(Found(found.sli, notes))
    return Measured(Found(found.sli, (*notes, *found.notes)))


def _mean_note(method: Method) -> tuple[str, str]:
    message = (
        f"its budget is the mean of slices of {method.slice}, each of which counts the same; here every evaluation "
        "does, and windows of more than 6h are means of 5m"
    )
    return message, "with budgetingMethod Occurrences every event counts the same"


def of_ratio_evenly(ratio: Windowed, counts: str) -> Found:
    """Let each moment count the same: the share itself is what is added up."""
    share = f"({ratio.text})"
    return Found(Sli("ratio", (("total", f"count({share} >= 0)"), (counts, f"sum({share} >= 0)"))))


def _raw(query: Scalar, method: Method, *, success: bool) -> Measured:
    """Read a share that is recorded somewhere, or written as a quotient."""
    read = from_template(query, "OpenSLO")
    notes: tuple[tuple[str, str], ...] = ()
    ranges = [node for node in walk(read.tree) if isinstance(node, MatrixSelector | Subquery)]
    if not ranges:
        tree = Call("avg_over_time", (_over(read.tree),))
        read = Windowed(printed(tree), tree, query)
        notes = (("it had no range, and is the mean over the window", "give the query with its range"),)
    elif not any(node.range == STAND_IN_MS for node in ranges):
        read = with_ranges(query, "OpenSLO", counter=None)
        notes = tuple((note, "give the query with its range") for note in read.notes)
    if method.name == "Timeslices":
        return _slices(read.tree, "good" if success else "bad", method, notes)
    found = of_ratio(read, "good" if success else "bad")
    notes = (*notes, _mean_note(method)) if method.name == "RatioTimeslices" else (*notes, *found.notes)
    return Measured(Found(found.sli, notes))


def _over(node: Node) -> MatrixSelector | Subquery:
    inner = unwrapped(node)
    return (
        MatrixSelector(inner, STAND_IN_MS) if isinstance(inner, VectorSelector) else Subquery(Paren(inner), STAND_IN_MS)
    )


def _share(some: Node, every: Node) -> Node:
    """Divide, with no share while nothing happens, and a share of 0 where what is counted is missing."""
    filled = Paren(Binary("or", some, Binary("*", NumberLiteral(0), every)))
    return Binary("/", filled, Paren(Binary(">", every, NumberLiteral(0))))


def _slices(share: Node, counts: str, method: Method, notes: tuple[tuple[str, str], ...]) -> Measured:
    """Judge slices by the share of good or bad events in them."""
    target = method.target
    if target is None:
        target = Decimal(1)
        notes = (*notes, ("it names no timeSliceTarget, so all of a slice must be good", "write one"))
    op, bound = (">=", target) if counts == "good" else ("<=", 1 - target)
    keys = (("value", printed(share)), ("op", op), ("bound", plain(bound)), ("slice", str(method.slice)))
    return Measured(Found(Sli("threshold", keys), notes), method.slice)


# Values


def _threshold(query: Scalar, objective: Keys, method: Method) -> Measured:
    read = from_template(query, "OpenSLO")
    op, value = objective.needed("op"), objective.needed("value")
    symbol = _OPS.get(op.text.strip().lower())
    if symbol is None:
        raise refused(f"the comparison {op.text.strip()} is not known", op.span(), "write lt, lte, gt or gte")
    bound = plain(number_of(value))
    length = method.slice
    notes: tuple[tuple[str, str], ...] = ()
    if length is None or method.name == "RatioTimeslices":
        length = length or _MINUTE
        notes = ((f"each slice of {length} is one occurrence of the value", "with Timeslices its length is yours"),)
    target = method.target
    if target is None or target >= 1 or method.name != "Timeslices":
        keys = (("value", read.text), ("op", symbol), ("bound", bound), ("slice", str(length)))
        return Measured(Found(Sli("threshold", keys), notes), length)
    # The share of looks within a slice at which the value keeps its bound.
    kept = Binary(symbol, Paren(read.tree), NumberLiteral(float(bound)), return_bool=True)
    share = printed(Call("avg_over_time", (Subquery(Paren(kept), STAND_IN_MS),)))
    keys = (("value", share), ("op", ">="), ("bound", plain(target)), ("slice", str(length)))
    return Measured(Found(Sli("threshold", keys), notes), length)
