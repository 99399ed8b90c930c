"""Files that contradict themselves never pass; what real tools round and leave out is no contradiction."""

import pytest

from burnproof.gate.model import Outcome
from burnproof.results.formats import result_from_text
from result_samples import LOCUST_HEADER, k6, locust, locust_history, record, streaming, verdict

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
        (locust()[:-2], P99, "Locust ends every line, and the last one has no end"),
        (locust_history((0, 10, 0), (10, 10, 0))[:-2], P99, "the last one has no end"),
        (locust(row("", "Aggregated", 6000, 3, 4, 912, GOOD.replace("280", "1"))), P99,
         "in the row 'Aggregated' 98% is 240 and 99% is 1, which cannot be lower"),
        (locust(row("", "Aggregated", 6000, 3, 4, 300, GOOD)), P99, "100% is 910 and Max Response Time is 300"),
        (locust(row("", "Aggregated", 6000, 3, 1000, 912, GOOD)), P99, "Min Response Time is 1000 and Max"),
        (locust(row("", "Aggregated", 6000, 3, 4, 9120, GOOD)), P99, "Max Response Time is 9120 and 100% is 910"),
        (locust(row("GET", "/a", 6000, 6000, 4, 912, GOOD), row("", "Aggregated", 6000, 3, 4, 912, GOOD)), P99,
         "the Failure Count of its rows is 6000 together, and Aggregated has 3"),
        (locust(row("GET", "/a", 60, 3, 4, 912, GOOD), row("", "Aggregated", 6000, 3, 4, 912, GOOD)), P99,
         "the Request Count of its rows is 60 together, and Aggregated has 6000"),
        (locust(row("", "Aggregated", 6000, -3, 4, 912, GOOD)), P99, "has a Failure Count of '-3', which is no count"),
        (locust(row("", "Aggregated", -6000, 3, 4, 912, GOOD)), P99, "has a Request Count of '-6000'"),
        (locust(row("GET", "/a", 5, 6, 4, 912, GOOD), row("", "Aggregated", 5, 6, 4, 912, GOOD)), P99,
         "the row 'GET /a' counts 6 failures in 5 requests"),
        (record(response_time_p95=400.0, response_time_p99=50.0), RECORD, "p95 is 400.0 and response_time_p99 is 50.0"),
        (record(response_time_max=5.0), RECORD, "response_time_p99 is 8000.0 and response_time_max is 5.0"),
        (record(requests_per_second=-8.5), RECORD, "requests_per_second is -8.5"),
        (record(concurrent_users=-1), RECORD, "concurrent_users is -1"),
        (streaming().replace('"p50": 18.42', '"p50": 5000.0'), STREAM, "first_byte_latency_ms.p50 is 5000.0 and"),
        (streaming().replace('"p99": 0.812', '"p99": 0.1'), STREAM, "debate_completion_s.p95 is 0.687 and"),
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


def test_an_old_locust_file_that_lost_the_end_of_its_last_number_fails():
    """Nothing shows a last line without end to be cut there, save that its 100 % is far below the maximum."""
    header = ",".join(f'"{one}"' for one in LOCUST_HEADER.split(","))
    text = f"{header}\n{row('', 'Aggregated', 6000, 3, 4, 9120, '5,5,5,5,5,5,5,5,5,5,9100')}"

    assert verdict(text, P99).outcome is PASS
    assert [cut for cut in (1, 2, 3) if verdict(text[:-cut], P99).outcome is PASS] == []
