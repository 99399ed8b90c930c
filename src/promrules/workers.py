"""Do one thing to many items in several processes: results come in the order of the items, and nothing delays the end.

Not by ``concurrent.futures``: its pool waits without a deadline for threads that can be blocked on a pipe for ever.
Before Python 3.11.5 that is a thread with more to send than a pipe holds; in every Python, one that got half of a
result from a process that was then killed. Here each process has a pipe of its own, whose end is that of the process.
"""

from __future__ import annotations

import contextlib
import os
import time
import traceback
from importlib import import_module
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

from promrules.processes import GRACE, TERMINATED, begin_worker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

_T = TypeVar("_T")
_R = TypeVar("_R")
_WORTH = 4
"""Fewer items than that are done sooner than further processes begin."""
_LEAVE = 30.0
"""Seconds that a process has to leave once it has nothing more to do; on a loaded machine that takes one or two."""


class LostWorkerError(Exception):
    """A process ended in the middle of its work: somebody, or the system for want of memory, killed it."""


def processors() -> int:
    """Give how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def mapped(function: Callable[[_T], _R], items: Sequence[_T], processes: int = 0) -> Iterator[_R]:
    """Do one thing to many items, in several processes where there are enough; results come in the order of the items.

    Raises what the function raises, and LostWorkerError.

    Args:
        function: what to do to each item; it, items and results travel by pickle.
        items: what to do it to.
        processes: how many may work; 0 for one per processor.
    """
    count = min(processes or processors(), len(items))
    if count < 2 or len(items) < _WORTH:
        yield from map(function, items)
        return
    with workers(function, items, count) as results:
        yield from results


@contextlib.contextmanager
def workers(
    function: Callable[[_T], _R],
    items: Sequence[_T],
    processes: int,
    how: str | None = None,
    begin: Callable[..., None] | None = None,
    arguments: tuple[Any, ...] = (),
    folder: str = "",
) -> Iterator[Iterator[_R]]:
    """Start processes and give an iterator over the results; an exception that leaves the block ends them at once.

    The iterator raises what the function raised, and LostWorkerError.

    Args:
        function: what to do to each item; it, items and results travel by pickle.
        items: what to do it to.
        processes: how many; never more than there are items.
        how: the way they start, None for Python's own choice.
        begin: is called first in each, with the arguments.
        arguments: of ``begin``.
        folder: what the last of them removes where their parent is gone.
    """
    multiprocessing = import_module("multiprocessing")
    context = multiprocessing.get_context(how)
    started: dict[Connection, BaseProcess] = {}
    try:
        for _ in range(min(processes, len(items))):
            here, there = context.Pipe()
            process = context.Process(target=_work, args=(there, function, begin, arguments, folder), daemon=True)
            started[here] = process
            process.start()
            there.close()  # so that the end of the process is the end of the pipe, and no later process inherits it
        yield _results(items, list(started))
        for here in started:
            with contextlib.suppress(OSError):
                here.send(None)
        end_processes(started.values(), _LEAVE)
    finally:
        end_processes(started.values())
        for here in started:
            here.close()


def _results(items: Sequence[_T], free: list[Connection]) -> Iterator[_R]:
    """Hand out the items one by one, and yield the results in their order."""
    wait = import_module("multiprocessing.connection").wait
    waiting = iter(enumerate(items))
    at_work: dict[Connection, int] = {}
    done: dict[int, tuple[bool, Any]] = {}
    for number in range(len(items)):
        while number not in done:
            try:
                for here, (given, item) in zip(tuple(free), islice(waiting, len(free)), strict=False):
                    here.send((item,))
                    free.remove(here)
                    at_work[here] = given
                # No deadline: work may last. Both its end and the death of its process end the wait.
                for here in wait(list(at_work)):
                    done[at_work[here]] = here.recv()
                    free.append(here)
                    del at_work[here]
            except (EOFError, OSError):
                raise LostWorkerError("a process ended in the middle of its work") from None
        succeeded, result = done.pop(number)
        if not succeeded:
            raise result
        yield result


def _work(
    pipe: Connection,
    function: Callable[[_T], _R],
    begin: Callable[..., None] | None,
    arguments: tuple[Any, ...],
    folder: str,
) -> None:
    """Be a worker: answer each item until None comes."""
    try:
        begin_worker(folder)
        if begin is not None:
            begin(*arguments)
    except SystemExit:  # a signal that came so early: there is nothing to clear up
        os._exit(TERMINATED)
    while (order := pipe.recv()) is not None:
        try:
            answer: tuple[bool, Any] = (True, function(*order))
        except Exception as error:  # noqa: BLE001 - whatever it is, it is raised where the results are read
            error.add_note(f"In a process of its own:\n{traceback.format_exc()}")
            answer = (False, error)
        pipe.send(answer)


def end_processes(processes: Iterable[BaseProcess], patience: float = 0.0) -> None:
    """Wait so many seconds for processes to end by themselves; those that do not get SIGTERM, then SIGKILL."""
    left = _still_there([process for process in processes if process.pid is not None], patience)
    for process in left:
        process.terminate()
    left = _still_there(left, 3 * GRACE)
    for process in left:
        process.kill()
    _still_there(left, _LEAVE)


def _still_there(processes: list[BaseProcess], seconds: float) -> list[BaseProcess]:
    """Give those of the processes that still run after so many seconds."""
    end = time.monotonic() + seconds
    for process in processes:
        process.join(max(0.0, end - time.monotonic()))
    return [process for process in processes if process.is_alive()]
