"""Make the pictures of docs/report.md from the simulated month: ``python tests/report/screenshots.py``."""

from __future__ import annotations

import tempfile
from pathlib import Path
from zoneinfo import ZoneInfo

import history
import promapi
from browser import browser

from burnproof.report import Client, Order, connection, make_report
from burnproof.report.html import as_html
from burnproof.report.periods import unit_of

DOCS = Path(__file__).parents[2] / "docs" / "screenshots"


def main() -> None:
    """Write one picture in light and one in dark."""
    zone = ZoneInfo("UTC")
    with promapi.serving(history.recorded()) as api, tempfile.TemporaryDirectory() as folder:
        order = Order(unit_of("month", history.END - 1, zone), zone, "month", title="SLO summary vs SLA")
        made = make_report(Client(connection(api.url, env={})), history.slos(), order, history.END)
        page = Path(folder) / "report.html"
        page.write_text(as_html(made).replace(api.url, "http://prometheus:9090"), encoding="utf-8")
        DOCS.mkdir(parents=True, exist_ok=True)
        with browser(Path(folder) / "profile") as window:
            for scheme in ("light", "dark"):
                window.devtools(
                    "Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}]
                )
                window.open(page.as_uri())
                window.waits_for("document.body.dataset.ready")
                window.run(
                    "for (const part of document.querySelectorAll('details')) {"
                    " part.open = /shop.availability/.test(part.textContent); }"
                )
                window.run("scrollTo(0, 0)")
                window.screenshot(DOCS / f"report-{scheme}.png", 1640)


if __name__ == "__main__":
    main()
