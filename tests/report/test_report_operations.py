"""Recorded load tests in the report: the same verdicts in every format, charts in a browser, and what is missing."""

from __future__ import annotations

import html
import json
import random
import re
from datetime import UTC, datetime, timedelta

import pytest
from browser import browser

from result_samples import record

NOW = datetime.now(UTC).replace(microsecond=0)
LOCAL = ("file:", "data:", "chrome:")
MEMORY = "target/process_resident_memory_bytes"


def kept(folder, operation, number, p95, version="1.4.0", **changes):
    """A record of ``number`` days ago."""
    moment = NOW - timedelta(days=number, hours=1)
    text = record(operation=operation, environment="ci", version=version, timestamp=moment.isoformat(),
                  response_time_p95=p95, **changes)  # fmt: skip
    (folder / f"{operation}_{moment:%Y%m%d_%H%M%S}.json").write_text(text)


def course(count=60):
    dice = random.Random(2)
    series = {
        "users": {"unit": "count", "values": [10] * count},
        "response_time_p95": {"unit": "ms", "values": [4200 + dice.gauss(0, 30) for _ in range(count)]},
        MEMORY: {"unit": "B", "values": [2e8 + 1e6 * at for at in range(count)]},
    }
    readings = {MEMORY: {"value": 2e8 + 1e6 * count, "unit": "B", "samples": count}}
    return {"course": {"seconds": [60 * at for at in range(1, count + 1)], "series": series}, "readings": readings}


@pytest.fixture
def store(tmp_path):
    """One operation that degrades over versions, one that is stable, one of two runs only."""
    folder = tmp_path / "baselines"
    folder.mkdir()
    for day in range(20):
        more = course() if day == 0 else {}
        kept(folder, "content", day, 4000 + 40 * (20 - day), "2.0.0" if day < 8 else "1.4.0", **more)
        kept(folder, "steady", day, 900 + day % 2)
    for day in range(2):
        kept(folder, "young", day, 100)
    return folder


def document(burnproof, store, *options):
    return json.loads(burnproof("report", "--baselines", store, "--format", "json", *options, check=0).stdout)


def test_json_has_every_run_the_verdicts_the_levels_and_the_drift(burnproof, store):
    found = {one["operation"]: one for one in document(burnproof, store)["operations"]}
    p95 = found["content"]["metrics"][0]

    assert {name: one["direction"] for name, one in found.items()} == {
        "content": "degrading", "steady": "stable", "young": "cannot tell",
    }  # fmt: skip
    assert [point["value"] for point in p95["values"]] == [4000 + 40 * number for number in range(1, 21)]
    assert p95["thresholds"] == {"warning": 4040 * 1.25, "critical": 4040 * 1.5}
    assert [change["version"] for change in found["content"]["versions"]] == ["2.0.0"]
    assert found["content"]["drift"]["figures"][MEMORY]["last"] == pytest.approx(2.59e8)
    assert found["steady"]["drift"] is None


def test_every_format_tells_the_same(burnproof, store, tmp_path):
    page = tmp_path / "page.html"
    text = burnproof("report", "--baselines", store, check=0).stdout
    markdown = burnproof("report", "--baselines", store, "--format", "md", check=0).stdout
    burnproof("report", "--baselines", store, "--format", "html", "-o", page, check=0)
    words = re.sub(r"<[^>]+>|[|\\]", " ", page.read_text())

    for said in (text, re.sub(r"[|\\]", " ", markdown), words):
        squeezed = " ".join(html.unescape(said).split())
        assert "content (ci): degrading, 20 runs in 30 days" in squeezed
        assert re.search(
            r"P95 degrading \+\d+\.\d% \+\d+\.\d% to \+\d+\.\d% <0\.001 4040 ms 4800 ms 5050 ms 6060 ms", squeezed
        )
        assert "young (ci): cannot tell, 2 runs in 30 days" in squeezed
        assert "2 runs are too few" in squeezed
        assert re.search(r"Memory of the target 20\d MB 259 MB \+\d+\.\d% .{3,40} <0\.001 rises", squeezed)


def test_an_operation_and_a_window_can_be_chosen(burnproof, store):
    found = document(burnproof, store, "--operation", "content", "--period", "7d")["operations"]

    assert [(one["operation"], one["days"], len(one["metrics"][0]["values"])) for one in found] == [("content", 7, 7)]


def test_fewer_than_seven_days_are_seven(burnproof, store):
    found = document(burnproof, store, "--operation", "content", "--period", "1d")["operations"]

    assert (found[0]["days"], found[0]["direction"]) == (7, "degrading")


def test_what_is_missing_is_said_and_the_report_is_not_complete(burnproof, store):
    (store / "broken_20260101_000000.json").write_text('{"operation": "broken", "schema": "burnproof/result/v1"}')
    done = burnproof("report", "--baselines", store, "--operation", "content", "--operation", "absent", check=1)

    assert "Missing: no run of absent is recorded in" in done.stdout
    assert "broken_20260101_000000.json is left out" in done.stdout
    assert "content (ci): degrading" in done.stdout


