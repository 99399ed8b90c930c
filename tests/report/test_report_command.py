"""``burnproof report``: its formats, spans, schedule, secrets and exit codes."""

from __future__ import annotations

import json
import os
import re
import ssl
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import history
import pytest
import sinks

from burnproof.cli import report
from burnproof.prometheus import Client, ConnectionSettingError, QueryError, connection
from burnproof.prometheus.credentials import PASSWORD, TOKEN, USER
from places import PATIENCE
from promapi import send

NOW = history.END + 7 * history.HOUR


@pytest.fixture
def run(api, tmp_path, monkeypatch, capsys):
    """Run the command some hours after the recorded month."""
    (tmp_path / "shop.yaml").write_text(history.SPEC, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "160")  # wide enough to keep what is looked for on one line
    for name in list(os.environ):
        if name.startswith("BURNPROOF_"):
            monkeypatch.delenv(name)
    monkeypatch.setattr(report.time, "time", lambda: NOW)
    monkeypatch.setattr("burnproof.report.delivery._BACKOFF", 0.0)

    def call(*arguments, url=api.url, specs="shop.yaml"):
        from burnproof.cli import main  # noqa: PLC0415 - after the patches

        code = 0
        try:
            main(["report", specs, *(["--url", url] if url else []), *arguments])
        except SystemExit as end:
            code = end.code or 0
        out = capsys.readouterr()
        return code, out.out, out.err

    return call


def test_a_report_without_any_data_is_an_exit_code_that_pipelines_see(run):
    code, out, _ = run("--at", str(history.START - history.DAY), "--period", "7d")

    assert code == 1
    assert "no data" in out


def test_the_default_is_the_last_30_days_as_text(run):
    code, out, err = run("--at", str(history.END))

    assert (code, err) == (0, "")
    assert "SLO report, the last 30d: 2026-11-01 00:00 UTC to 2026-12-01 00:00 UTC" in out
    assert re.search(r"shop/pool +✗ missed, firing +99% +98.660% +-34%", out)
    assert "To do" in out
    assert "freeze releases" in out


@pytest.mark.parametrize(
    ("options", "span"),
    [
        (("--period", "month"), "November 2026: 2026-11-01 00:00 UTC to 2026-12-01 00:00 UTC"),
        (("--period", "month", "--at", "now"), "December 2026 so far: 2026-12-01 00:00 UTC to 2026-12-01 07:00 UTC"),
        (("--period", "week"), "week 2026-W48, from 2026-11-23: 2026-11-23 00:00 UTC to 2026-11-30 00:00 UTC"),
        (("--period", "day", "--at", "2026-11-21T13:00"), "Saturday 2026-11-21: 2026-11-21 00:00 UTC to 2026-11-22"),
        (
            ("--period", "day", "--timezone", "Europe/Berlin"),
            "Monday 2026-11-30: 2026-11-30 00:00 CET to 2026-12-01 00:00 CET",
        ),
        (("--period", "7d", "--at", "2026-11-22"), "the last 7d: 2026-11-15 00:00 UTC to 2026-11-22 00:00 UTC"),
        (("--from", "2026-11-20", "--to", "2026-11-22"), "2026-11-20 00:00 UTC to 2026-11-22 00:00 UTC"),
    ],
)
def test_spans(run, options, span):
    code, out, _ = run(*options, "--trend", "1")

    assert code == (1 if "so far" in span else 0)  # of seven hours without data
    assert span in out


def test_json_holds_unrounded_numbers(run, report):
    code, out, _ = run("--at", str(history.END), "--format", "json")

    found = json.loads(out)
    assert code == 0
    assert (found["schema"], found["complete"], found["missing"]) == ("burnproof/report/v1", True, [])
    lines = {(line["slo"], *line["group"].values()): line for line in found["slos"]}
    expected = {line.name: line for line in report("30d").lines}
    assert lines["pool",]["attainment"] == expected["shop/pool"].figures.attainment
    assert lines["by-route", "/pay"]["bad"] == expected["shop/by-route {route=/pay}"].figures.bad
    assert lines["nothing",]["attainment"] is None
    assert lines["pool",]["policy_step"] == {"below": "0", "action": "freeze releases"}
    assert lines["availability",]["incidents"][0]["seconds"] > 0


def test_markdown_has_a_table_and_what_needs_a_reader(run):
    code, out, _ = run("--at", str(history.END), "--format", "md")

    assert code == 0
    assert out.startswith("# SLO report\n")
    assert "| shop/pool | ✗ missed, firing | 99% | 98.660% | -34% |" in out
    assert "- **To do**: Enlarge the pool" in out


