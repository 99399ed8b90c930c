"""Deliver reports to their recipients, and try again if that may help; secrets come from the environment.

A recipient such as ``Engineering`` is reached by BURNPROOF_SLACK_WEBHOOK_ENGINEERING or BURNPROOF_MAIL_TO_ENGINEERING
where they are set; an address with @ by mail; everybody else by BURNPROOF_SLACK_WEBHOOK or BURNPROOF_MAIL_TO.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

SLACK: Final = "BURNPROOF_SLACK_WEBHOOK"
MAIL_TO: Final = "BURNPROOF_MAIL_TO"
MAIL_FROM: Final = "BURNPROOF_MAIL_FROM"
SMTP: Final = "BURNPROOF_SMTP"
SMTP_USER: Final = "BURNPROOF_SMTP_USER"
SMTP_PASSWORD: Final = "BURNPROOF_SMTP_PASSWORD"  # noqa: S105 - the name of a variable
TRIES: Final = 4
_BACKOFF: Final = 1.0  # seconds before the second try, doubled before each further one
_LONGEST_WAIT: Final = 60.0
LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})


class DeliveryError(Exception):
    """A report that did not arrive; the message says why, and never shows a secret."""


class TransientError(Exception):
    """A delivery that may succeed later.

    Attributes:
        wait: seconds that the other side asks for; 0 where it names none.
    """

    def __init__(self, message: str, wait: float = 0.0) -> None:
        """Note the sentence."""
        super().__init__(message)
        self.wait = wait


@dataclass(frozen=True, slots=True)
class Webhook:
    """A Slack webhook; its address is a secret, so it is known by its variable."""

    variable: str
    url: str

    def __str__(self) -> str:
        return f"Slack ({self.variable})"

    def __repr__(self) -> str:
        return f"Webhook({self.variable})"


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Addresses, and the server that takes mail for them."""

    addresses: tuple[str, ...]
    sender: str
    host: str
    port: int
    tls: bool
    user: str = ""
    password: str = ""

    def __str__(self) -> str:
        return f"mail to {', '.join(self.addresses)}"

    def __repr__(self) -> str:
        return f"Mailbox({', '.join(self.addresses)})"


Destination = Webhook | Mailbox


def destinations(recipient: str, env: Mapping[str, str]) -> tuple[Destination, ...]:
    """Give every way of reaching a recipient.

    Raises:
        DeliveryError: there is none, or a setting is missing or unsafe.
    """
    if "@" in recipient:
        return (_mailbox(recipient, env),)
    slug = re.sub("[^A-Z0-9]+", "_", recipient.upper()).strip("_")
    for suffix in dict.fromkeys((f"_{slug}" if slug else "", "")):
        found: list[Destination] = []
        if env.get(SLACK + suffix):
            found.append(_webhook(SLACK + suffix, env))
        if env.get(MAIL_TO + suffix):
            found.append(_mailbox(env[MAIL_TO + suffix], env))
        if found:
            return tuple(found)
    own = f"{SLACK}_{slug} or {MAIL_TO}_{slug}" if slug else f"{SLACK} or {MAIL_TO}"
    raise DeliveryError(f"there is no way to reach {recipient or 'anybody'}: set {own}")


def _webhook(variable: str, env: Mapping[str, str]) -> Webhook:
    parts = urlsplit(env[variable])
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        raise DeliveryError(f"{variable} holds no https:// address")
    return Webhook(variable, env[variable])


def _mailbox(addresses: str, env: Mapping[str, str]) -> Mailbox:
    server, sender = env.get(SMTP, ""), env.get(MAIL_FROM, "")
    missing = [name for name, value in ((SMTP, server), (MAIL_FROM, sender)) if not value]
    if missing:
        raise DeliveryError(f"mail needs {' and '.join(missing)}: set for example {SMTP}=smtp://mail.example.org:587")
    parts = urlsplit(server)
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise DeliveryError(f"{SMTP} is no smtp:// or smtps:// address with a host")
    if parts.password:
        raise DeliveryError(f"{SMTP} holds a password: put it into {SMTP_PASSWORD}, and the name into {SMTP_USER}")
    tls = parts.scheme == "smtps"
    to = tuple(address.strip() for address in addresses.split(",") if address.strip())
    return Mailbox(
        to,
        sender,
        parts.hostname,
        parts.port or (465 if tls else 587),
        tls,
        env.get(SMTP_USER, ""),
        env.get(SMTP_PASSWORD, ""),
    )


def tried(send: Callable[[], None], sleep: Callable[[float], None] = time.sleep) -> None:
    """Send, and try again after growing pauses while that may help.

    Raises:
        DeliveryError: it was refused, or failed too often.
    """
    for number in range(TRIES):
        try:
            send()
        except TransientError as error:
            if number == TRIES - 1:
                raise DeliveryError(f"{error}; given up after {TRIES} tries") from None
            sleep(min(_LONGEST_WAIT, max(error.wait, _BACKOFF * 2**number)))
        else:
            return
