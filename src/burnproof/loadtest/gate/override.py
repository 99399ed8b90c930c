"""Read a target from a variable of the environment, alike for the gate and for load tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from burnproof.model.measured import (
    MILLISECONDS,
    PERCENT,
    RATIO,
    SECONDS,
    UNKNOWN,
    Dimension,
    Quantity,
    QuantityError,
    quantity,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from burnproof.model.measured import Unit

# What the ending of a variable says about a bare number in it.
_ENDINGS: Final = (
    ("_MS", MILLISECONDS),
    ("_S", SECONDS),
    ("_SECONDS", SECONDS),
    ("_RATIO", RATIO),
    ("_PERCENT", PERCENT),
)


class OverrideError(ValueError):
    """A variable that sets no target; the message is a sentence."""


def override(variable: str, env: Mapping[str, str], written: Unit) -> Quantity | None:
    """Give the target that a variable sets, with its unit or in that of the written one; None where it is not set.

    Raises:
        OverrideError: the variable holds no number.
    """
    text = env.get(variable, "").strip() if variable else ""
    if not text:
        return None
    try:
        given = quantity(text)
    except QuantityError as error:
        raise OverrideError(f"The variable {variable} cannot be used: {error}.") from None
    if given.unit is not UNKNOWN:
        return given
    by_name = next((unit for ending, unit in _ENDINGS if variable.endswith(ending)), None)
    # 0.99 in a variable stands beside 99% in the spec: a bare ratio is never a percentage.
    own = RATIO if written.dimension is Dimension.RATIO else written
    return Quantity(given.value, by_name or own)
