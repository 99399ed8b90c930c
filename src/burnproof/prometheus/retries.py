"""Decide when to ask a busy server again, by its ``Retry-After`` within bounds."""

from __future__ import annotations

import re
from typing import Final

TRIES: Final = 3
LONGEST_PAUSE: Final = 10.0
"""Seconds; a server that wants a longer pause is not asked again."""
_BACKOFF: Final = 0.5
_SECONDS: Final = re.compile(r"[0-9]{1,9}")


def retry_after(text: str) -> float:
    """Read a ``Retry-After`` header in seconds (RFC 9110, 10.2.3); 0 for a date, nonsense or nothing."""
    stripped = text.strip()
    return float(stripped) if _SECONDS.fullmatch(stripped) else 0.0


def pause(tried: int, wanted: float) -> float:
    """Give the seconds before the next try: what the server wants, or 0.5 s doubled after each further try."""
    return max(wanted, _BACKOFF * 2.0 ** (tried - 1))