def test_runs_that_do_not_state_their_version_are_named_with_the_remedy(burnproof, store):
    """Nothing may be compared with them, so that they would vanish without a word."""
    for day in range(6):
        kept(store, "unversioned", day, 100, version="")

    done = burnproof("report", "--baselines", store, check=1)
    alone = burnproof("baseline", "trend", "--store", store, "--operation", "unversioned", check=2)

    assert "the runs of unversioned (ci) are left out: they do not state their version" in " ".join(done.stdout.split())
    assert "run them with --app-version" in alone.stderr


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--baselines", "nowhere"), "there is no folder nowhere"),
        (("--baselines", "."), "no run of any operation is recorded in . in the 30 days before"),
        (("--operation", "x"), "--operation goes with --baselines"),
        (("slos/", "--baselines", "."), "name the server"),
    ],
)
def test_what_cannot_be_reported_is_said_in_a_line(burnproof, options, words):
    assert words in " ".join(burnproof("report", *options, check=2).stderr.replace("│", " ").split())


def test_a_servers_report_has_them_below_its_slos(burnproof, store, api, tmp_path):
    spec = tmp_path / "slo.yaml"
    spec.write_text(
        "version: burnproof/v1\nservice: shop\nowner: {team: a}\nslos:\n  - {name: availability, objective: 99.9%,"
        " sli: {ratio: {total: requests_total, bad: 'requests_total{code=~\"5..\"}'}}}\n"
    )

    done = burnproof("report", spec, "--url", api.url, "--baselines", store, "--format", "json")

    found = json.loads(done.stdout)
    assert [one["slo"] for one in found["slos"]] == ["availability"]
    assert [one["operation"] for one in found["operations"]] == ["content", "steady", "young"]


@pytest.fixture(scope="module")
def window(tmp_path_factory):
    with browser(tmp_path_factory.mktemp("chromium")) as found:
        yield found


@pytest.mark.browser
def test_charts_are_drawn_without_errors_or_requests_and_read_by_the_keyboard(window, burnproof, store, tmp_path):
    page = tmp_path / "page.html"
    burnproof("report", "--baselines", store, "--format", "html", "-o", page, check=0)
    window.console()
    window.requested()

    window.open(page.as_uri())
    window.waits_for("document.body.dataset.ready")

    drawn = window.run(
        "return [...document.querySelectorAll('section.operation')].map((part) => ["
        "part.querySelectorAll('[data-trend] figure').length, part.querySelectorAll('[data-course] figure').length,"
        "part.querySelectorAll('[data-trend] circle').length, part.querySelectorAll('line.level').length,"
        "part.querySelectorAll('line.version').length, part.querySelectorAll('line.fit').length])"
    )
    assert drawn == [[3, 3, 60, 6, 3, 1], [3, 0, 60, 6, 0, 0], [3, 0, 6, 6, 0, 0]]
    svg = "document.querySelector('[data-trend] svg')"
    window.run(f"{svg}.focus()")
    window.press("\ue010")  # End
    assert window.run(f"return {svg}.parentElement.querySelector('.read').textContent").endswith(
        ": 4800 ms, version 2.0.0"
    )
    assert "P95: degrading" in window.run(f"return {svg}.getAttribute('aria-label')")
    assert window.console() == []
    assert [url for url in window.requested() if not url.startswith(LOCAL)] == []


@pytest.mark.browser
def test_a_gap_in_a_course_breaks_its_line(window, burnproof, tmp_path):
    """A line drawn across an outage would say that something was measured in it."""
    folder = tmp_path / "baselines"
    folder.mkdir()
    made = course(100)
    made["course"]["series"]["response_time_p95"]["values"][40:50] = [None] * 10
    made["course"]["series"]["response_time_p95"]["values"][44] = 4000
    kept(folder, "content", 0, 4000, **made)
    page = tmp_path / "page.html"
    burnproof("report", "--baselines", folder, "--format", "html", "-o", page, check=0)

    window.open(page.as_uri())
    window.waits_for("document.body.dataset.ready")

    drawn = window.run(
        "return [...document.querySelectorAll('[data-course] svg')].map((svg) => ["
        "svg.querySelector('.left').getAttribute('d').split('M').length - 1, svg.querySelectorAll('circle').length])"
    )
    assert drawn == [[1, 0], [3, 1], [1, 0]]  # users, P95, memory
    svg = "document.querySelectorAll('[data-course] svg')[1]"
    window.run(f"{svg}.focus()")
    for _ in range(42):
        window.press("\ue014")  # →
    assert window.run(f"return {svg}.parentElement.querySelector('.read').textContent") == "42 min: no data"


@pytest.mark.browser
def test_no_label_of_a_chart_runs_into_another_or_out_of_it(window, burnproof, store, tmp_path):
    page = tmp_path / "page.html"
    burnproof("report", "--baselines", store, "--format", "html", "-o", page, check=0)
    for width in (1280, 480):
        window.devtools(
            "Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False
        )
        window.open(page.as_uri())
        window.waits_for("document.body.dataset.ready")

        collisions = window.run(
            "const found = [];"
            "for (const svg of document.querySelectorAll('section.operation svg')) {"
            "  const whole = svg.getBoundingClientRect();"
            "  const boxes = [...svg.querySelectorAll('text')].map((t) => [t.textContent, t.getBoundingClientRect()]);"
            "  boxes.forEach(([a, p], i) => {"
            "    if (p.right > whole.right + 1 || p.left < whole.left - 1) found.push(a + ' leaves');"
            "    for (const [b, q] of boxes.slice(i + 1))"
            "      if (p.left < q.right && q.left < p.right && p.top + 3 < q.bottom - 3 && q.top + 3 < p.bottom - 3)"
            "        found.push(a + ' on ' + b);"
            "  });"
            "} return found;"
        )

        assert collisions == []
