"""The functions of the public API: evaluate an expression, run rule tests, measure them by mutation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from promrules.columns.series import Storage
from promrules.columns.values import EvaluationError, Matrix, Scalar
from promrules.engine import Options
from promrules.engine import evaluate as evaluate_columns
from promrules.go_templates.durations import parse_duration
from promrules.mutation.run import run
from promrules.mutation.subjects import find_subjects
from promrules.prometheus_scripts.series_notation import as_series, parse_series
from promrules.rule_tests.engine_choice import Engine, Job, run_files
from promrules.rule_tests.run import RunOptions
from promrules.rule_tests.runner import find_files
from promrules.syntax.labels import labels_of
from promrules.syntax.parse import parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from os import PathLike

    from promrules.histograms.value import Histogram
    from promrules.mutation.run import Score
    from promrules.rule_tests.verdicts import FileResult

    Path = str | PathLike[str]


@dataclass(frozen=True, slots=True)
class Sample:
    """One sample of a result: its labels (the metric name as ``__name__``), a float or a native histogram."""

    labels: dict[str, str]
    value: float | Histogram


def evaluate(
    expr: str, series: Mapping[str, str], at: str = "0s", *, interval: str = "1m", compat: int = 3
) -> list[Sample]:
    """Evaluate an expression as one instant query; a scalar is one sample without labels.

    Args:
        expr: PromQL.
        series: Values by series, in the notation of promtool's ``input_series``: ``{"up{job='a'}": "1x9 0 _ 1"}``.
        at: The time of the query as a Prometheus duration since the first sample, ``1h30m``.
        interval: The time between samples.
        compat: 3 for the semantics of Prometheus 3.x, 2 for 2.x.

    Raises:
        PromqlSyntaxError: ``expr`` or a series cannot be read.
        EvaluationError: the query fails, or gives a string or a range vector.
        DurationError: ``at`` or ``interval`` is no duration.
    """
    step = parse_duration(interval)
    storage = Storage(as_series(*parse_series(f"{name} {values}"), step) for name, values in series.items())
    result = evaluate_columns(
        parse(expr), storage, np.array([parse_duration(at)], dtype=np.int64), Options(compat=compat)
    )
    if result.failure is not None:
        raise result.failure
    value = result.value
    if isinstance(value, Scalar):
        return [Sample({}, float(value.values[0]))]
    if not isinstance(value, Matrix):
        raise EvaluationError("the result is neither an instant vector nor a scalar")
    return [
        Sample(dict(labels_of(labels)), _cell(value, row))
        for row, labels in enumerate(value.labels)
        if value.present[row, 0]
    ]


def _cell(matrix: Matrix, row: int) -> float | Histogram:
    histogram: Histogram | None = None if matrix.histograms is None else matrix.histograms[row, 0]
    return float(matrix.values[row, 0]) if histogram is None else histogram


def run_tests(files: Iterable[Path], options: RunOptions | None = None, *, jobs: int = 1) -> list[FileResult]:
    """Run rule-test files, in the format of ``promtool test rules``, or folders of them; give a result for each file.

    Args:
        files: paths.
        options: how tests are run.
        jobs: processes that may work; 0 for as many as pay. More than one needs a guarded ``__main__``, as with
            ``multiprocessing``.

    Raises:
        OSError: a file cannot be read.
        UsageError: a path is no file, or a folder without test files.
    """
    paths = list(find_files([str(file) for file in files]))
    results = []
    for result in run_files(paths, Job(Engine.EMBEDDED, options or RunOptions()), jobs):
        if isinstance(result, OSError):
            raise result
        results.append(result)
    return results


def mutate(rules: Iterable[Path], tests: Iterable[Path], *, jobs: int = 0) -> Score:
    """Change rules one at a time and run the tests on each change; the score names the changes no test notices.

    Args:
        rules: rule files to change, or folders of them.
        tests: rule-test files, or folders; each is run with the rule files it names.
        jobs: processes; 0 for one per processor.

    Raises:
        FileProblems: a file is broken or missing.
    """
    return run(find_subjects(map(str, rules), map(str, tests)), jobs=jobs)
