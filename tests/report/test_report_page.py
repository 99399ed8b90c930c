"""The page in a real browser: charts drawn, no console error, no request, mouse, keyboard, light, dark and print."""

from __future__ import annotations

import base64
from dataclasses import replace

import pytest
from browser import browser

from burnproof.report.html import as_html

pytestmark = pytest.mark.browser
LOCAL = ("file:", "data:", "chrome:")  # the last are of the browser's own first window
END, RIGHT, PLUS = "\ue010", "\ue014", "+"


@pytest.fixture(scope="module")
def window(tmp_path_factory):
    with browser(tmp_path_factory.mktemp("chromium")) as found:
        yield found


@pytest.fixture
def page(window, report, tmp_path):
    """The page of the month, open."""
    path = tmp_path / "report.html"
    path.write_text(as_html(report("30d")), encoding="utf-8")
    window.console()
    window.requested()
    window.open(path.as_uri())
    window.waits_for("document.body.dataset.ready")
    window.run("document.querySelectorAll('details').forEach((part) => { part.open = true; drawOnce(part); })")
    return window


def first_chart(page):
    """Scroll the first chart into view; give its box."""
    return page.run(
        "const c = document.querySelector('figure svg'); c.scrollIntoView({block: 'center'});"
        "const b = c.getBoundingClientRect(); return {x: b.x, y: b.y, width: b.width, height: b.height}"
    )


def test_all_charts_are_drawn_without_errors_or_requests(page):
    drawn = page.run(
        "return [...document.querySelectorAll('[data-charts]')].map((box) => [LINES[box.dataset.charts].name,"
        " box.querySelectorAll('figure').length, box.querySelectorAll('.left, .area, .bar').length])"
    )
    counts = {name: (figures, marks) for name, figures, marks in drawn}

    assert counts["shop/availability"][0] == 4  # budget, burn, events, earlier spans
    assert counts["shop/pool"][0] == 3  # slices have no traffic
    assert counts["shop/restarts"][0] == 2
    assert all(marks > 2 for name, (_, marks) in counts.items() if name not in ("shop/nothing", "shop/idle"))
    assert counts["shop/nothing"] == (0, 0)
    assert page.console() == []
    assert [url for url in page.requested() if not url.startswith(LOCAL)] == []
    page.run("console.error('heard')")
    assert "heard" in page.console()[0]  # the console would have said so


def test_the_line_ends_where_the_figures_do(page, report):
    """What is drawn last is the budget that is left."""
    left = page.run("return budgetLeft(LINES.find((line) => line.name === 'shop/pool')).at(-1)")
    line = next(one for one in report("30d").lines if one.name == "shop/pool")

    assert left == pytest.approx(1 - line.figures.spent, abs=1e-4)


def test_pointing_reads_values_and_dragging_zooms(page):
    box = first_chart(page)
    middle = {"type": "pointerMove", "x": round(box["x"] + box["width"] / 2), "y": round(box["y"] + 40), "duration": 0}
    page.mouse(middle)

    assert "budget left" in page.run("return document.querySelector('.read').textContent")
    before = page.run("return document.querySelector('figure svg').textContent")
    end = {**middle, "x": middle["x"] + 200}
    page.mouse(middle, {"type": "pointerDown", "button": 0}, end, {"type": "pointerUp", "button": 0})
    zoomed = page.run("return document.querySelector('figure svg').textContent")
    assert zoomed != before
    page.run("document.querySelector('figure svg').dispatchEvent(new MouseEvent('dblclick'))")
    assert page.run("return document.querySelector('figure svg').textContent") == before


def test_the_keyboard_does_all_that_the_mouse_does(page):
    first_chart(page)
    page.run("document.querySelector('figure svg').focus()")
    before = page.run("return document.querySelector('figure svg').textContent")
    page.press(RIGHT)
    first = page.run("return document.querySelector('.read').textContent")
    page.press(RIGHT)
    second = page.run("return document.querySelector('.read').textContent")
    page.press(END)

    assert "1 Nov" in first
    assert first != second != page.run("return document.querySelector('.read').textContent")
    page.press(PLUS)
    assert page.run("return document.querySelector('figure svg').textContent") != before
    page.press("0")
    assert page.run("return document.querySelector('figure svg').textContent") == before


def test_the_table_sorts_and_filters(page):
    names = (
        "return [...document.querySelectorAll('#slos tbody tr')].filter((row) => !row.hidden)"
        ".map((row) => row.children[0].textContent)"
    )
    page.run("document.querySelectorAll('#slos th button')[5].click()")
    rising = page.run(names)
    page.run("document.querySelectorAll('#slos th button')[5].click()")

    assert page.run(names)[0] == "shop/pool"
    assert rising[-1] == "shop/pool"
    page.run("const f = document.getElementById('find'); f.value = 'missed'; f.dispatchEvent(new Event('input'))")
    assert sorted(page.run(names)) == ["shop/pool", "shop/restarts"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_read_in_both_schemes(page, scheme):
    """Each text that carries meaning has the contrast that WCAG 2.2 AA asks for, 4.5 to 1."""
    page.devtools("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
    ratios = page.run("""
        const channel = (v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
        const light = (c) => { const [r, g, b] = c.match(/[\\d.]+/g).map(Number);
            return 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b); };
        const back = light(getComputedStyle(document.body).backgroundColor);
        return [...document.querySelectorAll('td.status, dt, dd, figcaption, .fine, td a, .badge')].map((e) => {
            const front = light(getComputedStyle(e).color);
            return (Math.max(front, back) + 0.05) / (Math.min(front, back) + 0.05); });
    """)

    assert len(ratios) > 50
    assert min(ratios) >= 4.5
    dark = page.run("return getComputedStyle(document.body).backgroundColor")
    assert (dark == "rgb(255, 255, 255)") is (scheme == "light")


def test_it_prints(page):
    printed = base64.b64decode(page.devtools("Page.printToPDF", printBackground=True)["data"])

    assert printed.startswith(b"%PDF")
    assert printed.count(b"/Type /Page\n") >= 2


def test_hostile_names_stay_text(window, report, tmp_path):
    """A title, a label or a note that looks like markup is shown, and does nothing."""
    made = report("30d")
    evil = "</script><img src=x onerror=document.title='owned'><script>document.title='owned'</script>"
    line = replace(made.lines[0], group=(("route", evil),), notes=(evil, "javascript:alert(1)"))
    path = tmp_path / "evil.html"
    path.write_text(as_html(replace(made, title=evil, lines=(line,), troubles=(evil,))), encoding="utf-8")
    window.console()
    window.open(path.as_uri())
    window.waits_for("document.body.dataset.ready")

    assert window.run("return document.title").startswith("</script>")
    assert window.run("return document.querySelectorAll('img').length") == 0
    assert window.run("return document.querySelector('h1').textContent") == evil
    assert window.console() == []


def test_a_month_of_a_hundred_slos_is_a_page_of_a_few_megabytes(report):
    made = report("30d")

    page = as_html(replace(made, lines=made.lines * 13))

    assert len(page) < 4_000_000
    assert 'http-equiv="Content-Security-Policy" content="default-src \'none\'' in page
