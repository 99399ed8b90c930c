"""A headless Chromium by the W3C WebDriver protocol over plain HTTP: pages, scripts, keys, logs, screenshots."""

from __future__ import annotations

import base64
import json
import shutil
import socket
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
import requests

from places import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # the key of element references, W3C WebDriver section 12


@dataclass
class Browser:
    """An open window."""

    session: str

    def _do(self, verb: str, path: str, body: dict[str, Any] | None = None) -> Any:
        answer = requests.request(verb, f"{self.session}{path}", json=body, timeout=PATIENCE)
        value = answer.json()["value"]
        assert answer.ok, value
        return value

    def open(self, url: str) -> None:
        """Load a page."""
        self._do("POST", "/url", {"url": url})

    def run(self, script: str) -> Any:
        """Run the body of a JavaScript function."""
        return self._do("POST", "/execute/sync", {"script": script, "args": []})

    def waits_for(self, script: str) -> None:
        """Wait until an expression is true."""
        end = time.monotonic() + PATIENCE
        while not self.run(f"return Boolean({script})"):
            assert time.monotonic() < end, script
            time.sleep(0.05)

    def actions(self, *sources: dict[str, Any]) -> None:
        """Perform input actions."""
        self._do("POST", "/actions", {"actions": list(sources)})

    def press(self, key: str) -> None:
        """Press and release a key."""
        steps = [{"type": kind, "value": key} for kind in ("keyDown", "keyUp")]
        self.actions({"type": "key", "id": "keys", "actions": steps})

    def mouse(self, *steps: dict[str, Any]) -> None:
        """Move and click; positions are of the window."""
        self.actions({"type": "pointer", "id": "mouse", "parameters": {"pointerType": "mouse"}, "actions": list(steps)})

    def devtools(self, command: str, **params: Any) -> Any:
        """Send a command of the DevTools protocol."""
        return self._do("POST", "/goog/cdp/execute", {"cmd": command, "params": params})

    def console(self) -> list[str]:
        """Give what the console holds, and forget it."""
        return [entry["message"] for entry in self._do("POST", "/se/log", {"type": "browser"})]

    def requested(self) -> list[str]:
        """Give the addresses of all requests since the last call."""
        entries = [
            json.loads(entry["message"])["message"] for entry in self._do("POST", "/se/log", {"type": "performance"})
        ]
        return [e["params"]["request"]["url"] for e in entries if e["method"] == "Network.requestWillBeSent"]

    def screenshot(self, path: Path, height: int, width: int = 1280) -> None:
        """Save what a window of that size shows."""
        self.devtools(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False
        )
        time.sleep(0.4)  # charts redraw for the new width
        path.write_bytes(base64.b64decode(self._do("GET", "/screenshot")))


@contextmanager
def browser(folder: Path) -> Iterator[Browser]:
    """Run a Chromium until the block ends; skip the test, saying why, where there is none."""
    driver = shutil.which("chromedriver")
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if driver is None or chromium is None:
        pytest.skip("no chromium and chromedriver on the PATH")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = {
        "binary": chromium,
        "args": ["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", f"--user-data-dir={folder}"],
    }
    wanted = {
        "goog:chromeOptions": options,
        "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
    }
    process = subprocess.Popen([driver, f"--port={port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        base = f"http://127.0.0.1:{port}"
        _ready(base)
        answer = requests.post(
            f"{base}/session", json={"capabilities": {"alwaysMatch": wanted}}, timeout=PATIENCE
        ).json()
        assert "sessionId" in answer["value"], answer
        session = f"{base}/session/{answer['value']['sessionId']}"
        try:
            yield Browser(session)
        finally:
            requests.delete(session, timeout=PATIENCE)
    finally:
        process.terminate()
        process.wait(PATIENCE)


def _ready(base: str) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            if requests.get(f"{base}/status", timeout=1).json()["value"]["ready"]:
                return
        except requests.RequestException:
            time.sleep(0.1)
    raise AssertionError("chromedriver does not start")
