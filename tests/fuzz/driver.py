"""Run mutated inputs through burnproof, and keep those that crash it, hang it, fill memory or print a secret.

``python tests/fuzz/driver.py specs --seed 1 --count 100000`` runs so many; ``make fuzz`` runs each kind for a while. An
input is made of a seed and its number alone, so that each can be made again. Inputs run in a child process, some
hundreds in each: what ends a child is put down to the input that it was at, and the next child goes on behind it.
"""

from __future__ import annotations

import argparse
import contextlib
import mmap
import os
import random
import resource
import shutil
import signal
import struct
import sys
import tempfile
import time
import traceback
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parent))

from mutators import mutated
from targets import TARGETS, TOKEN, Target

if TYPE_CHECKING:
    from collections.abc import Iterator

FOUND = Path(__file__).parent / "found"
"""Inputs that were at fault once: a folder each, whose name begins with the target's; the suite tries all of them."""
BATCH = 100
HANG = 5.0
"""Seconds of processor time for one input."""
SILENT = 300.0
"""Seconds without progress after which a child is taken for stuck outside of Python."""
MEMORY = 1 << 30
"""Bytes that a child may take."""


class HangError(BaseException):
    """An input took too long; no ``except Exception`` catches it."""


@dataclass
class Outcome:
    """What a run found.

    Attributes:
        tried: how many inputs were run.
        faults: one line for each kind of fault -> the number of the first input that showed it.
        peak: the most bytes that a child took.
        slowest: processor seconds of the slowest input.
    """

    tried: int = 0
    faults: dict[str, int] = field(default_factory=dict)
    peak: int = 0
    slowest: float = 0.0


def made(target: Target, seed: int, number: int) -> dict[str, str]:
    """Make an input: a sample with one of its files changed."""
    rng = random.Random(f"{target.name}/{seed}/{number}")
    samples = target.samples()
    files = dict(rng.choice(samples))
    name = rng.choice([*files, next(iter(files))])
    others = [rng.choice(samples)[name] for _ in range(3)]
    files[name] = mutated(files[name], others, rng)
    return files


