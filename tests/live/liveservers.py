"""A real Prometheus and Alertmanager on free loopback ports: started in a folder, asked over HTTP, always stopped."""

from __future__ import annotations

import shutil
import socket
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
import requests
import yaml

from places import PATIENCE, eventually

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

START_SECONDS = 20.0
_PROGRAMS = {
    "prometheus": ("prometheus",),
    "promtool": ("promtool",),
    "alertmanager": ("alertmanager", "prometheus-alertmanager"),
}


def program(name: str) -> str:
    """Find a program under any name that distributions give it; skip the test, naming it, where there is none."""
    found = next((path for path in map(shutil.which, _PROGRAMS[name]) if path), None)
    if found is None:
        pytest.skip(f"no {name} on the PATH")
    return found


@dataclass(frozen=True)
class Server:
    """A server that is up.

    Attributes:
        url: where it listens.
    """

    url: str

    def get(self, path: str, **params: str | float) -> Any:
        """Ask the HTTP API."""
        answer = requests.get(f"{self.url}{path}", params=params, timeout=PATIENCE)
        answer.raise_for_status()
        return answer.json()

    def query(self, expr: str, **params: str | float) -> list[dict[str, Any]]:
        """Run an instant query on a Prometheus."""
        return list(self.get("/api/v1/query", query=expr, **params)["data"]["result"])


def free_port() -> int:
    """Give a loopback port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(command: Sequence[str], port: int, folder: Path, ready: str = "/-/ready") -> Iterator[Server]:
    """Run a server until the block ends, whatever happens in it."""
    server = Server(f"http://127.0.0.1:{port}")
    log = folder / f"{port}.log"
    with log.open("wb") as out, subprocess.Popen(command, stdout=out, stderr=out, cwd=folder) as process:
        try:
            eventually(lambda: _ready(server, process, log, ready))
            yield server
        finally:
            process.terminate()
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()


def _ready(server: Server, process: subprocess.Popen[bytes], log: Path, path: str) -> bool:
    assert process.poll() is None, log.read_text(encoding="utf-8", errors="replace")
    try:
        return requests.get(f"{server.url}{path}", timeout=1).ok
    except requests.RequestException:
        return False


@contextmanager
def alertmanager(folder: Path) -> Iterator[Server]:
    """Run an Alertmanager that sends nowhere."""
    folder.mkdir()
    config = folder / "alertmanager.yml"
    config.write_text(
        yaml.safe_dump({"route": {"receiver": "none"}, "receivers": [{"name": "none"}]}), encoding="utf-8"
    )
    port = free_port()
    command = [
        program("alertmanager"),
        f"--config.file={config}",
        f"--storage.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--cluster.listen-address=",
    ]
    with running(command, port, folder) as server:
        yield server


@contextmanager
def prometheus(
    folder: Path, rules: Sequence[Path] = (), alerts_to: Server | None = None, every: str = "2s", target: str = ""
) -> Iterator[Server]:
    """Run a Prometheus on the data in `folder/data`, with rules evaluated `every` so often; it may scrape a target."""
    config = {
        "global": {"evaluation_interval": every, "scrape_interval": "30s"},
        "rule_files": [str(path) for path in rules],
        "scrape_configs": [
            {"job_name": "target", "scrape_interval": "1s", "static_configs": [{"targets": [target]}]}
            for _ in target[:1]
        ],
        "alerting": {
            "alertmanagers": [
                {"static_configs": [{"targets": [server.url.removeprefix("http://")]}]}
                for server in (alerts_to,)
                if server
            ]
        },
    }
    path = folder / "prometheus.yml"
    path.write_text(yaml.safe_dump(config), encoding="utf-8")
    port = free_port()
    command = [
        program("prometheus"),
        f"--config.file={path}",
        f"--storage.tsdb.path={folder / 'data'}",
        "--storage.tsdb.retention.time=90d",
        "--rules.alert.resend-delay=2s",  # the first alerts may fire before the Alertmanager was discovered
        f"--web.listen-address=127.0.0.1:{port}",
    ]
    with running(command, port, folder) as server:
        yield server


def import_blocks(folder: Path, openmetrics: str) -> None:
    """Make blocks in `folder/data` of samples in OpenMetrics text."""
    text = folder / "history.om"
    text.write_text(openmetrics, encoding="utf-8")
    promtool("tsdb", "create-blocks-from", "--max-block-duration=2400h", "openmetrics", str(text), str(folder / "data"))


def promtool(*arguments: str) -> str:
    """Run promtool and give what it says."""
    done = subprocess.run(
        [program("promtool"), *arguments], capture_output=True, text=True, check=False, timeout=PATIENCE
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
