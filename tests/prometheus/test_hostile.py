"""A server that does whatever it likes: all commands that ask one say the same sentence, in time, and end with 2."""

from __future__ import annotations

import subprocess
import sys
from itertools import product
from pathlib import Path

import pytest
from hostile import COMMANDS, filled, gzipped, vector

from places import sampled

DIGITS = "9" * 400
LATE = "no answer within 0.3 s; a longer --timeout, a shorter span or fewer SLOs may help"
FORM = "the answer does not have the form of Prometheus' API"
MEGABYTES = 300
PEAK = """
import re
from burnproof.cli import main
try:
    main()
finally:  # not getrusage: it starts from what the parent had
    print(re.search(r"VmHWM:\\s*(\\d+) kB", open("/proc/self/status").read())[1])
"""


def spaces():
    return gzipped(b" " * 1_000_000, 200)


def lists():
    return gzipped(b"[]," * 100_000, 700)


def at(time, value="1"):
    """Give an answer with one sample."""
    return (
        f'{{"status":"success","data":{{"resultType":"vector","result":[{{"metric":{{}},"value":[{time},{value}]}}]}}}}'
    )


def dripped(head, pause=0.02):
    """Begin, and go on a byte at a time."""

    def act(talk):
        talk.write(head)
        talk.endless(b"x", pause)

    return act


