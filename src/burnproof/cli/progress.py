"""Show a progress bar on stderr once steps take long."""

from __future__ import annotations

import sys
import threading
import time
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

PATIENCE = 1.0
"""Seconds of work before the bar appears; rich is not even imported for less."""


class Steps:
    """A bar over named steps, shown only on a terminal and only when the work takes long."""

    def __init__(self, names: Sequence[str], *, quiet: bool) -> None:
        self._names = tuple(names)
        self._at = 0
        self._bar: Any = None
        self._task: Any = None
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None
        if not quiet and sys.stderr.isatty():
            self._timer = threading.Timer(PATIENCE, self._appear)
            self._timer.daemon = True

    def __enter__(self) -> Self:
        """Start to wait."""
        if self._timer:
            self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Remove the bar without a trace."""
        if self._timer:
            self._timer.cancel()
        with self._lock:
            self._names = ()
            if self._bar is not None:
                self._bar.stop()

    def begin(self, name: str) -> None:
        """Note that a step begins, and with it that those before it are done."""
        with self._lock:
            if name in self._names:
                self._at = self._names.index(name)
            if self._bar is not None:
                self._bar.update(self._task, description=name, completed=self._at)

    def _appear(self) -> None:
        from rich.console import Console  # noqa: PLC0415 - slow to import, and seldom needed
        from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn  # noqa: PLC0415

        with self._lock:
            if not self._names:
                return
            columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
            self._bar = Progress(*columns, console=Console(stderr=True), transient=True)
            self._task = self._bar.add_task(self._names[self._at], total=len(self._names), completed=self._at)
            self._bar.start()


class Counted:
    """A bar over things that are done one after the other, with their number and the time left."""

    def __init__(self, what: str, total: int, *, quiet: bool) -> None:
        self._what, self._total, self._done = what, total, 0
        self._shown = not quiet and sys.stderr.isatty() and total > 1
        self._began = time.monotonic()
        self._bar: Any = None
        self._task: Any = None

    def __enter__(self) -> Self:
        """Start to count."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Remove the bar without a trace."""
        if self._bar is not None:
            self._bar.stop()

    def step(self) -> None:
        """Note that one more is done."""
        self._done += 1
        if self._shown and self._bar is None and time.monotonic() - self._began > PATIENCE:
            self._appear()
        if self._bar is not None:
            self._bar.update(self._task, completed=self._done)

    def _appear(self) -> None:
        from rich.console import Console  # noqa: PLC0415 - slow to import, and seldom needed
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn  # noqa: PLC0415

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        self._bar = Progress(*columns, console=Console(stderr=True), transient=True)
        self._task = self._bar.add_task(self._what, total=self._total, completed=self._done)
        self._bar.start()
