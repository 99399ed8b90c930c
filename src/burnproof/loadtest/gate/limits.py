"""Convert a check's bounds into the unit of the number that they are compared with.

A bound without a unit is in the check's ``unit``, or else in the number's own. Where units cannot be brought
together nothing is compared at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from burnproof.loadtest.gate.model import Override
from burnproof.loadtest.gate.override import OverrideError, override
from burnproof.loadtest.results.any_json import impossible
from burnproof.model.measured import UNKNOWN, Dimension, Quantity, QuantityError, Unit

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from burnproof.loadtest.results.model import Reading
    from burnproof.model.result_check import Check, Level


class LimitError(ValueError):
    """A check that cannot be applied to a result; the message is a sentence for the verdict."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds in the unit of a reading.

    Attributes:
        unit: The unit of the number, as it is shown.
        target: The target in it; None where it cannot be brought there.
        levels: The further levels with their limits.
        troubles: Why nothing may be concluded, as sentences.
    """

    unit: Unit
    target: Decimal | None
    levels: tuple[tuple[Level, Decimal], ...] = ()
    troubles: tuple[str, ...] = ()


def limits_for(check: Check, reading: Reading, env: Mapping[str, str]) -> Limits:
    """Bring target and levels into the unit of a reading.

    Raises:
        LimitError: a variable of the environment holds no number.
    """
    try:
        unit = _unit(check, reading)
        given = override(check.env, env, check.bound.limit.unit)
        target = _in(given or check.bound.limit, unit, check)
        levels = tuple((level, _in(level.bound.limit, unit, check)) for level in check.levels)
    except OverrideError as error:
        raise LimitError(str(error)) from None
    except QuantityError as error:
        return Limits(reading.unit, None, (), (str(error),))
    wrong = impossible(reading.value, unit) if reading.value is not None and not reading.trouble else ""
    return Limits(unit, target, levels, (f"{wrong[:1].upper()}{wrong[1:]}.",) if wrong else ())


def _unit(check: Check, reading: Reading) -> Unit:
    """Settle the unit of a number: what the format says, else what the check says, else what its name suggests.

    A name that says ms where the check says s is no wrong guess of what is measured: one of the two is a slip.
    """
    own, said = reading.unit, check.unit
    if own is UNKNOWN:
        return said or UNKNOWN
    if said is None:
        return own
    if said.dimension is not own.dimension and not reading.declared:
        return said
    if said.dimension is not own.dimension:
        raise QuantityError(f"The unit is wrong: {check.metric} is {own.dimension}, not {said.dimension}.")
    if not reading.declared and said.scale != own.scale:
        raise QuantityError(
            f"The unit is unclear: the name of {check.metric} says {own.name}, the check says {said.name}."
        )
    return said if said.scale == own.scale else own


def overridden(check: Check, env: Mapping[str, str]) -> Override | None:
    """Say which variable sets the target, and to what; None where the spec does."""
    if not check.env or not env.get(check.env, "").strip():
        return None
    try:
        given = override(check.env, env, check.bound.limit.unit)
    except OverrideError:
        given = None
    return Override(check.env, given and _in_words(given, check), _in_words(check.bound.limit, check))


def _in_words(limit: Quantity, check: Check) -> Quantity:
    """Give a limit with the unit that it is meant in, as far as the spec says."""
    return Quantity(limit.value, check.unit) if limit.unit is UNKNOWN and check.unit is not None else limit


def _in(limit: Quantity, unit: Unit, check: Check) -> Decimal:
    """Give a limit in ``unit``."""
    given = limit.unit
    if given is UNKNOWN:
        given = check.unit or unit
    if unit is UNKNOWN and given is not UNKNOWN:
        raise QuantityError(
            f"The unit of {check.metric} is not known; say it with unit, such as unit: {given.name or 'count'}."
        )
    if given.dimension is not unit.dimension:
        raise QuantityError(f"The unit is wrong: {check.metric} is {unit.dimension}, and {limit} is {given.dimension}.")
    value = Quantity(limit.value, given).canonical / unit.scale
    wrong = impossible(value, unit)
    if wrong:
        raise QuantityError(f"The bound cannot be meant: {wrong}.")
    if unit.dimension is Dimension.TRUTH and value not in (0, 1):
        raise QuantityError(f"{check.metric} is true or false, which only bounds of 0 and 1 fit.")
    return value
