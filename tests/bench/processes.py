"""Commands to figures: elapsed and processor time, and the memory of a process together with those it starts."""

from __future__ import annotations

import contextlib
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ROOT = Path(__file__).resolve().parents[2]
BURNPROOF = (sys.executable, "-m", "burnproof")
_EVERY = 0.02


@dataclass(frozen=True, slots=True)
class Timing:
    """What a command took: medians in seconds, the peak in MB (proportional share of all its processes), its exit."""

    elapsed: float
    cpu: float
    peak_mb: float
    passed: bool


def environment() -> dict[str, str]:
    """Give an environment in which Python keeps compiled modules, as pip installs them, in a folder of its own."""
    kept = Path(tempfile.gettempdir()) / f"burnproof-bench-{os.getuid()}"
    given = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "PYTHONPYCACHEPREFIX": str(kept)}
    given.pop("PYTHONDONTWRITEBYTECODE", None)
    return given


def measure(
    command: Sequence[str],
    folder: Path,
    *,
    runs: int = 3,
    patience: float = 86_400,
    before: Callable[[], object] = lambda: None,
    variables: dict[str, str] | None = None,
) -> Timing | None:
    """Run a command some times; None when one run takes longer than ``patience`` seconds.

    Args:
        command: program and arguments.
        folder: where to run it.
        runs: how often.
        patience: seconds after which it is stopped.
        before: called before each run, and not measured.
        variables: added to the environment.
    """
    timings = []
    for _ in range(runs):
        before()
        timing = _once(command, folder, patience, environment() | (variables or {}))
        if timing is None:
            return None
        timings.append(timing)
    return Timing(
        statistics.median(timing.elapsed for timing in timings),
        statistics.median(timing.cpu for timing in timings),
        max(timing.peak_mb for timing in timings),
        all(timing.passed for timing in timings),
    )


def _once(command: Sequence[str], folder: Path, patience: float, variables: dict[str, str]) -> Timing | None:
    began = time.perf_counter()
    process = subprocess.Popen(  # wait4 below is the only call that tells its own memory and time
        command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=variables
    )
    watch = threading.Timer(patience, process.kill)
    watch.start()
    memory = _Memory(process.pid)
    memory.start()
    _, status, usage = os.wait4(process.pid, 0)
    elapsed = time.perf_counter() - began
    watch.cancel()
    memory.end()
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode < 0:
        return None
    alone = usage.ru_maxrss / 1024  # of the largest process; sampling may miss the peak of a short run
    return Timing(elapsed, usage.ru_utime + usage.ru_stime, max(memory.peak_mb, alone), process.returncode == 0)


class _Memory(threading.Thread):
    """Looks at a process and its children again and again."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.peak_mb = 0.0
        self._pid = pid
        self._over = threading.Event()

    def run(self) -> None:
        while not self._over.wait(_EVERY):
            self.peak_mb = max(self.peak_mb, sum(map(_share, _tree(self._pid))) / 1024)

    def end(self) -> None:
        self._over.set()
        self.join()


def _tree(pid: int) -> list[int]:
    found = [pid]
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                found += _tree(int(child))
    return found


def _share(pid: int) -> int:
    """Give a process's proportional share of memory in KB."""
    with contextlib.suppress(OSError, StopIteration, ValueError):
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        return int(next(line for line in lines if line.startswith("Pss:")).split()[1])
    return 0


def shown(name: str, program: str, timing: Timing | None, note: str = "") -> None:
    """Print a line of figures."""
    if timing is None:
        sys.stdout.write(f"{name:30}{program:20}  took too long  {note}\n")
    else:
        verdict = "" if timing.passed else "FAILED "
        figures = f"{timing.elapsed:8.2f} s{timing.cpu:8.2f} s{timing.peak_mb:7.0f} MB"
        sys.stdout.write(f"{name:30}{program:20}{figures}  {verdict}{note}\n")
    sys.stdout.flush()


HEADER = f"{'case':30}{'program':20}{'elapsed':>10}{'cpu':>10}{'memory':>10}\n"
