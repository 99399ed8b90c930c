"""The live gate: SLOs judged on a server's answers over a span; a server without data passes nothing."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import numpy as np
import pytest

from burnproof.loadtest.gate.live import judge_live
from burnproof.loadtest.gate.model import Outcome
from burnproof.model.quantities import duration
from burnproof.prometheus import Client, QueryError, connection
from burnproof.prometheus.span import Span
from burnproof.specs.resolve import slos_from_text
from promapi import serving
from promrules.columns.series import STALE_NAN, Storage
from promrules.syntax.labels import labels_of
from promrules.syntax.parse import parse

PASS, WARN, FAIL = Outcome
SPEC = """
version: burnproof/v1
service: shop
slos:
  - name: availability
    objective: 99%
    sli:
      ratio: {{total: 'requests_total{{job="shop"}}', good: 'requests_total{{job="shop",code!~"5.."}}'{more}}}
"""


class FakePrometheus:
    """Answers queries from a table: the first key that the query contains gives the series."""

    def __init__(self):
        self.answers = {}
        self.status = 200
        self.warnings = []
        self.queries = []
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
                query = form["query"][0]
                fake.queries.append((self.path, query, form))
                body = fake.body(query, ranged=self.path.endswith("query_range"))
                self.send_response(fake.status)
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, *_):
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}"
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def body(self, query, *, ranged):
        if self.status != 200:
            return json.dumps({"status": "error", "error": "no such function"})
        if "timestamp(" in query or "count_over_time(" in query:  # the targets and their series were there all the time
            return json.dumps({"status": "success", "data": {"resultType": "matrix", "result": []}})
        series = next((found for key, found in self.answers.items() if key in query), [])
        name = "values" if ranged else "value"
        result = [{"metric": labels, name: value} for labels, value in series]
        kind = "matrix" if ranged else "vector"
        return json.dumps(
            {"status": "success", "data": {"resultType": kind, "result": result}, "warnings": self.warnings}
        )


@pytest.fixture
def prometheus():
    fake = FakePrometheus()
    yield fake
    fake.http.shutdown()
    fake.http.server_close()


def asking(url):
    """A client without pauses between its tries."""
    return Client(connection(url, env={}), sleep=lambda _seconds: None)


def judged(prometheus, text, span="10m"):
    loaded = slos_from_text("shop.yaml", text)
    assert [found.message for found in loaded.problems if found.severity == "error"] == []
    return judge_live(loaded.slos, asking(prometheus.url), Span(1_700_000_000.0, duration(span)))


def ratio(prometheus, total, good, more=""):
    """Rates per second of all and of good requests; None for a series that is not there."""
    prometheus.answers = {
        'code!~"5.."': [({}, [0, str(good)])] if good is not None else [],
        "requests_total": [({}, [0, str(total)])] if total is not None else [],
    }
    return judged(prometheus, SPEC.format(more=more))[0]


@pytest.mark.parametrize(
    ("total", "good", "outcome", "headroom"),
    [
        (10, 10, PASS, "100%"),
        (10, 9.95, PASS, "50%"),
        (10, 9.9, PASS, "0%"),
        (10, 9.8, FAIL, "-100%"),
        (10, None, FAIL, "-9900%"),  # the good series vanished: an outage
        (0, 0, FAIL, None),
        (None, None, FAIL, None),
        ("NaN", 1, FAIL, None),
    ],
)
def test_a_ratio_over_a_span(prometheus, total, good, outcome, headroom):
    found = ratio(prometheus, total, good)

    assert found.outcome is outcome
    assert (None if found.headroom is None else f"{round(found.headroom.value)}%") == headroom


@pytest.mark.parametrize(
    ("total", "good", "reason"),
    [
        (10, "NaN", "The query of good gives nan, which is no count."),
        (10, "+Inf", "The query of good gives inf, which is no count."),
        (10, -1, "The query of good gives a negative count, -600."),
        ("NaN", 10, "The query of total gives nan, which is no count."),
        ("+Inf", 10, "The query of total gives inf, which is no count."),
        (-10, 10, "The query of total gives a negative count, -6000."),
    ],
)
def test_what_is_no_count_fails(prometheus, total, good, reason):
    found = ratio(prometheus, total, good)

    assert (found.outcome, found.actual, found.reasons) == (FAIL, None, (reason,))


@pytest.mark.parametrize(
    ("factor", "outcome"), [("* (0/0)", FAIL), ("/ 0", FAIL), ("* -1", FAIL), ("* 0", PASS), ("* -0.0001", PASS)]
)
def test_bad_events_that_are_no_count_fail(factor, outcome):
    """A difference of rates may come out a little below 0: each is extrapolated by itself."""
    bad = f"{{total: 'sum(rate(made_total[$window]))', bad: 'sum(rate(made_total[$window])) {factor}'}}"
    text = f"version: burnproof/v1\nservice: shop\nslos: [{{name: a, objective: 99%, sli: {{ratio: {bad}}}}}]\n"

    found = served(text, {"made_total": rising(150, 42)}, step=15)[0][0]

    assert (found.outcome, found.actual is None) == (outcome, outcome is FAIL)


def test_the_window_is_the_span_and_the_moment_its_end(prometheus):
    ratio(prometheus, 10, 10)

    path, query, form = prometheus.queries[0]
    assert (path, form["time"]) == ("/api/v1/query", ["1700000000.000"])
    assert query == 'sum(rate(requests_total{job="shop"}[10m]))'


def test_too_few_events_do_not_pass(prometheus):
    found = ratio(prometheus, 0.1, 0.1, more=", min_events: 100")

    assert (found.outcome, found.samples) == (FAIL, 60)
    assert found.reasons == ("60 events are too few: 100 are needed.",)


def test_warnings_of_the_server_warn(prometheus):
    prometheus.warnings = ["partial response"]

    assert ratio(prometheus, 10, 10).outcome is WARN


def test_groups_are_judged_apart(prometheus):
    prometheus.answers = {
        'code!~"5.."': [({"route": "/a"}, [0, "10"])],
        "requests_total": [({"route": "/a"}, [0, "10"]), ({"route": "/b"}, [0, "10"])],
    }

    found = judged(prometheus, SPEC.format(more=", by: [route]"))

    assert [(one.slo, one.outcome) for one in found] == [
        ("shop/availability {route=/a}", PASS),
        ("shop/availability {route=/b}", FAIL),
    ]


SLICES = """
version: burnproof/v1
service: shop
slos:
  - name: pool
    objective: 80%
    alerting: {policy: {name: once, tiers: [{factor: 1, long: 1h, severity: ticket}]}}
    sli: {threshold: {value: pool_in_use, op: "<", bound: 80%, slice: 1m}}
