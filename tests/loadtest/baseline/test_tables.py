"""Documented figures: approximate, ranges, missing, with thousands separators; none becomes more than it is."""

from decimal import Decimal

import pytest

from burnproof.loadtest.baseline.tables import TableError, figure, read_table, relative
from result_samples import EXAMPLES

FOLDER = EXAMPLES / "baselines"


def table(name):
    return read_table(name, (FOLDER / f"{name}.csv").read_text())


@pytest.mark.parametrize(
    ("text", "low", "high", "approximate"),
    [
        ("5,247", "5247", "5247", False), ("~6s", "6 s", "6 s", True), ("~10-50ms", "10 ms", "50 ms", True),
        ("10ms-1s", "10 ms", "1 s", False), ("0.00%", "0%", "0%", False), ("1.2GB", "1.2 GB", "1.2 GB", False),
        ("about 30s", "30 s", "30 s", True),
    ],
)  # fmt: skip
def test_figures(text, low, high, approximate):
    found = figure(text)

    assert (str(found.low), str(found.high), found.approximate) == (low, high, approximate)


@pytest.mark.parametrize("text", ["", "-", "not measured", "Not measured", "no data", "N/A"])
def test_nothing_is_nothing_and_not_zero(text):
    assert figure(text) is None


@pytest.mark.parametrize("text", ["fast", "50-10ms", "1s-5MB", "0,5", "1,23"])
def test_what_is_no_figure_is_refused(text):
    with pytest.raises(TableError):
        figure(text)


@pytest.mark.parametrize(
    ("name", "rows", "columns"),
    [
        ("single-instance", 6, 3), ("api-benchmark", 9, 4), ("concurrent-debates", 5, 4), ("debates", 4, 2),
        ("llm-providers", 6, 3), ("websocket-events", 5, 3), ("memory", 6, 3), ("budget-and-reality", 7, 2),
    ],
)  # fmt: skip
def test_the_shipped_tables_are_read_whole(name, rows, columns):
    found = table(name)

    assert (len(found.rows), len(found.columns)) == (rows, columns)


def test_the_parts_of_a_websocket_event_add_up():
    for row in table("websocket-events").rows.values():
        assert row["publish"].low.value + row["delivery"].low.value == row["total"].low.value


PAIRS = {
    "Health check": "GET /api/health", "List debates": "GET /api/debates", "Get debate": "GET /api/debates/:id",
    "Create debate": "POST /api/debates", "Cast vote": "POST /api/debates/:id/vote",
    "WebSocket message": "WS /ws (message)",
}  # fmt: skip
# Of the benchmark against the guide, in percent: throughput, p50, p99.
CHANGES = {
    "Health check": ("4.9", "-10.0", "-18.0"), "List debates": ("-3.7", "-5.3", "4.2"),
    "Get debate": ("-0.4", "-1.2", "4.7"), "Create debate": ("-6.5", "7.1", "8.2"),
    "Cast vote": ("2.9", "-4.5", "-1.8"), "WebSocket message": ("5.2", "-18.0", "-24.4"),
}  # fmt: skip


def changes(operation):
    guide, benchmark = table("single-instance"), table("api-benchmark")
    return tuple(
        relative(benchmark.rows[PAIRS[operation]][column], guide.rows[operation][column], is_ceiling=column != "ops")
        for column in ("ops", "p50", "p99")
    )


@pytest.mark.parametrize("operation", PAIRS)
def test_the_benchmark_against_the_guide(operation):
    assert tuple(f"{change * 100:.1f}" for change in changes(operation)) == CHANGES[operation]


def test_only_creating_debates_degrades_beyond_5_percent_and_nothing_regresses():
    worse = {operation: (-ops, p50, p99) for operation in PAIRS for ops, p50, p99 in [changes(operation)]}

    band = Decimal("0.05")
    assert {operation for operation, found in worse.items() if any(one > band for one in found)} == {"Create debate"}
    assert all(one > band for one in worse["Create debate"])
    assert all(found[0] <= Decimal("0.15") and max(found[1:]) <= Decimal("0.20") for found in worse.values())


def test_a_range_is_compared_by_its_worse_end():
    was, now = figure("~10-50ms"), figure("55ms")

    assert relative(now, was, is_ceiling=True) == Decimal("0.1")
    assert relative(figure("5ms"), was, is_ceiling=False) == Decimal("-0.5")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a,b\n", "no rows"), ("a,b\nx\n", "has 1 of 2"), ("a,b\nx,1\nx,2\n", "there twice"),
        ("a,b\nx,fast\n", "no number"), ("a,b [parsec]\nx,1\n", "is no unit"),
    ],
)  # fmt: skip
def test_tables_that_cannot_be_read(text, says):
    with pytest.raises(TableError, match=says):
        read_table("t.csv", text)
