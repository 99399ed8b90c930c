"""Run a worker process: ``python -m burnproof.loadtest.run.worker PORT URL HOST``, its work on standard input.

Started by ``burnproof load run --workers N``; it does what the master on the loopback port tells it, and sends what
it measured with each of Locust's reports. Its standard input stays open as long as the master lives: its end
ends the worker at once, so that no load goes on without anybody who wants it.
"""

from __future__ import annotations

import logging
import os
import sys
from typing import TYPE_CHECKING, Any

from burnproof.loadtest.run import scheduling_delay
from burnproof.loadtest.run.engine import FINAL, HURRY, MESSAGE, hurry, new_environment
from burnproof.loadtest.run.greenlets import real_thread, spawn
from burnproof.loadtest.run.hosts import target_of
from burnproof.loadtest.run.reading import profile_of_order
from burnproof.loadtest.run.samples import Samples
from burnproof.loadtest.run.users import user_class

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str]) -> int:
    """Work until the master says that it is over."""
    port, url, allowed = arguments
    order = sys.stdin.readline()
    profile = profile_of_order(order) if order.endswith("\n") else None
    if profile is None:
        return 2  # the master has read it before, so it is the master that has gone
    real_thread(_end_with_master)
    logging.getLogger("locust").setLevel(logging.CRITICAL)
    samples = Samples()

    def report(client_id: str, data: dict[str, Any]) -> None:  # noqa: ARG001 - Locust names its arguments
        data[MESSAGE] = samples.drain()

    made = user_class(profile, target_of(url, {allowed}), samples)
    environment: Any = new_environment(made, url, profile.patience)
    runner = environment.create_worker_runner("127.0.0.1", int(port))

    def stopped(environment: Any) -> None:  # noqa: ARG001 - Locust names its arguments
        # Locust's own last report comes only after the grace is over, when nobody waits for it any more.
        runner.send_message(FINAL, samples.drain())

    def hurried(environment: Any, msg: Any) -> None:  # noqa: ARG001 - Locust names its arguments
        hurry(environment)

    runner.register_message(HURRY, hurried)
    environment.events.report_to_master.add_listener(report)
    environment.events.test_stop.add_listener(stopped)
    watching = spawn(scheduling_delay.watch, samples)
    runner.greenlet.join()  # no deadline: until the master says so, or is gone
    watching.kill()
    return 0


def _end_with_master() -> None:
    """Wait for the end of standard input, then leave without a word to anybody."""
    # Not through sys.stdin, whose lock a thread must not hold when the interpreter ends.
    while os.read(0, 1):
        pass
    os._exit(1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
