"""The status page in a real browser: faults by its controls, no console error, no request elsewhere, light and dark."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

sys.path.insert(0, str(Path(__file__).parents[1] / "report"))  # the tests' folders are no package

from browser import browser

from demotarget import QUIET, demo
from places import PATIENCE

pytestmark = pytest.mark.browser
NOW = "document.getElementById('now').textContent"
NOTICE = {"alertname": "ProcessorAvailabilityBurnRateHigh", "severity": "page", "slo_tier": "1h"}
CONTRASTS = """
    const channel = (v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
    const parts = (c) => c.match(/[\\d.]+/g).map(Number);
    const light = (c) => { const [r, g, b] = parts(c);
        return 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b); };
    const behind = (e) => { const c = getComputedStyle(e).backgroundColor;
        return parts(c)[3] === 0 ? behind(e.parentElement) : c; };
    const seen = [...document.querySelectorAll('h1, h2, p, a, label, input, button, th, td')];
    const pairs = seen.map((e) => [e.tagName, getComputedStyle(e).color, behind(e)]);
    for (const e of document.querySelectorAll('input'))
        pairs.push(['placeholder', getComputedStyle(e, '::placeholder').color, behind(e)]);
    return pairs.map(([name, front, back]) => { const [low, high] = [light(front), light(back)].sort((a, b) => a - b);
        return [name, (high + 0.05) / (low + 0.05)]; });
"""
OVERFLOWING = """
    const form = document.getElementById('form').getBoundingClientRect();
    const boxes = [...document.querySelectorAll('input, button')].map((e) => [e.name || e.id || e.type,
        e.getBoundingClientRect()]);
    const wide = boxes.filter(([, b]) => b.left < form.left - 0.5 || b.right > form.right + 0.5).map(([n]) => n);
    for (const [i, [name, a]] of boxes.entries()) for (const [other, b] of boxes.slice(i + 1))
        if (a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom) wide.push(name + '/' + other);
    if (document.documentElement.scrollWidth > innerWidth) wide.push('page');
    return wide;
"""


@pytest.fixture(scope="module")
def target():
    with demo(*QUIET) as running:
        yield running


@pytest.fixture(scope="module")
def window(tmp_path_factory):
    with browser(tmp_path_factory.mktemp("chromium")) as found:
        yield found


@pytest.fixture
def page(window, target):
    """The status page, open and filled once, with empty logs behind it and no faults in the service."""
    target.clear()
    window.console()
    window.requested()
    window.open(target.url)
    window.waits_for("document.querySelector('#links a')")
    yield window
    target.clear()


def click(page, selector):
    """Click into the middle of an element with the mouse."""
    x, y = page.run(
        f"const e = document.querySelector({json.dumps(selector)}); e.scrollIntoView({{block: 'center'}});"
        "const b = e.getBoundingClientRect(); return [b.x + b.width / 2, b.y + b.height / 2].map(Math.round)"
    )
    move = {"type": "pointerMove", "x": x, "y": y, "duration": 0}
    page.mouse(move, {"type": "pointerDown", "button": 0}, {"type": "pointerUp", "button": 0})


def fill(page, **fields):
    """Type into the fields of the form."""
    for name, text in fields.items():
        click(page, f"input[name={name}]")
        page.devtools("Input.insertText", text=text)


def colours(page, scheme):
    page.devtools("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])


def test_faults_asked_for_on_the_page_strike_and_are_taken_back(page, target):
    """Typed faults are in the service's state, in its answers and metrics, and on the page; Clear ends them."""
    counted = {"path": "/gpu/info", "status_code": "503"}
    before = target.total("starlette_requests_total", **counted)
    restarts = target.total("kube_pod_container_status_restarts_total")

    fill(page, path="/gpu", errors="100%", status="503", latency="1500ms", gap="20ms", restarts="2")
    click(page, "button[type=submit]")
    page.waits_for(f"{NOW}.startsWith('Now:')")

    assert page.run(f"return {NOW}") == "Now: errors 100%, latency 1.5s, gap 20ms on /gpu*."
    state = requests.get(f"{target.url}/status.json", timeout=PATIENCE).json()["faults"]
    assert state == {
        "path": "/gpu", "errors": 1, "status": 503, "latency": 1.5, "drops": 0, "lag": 0, "gap": 0.02, "leak": 0,
    }  # fmt: skip
    began = time.monotonic()
    assert requests.get(f"{target.url}/gpu/info", timeout=PATIENCE).status_code == 503
    assert time.monotonic() - began >= 1.5
    assert requests.get(f"{target.url}/health", timeout=PATIENCE).status_code == 200
    assert target.total("starlette_requests_total", **counted) == before + 1
    assert target.total("kube_pod_container_status_restarts_total") == restarts + 2
    page.waits_for(
        "[...document.querySelectorAll('#requests tr.bad')].some((row) => row.textContent.includes('/gpu/info503'))"
    )

    click(page, "#clear")
    page.waits_for(f"{NOW} === 'No faults.'")
    assert page.run("return document.querySelector('input[name=errors]').value") == ""
    assert requests.get(f"{target.url}/gpu/info", timeout=PATIENCE).status_code == 200


