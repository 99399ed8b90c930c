"""Read numbers of any JSON by dotted path: ``audits.interactive.numericValue``, ``suites.0.time``.

Units come from a ``numericUnit`` beside the number or from text such as ``"6250ms"``; the name's ending is a guess.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from burnproof.loadtest.results.model import Reading, Result
from burnproof.model.measured import (
    TRUTH,
    UNITS,
    UNKNOWN,
    Dimension,
    QuantityError,
    Unit,
    bounded,
    quantity,
    unit_by_name,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

FORMAT: Final = "JSON"
MAX_READINGS: Final = 200_000


def read(name: str, root: Any) -> Result:
    """Read JSON of no known format; every number in it can be named by its path."""
    if not isinstance(root, dict | list) or not root:
        return Result(name, FORMAT, fault="the file holds no object with numbers in it")
    readings: dict[str, Reading] = {}
    for path, value, unit in leaves(root):
        if len(readings) >= MAX_READINGS:
            return Result(name, FORMAT, fault=f"the file has more than {MAX_READINGS} values: it is no summary")
        made = reading(path, value, unit)
        # A key that itself holds a dot can spell the path of another value; neither is then trusted.
        clash = path in readings
        readings[path] = Reading(None, trouble="two values of the file have this path") if clash else made
    return Result(name, FORMAT, readings)


def leaves(root: Any, prefix: str = "") -> Iterator[tuple[str, Any, Unit]]:
    """Yield (path, value, unit) of all values that are neither object nor list, in the order of the file."""
    stack: list[tuple[str, Any, Unit]] = [(prefix, root, UNKNOWN)]
    while stack:
        path, value, unit = stack.pop()
        if isinstance(value, dict):
            said = value.get("numericUnit")
            beside = UNITS.get(said, UNKNOWN) if isinstance(said, str) else UNKNOWN
            items = [
                (_join(path, key), item, beside if key == "numericValue" else UNKNOWN) for key, item in value.items()
            ]
            stack.extend(reversed(items))
        elif isinstance(value, list):
            stack.extend((_join(path, str(index)), value[index], UNKNOWN) for index in reversed(range(len(value))))
        else:
            yield path, value, unit


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def reading(
    path: str, value: Any, unit: Unit = UNKNOWN, samples: int | None = None, failures: int | None = None
) -> Reading:
    """Make a reading of a JSON value; ``unit`` is what the format declares, unknown for what it leaves open."""
    declared = unit is not UNKNOWN
    made = unit if declared else unit_by_name(path)
    if isinstance(value, bool):
        return Reading(Decimal(int(value)), TRUTH, declared=True, samples=samples, failures=failures)
    if value is None:
        return Reading(None, made, declared=declared, samples=samples, failures=failures, trouble="it is null")
    try:
        if isinstance(value, Decimal):
            number = bounded(value)
        else:
            parsed = quantity(str(value))
            number = parsed.value
            if parsed.unit is not UNKNOWN:
                made, declared = parsed.unit, True
    except QuantityError as error:
        return Reading(None, made, declared=declared, samples=samples, failures=failures, trouble=str(error))
    # What only a name suggests may be overruled by a check, whose bounds then judge whether the number can be.
    trouble = impossible(number, made) if declared else ""
    return Reading(number, made, declared=declared, samples=samples, failures=failures, trouble=trouble)


def impossible(value: Decimal, unit: Unit) -> str:
    """Say why no measurement in this unit has this value; "" where one may."""
    if unit.dimension is Dimension.RATIO and not 0 <= value * unit.scale <= 1:
        hint = ": is it a percentage?" if unit.scale == 1 and value > 1 else ""
        return f"a ratio of {value} is not between 0 and 1{hint}"
    if value < 0 and unit.dimension not in (Dimension.UNKNOWN, Dimension.COUNT):
        return f"{unit.dimension.value} of {value} cannot be"
    return ""
