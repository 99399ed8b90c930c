"""Files that contradict themselves never pass; what real tools round and leave out is no contradiction."""

import pytest

from burnproof.loadtest.gate.model import Outcome
from burnproof.loadtest.results.formats import result_from_text
from result_samples import LOCUST_HEADER, k6, locust, record, streaming, verdict

PASS, WARN, FAIL = Outcome
P99 = "{metric: Aggregated/99%, at_most: 500ms}"
RECORD = "{metric: response_time_p95, at_most: 5s}"
STREAM = "{metric: first_byte_latency_ms.p95, at_most: 10s}"
K6 = "{metric: http_req_duration/p(99), at_most: 500ms}"


def row(kind, name, requests, failures, least, most, percentiles):
    """A row as Locust writes it."""
    return f"{kind},{name},{requests},{failures},80,85.2,{least},{most},512.0,50.1,0.02,{percentiles}"


GOOD = "80,90,100,110,140,180,240,280,610,900,910"


@pytest.mark.parametrize(
    ("text", "check", "says"),
    [
        (locust(row("GET", "/a", 6000, 6000, 4, 912, GOOD), row("", "Aggregated", 6000, 3, 4, 912, GOOD)), P99,
         "the Failure Count of its rows is 6000 together, and Aggregated has 3"),
        (locust(row("GET", "/a", 60, 3, 4, 912, GOOD), row("", "Aggregated", 6, 3, 4, 912, GOOD)), P99,
         "the Request Count of its rows is 60 together, and Aggregated has 6"),
        (locust(row("", "Aggregated", 6000, -3, 4, 912, GOOD)), P99, "has a Failure Count of '-3', which is no count"),
        (locust(row("", "Aggregated", -6000, 3, 4, 912, GOOD)), P99, "has a Request Count of '-6000'"),
        (locust(row("GET", "/a", 5, 6, 4, 912, GOOD), row("", "Aggregated", 5, 6, 4, 912, GOOD)), P99,
         "the row 'GET /a' counts 6 failures in 5 requests"),
        (record(requests_per_second=-8.5), RECORD, "requests_per_second is -8.5"),
        (record(concurrent_users=-1), RECORD, "concurrent_users is -1"),
        (k6(http_req_failed={"passes": 900, "fails": 2100, "value": 0}), K6,
         "the rate of http_req_failed is 0, but 900 of 3000 are 0.3000"),
        (k6(http_req_failed={"passes": 10, "fails": 9990, "value": 0.001}), K6, "counts 10000 requests, and http"),
        (k6(http_req_waiting={"med": 9.0, "p(90)": 8.0}), K6, "of http_req_waiting med is 9.0 and p(90) is 8.0"),
    ],
)  # fmt: skip
def test_a_contradiction_never_passes(text, check, says):
    assert says in result_from_text("result", text).fault
    assert verdict(text, check).outcome is FAIL


@pytest.mark.parametrize(
    ("text", "check"),
    [
        # A sample of which one figure was changed to see what the gate says; rows that were left out.
        (locust(row("", "Aggregated", 6000, 3, 4, 912, GOOD.replace("280", "1"))), P99),
        (locust(row("", "Aggregated", 6000, 3, 4, 9120, GOOD)), P99),
        (k6(http_req_failed={"passes": 0, "fails": 3000, "value": 0.009}), K6),
        (locust(row("", "Aggregated", 6000, 3, 4, 912, GOOD.replace("240,280", "499,280"))), P99),
        (locust(row("GET", "/a", 60, 3, 4, 912, GOOD), row("", "Aggregated", 6000, 3, 4, 912, GOOD)), P99),
        (record(response_time_p95=4999.0, response_time_p99=4500.0), RECORD),
        (streaming().replace('"p95": 38.91', '"p95": 500.0'), STREAM),
        (record(response_time_p95=100.0), RECORD),
        # A file that someone stripped of its last line end has lost nothing but the certainty of its last number.
        (locust()[:-2], P99),
        # Locust rounds percentiles to two digits, extremes not at all.
        (locust(row("", "Aggregated", 6000, 3, 4, 9051, GOOD.replace("900,910", "9100,9100"))), P99),
        (locust(row("", "Aggregated", 6000, 3, 104, 104, ",".join(["100"] * 11))), P99),
        (locust(row("", "Aggregated", 6000, 3, "0.61", "0.74", ",".join(["1"] * 11))), P99),
        # Editors and git turn the ends of lines round; Locust 1.0 ended no last line.
        (locust().replace("\r\n", "\n"), P99),
        (locust().replace(LOCUST_HEADER, ",".join(f'"{one}"' for one in LOCUST_HEADER.split(",")))[:-2], P99),
        # Records of Locust's figures have its rounding, and a sample that no closed loop can produce is still read.
        (record(response_time_p99=9100.0, response_time_max=9051.2), RECORD),
        (record(), RECORD),
        (record(requests_per_second=9999.0), RECORD),
        (record(response_time_median=None, response_time_max=None), RECORD),
        # Scripts round k6's summary; requests that nobody judges are no part of http_req_failed.
        (k6(http_req_failed={"passes": 1, "fails": 2999, "value": 0.0}), K6),
        (k6(http_req_failed={"passes": 0, "fails": 100, "value": 0}), K6),
        (k6(unused={"passes": 0, "fails": 0, "value": 0}), K6),
    ],
)
def test_what_tools_round_or_leave_out_is_no_contradiction(text, check):
    assert (result_from_text("result", text).fault, verdict(text, check).outcome) == ("", PASS)


@pytest.mark.parametrize("cut", [2, 3, 4])
def test_a_last_number_without_a_line_end_may_be_cut_and_is_none(cut):
    """``910`` and ``9`` look alike, and 9 ms would pass."""
    found = verdict(locust()[:-cut], "{metric: Aggregated/100%, at_most: 5s}")

    assert found.outcome is FAIL
    assert "may have been cut" in " ".join(found.reasons)
