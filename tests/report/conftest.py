"""A server with a recorded month, and reports made from it."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import history
import pytest

import promapi
from burnproof.model.quantities import duration
from burnproof.prometheus import Client, connection
from burnproof.report import Order, make_report
from burnproof.report.periods import trailing
from once import folder_of_the_run, made_once
from places import PATIENCE

UTC = ZoneInfo("UTC")
MADE = {}
"""Reports of the flawless server by what was asked for: many tests look at the same one."""


@pytest.fixture(scope="session")
def month(tmp_path_factory):
    """All that was recorded."""
    return made_once(folder_of_the_run(tmp_path_factory), "month", history.recorded)


@pytest.fixture(scope="session")
def _api(month):
    with promapi.serving(month) as api:
        yield api


@pytest.fixture
def api(_api):
    """The server, without faults and with empty logs."""
    _api.fault = lambda _handler, _form: False
    _api.asked.clear()
    _api.headers.clear()
    return _api


@pytest.fixture
def report(api):
    """Make a report from the server; pauses between tries are skipped."""
    flawless = api.fault

    def make(*positional, **named):
        if api.fault is not flawless or "slos" in named or "span" in named:
            return made(*positional, **named)
        asked = (positional, tuple(sorted(named.items())))
        if asked not in MADE:
            MADE[asked] = made(*positional, **named)
        return MADE[asked]

    def made(period="30d", end=history.END, slos=None, timeout=PATIENCE, span=None, **options):
        client = Client(connection(api.url, timeout=timeout, env={}), sleep=lambda _seconds: None)
        order = Order(span or trailing(duration(period), end), UTC, **options)
        return make_report(client, slos or history.slos(), order, end)

    return make
