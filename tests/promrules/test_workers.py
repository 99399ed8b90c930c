"""Work in several processes: results in order, and an end that comes whatever the processes are doing."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from places import PATIENCE
from promrules.workers import LostWorkerError, _results, end_processes, workers

BIG = 8_000_000
"""Bytes: more than any pipe holds."""


def squared(number):
    time.sleep(0.02 * (number % 3))  # so that they do not end in the order in which they began
    return number * number


def picky(number):
    if number == 3:
        raise ValueError("not three")
    return number


def killed(number):
    if number == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def big(number):
    return bytes([number]) * BIG


def size(data):
    return len(data)


def deaf(_number):
    """Ignore every polite request to end, and last."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while True:
        time.sleep(1)


def children():
    return {process.pid for process in multiprocessing.active_children()}


@pytest.fixture(autouse=True)
def none_left():
    before = children()
    yield
    assert children() <= before


@pytest.mark.parametrize("processes", [1, 2, 5])
def test_results_come_in_the_order_of_the_items(processes):
    with workers(squared, range(12), processes) as results:
        assert list(results) == [number * number for number in range(12)]


def test_items_and_results_may_be_bigger_than_a_pipe():
    with workers(size, [big(1), big(2), big(3)], 2) as results:
        assert list(results) == [BIG] * 3
    with workers(big, [1, 2, 3], 2) as results:
        assert [len(result) for result in results] == [BIG] * 3


def test_an_exception_is_raised_in_its_turn_and_says_where_it_came_from():
    with workers(picky, range(6), 2) as results:
        assert [next(results) for _ in range(3)] == [0, 1, 2]
        with pytest.raises(ValueError, match="not three") as raised:
            next(results)

    assert "in picky" in "".join(raised.value.__notes__)


def test_a_killed_process_is_told_and_ends_the_others():
    with pytest.raises(LostWorkerError), workers(killed, range(20), 2) as results:
        list(results)


def test_half_a_result_is_none():
    """A process that was killed while it sent its result has closed its pipe."""
    here, there = multiprocessing.Pipe()

    def die():
        there.recv()
        os.write(there.fileno(), (1000).to_bytes(4, "big") + b"the first of a thousand bytes")
        there.close()

    thread = threading.Thread(target=die)
    thread.start()
    with pytest.raises(LostWorkerError):
        next(_results(["item"], [here]))
    thread.join(PATIENCE)
    here.close()


def test_what_nobody_asked_for_is_not_waited_for():
    with workers(deaf, range(4), 2):
        pass


def test_processes_that_ignore_sigterm_end_all_the_same():
    """The block would last for ever otherwise."""
    process = multiprocessing.get_context("fork").Process(target=deaf, args=(0,))
    process.start()
    end_processes([process], patience=0.2)

    assert process.exitcode in (-signal.SIGTERM, -signal.SIGKILL)


PROGRAM = """
import signal, sys, time
from promrules.processes import orderly_end
from promrules.workers import workers

def work(data):
    print("at work", flush=True)
    time.sleep(1000)

if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs begin with it ignored
    with orderly_end(), workers(work, [bytes(8_000_000)] * 8, 2) as results:
        list(results)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_all_while_more_waits_than_a_pipe_holds(number, tmp_path):
    """The executors of Python before 3.11.5 wait for ever here."""
    (tmp_path / "program.py").write_text(PROGRAM)
    running = subprocess.Popen(
        [sys.executable, tmp_path / "program.py"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    for _ in range(2):
        running.stdout.readline()
    running.send_signal(number)
    try:
        running.communicate(timeout=PATIENCE)
    finally:
        with contextlib.suppress(ProcessLookupError):
            running.kill()

    assert running.returncode in (143, 130, -signal.SIGINT)
