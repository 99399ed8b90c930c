"""Run the whole demo: service, traffic, Prometheus and Alertmanager start and stop together."""

from __future__ import annotations

import signal
import tempfile
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import uvicorn

from burnproof.demo.app import make_app, make_demo
from burnproof.demo.servers import ServerError, alertmanager, find_program, free_socket, prometheus
from burnproof.demo.traffic import traffic

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator, Mapping
    from types import FrameType

__all__ = ["ServerError", "Setting", "run"]
_GRACE: Final = 1


@dataclass(frozen=True, slots=True)
class Setting:
    """What to run.

    Attributes:
        port: Of the service; any free one for 0.
        rate: Requests a second of the traffic source; 0 for none.
        rules: File name to text of the rules for Prometheus; none of them, no Prometheus.
        seed: Makes the dice fall the same way each time.
    """

    port: int = 0
    rate: float = 20.0
    rules: Mapping[str, str] | None = None
    seed: int | None = None


def run(setting: Setting, say: Callable[[str], None]) -> None:
    """Run until Ctrl-C or SIGTERM, then stop everything that was started.

    Args:
        setting: what to run.
        say: is told where to look, and what is missing.

    Raises:
        OSError: the port is taken.
        ServerError: Prometheus or Alertmanager did not come up.
    """
    demo = make_demo(setting.seed)
    with ExitStack() as stack:
        stack.enter_context(_stopped_by_a_signal())
        listening = stack.enter_context(free_socket(setting.port))
        listening.listen()  # from here on requests wait and are not refused, so that the URL can be told
        port = int(listening.getsockname()[1])
        url = f"http://127.0.0.1:{port}"
        demo.links = {"Metrics": f"{url}/metrics"}
        if setting.rules is not None:
            demo.links |= _watchers(stack, port, setting.rules, say)
        if setting.rate:
            stack.enter_context(traffic(port, setting.rate))
        _print_addresses(url, demo.links, say)
        _serve(uvicorn.Config(
            make_app(demo), ws="wsproto", log_config=None, log_level="critical", access_log=False,
            timeout_graceful_shutdown=_GRACE, ws_per_message_deflate=False,
        ), listening)  # fmt: skip
        say("Stopping.")


def _serve(config: uvicorn.Config, listening: socket.socket) -> None:
    """Serve until a signal comes; uvicorn finishes open requests and then raises the signal again."""
    try:
        uvicorn.Server(config).run(sockets=[listening])
    except KeyboardInterrupt:
        return


@contextmanager
def _stopped_by_a_signal() -> Iterator[None]:
    """Have SIGTERM do what Ctrl-C does, so that no server is left behind."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    except KeyboardInterrupt:
        return
    finally:
        signal.signal(signal.SIGTERM, before)


def _watchers(stack: ExitStack, port: int, rules: Mapping[str, str], say: Callable[[str], None]) -> dict[str, str]:
    """Start Prometheus and Alertmanager, as far as they are installed; give their pages by title."""
    programs = {name: find_program(name) for name in ("prometheus", "alertmanager")}
    absent = [name for name, found in programs.items() if found is None]
    if absent:
        say(f"Not installed, so not started: {', '.join(absent)}.")
    if programs["prometheus"] is None:
        return {}
    folder = Path(
        stack.enter_context(tempfile.TemporaryDirectory(prefix="burnproof-demo-", ignore_cleanup_errors=True))
    )
    links: dict[str, str] = {}
    if programs["alertmanager"] is not None:
        notify = f"http://127.0.0.1:{port}/notifications"
        links["Alertmanager"] = stack.enter_context(alertmanager(programs["alertmanager"], folder, notify))
    watching = prometheus(programs["prometheus"], folder, f"127.0.0.1:{port}", rules, links.get("Alertmanager"))
    url = stack.enter_context(watching)
    return links | {"Alerts": f"{url}/alerts", "Rules": f"{url}/rules", "Prometheus": url}


def _print_addresses(url: str, links: Mapping[str, str], say: Callable[[str], None]) -> None:
    """Say where to look, and what to try."""
    say(f"Demo: {url}")
    for title, link in links.items():
        say(f"  {title + ':':14} {link}")
    say("Try:")
    say(f"  curl -X POST '{url}/faults?errors=20%25&latency=300ms'")
    say(f"  curl -X DELETE {url}/faults")
    say(f"  burnproof load run smoke --host {url}")
    say("Ctrl-C stops it all.")
