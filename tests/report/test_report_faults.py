"""A server that is away, slow, failing or half answering: a clear error, or a report that says what is missing."""

from __future__ import annotations

import threading
import time

import history
import pytest
from history import line_of

from burnproof.prometheus import Client, LostError, QueryError, connection
from burnproof.report import Status
from places import PATIENCE
from promapi import send

OK = {"status": "success", "data": {"resultType": "vector", "result": []}}


def only(wanted, act):
    """Make a fault of the queries that hold a text."""

    def fault(handler, form):
        if wanted in form["query"]:
            act(handler)
            return True
        return False

    return fault


def always(act):
    return only("", act)


def drip(handler):
    """Announce an answer and send it a byte at a time."""
    handler.send_response(200)
    handler.send_header("Content-Length", "100000")
    handler.end_headers()
    try:
        for _ in range(200):
            handler.wfile.write(b" ")
            handler.wfile.flush()
            time.sleep(0.05)
    except OSError:
        pass  # the client had enough


def cut(handler):
    handler.send_response(200)
    handler.send_header("Content-Length", "100000")
    handler.end_headers()
    handler.wfile.write(b'{"status":"success","data":{"resultType":"matrix","result":[')
    handler.close_connection = True


FAULTS = {
    "error 500": (lambda h: send(h, 500, "oops"), "HTTP 500: oops"),
    "error 503": (lambda h: send(h, 503, {"status": "error", "error": "starting up"}), "HTTP 503: starting up"),
    "no access": (lambda h: send(h, 401, "who are you?"), "HTTP 401: it wants credentials; set BURNPROOF_TOKEN"),
    "redirect": (
        lambda h: send(h, 302, "", Location="http://elsewhere/"),
        "it redirects to http://elsewhere/ (HTTP 302); give that address if you trust it",
    ),
    "login page": (lambda h: send(h, 200, "<html>Log in</html>"), "the answer is no JSON: <html>Log in</html>"),
    "not found": (lambda h: send(h, 404, "page not found"), "HTTP 404"),
    "a list": (lambda h: send(h, 200, []), "the answer is no JSON"),
    "no data": (lambda h: send(h, 200, {"status": "success"}), "not have the form of Prometheus' API"),
    "strange data": (
        lambda h: send(h, 200, {"status": "success", "data": {"resultType": "matrix", "result": [{"metric": 3}]}}),
        "not have the form of Prometheus' API",
    ),
    "no number": (
        lambda h: send(
            h,
            200,
            {"status": "success", "data": {"resultType": "vector", "result": [{"metric": {}, "value": [1, "x"]}]}},
        ),
        "not have the form of Prometheus' API",
    ),
    "cut off": (cut, "the answer broke off"),
    "dripping": (drip, "no answer within 0.3 s"),
    "silent": (lambda _h: time.sleep(1), "no answer within 0.3 s"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_server_that_answers_nothing_usable_is_an_error(report, api, name):
    act, said = FAULTS[name]
    api.fault = always(act)

    with pytest.raises(QueryError) as error:
        report("7d", timeout=0.3 if "within 0.3 s" in said else PATIENCE)

    assert said in str(error.value)


def test_a_server_that_is_not_there_is_an_error():
    client = Client(connection("http://127.0.0.1:9", env={}), sleep=lambda _s: None)

    with pytest.raises(LostError, match=r"cannot be reached: .*refused"):
        client.query("vector(1)", 0)

    assert client.queries == 3


def test_a_name_that_nobody_has_is_an_error():
    client = Client(connection("http://nobody.invalid:9090", env={}), sleep=lambda _s: None)

    with pytest.raises(QueryError, match="cannot be reached"):
        client.query("vector(1)", 0)


def test_a_server_that_recovers_is_asked_again(report, api):
    fails = iter([True, True])
    api.fault = lambda handler, _form: next(fails, False) and (send(handler, 503, "busy"), True)[1]

    made = report("7d")

    assert made.troubles == ()
    assert made.queries == len(api.asked)


@pytest.mark.parametrize(
    ("wanted", "what", "names"),
    [
        ("sum_over_time(((slo:sli_errors:tile1h", "sums", ["availability"]),
        ("count_over_time", "coverage", ["availability", "pool"]),
        ("ALERTS", "alerts", []),
        ("> on (slo_id)", "incidents", []),
        ("increase1d", "sums", ["restarts"]),
    ],
)
@pytest.mark.parametrize("act", [lambda h: send(h, 422, {"status": "error", "error": "too many samples"}), cut])
def test_what_was_not_answered_is_said_and_never_met(report, api, wanted, what, names, act):
    """One question fails: the report is made, names it, and calls nothing met that hangs on it."""
    api.fault = only(wanted, act)

    made = report("7d", trend=0)

    assert any(trouble.startswith(what) for trouble in made.troubles)
    for name in names:
        assert line_of(made, name).status in (Status.UNKNOWN, Status.PARTIAL, Status.MISSED)
    if not names:
        assert any("did not answer" in note for note in line_of(made, "availability").notes)
        assert line_of(made, "availability").figures is not None


def _dropping(api, gone):
    """Leave the series out of answers whose labels hold a text."""

    def fault(handler, form):
        status, body = api.answer(form)
        body["data"]["result"] = [one for one in body["data"]["result"] if not gone(one["metric"])]
        send(handler, status, body)
        return True

    return fault


def test_a_total_without_errors_is_unknown_and_not_100_percent(report, api):
    api.fault = _dropping(api, lambda labels: "sli_errors" in str(labels))

    line = line_of(report("7d"), "availability")

    assert line.status is Status.UNKNOWN
    assert line.figures is None
    assert "slo:sli_total:tile1h is there and slo:sli_errors:tile1h is not" in line.notes[0]


def test_hours_that_were_not_recorded_are_never_met(report, api):
    """The tiles of the last hour alone say nothing of a week."""
    api.fault = _dropping(api, lambda labels: "tile1h@" in str(labels))

    line = line_of(report("7d"), "availability")

    assert line.figures.total == pytest.approx(20 * 3600, rel=0.03)
    assert line.status is Status.PARTIAL


def test_errors_that_are_missing_at_times_make_it_doubtful(report, api):
    def fault(handler, form):
        status, body = api.answer(form)
        for one in body["data"]["result"]:
            if "errors" in one["metric"].get("burnproof_series", "") and len(one.get("values", ())) > 100:
                one["values"] = one["values"][:50]
        send(handler, status, body)
        return True

    api.fault = fault

    line = line_of(report("7d", history.END - 15 * history.DAY), "availability")

    assert line.status is Status.PARTIAL
    assert any("Errors are missing" in note for note in line.notes)


@pytest.mark.parametrize("mark", [{"warnings": ["store gateway unavailable"]}, {"isPartial": True}])
def test_a_partial_answer_is_said_and_never_met(report, api, mark):
    def fault(handler, form):
        status, body = api.answer(form)
        send(handler, status, body | mark)
        return True

    api.fault = fault

    made = report("7d")

    assert any("numbers may be too low" in trouble for trouble in made.troubles)
    assert Status.MET not in {line.status for line in made.lines}


def test_advice_on_a_query_is_no_partial_answer(report, api):
    def fault(handler, form):
        status, body = api.answer(form)
        send(handler, status, body | {"warnings": ["PromQL info: metric might not be a counter"]})
        return True

    api.fault = fault

    assert report("7d").troubles == ()


@pytest.mark.parametrize("shift", [0, 1234])
def test_caches_that_move_range_queries_change_no_number(report, api, shift):
    """Thanos' and VictoriaMetrics' query caches move start and end to whole multiples of the step."""
    expected = report("7d", history.END - shift, trend=2)

    def fault(handler, form):
        if form["endpoint"] == "query_range":
            step = float(form["step"])
            form = {**form, **{name: str(float(form[name]) // step * step) for name in ("start", "end")}}
        send(handler, *api.answer(form))
        return True

    api.fault = fault

    found = report("7d", history.END - shift, trend=2)

    assert found.lines == expected.lines


def test_an_empty_server_reports_no_data_for_all(report, api):
    api.fault = always(lambda handler: send(handler, 200, OK))

    made = report("7d")

    assert {line.status for line in made.lines} == {Status.UNKNOWN}


def test_replicas_are_noticed(report, api):
    """Two replicas double every event, and the report says so; the ratio stays."""
    alone = line_of(report("7d"), "availability")

    def fault(handler, form):
        status, body = api.answer(form)
        found = body["data"]["result"]
        body["data"]["result"] = [
            {**one, "metric": {**one["metric"], "replica": name}} for one in found for name in ("a", "b")
        ]
        send(handler, status, body)
        return True

    api.fault = fault
    line = line_of(report("7d"), "availability")

    assert line.figures.attainment == pytest.approx(alone.figures.attainment, abs=1e-12)
    assert line.figures.total == pytest.approx(2 * alone.figures.total)
    assert any("more than once" in note for note in line.notes)


def test_a_lost_server_is_not_asked_on(report, api):
    """After the first answers it goes silent: the rest is missing, without a wait for each question."""
    over = threading.Event()
    api.fault = lambda _handler, _form: len(api.asked) > 3 and (over.wait(PATIENCE), True)[1]
    made = report("7d", timeout=5)
    over.set()

    assert len(api.asked) == 4
    assert made.troubles
    assert Status.MET not in {line.status for line in made.lines}
