"""Make the pictures of docs/how-to/report.md, simulated: ``PYTHONPATH=tests python tests/report/screenshots.py``."""

from __future__ import annotations

import random
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import history
from browser import browser

import promapi
from burnproof.loadtest.results.record import record_name
from burnproof.model.quantities import duration
from burnproof.report import Client, Order, Report, connection, make_report
from burnproof.report.html import as_html
from burnproof.report.operations import operations
from burnproof.report.periods import trailing, unit_of
from result_samples import record

DOCS = Path(__file__).parents[2] / "docs" / "screenshots"
RUNS, SPAN, HOUR = 24, 28, 3600


def _recorded(folder: Path) -> None:
    """Keep four weeks of simulated runs of an operation that degrades."""
    dice = random.Random(4)
    for number in range(RUNS):
        moment = datetime.fromtimestamp(history.END - SPAN * 24 * HOUR * (1 - number / RUNS), UTC)
        errors = round(2550 * (0.004 + 0.0004 * number + abs(dice.gauss(0, 0.001))))
        figures = {
            "response_time_p95": round(4200 * (1 + 0.012 * number) * (1 + dice.gauss(0, 0.02)), 1),
            "requests_per_second": round(8.5 * (1 + dice.gauss(0, 0.01)), 3),
            "error_count": errors,
            "error_rate": errors / 2550,
        }
        version = "1.4.0" if number < 9 else "1.5.0" if number < 17 else "2.0.0-rc.1"
        text = record(version=version, environment="ci", timestamp=moment.isoformat(), **figures)
        (folder / record_name("content_generation_baseline", moment)).write_text(text, encoding="utf-8")


def trends() -> None:
    """Write the pictures of recorded load tests."""
    zone = ZoneInfo("UTC")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "baselines"
        folder.mkdir()
        _recorded(folder)
        span = trailing(duration("30d"), history.END)
        made = Report("Load tests", "", span, zone, "", history.END, (), operations=operations(folder, span)[0])
        page = Path(name) / "trends.html"
        page.write_text(as_html(made), encoding="utf-8")
        with browser(Path(name) / "profile") as window:
            for scheme in ("light", "dark"):
                window.devtools(
                    "Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}]
                )
                window.open(page.as_uri())
                window.waits_for("document.body.dataset.ready")
                window.screenshot(DOCS / f"trends-{scheme}.png", 1020)


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
    trends()
