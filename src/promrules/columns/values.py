"""What expressions evaluate to: columns over all steps at once, with a mask of what is present."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from promrules.syntax.labels import Labels

    Times = NDArray[np.int64]
    Floats = NDArray[np.float64]
    Mask = NDArray[np.bool_]
    Objects = NDArray[np.object_]


@dataclass(slots=True)
class Matrix:
    """An instant vector at every step.

    Attributes:
        labels: One label set per series.
        values: ``series x steps``; meaningless where not present or where a histogram stands.
        present: ``series x steps``, which cells hold a sample.
        histograms: ``series x steps`` objects, None where the sample is a float; None when all are floats.
        drop_name: Per series, whether its metric name is to be dropped at the end (delayed name removal).
        doubles: ``series x steps``, which cells hold a float (in ``values``) beside their histogram; None for none.
            Unary minus and the label functions may leave such cells: they join series of equal labels sample by
            sample. As a result of a query the histogram counts, to functions and operators the float.
    """

    labels: list[Labels]
    values: Floats
    present: Mask
    histograms: Objects | None = None
    drop_name: list[bool] | None = None
    doubles: Mask | None = None


@dataclass(slots=True)
class Scalar:
    """A number at every step, shape ``(steps,)``."""

    values: Floats


@dataclass(slots=True)
class String:
    """A string, the same at every step."""

    value: str


@dataclass(slots=True)
class RangeMatrix:
    """Range vectors: for series ``s`` and step ``k`` the samples ``lo[s, k]:hi[s, k]`` of the flat columns.

    Attributes:
        labels: One label set per series.
        times: All samples' milliseconds, series after series, staleness markers left out.
        values: The samples.
        histograms: Objects beside ``values``, None where a float stands; None when all are floats.
        lo: First sample of each window, ``series x steps``.
        hi: One past the last sample of each window, ``series x steps``.
        start: Left edge of each window in ms, shape ``(steps,)``, left out of it (``compat`` 2: part of it).
        end: Right edge, part of the window, shape ``(steps,)``.
        drop_name: As in ``Matrix``.
    """

    labels: list[Labels]
    times: Times
    values: Floats
    histograms: Objects | None
    lo: Times
    hi: Times
    start: Times
    end: Times
    drop_name: list[bool] | None = None


def holds_histogram(objects: Objects) -> Mask:
    """Tell, cell by cell, where a histogram stands (not None)."""
    mask: Mask = np.not_equal(objects, None).astype(bool)  # type: ignore[call-overload]
    return mask


Value = Matrix | Scalar | String | RangeMatrix


@dataclass(frozen=True, slots=True)
class Annotation:
    """A remark of the engine on a query.

    Attributes:
        level: ``warning`` or ``info``.
        message: The full text as Prometheus prints it, without position.
        span: Characters of the query text it is about.
    """

    level: str
    message: str
    span: tuple[int, int]


class EvaluationError(Exception):
    """A query that cannot be evaluated: ``message`` as Prometheus words it, ``step`` the first index that failed."""

    def __init__(self, message: str, step: int = 0) -> None:
        """Note the message and the first failing step."""
        super().__init__(message)
        self.message = message
        self.step = step


@dataclass(slots=True)
class Result:
    """The outcome of an evaluation.

    Attributes:
        value: Columns over all steps; those from ``failure.step`` on are meaningless.
        annotations: Warnings and infos, each text once, in the order of their appearance.
        failure: The first failure in time under instant semantics, None when every step succeeded.
    """

    value: Value
    annotations: list[Annotation] = field(default_factory=list)
    failure: EvaluationError | None = None
