"""``burnproof backtest``: real history, from dumps and servers, held against what the events in it say."""

from __future__ import annotations

import json

import numpy as np
import pytest

from burnproof.lab.alerts import compiled
from burnproof.lab.dump import DumpError, read_dump
from burnproof.lab.history import PIECE, fetch, pieces, raw_selectors
from burnproof.prometheus import Answer, QueryError, Series
from burnproof.specs.resolve import read_slos

START = 1_767_225_600  # midnight of a Thursday, UTC
SPEC = """\
version: burnproof/v1
service: shop
slos:
  - name: availability
    objective: 99.9%
    sli: {ratio: {total: 'requests_total{job="shop"}', bad: 'requests_total{job="shop",code=~"5.."}'}}
"""
INCIDENTS = """\
version: burnproof/incidents/v1
incidents:
  - {start: 2026-01-03T00:00:00Z, end: 2026-01-03T00:40:00Z, note: the database was down}
  - {start: 2026-01-04T12:00:00Z, end: 2026-01-04T12:10:00Z, note: nobody noticed}
"""
MINUTES = 4 * 1440
OUTAGE = range(2 * 1440, 2 * 1440 + 40)  # of a fifth of the requests


def history(folder, *, openmetrics=True):
    """Write four days of two pods; 20 % of requests fail for 40 minutes."""
    lines = []
    for pod in "ab":
        good = bad = 0
        for minute in range(MINUTES):
            failed = 120 if minute in OUTAGE else 0
            good, bad = good + 600 - failed, bad + failed
            at = START + minute * 60 if openmetrics else (START + minute * 60) * 1000
            lines += [
                f'requests_total{{job="shop",code="200",pod="{pod}"}} {good} {at}',
                f'requests_total{{job="shop",code="500",pod="{pod}"}} {bad} {at}',
            ]
    (folder / "dump.txt").write_text("\n".join([*lines, *(["# EOF"] if openmetrics else [])]) + "\n")


@pytest.fixture
def shop(tmp_path):
    (tmp_path / "shop.yaml").write_text(SPEC)
    (tmp_path / "incidents.yaml").write_text(INCIDENTS)
    return tmp_path


@pytest.mark.parametrize("openmetrics", [True, False], ids=["OpenMetrics", "Prometheus text"])
def test_a_dump_gives_alerts_budget_and_incidents(burnproof, shop, openmetrics):
    history(shop, openmetrics=openmetrics)
    arguments = ("backtest", "shop.yaml", "--data", "dump.txt", "--incidents", "incidents.yaml", "--format", "json")

    (found,) = json.loads(burnproof(*arguments, cwd=shop, check=0).stdout)["backtests"]

    bad = len(OUTAGE) * 120 / (MINUTES * 600)
    assert found["attained"] == pytest.approx(1 - bad, rel=1e-5)
    assert found["left"] == pytest.approx(1 - bad / 0.001, abs=0.01)
    assert (found["incidents"], found["recall"]) == ([2, 1], 0.5)
    page = next(one for one in found["notifications"] if one["severity"] == "page")
    # 1.44 % of an hour, at a fifth bad, is 4m19s.
    assert page["start"] - (START + OUTAGE.start * 60) == pytest.approx(259, abs=150)
    assert page["incident"] == "the database was down"


def test_objectives_and_policies_stand_side_by_side(burnproof, shop):
    history(shop)
    told = burnproof(
        *("backtest", "shop.yaml", "--data", "dump.txt", "--objectives", "99,99.9", "--policy", "google-3"),
        cwd=shop, check=0, env={"COLUMNS": "160"},
    ).stdout  # fmt: skip

    assert "google-3, 99% " in told
    assert "google-3, 99.9%" in told


def test_two_versions_of_a_spec_stand_side_by_side(burnproof, shop):
    history(shop)
    (shop / "new.yaml").write_text(SPEC.replace("99.9%", "99%"))

    told = burnproof("backtest", "shop.yaml", "--data", "dump.txt", "--against", "new.yaml", cwd=shop, check=0).stdout

    assert "google, 99.9%" in told
    assert "new: google, 99%" in told


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("up 1 5\nup 2\n", 2, "a value and a timestamp"),
        ('up 1 5\nup{a="b"} x 5\n', 2, "no value and timestamp"),
        ("# EOF\n", None, "no sample"),
        ("up{a=b} 1 5\n", None, "up{a=b}"),
    ],
)
def test_a_broken_dump_is_named_at_its_line(tmp_path, text, line, said):
    (tmp_path / "dump.txt").write_text(text)

    with pytest.raises(DumpError) as raised:
        read_dump(tmp_path / "dump.txt")

    (found,) = raised.value.problems
    assert said in found.message
    assert line is None or found.span.line == line


class Server:
    """A server with a sample a minute of one series; it may stop answering after some questions."""

    url = "http://server"

    def __init__(self, answers=10**6):
        self.asked, self.left = [], answers

    def query(self, query, at):
        self.asked.append((query, at))
        if len(self.asked) > self.left:
            raise QueryError("it is gone")
        seconds = int(query.rpartition("[")[2].removesuffix("s]"))
        points = tuple((float(t), t / 60) for t in range(int(at) - seconds + 1, int(at) + 1) if t % 60 == 0)
        return Answer((Series({"__name__": "up", "job": "shop"}, points),))


def test_a_run_that_is_broken_off_goes_on_from_there(tmp_path):
    end = START + 3 * PIECE
    wanted = pieces(("up",), START - 600, end)
    with pytest.raises(QueryError):
        fetch(Server(answers=2), wanted, tmp_path, now=end + 3600)
    again = Server()

    storage = fetch(again, wanted, tmp_path, now=end + 3600)

    assert len(again.asked) == len(wanted) - 2
    (series,) = storage
    assert np.array_equal(series.times, np.arange((START - 540) * 1000, end * 1000 + 1, 60_000))
    assert fetch(Server(answers=0), wanted, tmp_path, now=end + 3600).get(series.labels) is not None


def test_the_last_minutes_are_asked_for_again(tmp_path):
    wanted = pieces(("up",), START, START + 3600)
    for _ in range(2):
        server = Server()
        fetch(server, wanted, tmp_path, now=START + 3700)
        assert len(server.asked) == 1


def test_only_raw_series_are_fetched(tmp_path):
    (tmp_path / "shop.yaml").write_text(SPEC)
    (slo,) = read_slos([str(tmp_path / "shop.yaml")]).slos

    # Those of bad requests are among them.
    assert raw_selectors(compiled(slo)) == ('requests_total{job="shop"}',)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "give --url or --data"),
        (("--data", "none.txt"), "none.txt"),
        (("--data", "dump.txt", "--objectives", "one"), "one"),
        (("--data", "dump.txt", "--incidents", "none.yaml"), "none.yaml"),
        (("--data", "dump.txt", "--policy", "x"), "no built-in policy"),
        (("--url", "http://127.0.0.1:1", "--timeout", "1"), "cannot be reached"),
    ],
)
def test_what_cannot_be_done_is_said(burnproof, shop, arguments, said):
    (shop / "dump.txt").write_text('requests_total{job="shop",code="200"} 1 1767225600\n# EOF\n')

    done = burnproof("backtest", "shop.yaml", *arguments, cwd=shop, check=2)

    assert said in done.stderr
    assert "Traceback" not in done.stderr