def test_it_is_drawn_without_console_errors_or_requests_to_others(page, target):
    """Over two refreshes and a fault, all that the browser asks is the demo itself."""
    fill(page, errors="5%")
    click(page, "button[type=submit]")
    page.waits_for(f"{NOW} === 'Now: errors 5% on all paths.'")
    page.waits_for("performance.getEntriesByName(new URL('status.json', location)).length > 2")

    asked = [url for url in page.requested() if urlsplit(url).scheme not in ("data", "chrome")]
    own = urlsplit(target.url)
    assert {urlsplit(url).netloc for url in asked} == {own.netloc}
    assert own.hostname == "127.0.0.1"
    assert {"/", "/status.json", "/faults"} <= {urlsplit(url).path for url in asked}
    assert page.console() == []
    page.run("console.error('heard')")
    assert "heard" in page.console()[0]  # the console would have said so


def test_a_refusal_stays_until_a_request_is_granted(page, target):
    """The reasons outlive the next refresh, and the faults of before go on."""
    target.faults(lag="50%")
    fill(page, errors="200%", latency="soon")
    click(page, "button[type=submit]")
    refused = "document.getElementById('refused').textContent"
    page.waits_for(f"{refused}.includes('no share') && {refused}.includes('latency:')")
    page.run("performance.clearResourceTimings()")
    page.waits_for("performance.getEntriesByName(new URL('status.json', location)).length > 0")

    page.waits_for(f"{NOW} === 'Now: lag 50% on all paths.'")
    assert "no share" in page.run(f"return {refused}")
    click(page, "#clear")
    page.waits_for(f"{refused} === ''")
    page.console()  # Chromium itself reports each answer of 400


def test_notifications_appear_and_hostile_names_stay_text(page, target):
    evil = "<img src=x onerror=document.title='owned'>"
    assert page.run("return document.getElementById('silence').hidden") is False
    alerts = [{"status": "firing", "labels": NOTICE}, {"status": "resolved", "labels": {**NOTICE, "alertname": evil}}]
    requests.post(f"{target.url}/notifications", json={"alerts": alerts}, timeout=PATIENCE)
    page.waits_for("document.querySelectorAll('#notifications tr').length === 2")

    rows = page.run(
        "return [...document.querySelectorAll('#notifications tr')].map((row) =>"
        " [row.className, ...[...row.children].slice(1).map((cell) => cell.textContent)])"
    )
    assert rows == [
        ["", "resolved", evil, "page", "1h"],
        ["bad", "firing", NOTICE["alertname"], "page", "1h"],
    ]
    assert page.run("return [document.title, document.images.length]") == ["burnproof demo", 0]
    assert page.run("return document.getElementById('silence').hidden") is True
    assert page.console() == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_read_in_both_schemes(page, target, scheme):
    """Each text, placeholders and red rows too, has the contrast that WCAG 2.2 AA asks for, 4.5 to 1."""
    colours(page, scheme)
    target.faults(errors="100%")
    requests.get(f"{target.url}/live", timeout=PATIENCE)
    page.waits_for("document.querySelector('#requests tr.bad') && document.querySelector('#now.bad')")
    ratios = page.run(CONTRASTS)

    assert {"A", "BUTTON", "TD", "placeholder"} <= {name for name, _ in ratios}
    assert [(name, ratio) for name, ratio in ratios if ratio < 4.5] == []
    back = page.run("return getComputedStyle(document.body).backgroundColor")
    assert (back == "rgb(255, 255, 255)") is (scheme == "light")


@pytest.mark.parametrize("width", [320, 480, 800, 1280])
def test_nothing_overflows_or_overlaps_in_narrow_and_wide_windows(page, width):
    page.devtools("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)
    try:
        assert page.run("return innerWidth") == width
        assert page.run(OVERFLOWING) == []
    finally:
        page.devtools("Emulation.clearDeviceMetricsOverride")
