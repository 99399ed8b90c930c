"""Place panels on Grafana's grid, with ids that do not change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zlib import crc32

from burnproof.pages.types import WIDTH, Panel, Row, Target

if TYPE_CHECKING:
    from burnproof.pages.types import PanelKind

_LARGEST_ID = 2**31 - 1


class Grid:
    """Places panels one after the other; a panel that does not fit beside the last one begins a new line.

    An id is made of the panel's own name, not of its place, so that links to it outlive what is added around it.
    """

    def __init__(self) -> None:
        """Begin at the top left."""
        self._ids: set[int] = set()
        self._x = self._y = self._height = 0

    def panel(self, key: str, kind: PanelKind, title: str, description: str, w: int, h: int, **more: Any) -> Panel:
        """Place a panel of ``w`` columns and ``h`` rows; ``key`` names it within the dashboard."""
        if self._x + w > WIDTH:
            self.line()
        placed = Panel(self._id(key), kind, title, description, self._x, self._y, w, h, **more)
        self._x += w
        self._height = max(self._height, h)
        return placed

    def line(self) -> None:
        """Begin a new line below what is placed."""
        self._y += self._height
        self._x = self._height = 0

    def row(self, key: str, title: str) -> Row:
        """Begin a row, still without its panels."""
        self.line()
        row = Row(self._id(key), title, self._y, collapsed=False, panels=())
        self._y += 1
        return row

    def _id(self, key: str) -> int:
        found = crc32(key.encode()) % _LARGEST_ID + 1
        while found in self._ids:
            found = found % _LARGEST_ID + 1
        self._ids.add(found)
        return found


def targets(*queries: tuple[str, str], instant: bool = False, empty: str = "") -> tuple[Target, ...]:
    """Letter some (expression, legend) pairs."""
    return tuple(
        Target(letter(number), expr, legend, instant=instant, empty=empty)
        for number, (expr, legend) in enumerate(queries)
    )


def rows_of(*exprs: str, empty: str = "") -> tuple[Target, ...]:
    """Letter the queries of a table."""
    return tuple(
        Target(letter(number), expr, instant=True, format="table", empty=empty) for number, expr in enumerate(exprs)
    )


def letter(number: int) -> str:
    """Name a query as Grafana does: A to Z, then AA."""
    first, last = divmod(number, 26)
    return (chr(64 + first) if first else "") + chr(65 + last)
