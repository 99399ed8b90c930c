"""Run a profile: Locust's runner, alone or with workers, through all stages."""

from __future__ import annotations

import logging
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from locust.env import Environment
from locust.event import Events

from burnproof.loadtest.run import scheduling_delay
from burnproof.loadtest.run.greenlets import sleep, spawn
from burnproof.loadtest.run.profile import shortfall
from burnproof.loadtest.run.reliability import distrust
from burnproof.loadtest.run.samples import Outcome, Samples
from burnproof.loadtest.run.target_metrics import watch
from burnproof.loadtest.run.time_series import step_of
from burnproof.loadtest.run.users import user_class

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from locust import User

    from burnproof.loadtest.run.hosts import Target
    from burnproof.loadtest.run.interrupts import Interrupt
    from burnproof.loadtest.run.profile import Profile, Stage
    from burnproof.loadtest.run.samples import Seen

_COME_UP: Final = 120.0
"""Seconds that workers have to start; on a loaded machine that takes ten and more."""
_AT_ONCE: Final = 10_000.0
_LOOK: Final = 0.5
_LAST_WORD: Final = 5.0
_LAST_WORD_IN_PEACE: Final = 60.0
"""Seconds that workers have for their last figures: where the run was interrupted or one has died, and otherwise."""
HASTE: Final = 5.0
"""The longest grace of a run that was interrupted: CI services kill 7.5 s after their first signal, Docker after 10."""
MESSAGE: Final = "burnproof"
FINAL: Final = "burnproof-final"
"""What workers call their figures: in each of Locust's reports, and once more when all is done."""
HURRY: Final = "burnproof-hurry"
"""What tells workers that the grace is short."""


class EngineError(Exception):
    """A run that could not be made."""


@dataclass(frozen=True, slots=True)
class Moment:
    """What a progress display shows: seconds gone of all, users, and what was measured so far."""

    gone: float
    whole: float
    users: int
    samples: Samples


@dataclass(slots=True)
class _Crew:
    """The workers, and how many of them have sent their last figures."""

    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    finished: int = 0

    @property
    def lost(self) -> int:
        """How many have died."""
        return sum(process.poll() is not None for process in self.processes)

    def wait(self, interrupt: Interrupt) -> int:
        """Wait for all last figures; gives how many never came."""
        began = time.monotonic()
        while self.finished < len(self.processes):
            patience = _LAST_WORD if interrupt.came or self.lost else _LAST_WORD_IN_PEACE
            if time.monotonic() > began + patience:
                break
            sleep(0.05)
        return len(self.processes) - self.finished


def run(
    profile: Profile, target: Target, interrupt: Interrupt, *, workers: int = 0, order: str = "",
    show: Callable[[Moment], None] | None = None,
) -> Outcome:  # fmt: skip
    """Run a profile to its end, or until it is interrupted.

    Args:
        profile: what to do.
        target: whom to do it to; checked already.
        interrupt: says when to stop early; see ``interrupts``.
        workers: processes to share the load; 0 makes it in this one.
        order: the profile for workers; see ``reading.work_order``.
        show: called twice a second.

    Raises:
        EngineError: workers did not come up, or were not waited for.
    """
    logging.getLogger("locust").setLevel(logging.CRITICAL)  # what goes wrong is counted, and told at the end
    samples = Samples()
    environment = new_environment(user_class(profile, target, samples), target.url, profile.patience)
    with ExitStack() as stack:
        crew = _Crew()
        if workers:
            runner: Any = _master(stack, environment, samples, workers, target, order, crew, interrupt)
        else:
            runner = environment.create_local_runner()
            # With workers they measure themselves: the master, who waits, would make their delay look small.
            stack.callback(spawn(scheduling_delay.watch, samples).kill)
        stack.callback(runner.quit)
        seen: Seen = {}
        if profile.watch is not None:
            asking = (target, profile.watch.page, profile.watch.gauges, step_of(profile.seconds), seen)
            stack.callback(spawn(watch, *asking).kill)
        return replace(_conduct(profile, runner, samples, crew, interrupt, show), watched=seen)


def new_environment(users: type[User], url: str, patience: float) -> Environment:
    """Make Locust's environment for one class of users; with events of its own, so that no two runs mix.

    ``patience`` are the seconds that what is under way gets at the end.
    """
    own: Any = Events
    return Environment(user_classes=[users], events=own(), host=url, stop_timeout=patience)


