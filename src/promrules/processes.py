"""Ends of processes: SIGTERM as orderly as Ctrl-C, steps that no signal parts, workers and files that go in time."""

from __future__ import annotations

import contextlib
import hashlib
import os
import platform
import shutil
import signal
import threading
import time
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

TERMINATED = 143
"""What shells give for a program ended by SIGTERM."""
GRACE = 1.0
"""Seconds that a worker has to remove its temporary files."""


@contextlib.contextmanager
def orderly_end() -> Iterator[None]:
    """Have SIGTERM raise SystemExit, so that temporary files go and workers end; whoever has a handler keeps it."""
    if not _in_charge() or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield
        return
    signal.signal(signal.SIGTERM, _end)
    try:
        yield
    finally:
        if signal.getsignal(signal.SIGTERM) is _end:  # not where it came: a second one does not disturb the clearing up
            signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _end(_number: int, _frame: FrameType | None) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise SystemExit(TERMINATED)


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """Keep Ctrl-C and SIGTERM back until the block is done."""
    if not _in_charge():
        yield
        return
    came: list[int] = []
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, lambda at, _: came.append(at)) for number in numbers}
    try:
        yield
    finally:
        for number in numbers:
            signal.signal(number, before[number])
    for one in dict.fromkeys(came):
        signal.raise_signal(one)


def _in_charge() -> bool:
    """Tell whether this is the thread that signals come to."""
    return threading.current_thread() is threading.main_thread()


def begin_worker(folder: str = "") -> None:
    """Make this process a worker: Ctrl-C is for its parent, and it ends once its parent is gone, however that went.

    Args:
        folder: goes with the parent, too.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _leave)
    parent = import_module("multiprocessing").parent_process()
    threading.Thread(target=_end_with, args=(parent, folder), daemon=True).start()


def _leave(_number: int, _frame: FrameType | None) -> None:
    """End for good after the grace: what runs may take any exception for its own.

    The kernel sees to that, since no thread can be started where the signal came while one was being started.
    """
    if hasattr(signal, "setitimer"):
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, GRACE)
    raise SystemExit(TERMINATED)


def _end_with(parent: Any, folder: str) -> None:
    parent.join()  # no deadline: it lasts as long as the parent does
    _remove(folder)  # first, since a process that is idle ends at once, and with it this thread
    if hasattr(signal, "pthread_kill"):
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGTERM)
    time.sleep(GRACE)
    os._exit(TERMINATED)


def _remove(folder: str) -> None:
    """Remove a folder into which others may still be writing; once it is gone they cannot."""
    for _ in range(100):
        if not folder or not Path(folder).exists():
            return
        shutil.rmtree(folder, ignore_errors=True)


def signature() -> str:
    """Give this process's name for its temporary files: where its number means something, and the number."""
    return f"{_here()}-{os.getpid()}"


def is_gone(owner: str) -> bool:
    """Tell whether a process with this signature ran here and does so no more; False where that cannot be told."""
    here, _, number = owner.rpartition("-")
    if here != _here() or not number.isdigit() or os.name == "nt":  # where asking for a process by signal would end it
        return False
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except (OSError, OverflowError):
        return False
    return False


@lru_cache(maxsize=1)
def _here() -> str:
    """Name this machine and, within it, this container: elsewhere the same number is another process."""
    try:
        space = str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        space = ""
    return hashlib.sha256(f"{platform.node()} {space}".encode()).hexdigest()[:8]