"""


END = 1_700_000_000 // 60 * 60


def served(text, series, span="10m", step=60):
    """Judge a spec by samples that end with the span, so many seconds apart; None where a scrape found nothing."""
    storage = Storage()
    for name, values in series.items():
        labels = labels_of([(m.name, m.value) for m in parse(name).matchers])
        there = [at for at, value in enumerate(values) if value is not None]
        times = (END - step * (len(values) - 1 - np.array(there, dtype=np.int64))) * 1000
        storage.append(labels, times, np.array([values[at] for at in there], dtype=float))
    with serving(storage) as api:
        loaded = slos_from_text("shop.yaml", text)
        assert [found.message for found in loaded.problems if found.severity == "error"] == []
        return judge_live(loaded.slos, asking(api.url), Span(END, duration(span))), api


@pytest.mark.parametrize(
    ("values", "outcome", "samples"),
    [
        ([0.1] * 10, PASS, 10),
        ([0.1] * 8 + [0.8] * 2, PASS, 10),
        ([0.1] * 7 + [0.8] * 3, FAIL, 10),
        (["NaN"] * 5 + [0.1] * 5, PASS, 5),
        (["NaN"] * 10, FAIL, 0),
        ([], FAIL, 0),
    ],
)
def test_slices_of_a_span(values, outcome, samples):
    """Each whole slice of the span is judged where it ends; one without a value is none."""
    (found, *_), api = served(SLICES, {"pool_in_use": values} if values else {})

    assert (found.outcome, found.samples) == (outcome, samples)
    form = api.asked[0]
    assert (form["endpoint"], form["step"]) == ("query_range", "60.000")
    assert (form["start"], form["end"]) == (f"{END - 540}.000", f"{END}.000")


def test_a_span_shorter_than_a_slice_has_no_data(prometheus):
    assert judged(prometheus, SLICES, span="30s")[0].outcome is FAIL


COMPARE = """
version: burnproof/v1
service: shop
scrape_interval: 15s
slos:
  - name: keeps-up
    objective: 50%
    alerting: {policy: {name: once, tiers: [{factor: 1, long: 1h, severity: ticket}]}}
    sli: {compare: {left: done_total, op: ">=", right: made_total, tolerance: 10%, slice: 1m}}