def test_html_goes_to_a_file(run, tmp_path):
    code, out, err = run("--at", str(history.END), "--format", "html", "-o", "out/month.html")

    assert (code, out, err) == (0, "", "wrote out/month.html\n")
    assert (tmp_path / "out" / "month.html").read_text(encoding="utf-8").startswith("<!doctype html>")


def test_what_is_due_is_written_to_a_folder(run, tmp_path):
    code, _, err = run("--due", "today", "--format", "html", "-o", "out")

    assert code == 0
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "day-2026-12-01-status-engineering.html",
        "month-2026-12-01-slo-summary-vs-sla-stakeholders.html",
    ]
    assert len(err.splitlines()) == 2


def test_what_is_due_is_delivered(run, monkeypatch):
    """Slack fails once, mail at first too; both arrive, and the console says so without a secret."""
    with sinks.slack() as slack, sinks.smtp() as smtp:
        monkeypatch.setenv("BURNPROOF_SLACK_WEBHOOK_ENGINEERING", slack.url)
        monkeypatch.setenv("BURNPROOF_SMTP", f"smtp://127.0.0.1:{smtp.port}")
        monkeypatch.setenv("BURNPROOF_MAIL_FROM", "slo@example.org")
        slack.answers = [(503, "busy", {})]
        smtp.replies["MAIL"] = ["421 busy"]
        code, out, err = run("--due", "2026-11-23", "--deliver")

    assert (code, out) == (0, "")
    assert [message["text"].split(":")[0] for message in slack.messages] == ["Status, Sunday 2026-11-22"] * 2
    assert [recipients for _, recipients, _ in smtp.mails] == [("team@example.org",)]
    assert "secret" not in err
    assert err.splitlines()[-1] == "sent Review (week 2026-W47, from 2026-11-16): mail to team@example.org"


def test_a_delivery_that_fails_does_not_keep_the_others_back(run, monkeypatch):
    with sinks.slack() as slack, sinks.smtp() as smtp:
        monkeypatch.setenv("BURNPROOF_SLACK_WEBHOOK_ENGINEERING", slack.url)
        monkeypatch.setenv("BURNPROOF_SMTP", f"smtp://127.0.0.1:{smtp.port}")
        monkeypatch.setenv("BURNPROOF_MAIL_FROM", "slo@example.org")
        slack.answers = [(404, "no_service", {})]
        code, _, err = run("--due", "2026-11-23", "--deliver")

    assert code == 2
    assert "burnproof: Status for Engineering: Slack (BURNPROOF_SLACK_WEBHOOK_ENGINEERING): refuses the message" in err
    assert len(smtp.mails) == 1


def test_nothing_is_asked_where_nobody_can_be_reached(run, api):
    code, _, err = run("--due", "today", "--deliver")

    assert code == 2
    assert "no way to reach Engineering" in err
    assert api.asked == []


def test_a_day_without_reports_says_so(run, tmp_path):
    spec = history.SPEC.replace("  - {every: day, title: Status, to: Engineering}\n", "")
    (tmp_path / "shop.yaml").write_text(spec, encoding="utf-8")

    assert run("--due", "2026-11-25") == (0, "", "Nothing is due on 2026-11-25.\n")


def test_specs_without_a_schedule_say_how_to_write_one(run, tmp_path):
    (tmp_path / "shop.yaml").write_text(re.sub(r"reports:\n(  - .*\n)+?(?=budget)", "", history.SPEC), encoding="utf-8")

    code, _, err = run("--due", "2026-11-25")
    assert code == 2
    assert "no spec has a schedule" in err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--period", "fortnight"), "--period is day, week, month or a length of time"),
        (("--period", "10m"), "shorter than an hour"),
        (("--at", "2030-01-01"), "is in the future"),
        (("--at", "soon"), "is no moment"),
        (("--from", "2026-11-01", "--period", "day"), "--from goes with --to"),
        (("--to", "2026-11-01"), "--from goes with --to"),
        (("--from", "2026-11-02", "--to", "2026-11-01"), "shorter than an hour"),
        (("--timezone", "Mars/Olympus"), "no time zone"),
        (("--due", "someday"), "is no date"),
        (("--due", "2030-01-01"), "is in the future"),
        (("--due", "today", "--period", "day"), "leave --period, --at, --from and --to out"),
        (("--due", "today", "--format", "html"), "name a folder for them with -o"),
        (("--key", "x.pem"), "give both"),
        (("--ca", "nowhere.pem"), "there is no file nowhere.pem"),
    ],
)
def test_options_that_make_no_sense_are_refused(run, options, said):
    code, out, err = run(*options)

    assert (code, out) == (2, "")
    assert said in " ".join(re.sub("[│╭╰╮╯─]", " ", err).split())


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("", "name the server"),
        ("localhost:9090", "is no URL"),
        ("http://me:secret@localhost:9090", "set BURNPROOF_USER and BURNPROOF_PASSWORD instead"),
        ("http://127.0.0.1:9", "http://127.0.0.1:9: the server cannot be reached: Connection refused"),
    ],
)
def test_servers_that_cannot_be_asked(run, url, said):
    code, out, err = run("--period", "1d", url=url)

    assert (code, out) == (2, "")
    assert said in " ".join(re.sub("[│╭╰╮╯─]", " ", err).split())
    assert "secret" not in err