def flood(head, part):
    """Begin, and go on as fast as the client reads."""

    def act(talk):
        talk.write(head)
        talk.endless(part * (65_536 // len(part)))

    return act


OK = b"HTTP/1.1 200 OK\r\n"
FAULTS = {
    "silent": (lambda talk: talk.hold(), LATE),
    "status line in drops": (dripped(b"HTTP/1.1 200 "), LATE),
    "headers in drops": (dripped(OK + b"X-Slow: "), LATE),
    "body in drops": (dripped(OK + b"Content-Length: 100000\r\n\r\n"), LATE),
    "chunks in drops": (dripped(OK + b"Transfer-Encoding: chunked\r\n\r\n"), LATE),
    "continue without end": (flood(b"", b"HTTP/1.1 100 Continue\r\n\r\n"), LATE),
    "trailers without end": (flood(OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"X: y\r\n"), LATE),
    "headers without end": (flood(OK, b"X: y\r\n"), "it does not answer as HTTP does: got more than 100 headers"),
    "header line without end": (
        flood(OK, b"x"),
        "it does not answer as HTTP does: got more than 65536 bytes when reading header line; check the port",
    ),
    "gzip that ends early": (lambda talk: talk.answer(spaces()[:500], Content_Encoding="gzip"), "gzip data end in the"),
    "gzip that is none": (lambda talk: talk.answer("{}", Content_Encoding="gzip"), "the answer broke off"),
    "gzip in gzip": (lambda talk: talk.answer(spaces(), Content_Encoding="gzip, gzip"), "compressed in a way"),
    "another coding": (lambda talk: talk.answer(b"\x0b", Content_Encoding="br"), "compressed in a way"),
    "half an answer": (
        lambda talk: talk.write(OK + b'Content-Length: 100\r\n\r\n{"status":'),
        "the answer broke off",
    ),
    "half a chunk": (
        lambda talk: talk.write(OK + b'Transfer-Encoding: chunked\r\n\r\nff\r\n{"status":'),
        "the answer broke off",
    ),
    "no HTTP": (
        lambda talk: talk.write(b"SSH-2.0-OpenSSH_9.2\r\n"),
        "it does not answer as HTTP does: its first line is no status",
    ),
    "nothing": (lambda _talk: None, "the server cannot be reached"),
    "a pause of a day": (
        lambda talk: talk.answer("", "429 Too Many Requests", Retry_After="99999"),
        "HTTP 429; it asks for a pause of 99,999 s; ask again later, or for fewer SLOs at once",
    ),
    "a pause of ²": (lambda talk: talk.answer("", "429 Too Many Requests", Retry_After="\xb2"), "HTTP 429; ask again"),
    "a pause of 400 digits": (lambda talk: talk.answer("", "503 Busy", Retry_After=DIGITS), "HTTP 503"),
    "a negative pause": (lambda talk: talk.answer("busy", "503 Busy", Retry_After="-5"), "HTTP 503: busy"),
    "a status of 400 digits": (lambda talk: talk.write(f"HTTP/1.1 {DIGITS} OK\r\n\r\n".encode()), "as HTTP does"),
    "a length of 400 digits": (
        lambda talk: talk.write(OK + f"Content-Length: {DIGITS}\r\n\r\n{{}}".encode()),
        "broke off",
    ),
    "a time of 400 digits": (lambda talk: talk.answer(at(DIGITS, '"1"')), FORM),
    "a time of 5,000 digits": (lambda talk: talk.answer(at("9" * 5000, '"1"')), FORM),
    "a time that is none": (lambda talk: talk.answer(at("NaN", '"1"')), FORM),
    "a time before 1970": (lambda talk: talk.answer(at("-1", '"1"')), FORM),
    "a value of 5,000 digits": (lambda talk: talk.answer(at("1", f'"{"9" * 5000}"')), FORM),
    "a value with a huge exponent": (lambda talk: talk.answer(at("1", '"1e9999999"')), FORM),
    "a value of other digits": (lambda talk: talk.answer(at("1", '"\u0661\u0662"')), FORM),
    "a value that is a list": (lambda talk: talk.answer(at("1", "[1]")), FORM),
    "labels that are numbers": (lambda talk: talk.answer(vector({"metric": {"a": 1}, "value": [1, "1"]})), FORM),
    "a result without series": (lambda talk: talk.answer('{"status":"success","data":[]}'), FORM),
    "a text for a result": (
        lambda talk: talk.answer({"status": "success", "data": {"resultType": "string", "result": [1, "a"]}}),
        "the answer is a string, not series",
    ),
    "deep lists": (lambda talk: talk.answer('{"status":' + "[" * 200_000), "and the answer is no JSON"),
    "a page to log in": (lambda talk: talk.answer("<html>Log in\x1b[2J</html>"), "no JSON: <html>Log in [2J</html>"),
    "no such page": (lambda talk: talk.answer("404", "404 Not Found"), "add its prefix, such as /prometheus"),
    "no tenant": (lambda talk: talk.answer("no org id", "401 Unauthorized"), "it wants a tenant; give --tenant"),
    "no credentials": (lambda talk: talk.answer("", "401 Unauthorized"), "it wants credentials; set BURNPROOF_TOKEN"),
    "no rights": (lambda talk: talk.answer("", "403 Forbidden"), "these credentials may not query it"),
    "a redirect to itself": (
        lambda talk: talk.answer("", "302 Found", Location=talk.request.line.split()[1]),
        "it redirects to /api/v1/query (HTTP 302)",
    ),
    "a redirect to nowhere": (lambda talk: talk.answer("", "302 Found", Location="http://[::1"), "answer broke off"),
    "a redirect to a port of 400 digits": (
        lambda talk: talk.answer("", "302 Found", Location=f"http://127.0.0.1:{DIGITS}/"),
        "the answer broke off",
    ),
}

BOMBS = {
    "body without end": (flood(OK + b"\r\n", b" "), "the answer is larger than 32 MiB; ask for a shorter span"),
    "gzip bomb": (lambda talk: talk.answer(spaces(), Content_Encoding="gzip"), "the answer is larger than 32 MiB"),
    "gzip bomb of lists": (lambda talk: talk.answer(lists(), Content_Encoding="gzip"), "larger than 32 MiB"),
    "too many lists": (
        lambda talk: talk.answer(filled("[", "[],", 3_000_000, "0]")),
        "the answer holds too many values",
    ),
    "too many objects": (
        lambda talk: talk.answer(filled('{"a":[', '{"":0},', 1_000_000, "0]}")),
        "the answer holds too many values",
    ),
    "wide text": (
        lambda talk: talk.answer(filled('{"a":"\U0001f525', "a", 17_000_000, '"}')),
        "the answer holds too many values",
    ),
}


@pytest.mark.parametrize("name", sampled(FAULTS, every=2))
def test_all_commands_say_the_same_sentence_and_end_with_2(ask, server, name):
    server.behave, said = FAULTS[name]

    timeout = "0.3" if said == LATE else "20"
    found = {command: ask(command, timeout=timeout) for command in COMMANDS}

    assert found["report"] == found["gate"] == found["check"]
    code, out, err = found["gate"]
    assert (code, out) == (2, "")
    assert err.startswith(f"burnproof: {server.url}: ")
    assert err.count("\n") == 1
    assert said in err
    assert err[:-1].isprintable()


@pytest.mark.parametrize(("command", "name"), sampled([*product(COMMANDS, BOMBS)], every=7))
def test_memory_is_bounded(folder, server, command, name):
    if not Path("/proc/self/status").exists():
        pytest.skip("no /proc: the peak of memory cannot be read")
    server.behave, said = BOMBS[name]
    arguments = [*COMMANDS[command], "--url", server.url, "--timeout", "20"]
    done = subprocess.run(
        [sys.executable, "-c", PEAK, *arguments], cwd=folder, capture_output=True, text=True, timeout=120, check=False
    )

    assert done.returncode == 2
    assert said in done.stderr
    assert int(done.stdout) < MEGABYTES * 1024


@pytest.mark.parametrize("command", COMMANDS)
def test_a_server_that_fails_is_given_up_after_two_questions(ask, server, command):
    """Three tries of the first question, one of the next: twenty questions are not asked three times each."""
    server.behave = lambda talk: talk.answer("oops", "500 Internal Server Error")

    code, _, err = ask(command)

    assert (code, err) == (2, f"burnproof: {server.url}: HTTP 500: oops\n")
    assert len(server.requests) == {"report": 4, "gate": 3, "check": 3}[command]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_server_that_wants_a_long_pause_is_asked_once(ask, server, command):
    server.behave = lambda talk: talk.answer("", "503 Busy", Retry_After="3600")

    assert ask(command)[0] == 2
    assert len(server.requests) == {"report": 2, "gate": 1, "check": 1}[command]


def test_more_points_than_steps_are_refused(ask, server):
    """Each range query has so many moments; an answer with more is none, however small its points are."""
    points = [[1_700_000_000 + step, "1"] for step in range(20_000)]
    matrix = {"resultType": "matrix", "result": [{"metric": {}, "values": points}]}

    def behave(talk):
        is_range = "query_range" in talk.request.line
        talk.answer({"status": "success", "data": matrix} if is_range else vector())

    server.behave = behave
    code, out, _ = ask("report")

    assert code == 1
    assert FORM in " ".join(out.split())