def fault_of(target: Target, files: dict[str, str], folder: Path) -> str:
    """Run one input; give what is wrong, "" for nothing."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    signal.signal(signal.SIGPROF, _hang)
    signal.setitimer(signal.ITIMER_PROF, HANG)
    try:
        output = target.run(files, folder)
    except HangError as error:
        return f"hang above {HANG:g} s: {_where(error)}"
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever it is, it is a finding
        return f"{type(error).__name__}: {_where(error)}"
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    if TOKEN in output:
        return "a secret is printed"
    if "Traceback (most recent" in output or "internal error" in output:
        return next(line for line in output.splitlines() if "Traceback" in line or "internal error" in line)
    return ""


def _hang(_signal: int, _frame: Any) -> None:
    raise HangError


def _where(error: BaseException) -> str:
    """Name the last place in a source of ours."""
    frames = [one for one in traceback.extract_tb(error.__traceback__) if "/src/" in one.filename]
    last = frames[-1] if frames else traceback.extract_tb(error.__traceback__)[-1]
    return f"{Path(last.filename).parent.name}/{Path(last.filename).name}:{last.lineno} in {last.name}"


def run(target: Target, seed: int, numbers: range, seconds: float = float("inf")) -> Outcome:
    """Run inputs by their numbers until all are done, the time is over, or somebody ends it: Ctrl-C or SIGTERM."""
    outcome, end, at = Outcome(), time.monotonic() + seconds, numbers.start
    with contextlib.suppress(KeyboardInterrupt):
        while at < numbers.stop and time.monotonic() < end:
            at = _batch(target, seed, range(at, min(at + BATCH, numbers.stop)), outcome)
    return outcome


def _batch(target: Target, seed: int, numbers: range, outcome: Outcome) -> int:
    """Run some inputs in a child; give the number of the next one."""
    shared = mmap.mmap(-1, 4096 + 1_000_000)
    with tempfile.TemporaryDirectory() as folder:
        target.samples()
        child = os.fork()
        if not child:
            _work(target, seed, numbers, shared, Path(folder))
        try:
            ended = _ended(child, shared)
        except KeyboardInterrupt:
            os.kill(child, signal.SIGKILL)
            os.wait4(child, 0)
            raise
    done, slowest, length = struct.unpack_from("qdq", shared, 0)
    outcome.slowest = max(outcome.slowest, slowest)
    outcome.peak = max(outcome.peak, ended.ru_maxrss * 1024)
    for line in bytes(shared[4096 : 4096 + length]).decode().splitlines():
        number, _, fault = line.partition("\t")
        outcome.faults.setdefault(fault, int(number))
    at = numbers.start + done
    outcome.tried += done
    if at < numbers.stop:
        outcome.faults.setdefault("the process was killed, or stood still", at)
        outcome.tried += 1
        return at + 1
    if ended.ru_maxrss * 1024 > MEMORY:
        outcome.faults.setdefault(f"more than {MEMORY >> 20} MiB", at - 1)
    return at


def _work(target: Target, seed: int, numbers: range, shared: mmap.mmap, folder: Path) -> None:
    """Run inputs in a child, and note where it is and what it found; never returns."""
    resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
    lines, slowest = b"", 0.0
    for done, number in enumerate(numbers):
        before, memory = time.process_time(), _peak()
        fault = fault_of(target, made(target, seed, number), folder / "w")
        slowest = max(slowest, time.process_time() - before)
        if not fault and memory <= MEMORY < _peak():
            fault = f"more than {MEMORY >> 20} MiB"
        if fault:
            lines = (lines + f"{number}\t{fault[:300]}\n".encode("utf-8", "replace"))[:1_000_000]
            shared[4096 : 4096 + len(lines)] = lines
        struct.pack_into("qdq", shared, 0, done + 1, slowest, len(lines))
    os._exit(0)


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _ended(child: int, shared: mmap.mmap) -> resource.struct_rusage:
    """Wait for a child; one that makes no progress is killed."""
    last, since = -1, time.monotonic()
    while True:
        pid, _, usage = os.wait4(child, os.WNOHANG)
        if pid:
            return usage
        (done,) = struct.unpack_from("q", shared, 0)
        if done != last:
            last, since = done, time.monotonic()
        if time.monotonic() - since > SILENT:
            os.kill(child, signal.SIGKILL)
            return os.wait4(child, 0)[2]
        time.sleep(0.05)


def kept() -> Iterator[tuple[Target, str, dict[str, str]]]:
    """Give the inputs that were at fault once, with their names."""
    for folder in sorted(path for path in FOUND.iterdir() if path.is_dir()):
        target = next(one for name, one in TARGETS.items() if folder.name.startswith(name))
        files = {path.name: path.read_bytes().decode("utf-8", "surrogateescape") for path in folder.iterdir()}
        yield target, folder.name, files


def keep(target: Target, seed: int, number: int) -> Path:
    """Write an input down, for every later run."""
    folder = FOUND / f"{target.name}-{seed}-{number}"
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in made(target, seed, number).items():
        (folder / name).write_bytes(text.encode("utf-8", "surrogateescape"))
    return folder


def main() -> int:
    """Run as many as was asked for, and print what came of it; exit code 1 where a fault was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("targets", nargs="*", default=list(TARGETS), help=f"of {', '.join(TARGETS)}; all unless given")
    parser.add_argument("--seed", type=int, default=None, help="another one each day unless given")
    parser.add_argument("--first", type=int, default=0, help="number of the first input")
    parser.add_argument("--count", type=int, default=10_000_000)
    parser.add_argument("--seconds", type=float, default=60.0, help="for each target")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    seed = int(time.time()) // 86_400 if options.seed is None else options.seed
    bad = 0
    for name in options.targets:
        target = TARGETS[name]
        found = run(target, seed, range(options.first, options.first + options.count), options.seconds)
        print(  # noqa: T201
            f"{name}: seed {seed}, inputs {options.first} to {options.first + found.tried - 1}, "
            f"{len(found.faults)} kinds of faults, slowest {found.slowest:.1f} s, peak {found.peak >> 20} MiB",
            flush=True,
        )
        for fault, number in found.faults.items():
            print(f"  {number}: {fault}\n    kept in {keep(target, seed, number)}", flush=True)  # noqa: T201
        bad += len(found.faults)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