"""


def rising(each, samples=60):
    """Give a counter that is older than the window over which a slice of four minutes ago is compared."""
    return [1000 + each * number for number in range(samples)]


@pytest.mark.parametrize(
    ("left", "right", "outcome"),
    [
        (91, 100, PASS),  # within the tolerance
        (89, 100, FAIL),
        (None, 100, FAIL),  # a consumer that is gone keeps up with nothing
        (0, 0, FAIL),  # idle all along: nothing was shown
    ],
)
def test_two_rates(left, right, outcome):
    """A slice is bad where left does not keep up with right; without any movement there is no verdict."""
    series = {"made_total": rising(right)} | ({} if left is None else {"done_total": rising(left)})

    assert served(COMPARE, series, span="4m", step=15)[0][0].outcome is outcome


COUNT = """
version: burnproof/v1
service: shop
slos:
  - name: restarts
    sli: {count: {counter: restarts_total, fewer_than: 3, per: 24h}}
"""

RATIO = """
version: burnproof/v1
service: shop
slos: [{name: ok, objective: 99%, sli: {ratio: {total: made_total, bad: 'made_total{code="500"}'}}}]
"""


def without(first, last, values):
    """Leave out the samples from one index to another."""
    return [None if first <= at <= last else value for at, value in enumerate(values)]


@pytest.mark.parametrize(
    ("samples", "reason"),
    [
        (rising(150, 42), None),
        (rising(0, 42), "There was no traffic."),  # idle is not gone
        (without(20, 22, rising(150, 42)), None),  # three scrapes lost
        (without(20, 23, rising(150, 42)), "for 75 s within the span"),
        (without(38, 41, rising(150, 42)), None),
        (without(37, 41, rising(150, 42)), "for 75 s at the end of the span"),
        (without(0, 4, rising(150, 42)), None),
        (without(0, 5, rising(150, 42)), "for 75 s at the start of the span"),
        (without(21, 41, rising(150, 42)), "for 315 s at the end of the span"),
    ],
)
@pytest.mark.parametrize("spec", [RATIO, SLICES, COUNT])
def test_data_must_cover_the_span(spec, samples, reason):
    """The figures are those of the samples that are there, so they do not show that the target is gone."""
    name = {RATIO: "made_total", SLICES: "pool_in_use", COUNT: "restarts_total"}[spec]
    values = [value and value / 1e6 for value in samples] if spec == SLICES else samples
    if spec == COUNT:
        values = [None if value is None else 1 for value in samples]
    found = served(spec, {f"{name}{{code='200'}}": values}, step=15)[0][0]

    if reason is None or (reason == "There was no traffic." and spec != RATIO):
        assert (found.outcome, found.reasons) == (PASS, ())
    else:
        # A target that was deployed within the span has no data before; one that crashed has none after.
        assert found.outcome is (WARN if "at the start" in reason else FAIL)
        assert reason in found.reasons[0]


def test_another_target_covers_the_span():
    """In a deploy the old instances end where the new ones begin."""
    series = {
        'made_total{job="a",instance="old"}': without(21, 41, rising(150, 42)),
        'made_total{job="a",instance="new"}': without(0, 19, rising(150, 42)),
    }

    assert served(RATIO, series, step=15)[0][0].outcome is PASS
    assert served(RATIO, dict([next(iter(series.items()))]), step=15)[0][0].outcome is FAIL


def test_a_group_that_ends_before_the_others_warns():
    """A route of a replaced instance, or a region that is gone: the reader must know."""
    series = {
        'made_total{route="/a"}': rising(150, 42),
        'made_total{route="/b"}': without(21, 41, rising(150, 42)),
        'made_total{route="/c"}': without(38, 41, rising(150, 42)),
    }

    found, _ = served(RATIO.replace("total: made_total", "by: [route], total: made_total"), series, step=15)

    assert [(one.outcome, one.reasons) for one in found] == [
        (PASS, ()),
        (WARN, ("Its data end 315 s before the span does.",)),
        (PASS, ()),
    ]


def test_native_histograms_are_read_as_their_observations(prometheus):
    for kind, name, points in (
        ("matrix", "histograms", [[1, {"count": "5"}]]),
        ("vector", "histogram", [1, {"count": "5"}]),
    ):
        result = [{"metric": {"__name__": "a", "b": "c"}, name: points}]
        body = json.dumps({"status": "success", "data": {"resultType": kind, "result": result}})
        prometheus.body = lambda _query, body=body, **_: body

        assert asking(prometheus.url).query("a", 1).by_labels == {(("b", "c"),): ((1.0, 5.0),)}


TARGET = 'job="shop",instance="a"'
NEW = [None] * 20  # of 42 samples; the span begins with the second
ALL = "sum(increase(made_total[$window]))"
BORN = """
version: burnproof/v1
service: shop
slos: [{{name: ok, objective: 99%, sli: {{ratio: {ratio}}}}}]
"""


@pytest.mark.parametrize(
    ("ratio", "outcome"),
    [
        ("{total: made_total, bad: 'made_total{code=~\"5..\"}'}", FAIL),
        ("{total: made_total, good: 'made_total{code=\"200\"}'}", FAIL),
        ("{total: 'sum(rate(made_total[$window]))', bad: 'sum(rate(made_total{code=~\"5..\"}[$window]))'}", FAIL),
        (f"{{total: '{ALL}', bad: '{ALL} - sum(increase(ok_total[$window]))'}}", FAIL),
        ("{total: made_total, bad: '2 * sum(rate(made_total{code=~\"5..\"}[$window]))'}", WARN),  # no sum
    ],
)
def test_a_series_that_begins_within_the_span_begins_at_0(ratio, outcome):
    """The first scrape that sees the errors makes a series of 60, which stays there: its rate is 0."""
    series = {
        f'made_total{{code="200",{TARGET}}}': rising(150, 42),
        f'made_total{{code="500",{TARGET}}}': [*NEW, *[90] * 22],
        f"ok_total{{{TARGET}}}": rising(150, 42),
    }

    found = served(BORN.format(ratio=ratio), series, step=15)[0][0]

    assert found.outcome is outcome
    if outcome is FAIL:
        assert (found.samples, f"{found.actual.value:.2f}") == (6090, f"{90 / 60.90:.2f}")
    else:
        assert found.reasons == (
            "Series of bad began within the span; the 90 that they had counted by then are left out.",
        )


@pytest.mark.parametrize(
    ("up", "ok", "errors", "outcome", "share"),
    [
        ([1] * 42, [*NEW, *rising(150, 22)], [*NEW, *[90] * 22], FAIL, 2),  # its process was there, without requests
        ([0] * 42, [*NEW, *rising(150, 22)], [*NEW, *[90] * 22], FAIL, 0),  # 90 errors of unknown age
        (None, [*NEW, *rising(150, 22)], [*NEW, *[90] * 22], FAIL, 0),
        (None, [*NEW, *rising(150, 22)], [*NEW, *[3] * 22], PASS, 0),  # 3 could not break it
        (None, [*NEW, *rising(150, 22)], [*NEW, *[0] * 22], PASS, 0),
    ],
)
def test_a_new_target_may_have_old_counters(up, ok, errors, outcome, share):
    """Old errors are not the deploy's, and old good requests must not make up for its errors."""
    series = {
        'made_total{code="200",job="shop",instance="b"}': rising(15, 42),
        f'made_total{{code="200",{TARGET}}}': ok,
        f'made_total{{code="500",{TARGET}}}': errors,
    }
    if up:
        series[f"up{{{TARGET}}}"] = up

    found = served(RATIO, series, step=15)[0][0]

    assert (found.outcome, round(found.actual.value)) == (outcome, share)
    if outcome is FAIL and not share:
        assert found.reasons[0].startswith("90 more had been counted when targets were first scraped")


