"""Connection settings: what is refused before anything is asked, and what is sent."""

from __future__ import annotations

import subprocess

import pytest
from hostile import COMMANDS, vector

from burnproof.prometheus import Client, ConnectionSettingError, QueryError, RefusedError, catalog, connection
from burnproof.prometheus.answers import number
from burnproof.prometheus.retries import retry_after
from places import PATIENCE

EXAMPLE = "http://localhost:9090"


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("localhost:9090", "'localhost:9090' is no URL of a server: write for example http://localhost:9090"),
        ("ftp://localhost", "is no URL of a server"),
        ("http://", "is no URL of a server"),
        ("http://[::1", "the URL's host or port is none"),
        ("http://localhost:99999", "the URL's host or port is none"),
        ("http://localhost:x", "the URL's host or port is none"),
        ("http://me:secret@localhost:9090", "set BURNPROOF_USER and BURNPROOF_PASSWORD instead"),
        ("http://secret@localhost:9090", "set BURNPROOF_USER and BURNPROOF_PASSWORD instead"),
        ("http://me:se/cret@localhost:9090", "the URL's host or port is none"),
        ("me:secret@localhost:9090", "the address is no URL of a server"),
        ("http://local host:9090", "must be percent-encoded"),
        ("http://localh\u00f6st:9090", "must be percent-encoded"),
        ("http://localhost:9090/?token=secret", "leave out what begins there"),
        ("http://localhost:9090/#secret", "leave out what begins there"),
        (f"http://{'a' * 70}.example", "no request can be sent to this address"),
        ("http://a..b", "no request can be sent to this address"),
        ("http://nobody.invalid:9090", "the server cannot be reached"),
        ("http://127.0.0.1:9", "the server cannot be reached: Connection refused; check host and port"),
    ],
)
def test_addresses_that_cannot_be_asked(ask, server, command, url, said):
    code, out, err = ask(command, url=url)

    assert (code, out, server.requests) == (2, "", [])
    assert said in err
    assert err.startswith("burnproof: ")
    assert err.count("\n") == 1
    assert "secret" not in err
    assert "cret@" not in err


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--key", "key.pem"), "--key is the key of a --cert: give both"),
        (("--ca", "nowhere.pem"), "--ca: there is no file nowhere.pem"),
        (("--ca", "shop.yaml"), "--ca: shop.yaml holds no certificate in PEM form"),
        (("--cert", "shop.yaml"), "--cert: shop.yaml are no PEM certificate and its key"),
        (("--tenant", "a\nX-Evil: 1"), "--tenant holds a space or a character"),
        (("--tenant", "t\u00e9am"), "--tenant holds a space or a character"),
        (("--token-file", "nowhere"), "--token-file: nowhere cannot be read: No such file or directory"),
        (("--token-file", "empty"), "--token-file: empty is empty: it must hold the secret alone"),
        (("--token-file", "bytes"), "--token-file: bytes is no text file"),
        (("--token-file", "long"), "--token-file: long is larger than 64 KiB"),
        (("--user", "me"), "--user is set and BURNPROOF_PASSWORD is not"),
        (("--password-file", "shop.yaml"), "--password-file is set and BURNPROOF_USER is not"),
        (("--user", "me", "--password-file", "shop.yaml"), "--password-file holds a line break"),
        (("--user", "m:e", "--password-file", "word"), "--user holds a colon"),
        (("--user", "me", "--password-file", "word", "--token-file", "word"), "are both set: unset one"),
    ],
)
def test_settings_that_cannot_be_used(ask, server, folder, command, options, said):
    (folder / "empty").write_text("\n", encoding="utf-8")
    (folder / "bytes").write_bytes(b"\xff\xfe\xff")
    (folder / "long").write_text("x" * 70_000, encoding="utf-8")
    (folder / "word").write_text("word\n", encoding="utf-8")

    code, out, err = ask(command, *options)

    assert (code, out, server.requests) == (2, "", [])
    assert said in err


@pytest.mark.parametrize(
    ("env", "said"),
    [
        ({"BURNPROOF_TOKEN": "a", "BURNPROOF_TOKEN_FILE": "b"}, "are both set"),
        ({"BURNPROOF_TOKEN": "a", "BURNPROOF_USER": "b", "BURNPROOF_PASSWORD": "c"}, "are both set"),
        ({"BURNPROOF_TOKEN": "a\nX-Evil: 1"}, "BURNPROOF_TOKEN holds a line break"),
        ({"BURNPROOF_TOKEN": "t\u00f6ken"}, "BURNPROOF_TOKEN holds a character that no token has"),
        ({"BURNPROOF_TOKEN": "Bearer abc"}, "BURNPROOF_TOKEN holds a character that no token has"),
        ({"BURNPROOF_PASSWORD_FILE": "/nowhere", "BURNPROOF_USER": "b"}, "BURNPROOF_PASSWORD_FILE: /nowhere cannot"),
    ],
)
def test_secrets_that_cannot_be_sent(env, said):
    with pytest.raises(ConnectionSettingError, match=said):
        connection(EXAMPLE, env=env)


@pytest.mark.parametrize("timeout", [0.0, -1.0, float("nan"), float("inf"), 1e9])
def test_times_that_cannot_be_waited(timeout):
    with pytest.raises(ConnectionSettingError, match="--timeout must be above 0 and at most 3600 s"):
        connection(EXAMPLE, timeout=timeout, env={})


def test_no_secret_is_in_what_is_printed_of_a_connection():
    for env in ({"BURNPROOF_TOKEN": "t0ken"}, {"BURNPROOF_USER": "me", "BURNPROOF_PASSWORD": "t0ken"}):
        assert "t0ken" not in repr(Client(connection(EXAMPLE, env=env)))


