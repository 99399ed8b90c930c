"""A hostile server, and all commands that ask one."""

from __future__ import annotations

import os

import hostile
import pytest
from hostile import COMMANDS

SPEC = """
version: burnproof/v1
service: shop
slos:
  - name: availability
    objective: 99%
    sli: {ratio: {total: 'requests_total{job="shop"}', bad: 'requests_total{job="shop",code=~"5.."}', by: [route]}}
  - name: restarts
    sli: {count: {counter: 'restarts_total{job="shop"}', fewer_than: 3, per: 24h}}
"""


@pytest.fixture
def server():
    with hostile.serving() as found:
        yield found


@pytest.fixture
def other():
    """A second server, which must never see a secret."""
    with hostile.serving() as found:
        yield found


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with a spec, and an environment without settings."""
    (tmp_path / "shop.yaml").write_text(SPEC, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    for name in list(os.environ):
        if name.startswith("BURNPROOF_"):
            monkeypatch.delenv(name)
    return tmp_path


@pytest.fixture
def ask(folder, server, monkeypatch, capsys):
    """Run a command against the server; pauses between tries are left out."""
    monkeypatch.setattr("burnproof.prometheus.retries._BACKOFF", 0.0)

    def run(command, *options, url=server.url, timeout="20"):
        from burnproof.cli import main  # noqa: PLC0415 - after the patches

        code = 0
        try:
            main([*COMMANDS[command], "--url", url, "--timeout", timeout, *options])
        except SystemExit as end:
            code = end.code or 0
        out = capsys.readouterr()
        return code, out.out, out.err

    return run
