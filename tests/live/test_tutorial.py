"""The last step of docs/tutorial.md on a real Prometheus: its commands make the alert fire, and resolve."""

from __future__ import annotations

import shlex
import shutil
import subprocess

import pytest
import requests
from liveservers import program

from demotarget import demo
from pagerun import blocks, run_page
from places import PATIENCE, ROOT, eventually

pytestmark = [pytest.mark.live, pytest.mark.slow]
PAGE = ROOT / "docs" / "tutorial.md"
ALERT = "ProcessorAvailabilityBurnRateHigh"


def firing(prometheus):
    alerts = requests.get(f"{prometheus}/api/v1/alerts", timeout=PATIENCE).json()["data"]["alerts"]
    return [alert for alert in alerts if alert["state"] == "firing" and alert["labels"]["alertname"] == ALERT]


def test_the_alert_fires_and_resolves_as_the_page_says(tmp_path):
    program("prometheus")
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    run_page(PAGE, tmp_path)
    live = {block.argument: block.commands for block in blocks(PAGE) if block.kind == "live"}
    assert list(live) == ["start", "until firing", "until resolved"]
    (start,) = live["start"]
    assert start == "burnproof demo slos --port 8000"

    with demo(str(tmp_path / "slos")) as target:
        prometheus = requests.get(f"{target.url}/status.json", timeout=PATIENCE).json()["links"]["Prometheus"]

        def run(command):
            done = subprocess.run(
                shlex.split(command.replace("http://127.0.0.1:8000", target.url)),
                capture_output=True, text=True, timeout=PATIENCE, check=True,
            )  # fmt: skip
            assert '"errors"' in done.stdout

        run(*live["until firing"])
        (alert,) = eventually(lambda: firing(prometheus))
        assert (
            "above the threshold of 10%, which is 10 times the error budget of 1%"
            in alert["annotations"]["description"]
        )
        run(*live["until resolved"])
        assert eventually(lambda: not firing(prometheus))
