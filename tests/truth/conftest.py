"""The judge is built once; where it cannot be, what needs it is skipped by name."""

from __future__ import annotations

import pytest
from judge import NoJudgeError, program


@pytest.fixture(scope="session", autouse=True)
def built_judge() -> None:
    """Build the judge, or skip."""
    try:
        program()
    except NoJudgeError as problem:
        pytest.skip(str(problem))
