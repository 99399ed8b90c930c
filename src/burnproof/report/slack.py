"""Write a report as a Slack message, and post it to an incoming webhook."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import requests

from burnproof.prometheus.retries import retry_after
from burnproof.report import rows
from burnproof.report.delivery import DeliveryError, TransientError
from burnproof.report.model import Status

if TYPE_CHECKING:
    from burnproof.report.delivery import Webhook
    from burnproof.report.model import Line, Report

TIMEOUT: Final = 15.0
_REFUSAL: Final = re.compile(r"(?:invalid|no|too|missing|channel|action|posting)_[a-z_]+")
_ADDRESS: Final = re.compile(r"https?://[^\s<>|]{1,500}")
_BLOCK: Final = 2900  # characters; Slack takes 3,000 in a section
_HEADER: Final = 150
_LINES: Final = 30
_SIGNS: Final = {
    Status.MET: ":white_check_mark:",
    Status.MISSED: ":x:",
    Status.PARTIAL: ":warning:",
    Status.UNKNOWN: ":grey_question:",
    Status.IDLE: ":zzz:",
}


def post(report: Report, webhook: Webhook) -> None:
    """Post a report.

    Raises:
        TransientError: it may succeed later.
        DeliveryError: Slack refuses it.
    """
    try:
        answer = requests.post(webhook.url, json=message(report), timeout=TIMEOUT, allow_redirects=False)
    except requests.RequestException as error:
        # The error's own text holds the address, and the address is the secret.
        raise TransientError(f"cannot be reached ({type(error).__name__})") from None
    if answer.status_code == 429 or answer.status_code >= 500:
        wait = retry_after(answer.headers.get("Retry-After", ""))
        raise TransientError(f"answers HTTP {answer.status_code}", wait)
    if answer.status_code != 200:
        said = "".join(char for char in answer.text[:80] if char.isprintable())
        raise DeliveryError(f"refuses the message: HTTP {answer.status_code} {said}".rstrip())
    if _REFUSAL.fullmatch(answer.text[:80].strip()):
        # Slack answers some bad messages with 200, and their fault as a word.
        raise DeliveryError(f"refuses the message: {answer.text[:80].strip()}")


def message(report: Report) -> dict[str, Any]:
    """Give the message: blocks, and a text for notifications."""
    headline = f"{report.title}, {report.span.name}: {rows.headline(report)}"
    blocks = [
        {"type": "header", "text": {"type": "plain_text", "text": report.title[:_HEADER]}},
        _section(f"{_escaped(rows.span_text(report))}\n*{_escaped(rows.headline(report))}*"),
    ]
    firing = rows.firing_texts(report)
    if firing:
        blocks.append(_section("\n".join(f":rotating_light: {_escaped(text)}" for text in firing)))
    if report.troubles:
        blocks.append(_section(":warning: Not complete: " + _escaped("; ".join(report.troubles))))
    told = [line for line in report.lines if rows.worth_details(line)]
    texts = [_line(line, report) for line in told[:_LINES]]
    if len(told) > _LINES:
        texts.append(f"… and {len(told) - _LINES} more")
    if len(report.lines) > len(told):
        texts.append(f":white_check_mark: {len(report.lines) - len(told)} without anything to tell")
    part = ""
    for text in texts:
        if part and len(part) + len(text) > _BLOCK:
            blocks.append(_section(part))
            part = ""
        part += f"{text}\n"
    if part:
        blocks.append(_section(part))
    return {"text": _escaped(headline), "blocks": blocks}


def _line(line: Line, report: Report) -> str:
    _, _, objective, attained, left, *_ = rows.cells(line)
    text = f"{_SIGNS[line.status]} *{_escaped(line.name)}* {line.status}: {attained} of {_escaped(objective)}"
    text += f", {left} of the budget left" if line.figures is not None else ""
    if line.incidents:
        text += f"\n      {_escaped(rows.incident_text(line.incidents[0], line, report)[:300])}"
    if rows.wants_remedy(line):
        text += f"\n      {_escaped(line.slo.remediation[:300])}"
    said = (*(f"<{url}|{name}>" for name, url in _links(line)), _escaped(rows.owner_text(line)))
    text += "".join(f"\n      {', '.join(part for part in said if part)}" for _ in said[:1] if any(said))
    return text[:_BLOCK]


def _links(line: Line) -> list[tuple[str, str]]:
    """Give the links of a line that Slack can take."""
    found = (("Runbook", line.slo.runbook), ("Dashboard", line.slo.dashboard))
    return [(name, url) for name, url in found if _ADDRESS.fullmatch(url)]


def _section(text: str) -> dict[str, Any]:
    cut = text if len(text) <= _BLOCK else f"{text[:_BLOCK]}…"
    return {"type": "section", "text": {"type": "mrkdwn", "text": cut}}


def _escaped(text: str) -> str:
    """Escape what Slack acts on (https://api.slack.com/reference/surfaces/formatting#escaping)."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
