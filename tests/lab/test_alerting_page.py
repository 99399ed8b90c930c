"""docs/explanation/alerting.md: its figures are what its commands print."""

from __future__ import annotations

import pytest

import alerting_page


@pytest.mark.slow
def test_the_page_shows_what_its_commands_print():
    text = alerting_page.PAGE.read_text(encoding="utf-8")

    assert alerting_page.renewed(text) == text, "renew it: python tests/alerting_page.py"
