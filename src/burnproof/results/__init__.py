"""Result files of load tests and CI to readings: numbers that know their unit and their samples.

``read_results`` is the whole door: paths in, one ``Result`` a file out, never raising for what a file holds. A file
that is empty, truncated or of a run in which nothing succeeded still gives a result, one with a ``fault``, so that
no gate can take it for a good one.
"""

from __future__ import annotations

from burnproof.results.formats import read_result, read_results, result_from_text
from burnproof.results.model import Reading, Result, Run, Sample
from burnproof.results.quantities import Dimension, Quantity, QuantityError, Unit, quantity, unit
from burnproof.results.record import RunRecord, record_name
from burnproof.results.streaming import StreamingReport

__all__ = [
    "Dimension", "Quantity", "QuantityError", "Reading", "Result", "Run", "RunRecord", "Sample", "StreamingReport",
    "Unit", "quantity", "read_result", "read_results", "record_name", "result_from_text", "unit",
]  # fmt: skip
