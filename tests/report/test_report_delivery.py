"""Reports arrive at a Slack webhook and by mail; what may pass later is tried again, and no secret is ever shown."""

from __future__ import annotations

from dataclasses import replace
from email import message_from_bytes, policy
from functools import partial

import pytest
import sinks

from burnproof.report.delivery import DeliveryError, Mailbox, Webhook, destinations, tried
from burnproof.report.mail import message as mail_message
from burnproof.report.mail import send
from burnproof.report.slack import message, post

MAIL = {"BURNPROOF_SMTP": "smtp://mail.example.org", "BURNPROOF_MAIL_FROM": "slo@example.org"}


@pytest.fixture
def slack():
    with sinks.slack() as found:
        yield found


@pytest.fixture
def smtp():
    with sinks.smtp() as found:
        yield found


def posted(report, slack, pauses):
    hook = Webhook("BURNPROOF_SLACK_WEBHOOK", slack.url)
    tried(partial(post, report("7d"), hook), pauses.append)


def test_slack_gets_blocks_that_it_takes(report, slack):
    pauses = []
    posted(report, slack, pauses)

    (found,) = slack.messages
    assert pauses == []
    assert found["text"].startswith("SLO report, the last 7d: 2 missed")
    assert found["blocks"][0]["type"] == "header"
    text = "\n".join(block["text"]["text"] for block in found["blocks"])
    assert ":x: *shop/pool* missed: " in text
    assert "Enlarge the pool" in text


def test_slack_messages_stay_within_its_limits(report):
    """50 blocks, 3,000 characters each, and nothing in them that Slack would act on."""
    made = report("7d")
    line = replace(made.lines[0], group=(("path", "<!channel>&" * 30),))
    found = message(replace(made, title="T" * 999, lines=(line,) * 200, troubles=("x" * 9000,)))

    assert len(found["blocks"]) <= 50
    assert len(found["blocks"][0]["text"]["text"]) <= 150
    assert max(len(block["text"]["text"]) for block in found["blocks"]) <= 3000
    assert "<!channel>" not in str(found)
    assert "and 170 more" in found["blocks"][-1]["text"]["text"]


@pytest.mark.parametrize(
    ("answers", "pauses"),
    [
        ([(500, "oops", {})], [1.0]),
        ([(429, "slow down", {"Retry-After": "7"}), (503, "busy", {})], [7.0, 2.0]),
    ],
)
def test_slack_is_tried_again(report, slack, answers, pauses):
    slack.answers = list(answers)
    waited = []
    posted(report, slack, waited)

    assert waited == pauses
    assert len(slack.messages) == len(answers) + 1


@pytest.mark.parametrize(
    ("answers", "said", "times"),
    [
        ([(404, "no_service", {})], "refuses the message: HTTP 404 no_service", 1),
        ([(200, "invalid_blocks", {})], "refuses the message: invalid_blocks", 1),
        ([(302, "", {"Location": "http://127.0.0.1/"})], "refuses the message: HTTP 302", 1),
        ([(500, "oops", {})] * 4, "answers HTTP 500; given up after 4 tries", 4),
    ],
)
def test_slack_refusals_are_said_without_the_address(report, slack, answers, said, times):
    slack.answers = list(answers)

    with pytest.raises(DeliveryError) as error:
        posted(report, slack, [])

    assert said in str(error.value)
    assert "secret" not in str(error.value)
    assert len(slack.messages) == times


def test_a_webhook_that_nobody_answers_is_said_without_its_address(report):
    hook = Webhook("BURNPROOF_SLACK_WEBHOOK", "http://127.0.0.1:9/services/secret")

    with pytest.raises(DeliveryError, match=r"cannot be reached .* given up") as error:
        tried(partial(post, report("7d"), hook), lambda _s: None)

    assert "secret" not in f"{error.value} {hook} {hook!r}"


def mailed(report, smtp, pauses, user=""):
    box = Mailbox(
        ("a@example.org", "b@example.org"),
        "slo@example.org",
        "127.0.0.1",
        smtp.port,
        tls=False,
        user=user,
        password="pw",  # noqa: S106 - of a server that takes any
    )
    tried(partial(send, box, mail_message(report("7d"), box)), pauses.append)


