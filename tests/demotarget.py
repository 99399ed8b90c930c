"""The demo as a process, for tests that send it real requests: started, asked for its URL, always stopped."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
import requests

from places import PATIENCE


def total(metrics, name, **labels):
    """Sum the series of a name that have these labels."""
    wanted = [f'{label}="{value}"' for label, value in labels.items()]
    return sum(
        value
        for series, value in metrics.items()
        if series.partition("{")[0] == name and all(part in series for part in wanted)
    )


@dataclass(frozen=True)
class Target:
    url: str
    process: subprocess.Popen

    def faults(self, **wanted):
        answer = requests.post(f"{self.url}/faults", json=wanted, timeout=PATIENCE)
        assert answer.ok, answer.text

    def clear(self):
        requests.delete(f"{self.url}/faults", timeout=PATIENCE)

    def metrics(self):
        """Series, as the text format writes them, to value."""
        lines = requests.get(f"{self.url}/metrics", timeout=PATIENCE).text.splitlines()
        pairs = (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
        return {series: float(value) for series, value in pairs}

    def total(self, name, **labels):
        return total(self.metrics(), name, **labels)

    def interrupt(self):
        """Do what Ctrl-C does; gives the exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(PATIENCE)


@contextmanager
def demo(*options):
    """Run ``burnproof demo`` on a free port, without traffic and Prometheus unless the options say otherwise."""
    for module in ("starlette", "uvicorn", "wsproto"):
        pytest.importorskip(module, reason=f"{module} is not installed: pip install '.[preview]'")
    command = [sys.executable, "-m", "burnproof", "demo", "--port", "0", "--seed", "7", *options]
    with subprocess.Popen(
        command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, env={**os.environ, "NO_COLOR": "1"}
    ) as process:
        try:
            said = []
            for line in process.stderr:
                said.append(line)
                found = re.match(r"Demo: (\S+)", line)
                if found:
                    break
            else:
                pytest.fail("".join(said))
            for line in process.stderr:
                if line.startswith("Ctrl-C"):
                    break
            yield Target(found[1], process)
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
                try:
                    process.wait(PATIENCE)
                except subprocess.TimeoutExpired:
                    process.kill()


QUIET = ("--no-prometheus", "--traffic", "off")
