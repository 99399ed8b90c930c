"""The progress bar: on a terminal, once it takes long, and gone without a trace."""

from __future__ import annotations

import io
import sys
import time

import pytest

from burnproof.cli import progress
from places import eventually


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def watched(monkeypatch):
    """Give a function that begins to watch stderr: pytest swaps the stream itself between set-up and test."""

    def watch(stream):
        monkeypatch.setattr(sys, "stderr", stream)
        return stream

    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(progress, "PATIENCE", 0.05)
    return watch


def _work(seconds, *, quiet=False):
    with progress.Steps(("reading", "planning"), quiet=quiet) as bar:
        bar.begin("reading")
        time.sleep(seconds)
        bar.begin("planning")
        time.sleep(seconds)


def _wait_for_the_bar(terminal, text=""):
    eventually(lambda: terminal.getvalue() and text in terminal.getvalue())


def test_long_work_on_a_terminal_shows_its_step(watched):
    terminal = watched(Terminal())
    with progress.Steps(("reading", "planning"), quiet=False) as bar:
        bar.begin("reading")
        _wait_for_the_bar(terminal)
        bar.begin("planning")
        _wait_for_the_bar(terminal, "planning")

    assert "planning" in terminal.getvalue()


@pytest.mark.parametrize(("seconds", "quiet"), [(0, False), (0.5, True)])
def test_quick_or_quiet_work_shows_nothing(watched, seconds, quiet, monkeypatch):
    terminal = watched(Terminal())
    if not quiet:
        monkeypatch.setattr(progress, "PATIENCE", 30)  # a busy machine takes its time for nothing, too
    _work(seconds, quiet=quiet)

    assert terminal.getvalue() == ""


def test_nothing_is_shown_where_no_one_looks(watched):
    stream = watched(io.StringIO())
    _work(0.5)

    assert stream.getvalue() == ""


def test_an_interruption_takes_the_bar_away(watched):
    terminal = watched(Terminal())

    def interrupted():
        with progress.Steps(("reading",), quiet=False):
            _wait_for_the_bar(terminal)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    shown = terminal.getvalue()
    time.sleep(0.3)
    assert terminal.getvalue() == shown
