"""Start a real Prometheus and Alertmanager beside the demo, in a temporary folder on free loopback ports."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final

import requests

from burnproof.demo import history

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

JOB: Final = "processor"
SCRAPE: Final = "2s"
PROGRAMS: Final = {
    "prometheus": ("prometheus",),
    "promtool": ("promtool",),
    "alertmanager": ("alertmanager", "prometheus-alertmanager"),
}
"""Each program under the names that distributions give it."""
_PATIENCE: Final = 120.0
_GRACE: Final = 10.0


class ServerError(Exception):
    """A program that did not come up; the message has the end of what it said."""


def find_program(name: str) -> str | None:
    """Give the path of a program, None where it is not installed."""
    return next((found for found in map(shutil.which, PROGRAMS[name]) if found), None)


def free_socket(port: int = 0) -> socket.socket:
    """Bind a loopback port, any free one for 0.

    Raises:
        OSError: the port is taken.
    """
    # With its protocol named, or asyncio leaves Nagle on: every answer would then wait 40 ms for the client's ACK.
    made = socket.socket(proto=socket.IPPROTO_TCP)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind(("127.0.0.1", port))
    except OSError:
        made.close()
        raise
    return made


def _free_port() -> int:
    with free_socket() as probe:
        return int(probe.getsockname()[1])


@contextmanager
def alertmanager(program: str, folder: Path, notify: str) -> Iterator[str]:
    """Run an Alertmanager that posts to the URL ``notify``; gives its own URL.

    Raises:
        ServerError: it did not come up.
    """
    port = _free_port()
    (folder / "am").mkdir()
    config: dict[str, Any] = {
        "route": {
            "receiver": "demo", "group_by": ["slo_id"], "group_wait": "1s", "group_interval": "5s",
            "repeat_interval": "1h",
        },
        "receivers": [{"name": "demo", "webhook_configs": [{"url": notify, "send_resolved": True}]}],
        "inhibit_rules": [
            {"source_matchers": ["severity=page"], "target_matchers": ["severity=ticket"], "equal": ["slo_id"]}
        ],
    }  # fmt: skip
    path = _written(folder / "am" / "alertmanager.yml", config)
    command = (
        program, f"--config.file={path}", f"--storage.path={folder / 'am' / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}", "--cluster.listen-address=",
    )  # fmt: skip
    with _running("Alertmanager", command, port, folder / "am") as url:
        yield url


@contextmanager
def prometheus(
    program: str, folder: Path, target: str, rules: Mapping[str, str], alerts_to: str | None
) -> Iterator[str]:
    """Run a Prometheus that scrapes ``target`` (host:port) and evaluates ``rules`` (file name to text); gives its URL.

    Raises:
        ServerError: it did not come up.
    """
    port = _free_port()
    own = folder / "prometheus"
    own.mkdir()
    for name, text in rules.items():
        (own / name).write_text(text, encoding="utf-8")
    config = {
        "global": {"scrape_interval": SCRAPE, "evaluation_interval": SCRAPE},
        "rule_files": [str(own / name) for name in rules],
        "scrape_configs": [{"job_name": JOB, "static_configs": [{"targets": [target]}]}],
        "alerting": {
            "alertmanagers": [
                {"static_configs": [{"targets": [url.removeprefix("http://")]}]} for url in (alerts_to,) if url
            ]
        },
    }
    _fill(own, target)
    path = _written(own / "prometheus.yml", config)
    command = (
        program, f"--config.file={path}", f"--storage.tsdb.path={own / 'data'}", "--storage.tsdb.retention.time=2d",
        "--rules.alert.resend-delay=5s", f"--web.listen-address=127.0.0.1:{port}",
    )  # fmt: skip
    with _running("Prometheus", command, port, own) as url:
        yield url


def _fill(folder: Path, target: str) -> None:
    """Put an uneventful past into the data folder, where promtool is there to do it."""
    promtool = find_program("promtool")
    if promtool is None:
        return
    text = folder / "history.om"
    text.write_text(history.openmetrics(JOB, target, int(time.time())), encoding="utf-8")
    command = (promtool, "tsdb", "create-blocks-from", "--max-block-duration=24h", "openmetrics", str(text),
               str(folder / "data"))  # fmt: skip
    with suppress(subprocess.TimeoutExpired):  # then there is less of a past, or none
        subprocess.run(command, capture_output=True, check=False, timeout=_PATIENCE)


def _written(path: Path, config: Mapping[str, Any]) -> Path:
    """Write a configuration; JSON is YAML."""
    path.write_text(json.dumps(config, indent=1), encoding="utf-8")
    return path


@contextmanager
def _running(name: str, command: Sequence[str], port: int, folder: Path) -> Iterator[str]:
    """Run a server until the block ends, whatever happens in it."""
    url, log = f"http://127.0.0.1:{port}", folder / "server.log"
    # A session of its own: Ctrl-C reaches the demo alone, which then stops its servers in order.
    with (
        log.open("wb") as out,
        subprocess.Popen(
            command, stdout=out, stderr=out, stdin=subprocess.DEVNULL, cwd=folder, start_new_session=True
        ) as process,
    ):
        try:
            _wait(name, process, url, log)
            yield url
        finally:
            process.terminate()
            try:
                process.wait(_GRACE)
            except subprocess.TimeoutExpired:
                process.kill()


def _wait(name: str, process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    """Wait until the server says that it is ready."""
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        if process.poll() is not None:
            break
        try:
            if requests.get(f"{url}/-/ready", timeout=1).ok:
                return
        except requests.RequestException:
            pass
        time.sleep(0.1)
    said = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-3:]
    raise ServerError(f"{name} did not come up: {' / '.join(said) or 'it said nothing'}")
