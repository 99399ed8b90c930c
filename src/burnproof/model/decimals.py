"""Write exact decimals as text and as fractions: ``0.005``, never ``0.0050000000000000044``."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction


def plain(value: Decimal | Fraction | int) -> str:
    """Write an exact decimal without exponent and without trailing zeros.

    Raises:
        ValueError: a fraction that no finite decimal can write.
    """
    if isinstance(value, Fraction):
        value = as_decimal(value)
    text = format(Decimal(value), "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text


def as_decimal(value: Fraction) -> Decimal:
    """Turn a fraction into the decimal it equals.

    Raises:
        ValueError: its denominator has other prime factors than 2 and 5.
    """
    scale, rest = 0, value.denominator
    for prime in (2, 5):
        power = 0
        while rest % prime == 0:
            rest //= prime
            power += 1
        scale = max(scale, power)
    if rest != 1:
        raise ValueError(f"{value} has no finite decimal form")
    return Decimal(value.numerator * 10**scale // value.denominator).scaleb(-scale)


def percent(ratio: Decimal) -> str:
    """Write a ratio as a percentage: ``0.995`` as ``99.5%``."""
    return f"{plain(ratio * 100)}%"
