"""Arrays of float64 in, the circular functions and their inverses out, bit for bit as Go's math on amd64.

Go evaluates sin, cos, tan and atan by the rational approximations of the Cephes library (S. L. Moshier,
netlib), with the argument reduced modulo pi/4 in three parts below 2**29 and after Payne and Hanek above
(K. C. Ng, "Argument reduction for huge arguments: good to the last bit", 1992). libm and numpy use other
polynomials and differ in the last bit for about a quarter of all arguments, which is enough to fail a rule
test that compares exactly.

Every function takes anything numpy turns into a float64 array and returns a new array of the same shape;
arguments outside the domain give NaN.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

__all__ = ["acos", "asin", "atan", "atan2", "cos", "sin", "tan"]

PI: Final = 3.14159265358979323846264338327950288
QUARTER: Final = PI / 4
HALF_PI: Final = PI / 2
# pi/4 in three parts, the first two short enough that a multiple below 2**29 is exact.
QUARTER_PARTS: Final = (7.85398125648498535156e-1, 3.77489470793079817668e-8, 2.69515142907905952645e-15)
HUGE: Final = float(1 << 29)

SIN: Final = (
    1.58962301576546568060e-10,
    -2.50507477628578072866e-8,
    2.75573136213857245213e-6,
    -1.98412698295895385996e-4,
    8.33333333332211858878e-3,
    -1.66666666666666307295e-1,
)
COS: Final = (
    -1.13585365213876817300e-11,
    2.08757008419747316778e-9,
    -2.75573141792967388112e-7,
    2.48015872888517045348e-5,
    -1.38888888888730564116e-3,
    4.16666666666665929218e-2,
)
TAN_P: Final = (-1.30936939181383777646e4, 1.15351664838587416140e6, -1.79565251976484877988e7)
TAN_Q: Final = (
    1.0,
    1.36812963470692954678e4,
    -1.32089234440210967447e6,
    2.50083801823357915839e7,
    -5.38695755929454629881e7,
)
ATAN_P: Final = (
    -8.750608600031904122785e-01,
    -1.615753718733365076637e01,
    -7.500855792314704667340e01,
    -1.228866684490136173410e02,
    -6.485021904942025371773e01,
)
ATAN_Q: Final = (
    1.0,
    2.485846490142306297962e01,
    1.650270098316988542046e02,
    4.328810604912902668951e02,
    4.853903996359136964868e02,
    1.945506571482613964425e02,
)
TAN_3PI_8: Final = 2.41421356237309504880
# What pi/2 as a float64 lacks of pi/2.
MORE_BITS: Final = 6.123233995736765886130e-17

# 4/pi to 1216 binary places, with one 64-bit word before the point.
FOUR_OVER_PI: Final = int(
    "0000000000000001"
    "45f306dc9c882a53f84eafa3ea69bb81b6c52b3278872083fca2c757bd778ac3"
    "6e48dc74849ba5c00c925dd413a32439fc3bd63962534e7dd1046bea5d768909"
    "d338e04d68befc827323ac7306a673e93908bf177bf250763ff12fffbc0b301f"
    "de5e2316b414da3eda6cfd9e4f96136e9e8c7ecd3cbfd45aea4f758fd7cbe2f6"
    "7a0e73ef14a525d4d7f6bf623f1aba10ac06608df8f6d757",
    16,
)
WORD: Final = 64
FOUR_OVER_PI_BITS: Final = 20 * WORD


def horner(coefficients: Sequence[float], x: Floats) -> Floats:
    """Coefficients from the highest power down and x in, the polynomial's value out, rounded at each step."""
    total = np.full_like(x, coefficients[0])
    for coefficient in coefficients[1:]:
        total = total * x + coefficient
    return total


def _payne_hanek(x: float) -> tuple[int, float]:
    """A finite x >= pi/4 in; its octant modulo 8 and the rest in [-pi/4, pi/4] out."""
    bits = int(np.float64(x).view(np.uint64))
    exponent = (bits >> 52) - 1023 - 52
    mantissa = bits & ((1 << 52) - 1) | 1 << 52
    # The 192 bits of 4/pi whose product with the mantissa has its units at 2**125.
    digits = FOUR_OVER_PI >> (FOUR_OVER_PI_BITS - 3 * WORD - (exponent + 61)) & ((1 << 3 * WORD) - 1)
    tail = (digits & ((1 << WORD) - 1)) * mantissa >> WORD
    product = ((digits >> WORD) * mantissa + tail) & ((1 << 2 * WORD) - 1)
    octant, fraction = product >> 125, product & ((1 << 125) - 1)
    length = fraction.bit_length()
    rest = float(np.ldexp(float(fraction >> max(length - 53, 0)), max(length - 53, 0) - 125))
    if octant & 1:
        octant, rest = (octant + 1) & 7, rest - 1.0
    return octant, rest * QUARTER


def _reduce(magnitude: Floats) -> tuple[NDArray[np.int64], Floats]:
    """Non-negative finite arguments in; their even octants modulo 8 and what remains of them out."""
    small = np.where(magnitude < HUGE, magnitude, 0.0)
    octant = (small * (4 / PI)).astype(np.int64)
    octant += octant & 1
    count = octant.astype(np.float64)
    rest = ((small - count * QUARTER_PARTS[0]) - count * QUARTER_PARTS[1]) - count * QUARTER_PARTS[2]
    octant &= 7
    # Arguments of half a billion radians are rare: exact integers, one by one, are good enough for them.
    for index in np.flatnonzero(magnitude >= HUGE):
        octant[index], rest[index] = _payne_hanek(float(magnitude[index]))
    return octant, rest