def _conduct(
    profile: Profile, runner: Any, samples: Samples, crew: _Crew, interrupt: Interrupt,
    show: Callable[[Moment], None] | None,
) -> Outcome:  # fmt: skip
    """Lead the runner through the stages, watching it, and wait until all is done."""
    started, began = datetime.now(UTC), time.monotonic()
    leading = spawn(_lead, profile, runner)
    most, lost = 0, 0
    users: list[tuple[float, float]] = []
    while not leading.ready() and not interrupt.came:
        leading.join(timeout=_LOOK)
        most = max(most, runner.user_count)
        users.append((time.monotonic() - began, runner.user_count))
        lost = max(lost, crew.lost)
        if show is not None:
            show(Moment(time.monotonic() - began, profile.seconds, runner.user_count, samples))
        if lost and lost == len(crew.processes):
            break
    if leading.exception is not None:
        raise EngineError(f"Locust gave up: {leading.exception}")
    leading.kill()
    if interrupt.came:
        hurry(runner.environment)
        runner.send_message(HURRY)
    runner.stop()
    lost = max(lost, crew.wait(interrupt))
    seconds = max(min(profile.seconds, time.monotonic() - began), samples.last - began)
    reasons = distrust(samples, profile.most_users, most, lost, shortfall(profile))
    if interrupt.came:
        reasons = (*reasons, f"The run was interrupted after {seconds:.0f} of {profile.seconds:.0f} s.")
    return Outcome(samples, started, began, seconds, most, reasons, interrupt.came, tuple(users))


def hurry(environment: Any) -> None:
    """Shorten the grace, so that the record of an interrupted run is written before somebody kills it."""
    environment.stop_timeout = min(environment.stop_timeout, HASTE)


def _lead(profile: Profile, runner: Any) -> None:
    """Set users stage by stage; each stage ends by the clock, however long its start took."""
    due, users = time.monotonic(), 0
    for stage in profile.course:
        due += stage.duration.seconds
        if stage.users != users or runner.user_count == 0:
            runner.start(stage.users, spawn_rate=_rate(profile, stage, users))
        users = stage.users
        sleep(max(0.0, due - time.monotonic()))


def _rate(profile: Profile, stage: Stage, users: int) -> float:
    """Give the users to start, or stop, a second."""
    if stage.ramp:
        return max(abs(stage.users - users) / stage.duration.seconds, 0.01)
    return float(profile.spawn_rate) if profile.spawn_rate else _AT_ONCE


def _master(
    stack: ExitStack, environment: Environment, samples: Samples, workers: int, target: Target, order: str,
    crew: _Crew, interrupt: Interrupt,
) -> Any:  # fmt: skip
    """Start Locust's master on a free loopback port, and so many workers; gives the master's runner."""
    events: Any = environment.events

    def reported(client_id: str, data: dict[str, Any]) -> None:  # noqa: ARG001 - Locust names its arguments
        if MESSAGE in data:
            samples.add(data[MESSAGE])

    def finished(environment: Environment, msg: Any) -> None:  # noqa: ARG001 - Locust names its arguments
        samples.add(msg.data)
        crew.finished += 1

    events.worker_report.add_listener(reported)
    runner = environment.create_master_runner("127.0.0.1", 0)
    runner.register_message(FINAL, finished)
    port = runner.server.port
    crew.processes += [stack.enter_context(_worker(port, target, order)) for _ in range(workers)]
    end = time.monotonic() + _COME_UP
    while runner.worker_count < workers:
        if interrupt.came:
            raise EngineError("interrupted before the load began")
        if time.monotonic() > end or crew.lost:
            raise EngineError(f"only {runner.worker_count} of {workers} workers came up")
        sleep(0.1)
    return runner


@contextmanager
def _worker(port: int, target: Target, order: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a worker process until the block ends; the work order is the one line on its standard input.

    The pipe stays open: however this process ends, the system then closes it, which ends the worker.
    """
    command = (sys.executable, "-m", "burnproof.loadtest.run.worker", str(port), target.url, target.host)
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    ) as process:
        try:
            assert process.stdin is not None  # noqa: S101 - it was asked for
            process.stdin.write(f"{order}\n".encode())
            process.stdin.flush()
            yield process
        finally:
            process.terminate()
            try:
                process.wait(_LAST_WORD)
            except subprocess.TimeoutExpired:
                process.kill()
