"""Write a report as a mail: the text for every reader, the page with charts attached."""

from __future__ import annotations

import smtplib
import ssl
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import TYPE_CHECKING, Final

from burnproof.report import rows
from burnproof.report.delivery import LOOPBACK, DeliveryError, TransientError
from burnproof.report.html import as_html
from burnproof.report.text import as_text

if TYPE_CHECKING:
    from burnproof.report.delivery import Mailbox
    from burnproof.report.model import Report

TIMEOUT: Final = 30.0
_WIDTH: Final = 120


def send(mailbox: Mailbox, mail: EmailMessage) -> None:
    """Send a mail to all addresses of a mailbox; sent again it is the same mail, so readers see it once.

    Raises:
        TransientError: it may succeed later.
        DeliveryError: the server refuses it, or would take a password without encryption.
    """
    context = ssl.create_default_context()
    try:
        with (
            smtplib.SMTP_SSL(mailbox.host, mailbox.port, timeout=TIMEOUT, context=context)
            if mailbox.tls
            else smtplib.SMTP(mailbox.host, mailbox.port, timeout=TIMEOUT)
        ) as server:
            _secure(server, mailbox, context)
            refused = server.send_message(mail, mailbox.sender, list(mailbox.addresses))
    except smtplib.SMTPRecipientsRefused as error:
        raise _refused({code for code, _ in error.recipients.values()}, "all recipients are refused") from None
    except smtplib.SMTPResponseException as error:
        raise _refused({error.smtp_code}, f"the server says {error.smtp_code} {_text(error.smtp_error)}") from None
    except ssl.SSLError as error:
        raise DeliveryError(f"TLS: {error.reason or error}") from None
    except smtplib.SMTPNotSupportedError as error:
        raise DeliveryError(f"the server cannot do that: {error}") from None
    except (OSError, smtplib.SMTPException) as error:
        raise TransientError(f"{mailbox.host} cannot be reached ({type(error).__name__})") from None
    if refused:
        raise DeliveryError(f"refused for {', '.join(sorted(refused))}")


def _secure(server: smtplib.SMTP, mailbox: Mailbox, context: ssl.SSLContext) -> None:
    """Encrypt where the server can, and log in only over what is encrypted or stays on this machine."""
    server.ehlo_or_helo_if_needed()
    encrypted = mailbox.tls
    if not encrypted and server.has_extn("starttls"):
        server.starttls(context=context)
        server.ehlo()
        encrypted = True
    if mailbox.user:
        if not encrypted and mailbox.host not in LOOPBACK:
            raise DeliveryError("the server offers no encryption, so no password goes there")
        server.login(mailbox.user, mailbox.password)


def _refused(codes: set[int], message: str) -> DeliveryError | TransientError:
    """Tell what may pass later (4xx, RFC 5321 section 4.2.1) from what will not."""
    return TransientError(message) if all(400 <= code < 500 for code in codes) else DeliveryError(message)


def _text(answer: bytes | str) -> str:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())[:120]


def message(report: Report, mailbox: Mailbox) -> EmailMessage:
    """Give the mail."""
    mail = EmailMessage()
    subject = f"{report.title}, {report.span.name}: {rows.headline(report)}"
    mail["Subject"] = " ".join("".join(char if char.isprintable() else " " for char in subject).split())
    mail["From"] = mailbox.sender
    mail["To"] = ", ".join(mailbox.addresses)
    mail["Date"] = formatdate(localtime=False)
    mail["Message-ID"] = make_msgid(domain=mailbox.sender.rpartition("@")[2].strip("> ") or "localhost")
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers, please
    mail.set_content(as_text(report, width=_WIDTH, colour=False))
    mail.add_attachment(as_html(report).encode(), maintype="text", subtype="html", filename="slo-report.html")
    return mail
