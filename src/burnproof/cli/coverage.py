"""Run ``burnproof test --coverage``: show which parts of the rules the tests exercise."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from promrules.rule_tests.coverage import Coverage, cover_file
from promrules.rule_tests.coverage_report import written
from promrules.rule_tests.runner import CANNOT, find_files
from promrules.workers import LostWorkerError, mapped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from promrules.report_forms import Form
    from promrules.rule_tests.run import RunOptions


def covered(files: Sequence[str], options: RunOptions, form: Form, least: float, jobs: int) -> int:
    """Measure and print coverage.

    Args:
        files: rule-test files, or folders of them.
        options: how tests are run.
        form: how to write it.
        least: the share that must be exercised, 0 to 1.
        jobs: processes; 0 for one per processor.

    Returns:
        0 where enough is exercised, 1 where not, 2 where a file cannot be read.
    """
    whole = Coverage()
    try:
        for one in mapped(_cover, [(path, options) for path in find_files(files)], jobs):
            whole.add(one)
    except LostWorkerError as error:
        sys.stderr.write(f"burnproof: {error}\n")
        return CANNOT
    for said in whole.problems:
        sys.stderr.write(f"error: {said}\n")
    sys.stdout.write(written(whole, form))
    if whole.problems:
        return CANNOT
    return 0 if whole.share >= least else 1


def _cover(job: tuple[str, RunOptions]) -> Coverage:
    return cover_file(*job)