def test_a_half_answer_is_exit_code_1_and_says_what_is_missing(run, api):
    def fault(handler, form):
        if "ALERTS" in form["query"]:
            send(handler, 422, {"status": "error", "error": "too many samples"})
            return True
        return False

    api.fault = fault
    code, out, _ = run("--period", "7d", "--at", str(history.END))

    assert code == 1
    assert "Missing: alerts: HTTP 422: too many samples" in out


def test_secrets_go_into_headers(api):
    for env, name, value in (
        ({TOKEN: "t0ken"}, "Authorization", "Bearer t0ken"),
        ({USER: "me", PASSWORD: "pw"}, "Authorization", "Basic bWU6cHc="),
    ):
        Client(connection(api.url, env=env)).query("vector(1) > 0", 0)
        assert api.headers[-1][name] == value
    Client(connection(api.url, tenant="team-a", env={})).query("vector(1) > 0", 0)
    assert api.headers[-1]["X-Scope-OrgID"] == "team-a"
    assert "Authorization" not in api.headers[-1]


def test_a_netrc_gives_no_credentials(api, tmp_path, monkeypatch):
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login other password other\n", encoding="utf-8")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))

    Client(connection(api.url, env={TOKEN: "mine"})).query("vector(1) > 0", 0)
    Client(connection(api.url, env={})).query("vector(1) > 0", 0)

    assert api.headers[0]["Authorization"] == "Bearer mine"
    assert "Authorization" not in api.headers[1]


@pytest.mark.parametrize(
    ("env", "said"),
    [
        ({TOKEN: "a", USER: "b", PASSWORD: "c"}, "both set"),
        ({USER: "b"}, f"{PASSWORD} is not"),
        ({PASSWORD: "b"}, f"{USER} is not"),
        ({TOKEN: "a\nX-Evil: 1"}, "line break"),
    ],
)
def test_secrets_that_contradict_each_other_are_refused(env, said):
    with pytest.raises(ConnectionSettingError, match=said):
        connection("http://localhost:9090", env=env)


@pytest.fixture
def tls(tmp_path):
    """A TLS server that wants a client certificate, with a CA of its own."""
    run_openssl = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    made = subprocess.run(
        [*run_openssl, "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", "key.pem", "-out", "cert.pem"],
        cwd=tmp_path, capture_output=True, check=False,
        timeout=PATIENCE)  # fmt: skip
    if made.returncode:
        pytest.skip("no openssl")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            send(self, 200, {"status": "success", "data": {"resultType": "vector", "result": []}})

        def log_message(self, *_):
            pass

    class Quiet(HTTPServer):
        def handle_error(self, *_):
            """A client that trusts nobody is no error of the server's."""

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    context.load_verify_locations(tmp_path / "cert.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    server = Quiet(("127.0.0.1", 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield f"https://127.0.0.1:{server.server_address[1]}", tmp_path
    server.shutdown()
    server.server_close()
    thread.join(PATIENCE)


def test_tls_with_a_ca_and_a_client_certificate(tls):
    url, folder = tls
    files = {"ca": folder / "cert.pem", "cert": folder / "cert.pem", "key": folder / "key.pem"}

    assert Client(connection(url, **files, env={})).query("vector(1)", 0).series == ()
    with pytest.raises(QueryError, match=r"TLS: .*certificate"):
        Client(connection(url, env={}), sleep=lambda _s: None).query("vector(1)", 0)


def test_starting_up_is_quick():
    """The report's modules are not loaded by other commands."""
    code = (
        "import sys; from burnproof.cli import application; application(['--version']);"
        "print('burnproof.report' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=PATIENCE)

    assert done.stdout.strip() == "False"
