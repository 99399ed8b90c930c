"""Natural order of texts: digits compare as numbers, so that ``host2`` comes before ``host10``."""

from __future__ import annotations

import re
from typing import Final

_CHUNK: Final = re.compile(r"([0-9]+|[^0-9]+)")


def natural_key(text: str) -> tuple[tuple[int, int, str], ...]:
    """Give a sort key: runs of digits by value (then by text), other runs by text, digits before others."""
    return tuple((0, int(chunk), chunk) if chunk.isdigit() else (1, 0, chunk) for chunk in _CHUNK.findall(text))
