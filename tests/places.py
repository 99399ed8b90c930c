"""What tests share: where things are, how long to wait, and how much of what is exhaustive to try."""

from __future__ import annotations

import os
import random
import shutil
import time
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet
from hypothesis import settings

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared" / "data"
SEED = int(os.environ.setdefault("BURNPROOF_TEST_SEED", str(random.randrange(1_000_000))))
"""What samples are drawn by, the same in all processes of a run; its header tells it."""
PATIENCE = 600
"""Seconds after which a test gives up on what hangs; not a measure of anything, so that a busy machine is none."""


def promtools() -> list[Path]:
    """Every promtool found: the system's, and the current one that `make promtool` builds."""
    system = shutil.which("promtool")
    found = [Path(system)] if system else []
    built = ROOT / "build" / "promtool"
    return [*found, built] if os.access(built, os.X_OK) else found


def eventually(holds):
    """Wait until a function gives something true, however slow the machine is, and give that."""
    end = time.monotonic() + PATIENCE
    while not (found := holds()):
        assert time.monotonic() < end, "it never came"
        time.sleep(0.1)
    return found


def examples(wanted: int, least: int = 3) -> int:
    """Give how many random examples to try: so many in `make test-all`, a tenth, but some, in `make test`."""
    return max(least, wanted * settings.default.max_examples // 100)


def drawn(cases, count):
    """Mark all cases as slow, and all but ``count``, drawn by ``SEED``, as too many for one run of `make test-slow`."""
    chosen = set(random.Random(SEED).sample(range(len(cases)), min(count, len(cases))))
    return [_slow(case, *([] if number in chosen else [pytest.mark.exhaustive])) for number, case in enumerate(cases)]


def sampled(cases, every, first=0):
    """Mark all but each so many-th case as slow: `make test` tries the others, `make test-all` tries all.

    Cases that are made of several arguments are tuples, as `pytest.mark.parametrize` takes them.
    """
    return [case if number % every == first else _slow(case) for number, case in enumerate(cases)]


def _slow(case, *more):
    if isinstance(case, ParameterSet):
        return pytest.param(*case.values, id=case.id, marks=[*case.marks, pytest.mark.slow, *more])
    return pytest.param(*(case if isinstance(case, tuple) else (case,)), marks=[pytest.mark.slow, *more])