def test_a_mail_has_text_for_all_and_the_page_attached(report, smtp):
    mailed(report, smtp, [], user="me")

    ((sender, recipients, text),) = smtp.mails
    mail = message_from_bytes(text, policy=policy.default)
    assert (sender, recipients) == ("slo@example.org", ("a@example.org", "b@example.org"))
    assert smtp.logins == [("me", "pw")]
    assert mail["Subject"].startswith("SLO report, the last 7d: 2 missed")
    assert "✗ missed" in mail.get_body().get_content()
    (page,) = mail.iter_attachments()
    assert page.get_filename() == "slo-report.html"
    assert b"</html>" in page.get_payload(decode=True)


def test_a_mail_is_tried_again_as_the_same_mail(report, smtp):
    smtp.replies["DATA"] = ["451 try later"]
    smtp.replies["MAIL"] = ["421 too busy"]
    waited = []
    mailed(report, smtp, waited)

    assert waited == [1.0, 2.0]
    assert len(smtp.mails) == 1


@pytest.mark.parametrize(
    ("word", "replies", "said"),
    [
        ("MAIL", ["550 go away"], "the server says 550 go away"),
        ("RCPT", ["550 unknown", "550 unknown"], "all recipients are refused"),
        ("RCPT", ["550 unknown"], "refused for a@example.org"),
        ("AUTH", ["535 wrong"] * 9, "the server says 535 wrong"),
    ],
)
def test_refused_mail_is_said_and_not_tried_again(report, smtp, word, replies, said):
    smtp.replies[word] = list(replies)
    waited = []

    with pytest.raises(DeliveryError, match=said):
        mailed(report, smtp, waited, user="me")

    assert waited == []


def test_a_password_goes_nowhere_unencrypted(report, smtp, monkeypatch):
    monkeypatch.setattr("burnproof.report.mail.LOOPBACK", frozenset())

    with pytest.raises(DeliveryError, match="offers no encryption"):
        mailed(report, smtp, [], user="me")

    assert smtp.logins == []


def test_a_title_cannot_add_headers(report):
    box = Mailbox(("a@example.org",), "slo@example.org", "h", 25, tls=False)

    mail = mail_message(replace(report("7d"), title="x\r\nBcc: all@example.org"), box)

    assert mail["Bcc"] is None
    assert "Bcc: all@example.org" in mail["Subject"]


@pytest.mark.parametrize(
    ("recipient", "env", "found"),
    [
        (
            "Engineering",
            {"BURNPROOF_SLACK_WEBHOOK_ENGINEERING": "https://a"},
            ["Slack (BURNPROOF_SLACK_WEBHOOK_ENGINEERING)"],
        ),
        ("Engineering", {"BURNPROOF_SLACK_WEBHOOK": "https://a"}, ["Slack (BURNPROOF_SLACK_WEBHOOK)"]),
        ("#ca3-app", {"BURNPROOF_MAIL_TO_CA3_APP": "x@y.z", **MAIL}, ["mail to x@y.z"]),
        ("a@b.c, d@e.f", {"BURNPROOF_SLACK_WEBHOOK": "https://a", **MAIL}, ["mail to a@b.c, d@e.f"]),
        (
            "",
            {"BURNPROOF_SLACK_WEBHOOK": "https://a", "BURNPROOF_MAIL_TO": "x@y.z", **MAIL},
            ["Slack (BURNPROOF_SLACK_WEBHOOK)", "mail to x@y.z"],
        ),
    ],
)
def test_recipients_are_found_in_the_environment(recipient, env, found):
    assert [str(one) for one in destinations(recipient, env)] == found


@pytest.mark.parametrize(
    ("recipient", "env", "said"),
    [
        ("Team", {}, "no way to reach Team: set BURNPROOF_SLACK_WEBHOOK_TEAM or BURNPROOF_MAIL_TO_TEAM"),
        (
            "Team",
            {"BURNPROOF_SLACK_WEBHOOK": "http://hooks.example.org/x"},
            "BURNPROOF_SLACK_WEBHOOK holds no https:// address",
        ),
        ("a@b.c", {}, "mail needs BURNPROOF_SMTP and BURNPROOF_MAIL_FROM"),
        ("a@b.c", {**MAIL, "BURNPROOF_SMTP": "mail.example.org"}, "no smtp:// or smtps:// address"),
        ("a@b.c", {**MAIL, "BURNPROOF_SMTP": "smtp://u:secret@h"}, "put it into BURNPROOF_SMTP_PASSWORD"),
    ],
)
def test_what_is_missing_to_reach_somebody_is_named(recipient, env, said):
    with pytest.raises(DeliveryError, match=said) as error:
        destinations(recipient, env)

    assert "secret" not in str(error.value)
