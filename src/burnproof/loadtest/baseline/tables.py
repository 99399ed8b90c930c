"""Read documented tables of figures: ``5,247``, ``~6s``, ``~10-50ms``, ``0.01%``, ``not measured``.

Such figures are what a page says, not what a record holds: approximate, ranges, or not there. Each stays what it is,
and a comparison takes a range by its worse end.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from burnproof.model.measured import UNKNOWN, Quantity, QuantityError, Unit, quantity, unit

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

_NOTHING: Final = frozenset({"", "-", "\u2013", "\u2014", "n/a", "none", "not measured", "no data"})
_RANGE: Final = re.compile(
    r"(?P<low>[\d.,]+)\s*(?P<unit>[A-Za-z%/\u00b5]*)\s*(?:-|\u2013|to)\s*(?P<high>[\d.,]+\s*\S*)"
)
_HEADER_UNIT: Final = re.compile(r"(?P<name>.+?)\s*[\[(](?P<unit>[^\])]+)[\])]")


class TableError(ValueError):
    """A table that cannot be read; the message says where."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A documented figure.

    Attributes:
        low: The smallest value that is meant.
        high: The largest; the same for a single one.
        approximate: Whether the page says "about".
        text: As it was written.
    """

    low: Quantity
    high: Quantity
    approximate: bool
    text: str

    def worse(self, *, is_ceiling: bool) -> Quantity:
        """Give the end that is worse: what a run is compared with must at least have been reached."""
        return self.high if is_ceiling else self.low


@dataclass(frozen=True, slots=True)
class FigureTable:
    """A table: row name to column to figure; None where the page has none."""

    name: str
    columns: tuple[str, ...]
    rows: Mapping[str, Mapping[str, Figure | None]]


def figure(text: str, own: Unit = UNKNOWN) -> Figure | None:
    """Read a figure; ``own`` is its unit where it names none.

    Raises:
        TableError: it is neither a figure nor a word for none.
    """
    stripped = text.strip()
    if stripped.lower() in _NOTHING:
        return None
    bare = stripped.lstrip("~\u2248").removeprefix("about ").strip()
    approximate = bare != stripped
    found = _RANGE.fullmatch(bare)
    try:
        if found is None:
            low = high = _united(quantity(bare), own)
        else:
            high = _united(quantity(found["high"]), own)
            low = _united(quantity(found["low"] + found["unit"]), high.unit)
    except QuantityError as error:
        raise TableError(str(error)) from None
    if low.unit.dimension is not high.unit.dimension or low.canonical > high.canonical:
        raise TableError(f"{stripped!r} is no range from low to high")
    return Figure(low, high, approximate, stripped)


def _united(found: Quantity, own: Unit) -> Quantity:
    return Quantity(found.value, own) if found.unit is UNKNOWN else found


def read_table(name: str, text: str) -> FigureTable:
    """Read a CSV: a header whose columns may name units, ``p50 [ms]``; rows whose first cell is their name.

    Lines that begin with ``#`` are comments.

    Raises:
        TableError: it has no rows, unequal ones, a name twice, or a cell that is no figure.
    """
    body = "\n".join(line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#"))
    lines = list(csv.reader(io.StringIO(body)))
    if len(lines) < 2:
        raise TableError(f"{name}: the table has no rows")
    columns = [_column(cell) for cell in lines[0][1:]]
    rows: dict[str, dict[str, Figure | None]] = {}
    for number, cells in enumerate(lines[1:], start=2):
        if len(cells) != len(lines[0]):
            raise TableError(f"{name}: row {number} has {len(cells)} of {len(lines[0])} cells")
        if cells[0] in rows:
            raise TableError(f"{name}: the row {cells[0]!r} is there twice")
        try:
            rows[cells[0]] = {column: figure(cell, own) for (column, own), cell in zip(columns, cells[1:], strict=True)}
        except TableError as error:
            raise TableError(f"{name}: row {cells[0]!r}: {error}") from None
    return FigureTable(name, tuple(column for column, _ in columns), rows)


def _column(cell: str) -> tuple[str, Unit]:
    found = _HEADER_UNIT.fullmatch(cell.strip())
    if found is None:
        return cell.strip(), UNKNOWN
    try:
        return found["name"], unit(found["unit"])
    except QuantityError as error:
        raise TableError(str(error)) from None


def relative(now: Figure, was: Figure, *, is_ceiling: bool) -> Decimal | None:
    """Give now / was - 1, the worse end of now against the worse end of was; None for a base of 0."""
    base = was.worse(is_ceiling=is_ceiling)
    if not base.canonical or now.low.unit.dimension is not base.unit.dimension:
        return None
    return now.worse(is_ceiling=is_ceiling).canonical / base.canonical - 1