def test_an_encrypted_key_is_refused_and_not_asked_about(folder):
    """OpenSSL would ask at the terminal for the pass phrase, and a pipeline would wait for ever."""
    made = subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-passout", "pass:x", "-subj", "/CN=a",
         "-keyout", "key.pem", "-out", "cert.pem"],
        capture_output=True, check=False,
        timeout=PATIENCE)  # fmt: skip
    if made.returncode:
        pytest.skip("no openssl")

    with pytest.raises(ConnectionSettingError, match="are no PEM certificate and its key, unencrypted"):
        connection(EXAMPLE, cert=folder / "cert.pem", key=folder / "key.pem", env={})


@pytest.mark.parametrize("command", COMMANDS)
def test_options_and_variables_do_the_same(ask, server, folder, monkeypatch, command):
    server.behave = lambda talk: talk.answer(vector())
    (folder / "token").write_text("t0ken\n", encoding="utf-8")

    ask(command, "--tenant", "team-a", "--token-file", "token")
    by_options = server.requests[0].headers
    server.requests.clear()
    for name, value in {"TENANT": "team-a", "TOKEN_FILE": "token", "TIMEOUT": "7"}.items():
        monkeypatch.setenv(f"BURNPROOF_{name}", value)
    ask(command)
    by_variables = server.requests[0].headers

    assert (by_options["x-scope-orgid"], by_options["authorization"]) == ("team-a", "Bearer t0ken")
    assert {**by_options, "content-length": ""} == {**by_variables, "content-length": ""}


def test_the_gate_is_asked_by_a_variable_where_there_are_no_files(ask, server, folder, monkeypatch):
    """A variable that is set for reports must not turn a gate on files into one on a server."""
    server.behave = lambda talk: talk.answer(vector())
    monkeypatch.setenv("BURNPROOF_URL", server.url)

    assert "There are no data" in ask("gate", url="")[1]
    count = len(server.requests)
    assert count > 0
    (folder / "run.json").write_text('{"p95_ms": 1}', encoding="utf-8")
    ask("gate", "run.json", url="")
    assert len(server.requests) == count


def test_the_old_name_of_the_option_works(ask, server):
    server.behave = lambda talk: talk.answer(vector())

    ask("gate", "--prometheus", server.url, url="")

    assert server.requests[0].line == "POST /api/v1/query HTTP/1.1"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("0", 0), ("7", 7), (" 7 ", 7), ("\u00b2", 0), ("-1", 0), ("1e3", 0), ("9" * 400, 0), ("", 0),
     ("Wed, 21 Oct 2026 07:28:00 GMT", 0)],
)  # fmt: skip
def test_pauses_are_whole_seconds(text, seconds):
    assert retry_after(text) == seconds


@pytest.mark.parametrize(
    "text", ["1_0", " 1", "1 ", "0x1", "\u0661", "1e99999", "9" * 401, "", "nan", "inf", "--1", None, 1]
)
def test_values_are_written_as_prometheus_does(text):
    with pytest.raises(ValueError, match=r"^$"):
        number(text)


def test_labels_cannot_act_on_a_terminal(server):
    given = {"metric": {"route": "a\x1b[2J\ud800\nb"}, "value": [1, "1"]}
    server.behave = lambda talk: talk.answer(vector(given))

    (found,) = Client(connection(server.url, env={})).query("a", 1).series

    assert found.labels["route"].isprintable()
    assert found.labels["route"].startswith("a")


def test_warnings_are_few(server):
    server.behave = lambda talk: talk.answer(vector(warnings=[f"store {number} is away" for number in range(5000)]))
    client = Client(connection(server.url, env={}))

    found = client.query("a", 1).warnings

    assert found[0] == "store 0 is away"
    assert found[-1] == "and 4980 more warnings"
    assert len(found) == 21


CATALOG = {
    "series": (lambda client: catalog.series(client, ["a"], 0, 1, 2), [{"a": "b"}] * 3, ({"a": "b"},) * 2),
    "label_names": (lambda client: catalog.label_names(client, ["a"], 0, 1), ["a", "b"], ("a", "b")),
    "label_values": (lambda client: catalog.label_values(client, "job", ["a"], 0, 1), ["a"], ("a",)),
    "metadata": (lambda client: catalog.metadata(client, "a"), {"a": [{"type": "gauge"}]}, ({"type": "gauge"},)),
    "rules": (catalog.rules, {"groups": [{"name": "a"}]}, ({"name": "a"},)),
    "targets": (
        catalog.targets,
        {"activeTargets": [{"scrapePool": "a"}]},
        ({"scrapePool": "a"},),
    ),
    "build": (catalog.build, {"version": "3.5.0"}, {"version": "3.5.0"}),
    "flags": (catalog.flags, {"query.timeout": "2m"}, {"query.timeout": "2m"}),
}


@pytest.mark.parametrize("name", CATALOG)
def test_what_a_server_has(server, name):
    call, data, expected = CATALOG[name]
    server.behave = lambda talk: talk.answer({"status": "success", "data": data})

    assert call(Client(connection(server.url, env={}))) == expected


@pytest.mark.parametrize("name", CATALOG)
def test_what_a_server_has_in_another_form(server, name):
    server.behave = lambda talk: talk.answer({"status": "success", "data": 7})

    with pytest.raises(QueryError, match="does not have the form"):
        CATALOG[name][0](Client(connection(server.url, env={})))


def test_a_refusal_is_the_servers_own_word(server):
    server.behave = lambda talk: talk.answer({"status": "error", "error": "unknown function"}, "400 Bad Request")

    with pytest.raises(RefusedError, match="HTTP 400: unknown function"):
        Client(connection(server.url, env={})).query("a", 1)
    assert len(server.requests) == 1
