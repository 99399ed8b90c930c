"""`backtest` on a real Prometheus: it fetches raw samples, keeps them, and finds the outage that was written there."""

from __future__ import annotations

import json
import time

import pytest
from liveservers import import_blocks, prometheus

pytestmark = [pytest.mark.live, pytest.mark.slow]

SPEC = """\
version: burnproof/v1
service: shop
slos:
  - name: availability
    objective: 99.9%
    sli: {ratio: {total: 'requests_total{job="shop"}', bad: 'requests_total{job="shop",code=~"5.."}'}}
"""
HOURS = 16
OUTAGE = range(600, 630)  # minutes


@pytest.fixture
def server(tmp_path):
    end = int(time.time()) // 60 * 60 - 120
    start = end - HOURS * 3600
    good = bad = 0
    lines = ["# TYPE requests counter"]
    for minute in range(HOURS * 60):
        failed = 300 if minute in OUTAGE else 0
        good, bad = good + 600 - failed, bad + failed
        at = start + minute * 60
        lines += [
            f'requests_total{{job="shop",code="200"}} {good} {at}',
            f'requests_total{{job="shop",code="500"}} {bad} {at}',
        ]
    lines.sort(key=lambda line: line.rpartition("{")[2].partition("}")[0])
    import_blocks(tmp_path, "\n".join([*lines, "# EOF", ""]))
    with prometheus(tmp_path) as running:
        yield running, start


def test_what_was_written_is_found_again(server, burnproof, tmp_path):
    running, start = server
    (tmp_path / "shop.yaml").write_text(SPEC)
    arguments = ("backtest", "shop.yaml", "--url", running.url, "--last", f"{HOURS}h", "--format", "json")

    (found,) = json.loads(burnproof(*arguments, cwd=tmp_path, check=0).stdout)["backtests"]

    page = next(one for one in found["notifications"] if one["severity"] == "page")
    # 1.44 % of an hour, at half bad, is 1m44s.
    assert page["start"] - (start + OUTAGE.start * 60) == pytest.approx(104, abs=150)
    assert found["attained"] == pytest.approx(1 - 300 * len(OUTAGE) / (600 * HOURS * 60), rel=1e-3)
    kept = list((tmp_path / ".burnproof" / "history").glob("*.npz"))
    assert kept
    again = json.loads(burnproof(*arguments, cwd=tmp_path, check=0).stdout)["backtests"]
    assert again[0]["notifications"][0]["start"] == found["notifications"][0]["start"]
