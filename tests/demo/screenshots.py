"""Make the pictures of docs/how-to/demo.md from a demo with real alerts: ``python tests/demo/screenshots.py``."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the tests' folders are no package
sys.path.insert(0, str(Path(__file__).parents[1] / "report"))

from browser import browser

from demotarget import demo

DOCS = Path(__file__).parents[2] / "docs" / "screenshots"


def main() -> None:
    """Write one picture in light and one in dark, once half of all requests fail and Alertmanager has said so."""
    DOCS.mkdir(parents=True, exist_ok=True)
    with demo("--traffic", "60rps") as target, tempfile.TemporaryDirectory() as folder:
        target.faults(errors="50%", latency="300ms")
        with browser(Path(folder)) as window:
            window.open(target.url)
            window.waits_for("document.querySelector('#notifications tr')")
            for scheme in ("light", "dark"):
                window.devtools(
                    "Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}]
                )
                window.screenshot(DOCS / f"demo-{scheme}.png", 940)


if __name__ == "__main__":
    main()
