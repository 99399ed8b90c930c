"""What takes long to make, made once for all processes of a test run."""

from __future__ import annotations

import fcntl
import os
import pickle
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest


def folder_of_the_run(temporary: pytest.TempPathFactory) -> Path:
    """Give the folder that all workers of pytest-xdist share."""
    folder = temporary.getbasetemp()
    return folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder


def made_once(folder: Path, name: str, make: Callable[[], Any]) -> Any:
    """Give what ``make`` makes, from its pickle where another process has made it already."""
    folder.mkdir(exist_ok=True)
    kept = folder / f"{name}.made"
    with (folder / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            made = make()
            kept.write_bytes(pickle.dumps(made))
            return made
    return pickle.loads(kept.read_bytes())  # noqa: S301 - written by this very test run
