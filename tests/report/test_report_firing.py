"""What a report says in the middle of an incident, before it and after it: what fires stands first."""

from __future__ import annotations

from dataclasses import replace

import history
import pytest
from history import DAY, MINUTE, line_of

from burnproof.report import rows
from burnproof.report.asjson import document
from burnproof.report.html import as_html
from burnproof.report.markdown import as_markdown
from burnproof.report.numbers import NOTHING
from burnproof.report.slack import message
from burnproof.report.text import as_text

OUTAGE = history.END - 10 * DAY


@pytest.fixture
def amid(report):
    """A report an hour into the outage."""
    return report("7d", OUTAGE + 60 * MINUTE)


def test_an_alert_that_fires_stands_first_and_says_since_when(amid):
    assert any(alert.severity == "page" for alert in amid.lines[0].firing)
    line = line_of(amid, "availability")
    pages = {alert.tier for alert in line.firing if alert.severity == "page"}

    assert "1h" in pages
    assert all(OUTAGE <= alert.start <= OUTAGE + 60 * MINUTE for alert in line.firing if alert.tier == "1h")
    first = next(text for text in rows.firing_texts(amid) if "shop/availability" in text)
    assert first.startswith("Firing now: ")
    assert "(page " in first
    assert " since 2026-11-21 00:" in first


def test_every_format_says_so_before_the_verdicts(amid):
    (said, *_) = rows.firing_texts(amid)
    alert = said.partition(" since ")[0].removeprefix("Firing now: ").partition(": ")[2]

    text = as_text(amid, width=160, colour=False)
    assert text.index("Firing now: ") < text.index("Objective")
    assert "met, firing" in text or "missed, firing" in text
    markdown = as_markdown(amid)
    assert markdown.index("Firing now") < markdown.index("| SLO")
    page = as_html(amid)
    assert page.index("Firing now") < page.index('class="tiles"')
    blocks = [block["text"]["text"] for block in message(amid)["blocks"]]
    assert ":rotating_light: Firing now" in blocks[2]
    firing = [one for line in document(amid)["slos"] for one in line["firing"]]
    assert alert.partition(" ")[0] in {one["name"] for one in firing}


def test_what_is_counted_ends_at_the_moment_that_is_named(report):
    """Four minutes into an outage its events are not counted yet, and the head of the report says until when."""
    made = report("7d", OUTAGE + 4 * MINUTE)

    assert rows.span_text(made).endswith("events counted until 2026-11-21 00:00 UTC")
    assert line_of(made, "availability").figures.bad == pytest.approx(
        line_of(report("7d", OUTAGE), "availability").figures.bad, rel=0.01
    )


def test_the_table_and_the_incident_count_the_same_events(report):
    """Of a span that begins with the outage all bad events are those of its one incident."""
    line = line_of(report("1h", OUTAGE + 60 * MINUTE), "availability")
    (incident,) = (one for one in line.incidents if one.open)

    assert incident.bad == pytest.approx(line.figures.bad, rel=0.01)


def test_after_it_nothing_fires(report):
    made = report("7d", OUTAGE + DAY * 2)

    assert not [alert for line in made.lines for alert in line.firing if alert.severity == "page"]


def test_a_report_of_the_past_does_not_say_now(amid):
    later = replace(amid, made=amid.made + 7200)

    assert {text.partition(":")[0] for text in rows.firing_texts(later)} == {"Firing at the end"}


def test_many_alerts_are_cut_and_counted(amid):
    line = next(line for line in amid.lines if line.firing)
    many = tuple(replace(line.firing[0], tier=f"{number}h") for number in range(30))
    made = replace(amid, lines=(replace(line, firing=many),))

    assert len(rows.firing_texts(made)) == rows.FIRING + 1
    assert rows.firing_texts(made)[-1] == "and 10 more alerts"


@pytest.mark.parametrize("width", [80, 60])
def test_on_a_narrow_terminal_no_number_is_broken(amid, width):
    text = as_text(amid, width=width, colour=False)
    words = " ".join(text.split())

    assert max(len(line) for line in text.splitlines()) <= width
    for line in amid.lines:
        for cell in rows.cells(line):
            assert cell in words or cell == NOTHING
