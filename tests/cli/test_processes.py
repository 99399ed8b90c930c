"""However a command is ended, nothing of it is left: no process, no temporary file, no half-written output."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from places import PATIENCE, eventually, sampled
from promrules.processes import orderly_end, undisturbed

ROOT = Path(__file__).parents[2]
PROC = Path("/proc")
SLO = """  - name: slo-{number}
    objective: 99.9%
    sli:
      ratio:
        total: http_requests_total{{job="{service}",route="/{number}"}}
        bad: http_requests_total{{job="{service}",route="/{number}",code=~"5.."}}
"""
COMMANDS = {
    "generate": ["-m", "burnproof", "generate"],
    "test": ["-m", "burnproof", "test", "--jobs", "2", str(ROOT / "generated" / "tests")],
    "mutation": ["-m", "burnproof.proofs.mutation", str(ROOT / "generated")],
}
several = pytest.mark.skipif(
    not PROC.is_dir() or len(os.sched_getaffinity(0)) < 2, reason="needs /proc and two processors"
)


def parents():
    """Give {process: its parent} of all processes that run; what has ended and waits for its parent is left out."""
    found = {}
    for folder in PROC.iterdir():
        if folder.name.isdigit():
            try:
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if fields[0] not in "ZX":
                found[int(folder.name)] = int(fields[1])
    return found


def below(pid):
    """Give the processes that a process started, and those that they did."""
    known = parents()
    found = {pid}
    while more := {child for child, parent in known.items() if parent in found} - found:
        found |= more
    return found - {pid}


@pytest.fixture(params=sampled(COMMANDS, every=len(COMMANDS)))
def at_work(request, tmp_path):
    """Start a command and wait until its workers are there; temporary files go to a folder of its own."""
    (tmp_path / "slos").mkdir()
    (tmp_path / "tmp").mkdir()
    for service in ("api", "web", "shop", "mail"):
        slos = "".join(SLO.format(service=service, number=number) for number in range(40))
        (tmp_path / "slos" / f"{service}.yaml").write_text(f"version: burnproof/v1\nservice: {service}\nslos:\n{slos}")
    running = subprocess.Popen(
        [sys.executable, *COMMANDS[request.param]],
        cwd=tmp_path,
        env={**os.environ, "TMPDIR": str(tmp_path / "tmp"), "BURNPROOF_CACHE": "", "NO_COLOR": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    eventually(lambda: len(below(running.pid)) >= 2 or running.poll() is not None)
    assert running.poll() is None, "it was done before it could be ended"
    yield running
    running.kill()
    running.communicate(timeout=PATIENCE)


def left(folder):
    return sorted(folder.glob("tmp/burnproof-*")) + sorted(folder.glob("generated"))


@several
def test_workers_and_their_files_go_with_a_parent_that_was_killed(at_work, tmp_path):
    workers = below(at_work.pid)
    at_work.kill()

    eventually(lambda: not workers & parents().keys())
    assert left(tmp_path) == []


@several
def test_sigterm_is_an_orderly_end(at_work, tmp_path):
    workers = below(at_work.pid)
    at_work.terminate()
    _, errors = at_work.communicate(timeout=PATIENCE)

    assert at_work.returncode == 143
    assert "Traceback" not in errors
    eventually(lambda: not workers & parents().keys())
    assert left(tmp_path) == []


@pytest.fixture
def usual():
    """Signals as a program finds them."""
    term = signal.signal(signal.SIGTERM, signal.SIG_DFL)
    interrupt = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGTERM, term)
    signal.signal(signal.SIGINT, interrupt)


def test_a_second_sigterm_does_not_disturb_the_clearing_up(usual):
    def clear_up():
        try:
            signal.raise_signal(signal.SIGTERM)
        finally:
            signal.raise_signal(signal.SIGTERM)

    with pytest.raises(SystemExit) as raised, orderly_end():
        clear_up()
    assert raised.value.code == 143


def test_whoever_minds_sigterm_already_keeps_it(usual):
    came = []
    signal.signal(signal.SIGTERM, lambda *_: came.append(1))

    with orderly_end():
        signal.raise_signal(signal.SIGTERM)

    assert came == [1]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals_wait_for_a_step_that_must_not_be_parted(usual, number):
    done = []

    def step():
        with undisturbed():
            signal.raise_signal(number)
            done.append("first")
            done.append("second")

    with pytest.raises((KeyboardInterrupt, SystemExit)), orderly_end():
        step()
    assert done == ["first", "second"]


def test_load_tests_end_in_their_own_way(tmp_path):
    """Their handler is the only one, wherever they set it."""
    (tmp_path / "sitecustomize.py").write_text(
        "import signal, burnproof.cli.load as load\n"
        "def told(): print(signal.getsignal(signal.SIGTERM) is signal.SIG_DFL)\n"
        "load.COMMANDS['list'] = told\n"
    )
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, "-m", "burnproof", "load", "list"],
        env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True, check=False,
        timeout=PATIENCE)  # fmt: skip

    assert done.stdout == "True\n"
