"""Secrets: sent to the one origin they are for, and never shown, in whatever form a server gives them back."""

from __future__ import annotations

import base64
import json
from itertools import product
from urllib.parse import quote, quote_plus

import pytest
from hostile import COMMANDS, vector

from burnproof.prometheus.redaction import HIDDEN, LONGEST, shown
from places import sampled

TOKEN = 'tok"n/ä-7+1?'.replace("ä", "a") + "0123456789abcdef"
USER, PASSWORD = "operator", "p@ss w/örd&7"
BASIC = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()

ECHOES = {
    "as it is": lambda secret: secret,
    "percent-encoded": lambda secret: quote(secret, safe=""),
    "percent-encoded in lower case": lambda secret: quote(secret, safe="").lower(),
    "as a form": quote_plus,
    "in base64": lambda secret: base64.b64encode(secret.encode()).decode(),
    "in base64 for URLs": lambda secret: base64.urlsafe_b64encode(secret.encode()).decode().rstrip("="),
    "as JSON": json.dumps,
    "as HTML": lambda secret: secret.replace("&", "&amp;").replace('"', "&quot;"),
    "in hex": lambda secret: secret.encode().hex(),
    "in capitals": str.upper,
    "behind much else": lambda secret: "x" * (LONGEST - 5) + secret,
}
PLACES = {
    "an error": lambda talk, said: talk.answer({"status": "error", "error": said}, "500 Oops"),
    "a refusal": lambda talk, said: talk.answer({"status": "error", "error": said}, "400 Bad Request"),
    "a page": lambda talk, said: talk.answer(f"<p>{said}</p>"),
    "a 401": lambda talk, said: talk.answer(said, "401 Unauthorized"),
    "a warning": lambda talk, said: talk.answer(vector(warnings=[said])),
    "a type": lambda talk, said: talk.answer({"status": "success", "data": {"resultType": said, "result": []}}),
    "a label": lambda talk, said: talk.answer(vector({"metric": {"route": said}, "value": [1_700_000_000, "1"]})),
    "a redirect": lambda talk, said: talk.answer("", "307 Elsewhere", Location=f"http://elsewhere.invalid/{said}"),
    "a status line": lambda talk, said: talk.write(f"HTTP/1.1 {said}\r\n\r\n".encode()),
}


@pytest.mark.parametrize(("command", "form", "place"), sampled([*product(COMMANDS, ECHOES, PLACES)], every=5))
def test_what_a_server_echoes_is_hidden(ask, server, monkeypatch, command, form, place):
    monkeypatch.setenv("BURNPROOF_TOKEN", TOKEN)
    echoed = ECHOES[form](TOKEN)
    server.behave = lambda talk: PLACES[place](talk, echoed)

    _, out, err = ask(command)

    assert server.requests[0].headers["authorization"] == f"Bearer {TOKEN}"
    shortest = min(len(TOKEN), 12)
    for text in (echoed, TOKEN, TOKEN[:shortest], TOKEN[-shortest:]):
        assert text.lower() not in (out + err).lower()


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("echoed", [BASIC, quote(BASIC), PASSWORD, quote(PASSWORD), f"{USER}:{PASSWORD}"])
def test_a_password_is_hidden_too(ask, server, folder, monkeypatch, command, echoed):
    (folder / "password").write_text(f"{PASSWORD}\n", encoding="utf-8")
    server.behave = lambda talk: talk.answer(f"you are Basic {echoed}", "401 Unauthorized")

    code, out, err = ask(command, "--user", USER, "--password-file", "password")

    assert server.requests[0].headers["authorization"] == f"Basic {BASIC}"
    assert (code, out) == (2, "")
    assert "check --user and --password-file" in err
    assert echoed not in err
    assert HIDDEN in err


def test_half_a_secret_is_hidden():
    assert TOKEN[:10] not in shown(f"not allowed: {TOKEN[:16]}", (TOKEN,))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("see http://me:pw@proxy.example/x", "see http://***@proxy.example/x"),
        ("got Bearer eyJhbGciOiJIUzI1NiJ9.e30.x", "got Bearer ***"),
        ("a basic query took too long", "a basic query took too long"),
        ("a\x1b[31m red\r\nline", "a [31m red line"),
    ],
)
def test_what_is_hidden_without_a_secret_of_ours(text, expected):
    assert shown(text, ()) == expected


STATUSES = ("301 Moved", "302 Found", "303 See", "307 Elsewhere", "308 Elsewhere")
REDIRECTS = {
    "another host": lambda url: url,
    "another port by a short form": lambda url: url.removeprefix("http:"),
    "the same host with a name": lambda url: url.replace("127.0.0.1", "localhost"),
    "credentials in it": lambda url: url.replace("//", "//127.0.0.1@"),
    "a backslash": lambda url: url.replace("//", "/\\"),
}


@pytest.mark.parametrize(("command", "status", "form"), sampled([*product(COMMANDS, STATUSES, REDIRECTS)], every=3))
def test_no_redirect_leads_elsewhere(ask, server, other, monkeypatch, command, status, form):
    monkeypatch.setenv("BURNPROOF_TOKEN", TOKEN)
    server.behave = lambda talk: talk.answer("", status, Location=f"{REDIRECTS[form](other.url)}/api/v1/query")
    other.behave = lambda talk: talk.answer(vector())

    code, _, err = ask(command)

    assert other.requests == []
    assert code == 2
    assert "it redirects" in err or "HTTP 404" in err


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Elsewhere", "308 Elsewhere"])
def test_a_redirect_within_the_server_is_followed(ask, server, monkeypatch, status):
    """The question goes along, as do the credentials: it is the same origin."""
    monkeypatch.setenv("BURNPROOF_TOKEN", TOKEN)

    def behave(talk):
        path = talk.request.line.split()[1]
        moved = not path.startswith("/prefix/")
        talk.answer("", status, Location=f"/prefix{path}") if moved else talk.answer(vector())

    server.behave = behave

    code, out, _ = ask("report", "--format", "json")

    assert (code, json.loads(out)["complete"]) == (1, True)  # all was answered, with nothing: 1 says that
    first, second = server.requests[:2]
    assert second.line == first.line.replace("/api/", "/prefix/api/")
    assert second.body == first.body
    assert second.headers["authorization"] == f"Bearer {TOKEN}"


@pytest.mark.parametrize("command", COMMANDS)
def test_a_netrc_is_not_read(ask, server, folder, monkeypatch, command):
    (folder / "netrc").write_text("machine 127.0.0.1 login other password other\n", encoding="utf-8")
    monkeypatch.setenv("NETRC", str(folder / "netrc"))
    server.behave = lambda talk: talk.answer(vector())

    ask(command)

    assert all("authorization" not in request.headers for request in server.requests)
