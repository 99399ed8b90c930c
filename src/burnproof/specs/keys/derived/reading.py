"""What a file of ``specs/keys/derived`` declares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from burnproof.specs.keys.kinds.common import Common
    from burnproof.specs.keys.table import Table


@dataclass(frozen=True)
class Derived:
    """A kind that is a reading of another.

    Attributes:
        name: its key under ``sli``.
        doc: what it means, in a few words.
        table: its own keys.
        reading: what was read by that table, as the kind that it is measured by.
    """

    name: str
    doc: str
    table: Table
    reading: Callable[[Any], Common]