@pytest.mark.parametrize(
    ("before", "after", "bad"), [(90, 91, 1), (90, 60, 60), (0, 60, 60), (0, 0, 0)]
)  # away when the span began
def test_a_series_that_comes_back_goes_on_or_begins_anew(before, after, bad):
    series = {
        f'made_total{{code="200",{TARGET}}}': rising(150, 42),
        f'made_total{{code="500",{TARGET}}}': [before, STALE_NAN[0], *NEW, *[after] * 20],
    }

    found = served(RATIO, series, step=15)[0][0]

    assert round(found.actual.value * found.samples / 100) == bad


@pytest.mark.parametrize(
    ("up", "values", "outcome"),
    [([1] * 42, [3] * 22, FAIL), ([1] * 42, [2] * 22, PASS), (None, [3] * 22, FAIL), (None, [2] * 22, PASS)],
)
def test_a_counter_that_begins_within_the_span(up, values, outcome):
    series = {f"restarts_total{{{TARGET}}}": [*NEW, *values], 'restarts_total{job="shop",instance="b"}': [1] * 42}
    if up:
        series[f"up{{{TARGET}}}"] = up

    assert served(COUNT, series, step=15)[0][0].outcome is outcome


COMPOSITES = """
version: burnproof/v1
service: shop
alerting: {policy: {name: once, tiers: [{factor: 1, long: 1h, severity: ticket}]}}
slos:
  - {name: cart, objective: 50%, sli: {ratio: {total: cart_total, bad: cart_errors_total}}}
  - {name: pay, objective: 90%, sli: {ratio: {total: pay_total, good: pay_ok_total}}}
  - name: journey
    objective: 80%
    sli: {composite: {weighted: {cart: 1, pay: 3}}}
  - name: whole
    objective: 80%
    sli: {composite: {any_bad: [cart, pay], slice: 2m}}
"""


