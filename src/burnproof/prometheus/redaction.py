"""Remove secrets, control characters and excess length from texts of others."""

from __future__ import annotations

import base64
import html
import json
import re
from functools import lru_cache
from typing import Final
from urllib.parse import quote, quote_plus

HIDDEN: Final = "***"
LONGEST: Final = 200
"""Characters of a server's own words that are shown."""
_PREFIX: Final = 8  # characters of a long secret that give it away, as where a server cuts what it echoes
_LONG: Final = 16
_MOST: Final = 65_536  # characters that are looked at
_ANYWHERE: Final = (
    (re.compile(r"//[^/@\s]*@"), f"//{HIDDEN}@"),
    (re.compile(rf"(?i)\b(bearer|basic)(\s+|%20|\+)[\w.~+/=%-]{{{_LONG},}}"), rf"\1 {HIDDEN}"),
)
"""What is a secret whoever's it is: credentials in a URL, a header that is echoed."""


def shown(text: str, secrets: tuple[str, ...]) -> str:
    """Give a text as one short printable line, with secrets hidden in every form they may come back in."""
    # Hidden before it is cut: half a secret is one, too.
    line = hidden(printable(hidden(text[:_MOST], secrets)), secrets)
    return line if len(line) <= LONGEST else f"{line[:LONGEST]}…"


def hidden(text: str, secrets: tuple[str, ...]) -> str:
    """Hide secrets in a text."""
    pattern = _pattern(secrets)
    if pattern is not None:
        text = pattern.sub(HIDDEN, text)
    for found, instead in _ANYWHERE:
        text = found.sub(instead, text)
    return text


def printable(text: str) -> str:
    """Give a text on one line, with a space for whatever cannot be printed."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


@lru_cache(maxsize=8)
def _pattern(secrets: tuple[str, ...]) -> re.Pattern[str] | None:
    """Match every form of the secrets, the longest first, and long ones by their beginning."""
    forms = {form for secret in secrets if secret for form in _forms(secret)}
    starts = [f"{re.escape(form[:_PREFIX])}[^\\s\"'<>&,;]*" for form in sorted(forms) if len(form) >= _LONG]
    whole = [re.escape(form) for form in sorted(forms, key=len, reverse=True)]
    return re.compile("|".join((*whole, *starts)), re.IGNORECASE) if whole else None


def _forms(secret: str) -> set[str]:
    """Spell a secret as servers and libraries do: as it is, percent-encoded, in base64, JSON, HTML and Python."""
    data = secret.encode("utf-8", "surrogateescape")
    coded = {base64.b64encode(data).decode(), base64.urlsafe_b64encode(data).decode()}
    coded |= {one.rstrip("=") for one in coded}
    spelt = {secret, data.hex()}
    for _ in range(2):  # JSON in a page, an error's text in JSON
        spelt |= {form for one in spelt for form in (json.dumps(one)[1:-1], html.escape(one), repr(one)[1:-1])}
    return {form for one in (*spelt, *coded) for form in (one, quote(one, safe=""), quote(one), quote_plus(one))}