def _flat(x: ArrayLike) -> tuple[Floats, tuple[int, ...]]:
    values = np.asarray(x, dtype=np.float64)
    return values.ravel(), values.shape


def _sine_core(z: Floats) -> Floats:
    zz = z * z
    return z + z * zz * horner(SIN, zz)


def _cosine_core(z: Floats) -> Floats:
    zz = z * z
    return 1.0 - 0.5 * zz + zz * zz * horner(COS, zz)


def sin(x: ArrayLike) -> Floats:
    """Radians in, sine out."""
    values, shape = _flat(x)
    finite = np.isfinite(values)
    octant, rest = _reduce(np.abs(np.where(finite, values, 0.0)))
    swapped = (octant & 3) != 0
    result = np.where(swapped, _cosine_core(rest), _sine_core(rest))
    result = np.where((values < 0) ^ (octant > 3), -result, result)
    return np.where(values == 0, values, np.where(finite, result, np.nan)).reshape(shape)


def cos(x: ArrayLike) -> Floats:
    """Radians in, cosine out."""
    values, shape = _flat(x)
    finite = np.isfinite(values)
    octant, rest = _reduce(np.abs(np.where(finite, values, 0.0)))
    swapped = (octant & 3) != 0
    result = np.where(swapped, _sine_core(rest), _cosine_core(rest))
    result = np.where((octant > 3) ^ swapped, -result, result)
    return np.where(finite, result, np.nan).reshape(shape)


def tan(x: ArrayLike) -> Floats:
    """Radians in, tangent out."""
    values, shape = _flat(x)
    finite = np.isfinite(values)
    octant, rest = _reduce(np.abs(np.where(finite, values, 0.0)))
    zz = rest * rest
    with np.errstate(all="ignore"):
        series = rest + rest * (zz * horner(TAN_P, zz) / horner(TAN_Q, zz))
        result = np.where(zz > 1e-14, series, rest)
        result = np.where(octant & 2, -1 / result, result)
    result = np.where(values < 0, -result, result)
    return np.where(values == 0, values, np.where(finite, result, np.nan)).reshape(shape)


def _atan_core(x: Floats) -> Floats:
    """Arguments of magnitude up to 0.66 in, arctangent out."""
    z = x * x
    z = z * horner(ATAN_P, z) / horner(ATAN_Q, z)
    return x * z + x


def _atan_positive(x: Floats) -> Floats:
    """Arguments >= 0 or NaN in, arctangent out."""
    with np.errstate(all="ignore"):
        low = _atan_core(x)
        high = HALF_PI - _atan_core(1 / x) + MORE_BITS
        middle = QUARTER + _atan_core((x - 1) / (x + 1)) + 0.5 * MORE_BITS
    return np.where(x <= 0.66, low, np.where(x > TAN_3PI_8, high, middle))


def atan(x: ArrayLike) -> Floats:
    """Tangents in, radians in [-pi/2, pi/2] out."""
    values = np.asarray(x, dtype=np.float64)
    result = _atan_positive(np.abs(values))
    return np.where(values == 0, values, np.where(values > 0, result, -result))


def asin(x: ArrayLike) -> Floats:
    """Sines in, radians in [-pi/2, pi/2] out; NaN beyond [-1, 1]."""
    values = np.asarray(x, dtype=np.float64)
    size = np.abs(values)
    with np.errstate(all="ignore"):
        side = np.sqrt(1 - size * size)
        result = np.where(size > 0.7, HALF_PI - _atan_positive(side / size), _atan_positive(size / side))
    result = np.where(values < 0, -result, result)
    return np.where(values == 0, values, np.where(size > 1, np.nan, result))


def acos(x: ArrayLike) -> Floats:
    """Cosines in, radians in [0, pi] out; NaN beyond [-1, 1]."""
    return HALF_PI - asin(x)


def atan2(y: ArrayLike, x: ArrayLike) -> Floats:
    """Ordinates and abscissas in (broadcast against each other), the angle of the point in (-pi, pi] out."""
    ys, xs = np.broadcast_arrays(np.asarray(y, dtype=np.float64), np.asarray(x, dtype=np.float64))
    with np.errstate(all="ignore"):
        quotient = atan(ys / xs)
    angle = np.where(xs < 0, np.where(quotient <= 0, quotient + PI, quotient - PI), quotient)
    angle = np.where(np.isinf(ys), np.copysign(HALF_PI, ys), angle)
    # Special points in Go's order, so that the first that holds is applied last.
    to_the_left = np.where(np.isinf(ys), 3 * PI / 4, PI)
    to_the_right = np.where(np.isinf(ys), QUARTER, 0.0)
    angle = np.where(np.isinf(xs), np.copysign(np.where(xs > 0, to_the_right, to_the_left), ys), angle)
    angle = np.where(xs == 0, np.copysign(HALF_PI, ys), angle)
    angle = np.where(ys == 0, np.copysign(np.where(np.signbit(xs), PI, 0.0), ys), angle)
    return np.where(np.isnan(ys) | np.isnan(xs), np.nan, angle)
