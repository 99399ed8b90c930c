"""Expressions over data in, what the embedded engine makes of them out, in the same form as promtool's answers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from fuzz_promtool import Answer

from promrules.columns.values import EvaluationError, Matrix, Scalar
from promrules.engine import Options, evaluate
from promrules.histograms import notation as histogram_text
from promrules.syntax.go_float import number as go_number
from promrules.syntax.labels import is_legacy_name, quote
from promrules.syntax.parse import PromqlSyntaxError, parse

if TYPE_CHECKING:
    from fuzz_promtool import Question

    from promrules.columns.series import Storage
    from promrules.syntax.labels import Labels


def label_text(labels: Labels) -> str:
    """Give a label set as promtool prints it, the name among the labels."""
    return "{" + ", ".join(f"{_name(name)}={quote(value)}" for name, value in labels) + "}"


def _name(name: str) -> str:
    return name if is_legacy_name(name) else quote(name)


AROUND = np.array([-301_000, -120_000, -60_000, -15_000, 0, 1_000, 60_000, 240_000], dtype=np.int64)
"""Other steps, ms, that are evaluated together with the one in question; none may disturb it."""


def answer(storage: Storage, question: Question, compat: int) -> Answer:
    """Evaluate one expression as one column among several, or alone if it fails before that column."""
    at, place = question.at * 1000, int(np.flatnonzero(AROUND == 0)[0])
    options = Options(compat=compat, subquery_step=60_000)
    try:
        node = parse(question.expr)
        result = evaluate(node, storage, at + AROUND, options)
        if result.failure is not None and result.failure.step < place:
            result, place = evaluate(node, storage, np.array([at], dtype=np.int64), options), 0
    except (EvaluationError, PromqlSyntaxError) as error:
        return Answer(error=str(error))
    if result.failure is not None and result.failure.step <= place:
        return Answer(error=result.failure.message)
    if isinstance(result.value, Scalar):
        return Answer((("{}", number(result.value.values[place])),))
    assert isinstance(result.value, Matrix)
    return Answer(tuple(sorted(_samples(result.value, place))))


def _samples(matrix: Matrix, column: int) -> list[tuple[str, str]]:
    rows = []
    for row, labels in enumerate(matrix.labels):
        if matrix.present[row, column]:
            histogram = None if matrix.histograms is None else matrix.histograms[row, column]
            value = number(matrix.values[row, column]) if histogram is None else histogram_text.notation(histogram)
            rows.append((label_text(labels), value))
    return rows


def number(value: float) -> str:
    """Give a float in promtool's words: shortest digits, exponent always."""
    if math.isnan(value) or math.isinf(value):
        return go_number(float(value))
    digits = repr(float(value))
    for precision in range(18):
        digits = f"{float(value):.{precision}E}"
        if float(digits) == value:
            break
    mantissa, _, exponent = digits.partition("E")
    return f"{mantissa}E{exponent[0]}{exponent[1:].zfill(2)}"
