"""The judge is built once, or its tests are skipped; scenarios that take long run only when `-m` asks for them."""

from __future__ import annotations

from pathlib import Path

import pytest
from judge import NoJudgeError, program


@pytest.fixture(scope="session", autouse=True)
def _built_judge() -> None:
    try:
        program()
    except NoJudgeError as problem:
        pytest.skip(str(problem))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out this folder's slow tests unless the marks to run are named: `make truth` runs them all."""
    if config.getoption("markexpr"):
        return
    here = Path(__file__).parent
    slow = [item for item in items if item.path.is_relative_to(here) and item.get_closest_marker("slow")]
    if slow:
        config.hook.pytest_deselected(items=slow)
        items[:] = [item for item in items if item not in set(slow)]