@pytest.mark.parametrize(
    ("cart", "cart_errors", "pay", "pay_ok", "journey", "whole"),
    [
        (100, 0, 100, 100, (PASS, "0%"), (PASS, "0%")),
        (100, 40, 100, 100, (PASS, "10%"), (PASS, "0%")),  # 40 of 400 by weight; 40 % keeps the cart's own budget
        (100, 60, 100, 100, (PASS, "15%"), (FAIL, "100%")),
        (100, 0, 100, 71, (FAIL, "22%"), (FAIL, "100%")),  # 3 x 29 of 400
        (100, 40, 0, 0, (FAIL, "40%"), (PASS, "0%")),  # nobody pays: the cart stands for the whole
    ],
)
def test_composites(cart, cart_errors, pay, pay_ok, journey, whole):
    """Weighted events are added up over the span; a slice is bad where one member overspends its budget in it."""
    series = {"cart_total": cart, "cart_errors_total": cart_errors, "pay_total": pay, "pay_ok_total": pay_ok}
    verdicts, _ = served(COMPOSITES, {name: rising(rate, 100) for name, rate in series.items()}, span="20m", step=15)
    found = {verdict.slo.partition("/")[2]: verdict for verdict in verdicts}

    assert (found["journey"].outcome, f"{found['journey'].actual.value:.0f}%") == journey
    assert (found["whole"].outcome, f"{found['whole'].actual.value:.0f}%") == whole
    assert found["whole"].samples == 10


@pytest.mark.parametrize(
    ("count", "outcome"), [("0", PASS), ("2.002", PASS), ("3.0025", FAIL), (None, FAIL), ("NaN", FAIL), ("+Inf", FAIL)]
)
def test_a_count(prometheus, count, outcome):
    prometheus.answers = {"restarts_total": [({}, [0, count])]} if count else {}

    assert judged(prometheus, COUNT)[0].outcome is outcome


def test_a_refused_query_fails_and_a_server_that_is_no_prometheus_cannot_be_used(prometheus):
    prometheus.status = 400
    assert ratio(prometheus, 1, 1).reasons == ("The server refuses the query: HTTP 400: no such function.",)

    prometheus.status = 503
    with pytest.raises(QueryError, match="no such function"):
        ratio(prometheus, 1, 1)


@pytest.mark.parametrize(
    ("end", "asked"),
    [
        ("2026-03-01T10:30:00", 1_772_361_000),
        ("2026-03-01T10:30:00Z", 1_772_361_000),
        ("2026-03-01T10:30:00+01:00", 1_772_357_400),
        ("1772361000", 1_772_361_000),
    ],
)
def test_an_end_without_a_zone_is_utc(burnproof, prometheus, tmp_path, monkeypatch, end, asked):
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    (tmp_path / "shop.yaml").write_text(SPEC.format(more=""))

    burnproof("gate", "--spec", "shop.yaml", "--prometheus", prometheus.url, "--end", end)

    assert prometheus.queries[0][2]["time"] == [f"{asked}.000"]


def test_an_unreachable_server_ends_with_2(burnproof, prometheus, tmp_path):
    (tmp_path / "shop.yaml").write_text(SPEC.format(more=""))
    done = burnproof("gate", "--spec", "shop.yaml", "--prometheus", "http://127.0.0.1:9")

    assert (done.returncode, done.stdout) == (2, "")
    assert "the server cannot be reached" in done.stderr

    prometheus.answers = {'code!~"5.."': [({}, [0, "9"])], "requests_total": [({}, [0, "10"])]}
    done = burnproof("gate", "--spec", "shop.yaml", "--prometheus", prometheus.url, "--span", "5m")
    assert done.returncode == 1
    assert (
        "[FAIL] shop/availability: error ratio 10% (target: <= 1%; headroom: -900.0% of the error budget)"
        in done.stdout
    )
