"""Expressions over data in, what the embedded engine makes of them out, in the same form as promtool's answers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from fuzz_promtool import Answer

from burnproof.promql import histogram_text
from burnproof.promql.evaluate import Options, evaluate
from burnproof.promql.labels import quote
from burnproof.promql.parse import PromqlSyntaxError, parse
from burnproof.promql.values import EvaluationError, Matrix, Scalar

if TYPE_CHECKING:
    from fuzz_promtool import Question

    from burnproof.promql.labels import Labels
    from burnproof.promql.series import Storage


def label_text(labels: Labels) -> str:
    """Give a label set as promtool prints it, the name among the labels."""
    return "{" + ", ".join(f"{name}={quote(value)}" for name, value in labels) + "}"


def answer(storage: Storage, question: Question, compat: int) -> Answer:
    """Evaluate one expression at one instant."""
    options = Options(compat=compat, subquery_step=60_000)
    try:
        result = evaluate(parse(question.expr), storage, np.array([question.at * 1000], dtype=np.int64), options)
    except EvaluationError as error:
        return Answer(error=error.message)
    except PromqlSyntaxError as error:
        return Answer(error=str(error))
    if result.failure is not None:
        return Answer(error=result.failure.message)
    if isinstance(result.value, Scalar):
        return Answer((("{}", number(result.value.values[0])),))
    assert isinstance(result.value, Matrix)
    return Answer(tuple(sorted(_samples(result.value))))


def _samples(matrix: Matrix) -> list[tuple[str, str]]:
    rows = []
    for row, labels in enumerate(matrix.labels):
        if matrix.present[row, 0]:
            histogram = None if matrix.histograms is None else matrix.histograms[row, 0]
            value = number(matrix.values[row, 0]) if histogram is None else histogram_text.notation(histogram)
            rows.append((label_text(labels), value))
    return rows


def number(value: float) -> str:
    """Give a float in promtool's words: shortest digits, exponent always."""
    if math.isnan(value) or math.isinf(value):
        return histogram_text.number(float(value))
    digits = repr(float(value))
    for precision in range(18):
        digits = f"{float(value):.{precision}E}"
        if float(digits) == value:
            break
    mantissa, _, exponent = digits.partition("E")
    return f"{mantissa}E{exponent[0]}{exponent[1:].zfill(2)}"
