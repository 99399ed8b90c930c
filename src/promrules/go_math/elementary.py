"""Arrays of float64 in, elementary functions out, bit for bit as Go's math package on amd64.

PromQL's functions are Go's, and `promtool` compares results exactly. libm and numpy round the last bit
differently for 3 % (log) to 47 % (pow) of all arguments, so the algorithms that Go documents are written here
over arrays:

- exp: N. Shibata's reduction to x/16 and a Taylor series of degree 8 (ICS 2010), with the fused multiply-add
  that Go's amd64 assembly uses on every CPU having one; `fma` emulates it exactly.
- log, log1p: FreeBSD msun (e_log.c, s_log1p.c); log2 and log10 are multiples of log.
- pow: the fraction of the exponent through exp and log, its integer part by repeated squaring.
- sinh, tanh: Hart & Cheney 2029 and Cephes near zero, exp elsewhere; asinh, acosh, atanh through log1p.
- sqrt, floor, ceil and fmod need nothing: IEEE 754 fixes every bit of them.

Every function takes anything numpy turns into a float64 array and returns a new array of the same shape;
arguments outside the domain give NaN, as in Go. NaN payloads are not kept. The circular functions live in
`gomath_trig` and are offered here too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from promrules.go_math.fused_multiply_add import fma
from promrules.go_math.trigonometric import acos, asin, atan, atan2, cos, horner, sin, tan

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

__all__ = [
    "acos",
    "acosh",
    "asin",
    "asinh",
    "atan",
    "atan2",
    "atanh",
    "cos",
    "cosh",
    "exp",
    "exp2",
    "log",
    "log1p",
    "log2",
    "log10",
    "pow",
    "sin",
    "sinh",
    "tan",
    "tanh",
]

LN2: Final = 0.693147180559945309417232121458176568
# 1/ln 10 to full precision: dividing by a rounded ln 10 gives another float64.
LOG10_E: Final = 0.43429448190325182765112891891660508229439700580366656611445378316586464920887
# ln 2 in two parts, the first with 21 trailing zero bits: a multiple by an exponent is exact (msun).
LN2_HI: Final = 6.93147180369123816490e-01
LN2_LO: Final = 1.90821492927058770002e-10
LOG_ODD: Final = (
    1.479819860511658591e-01,
    1.818357216161805012e-01,
    2.857142874366239149e-01,
    6.666666666666735130e-01,
)
LOG_EVEN: Final = (1.531383769920937332e-01, 2.222219843214978396e-01, 3.999999999940941908e-01)
LOG1P: Final = (
    1.479819860511658591e-01,
    1.531383769920937332e-01,
    1.818357216161805012e-01,
    2.222219843214978396e-01,
    2.857142874366239149e-01,
    3.999999999940941908e-01,
    6.666666666666735130e-01,
)
HALF_SQRT2: Final = 7.07106781186547524401e-01

EXP_OVERFLOW: Final = 7.09782712893384e02
# Below this the result is 0 whatever the series says; far smaller arguments would not fit the exponent's int.
EXP_UNDERFLOW: Final = -800.0
LOG2_E: Final = 1.4426950408889634073599246810018920
# ln 2 in two halves (Shibata's, not msun's).
LN2_UPPER: Final = 0.69314718055966295651160180568695068359375
LN2_LOWER: Final = 0.28235290563031577122588448175013436025525412068e-12
# 1/8! down to 1/3!, then 1/2! and 1.
EXP_TAYLOR: Final = (
    2.4801587301587301587e-5,
    1.9841269841269841270e-4,
    1.3888888888888888889e-3,
    8.3333333333333333333e-3,
    4.1666666666666666667e-2,
    1.6666666666666666667e-1,
    0.5,
    1.0,
)
EXP2_REMEZ: Final = (
    4.13813679705723846039e-08,
    -1.65339022054652515390e-06,
    6.61375632143793436117e-05,
    -2.77777777770155933842e-03,
    1.66666666666666657415e-01,
)
SINH_P: Final = (
    -26.30563213397497062819489,
    -2894.211355989563807284660366,
    -89912.72022039509355398013511,
    -630767.3640497716991184787251,
)
SINH_Q: Final = (1.0, -173.678953558233699533450911, 15215.17378790019070696485176, -630767.3640497716991212077277)
TANH_P: Final = (-9.64399179425052238628e-1, -9.92877231001918586564e1, -1.61468768441708447952e3)
TANH_Q: Final = (1.0, 1.12811678491632931402e2, 2.23548839060100448583e3, 4.84406305325125486048e3)
TANH_SATURATED: Final = 0.5 * 8.8029691931113054295988e01
LARGE: Final = float(1 << 28)
NEAR_ZERO: Final = 1 / LARGE


def exp(x: ArrayLike) -> Floats:
    """Exponents in, powers of e out."""
    values = np.asarray(x, dtype=np.float64)
    inside = (values <= EXP_OVERFLOW) & (values >= EXP_UNDERFLOW)
    reduced = np.where(inside, values, 0.0)
    exponent = np.rint(reduced * LOG2_E)
    reduced = fma(-exponent, np.full_like(exponent, LN2_UPPER), reduced)
    reduced = fma(-exponent, np.full_like(exponent, LN2_LOWER), reduced) * 0.0625
    series = np.full_like(reduced, EXP_TAYLOR[0])
    for coefficient in EXP_TAYLOR[1:]:
        series = fma(series, reduced, coefficient)
    # exp(r/16) - 1 squared up four times: (1 + t)**2 - 1 = t * (t + 2); the last step keeps the 1.
    series = reduced * series
    for _ in range(3):
        series = series * (series + 2.0)
    series = fma(series + 2.0, series, 1.0)
    power = exponent.astype(np.int32)
    with np.errstate(over="ignore", under="ignore"):
        result = np.ldexp(series, power)
    # The assembly tests the exponent before it multiplies: 2**1024 is infinite though the fraction is below 1.
    result = np.where(power >= 1024, np.inf, np.where(power + 1023 < -52, 0.0, result))
    return np.where(inside, result, np.where(values < 0, 0.0, np.where(np.isnan(values), np.nan, np.inf)))


def exp2(x: ArrayLike) -> Floats:
    """Exponents in, powers of two out."""
    values = np.asarray(x, dtype=np.float64)
    inside = (values <= 1.0239999999999999e03) & (values >= -1.0740e03)
    reduced = np.where(inside, values, 0.0)
    power = np.trunc(reduced + np.copysign(0.5, reduced))
    rest = reduced - power
    high, low = rest * LN2_HI, -rest * LN2_LO
    r = high - low
    t = r * r
    c = r - t * horner(EXP2_REMEZ, t)
    y = 1 - ((low - (r * c) / (2 - c)) - high)
    with np.errstate(over="ignore", under="ignore"):
        result = np.ldexp(y, power.astype(np.int32))
    return np.where(inside, result, np.where(values < 0, 0.0, np.where(np.isnan(values), np.nan, np.inf)))


def _log_finite(fraction: Floats, exponent: Floats) -> Floats:
    """Fractions in [0.5, 1) and exponents in, natural logarithms out (msun e_log.c)."""
    # Go's assembly doubles sqrt(2)/2 itself, its portable code only what lies below: amd64 decides.
    low = fraction <= HALF_SQRT2
    k = exponent - low
    f = fraction * (1.0 + low) - 1.0
    s = f / (2.0 + f)
    s2 = s * s
    s4 = s2 * s2
    r = s2 * horner(LOG_ODD, s4) + s4 * horner(LOG_EVEN, s4)
    half_square = 0.5 * f * f
    return k * LN2_HI - ((half_square - (s * (half_square + r) + k * LN2_LO)) - f)


def log(x: ArrayLike) -> Floats:
    """Numbers in, natural logarithms out; 0 gives -Inf, less than 0 gives NaN."""
    values = np.asarray(x, dtype=np.float64)
    inside = np.isfinite(values) & (values > 0)
    bits = np.where(inside, values, 1.0).view(np.uint64)
    # Exponent and fraction are read off the bits. For subnormals that is wrong, and is what amd64 returns.
    exponent = (bits >> np.uint64(52)).astype(np.float64) - 1022.0
    fraction = (bits & np.uint64((1 << 52) - 1) | np.uint64(0x3FE << 52)).view(np.float64)
    special = np.where(values == 0, -np.inf, np.where(values > 0, np.inf, np.nan))
    return np.where(inside, _log_finite(fraction, exponent), special)


def log2(x: ArrayLike) -> Floats:
    """Numbers in, binary logarithms out; exact for powers of two."""
    values = np.asarray(x, dtype=np.float64)
    fraction, exponent = np.frexp(values)
    exponent = np.where(np.isfinite(values), exponent, 0)
    return np.where(fraction == 0.5, exponent - 1.0, log(fraction) * (1 / LN2) + exponent)


def log10(x: ArrayLike) -> Floats:
    """Numbers in, decimal logarithms out."""
    return log(x) * LOG10_E


def _log1p_reduced(values: Floats) -> tuple[Floats, Floats, Floats, NDArray[np.bool_]]:
    """Arguments in (-1, Inf) in; exponent k, fraction f, correction c and "f is tiny" out.

    1 + x = 2**k * (1 + f) with sqrt(2)/2 <= 1 + f < sqrt(2); c makes up for rounding 1 + x.
    """
    direct = (values > -2.928932188134524755992e-01) & (np.abs(values) < 4.142135623730950488017e-01)
    wide = np.abs(values) >= float(1 << 53)
    u = np.where(wide, values, 1.0 + values)
    bits = u.view(np.uint64)
    k = (bits >> np.uint64(52)).astype(np.int64) - 1023
    c = np.where(wide, 0.0, np.where(k > 0, 1.0 - (u - values), values - (u - 1.0)) / u)
    mantissa = bits & np.uint64((1 << 52) - 1)
    low = mantissa < np.uint64(0x0006A09E667F3BCD)
    u = np.where(low, mantissa | np.uint64(0x3FF << 52), mantissa | np.uint64(0x3FE << 52)).view(np.float64)
    tiny = np.where(low, mantissa, (np.uint64(1 << 52) - mantissa) >> np.uint64(2)) == 0
    k += ~low
    return (
        np.where(direct, 0.0, k),
        np.where(direct, values, u - 1.0),
        np.where(direct, 0.0, c),
        ~direct & tiny,
    )


def log1p(x: ArrayLike) -> Floats:
    """Numbers in, logarithms of one more out (msun s_log1p.c)."""
    values = np.asarray(x, dtype=np.float64)
    inside = (values > -1) & np.isfinite(values)
    safe = np.where(inside, values, 0.0)
    k, f, c, tiny = _log1p_reduced(safe)
    half_square = 0.5 * f * f
    s = f / (2.0 + f)
    z = s * s
    r = np.where(tiny, half_square * (1.0 - 0.66666666666666666 * f), z * horner(LOG1P, z))
    correction = k * LN2_LO + c
    regular = k * LN2_HI - ((half_square - (s * (half_square + r) + correction)) - f)
    regular = np.where(k == 0, f - (half_square - s * (half_square + r)), regular)
    short = np.where(k == 0, f - r, k * LN2_HI - ((r - correction) - f))
    short = np.where(f == 0, np.where(k == 0, 0.0, k * LN2_HI + (c + k * LN2_LO)), short)
    result = np.where(tiny, short, regular)
    size = np.abs(safe)
    with np.errstate(over="ignore", under="ignore"):
        result = np.where(size < 2.0**-29, np.where(size < 2.0**-54, safe, safe - safe * safe * 0.5), result)
    special = np.where(values == -1, -np.inf, np.where(values > 0, np.inf, np.nan))
    return np.where(inside, result, special)


def _power_by_squaring(base: Floats, times: Integers, start: Floats) -> tuple[Floats, Integers]:
    """Bases, exponents >= 0 and first factors in; fraction and binary exponent of start * base**times out."""
    result, result_exponent = start, np.zeros(base.shape, dtype=np.int64)
    square, small_exponent = np.frexp(base)
    exponent = small_exponent.astype(np.int64)
    left = times
    while left.any():
        # An exponent this far out can only end at 0 or infinity: stop before it overflows.
        decided = (left != 0) & (np.abs(exponent) > 1 << 12)
        result_exponent = result_exponent + np.where(decided, exponent, 0)
        left = np.where(decided, 0, left)
        odd = (left & 1) == 1
        result = np.where(odd, result * square, result)
        result_exponent = result_exponent + np.where(odd, exponent, 0)
        active = left != 0
        squared = square * square
        doubled = active & (squared < 0.5)
        square = np.where(active, np.where(doubled, squared + squared, squared), square)
        exponent = np.where(active, 2 * exponent - doubled, exponent)
        left = left >> 1
    return result, result_exponent


def _pow_regular(base: Floats, power: Floats) -> Floats:
    """Finite bases other than 0 and finite powers below 2**63 in, base**power out."""
    whole = np.trunc(np.abs(power))
    part = np.abs(power) - whole
    above = part > 0.5
    whole, signed = whole + above, part - above
    start = np.where(part != 0, exp(signed * log(base)), 1.0)
    result, exponent = _power_by_squaring(base, whole.astype(np.int64), start)
    inverse = power < 0
    result = np.where(inverse, 1 / result, result)
    exponent = np.where(inverse, -exponent, exponent)
    result = np.ldexp(result, np.clip(exponent, -(1 << 20), 1 << 20).astype(np.int32))
    return np.where((part != 0) & (base < 0), np.nan, result)


def _is_odd(values: Floats) -> NDArray[np.bool_]:
    size = np.abs(values)
    odd: NDArray[np.bool_] = (size < float(1 << 53)) & (np.fmod(size, 2.0) == 1.0)
    return odd


def pow(base: ArrayLike, power: ArrayLike) -> Floats:  # noqa: A001 (the name it has in Go, always used qualified)
    """Bases and exponents in (broadcast against each other), powers out; special cases as IEEE 754-2008, 9.2.1."""
    x, y = np.broadcast_arrays(np.asarray(base, dtype=np.float64), np.asarray(power, dtype=np.float64))
    size = np.abs(x)
    with np.errstate(all="ignore"):
        vast = np.isinf(y) | (np.abs(y) >= float(1 << 63))
        regular = np.isfinite(x) & (x != 0) & ~vast & ~np.isnan(y)
        result = _pow_regular(np.where(regular, x, 1.0), np.where(regular, y, 1.0))
        result = np.where(y == 0.5, np.sqrt(x), np.where(y == -0.5, 1 / np.sqrt(x), result))
        result = np.where(vast, np.where(x == -1, 1.0, np.where((size < 1) == (y > 0), 0.0, np.inf)), result)
        # -0 and -Inf keep their sign under odd powers only.
        edge = np.where((x == 0) == (y > 0), 0.0, np.inf)
        edge = np.where(np.signbit(x) & _is_odd(y), -edge, edge)
        result = np.where((x == 0) | (np.isinf(x) & ~np.isinf(y)), edge, result)
        result = np.where(np.isnan(x) | np.isnan(y), np.nan, result)
        result = np.where(y == 1, x, result)
    return np.where((y == 0) | (x == 1), 1.0, result)


def sinh(x: ArrayLike) -> Floats:
    """Numbers in, hyperbolic sines out."""
    values = np.asarray(x, dtype=np.float64)
    size = np.abs(values)
    with np.errstate(all="ignore"):
        growth = exp(size)
        square = size * size
        near = horner(SINH_P, square) * size / horner(SINH_Q, square)
        middle = (growth - 1 / growth) * 0.5
        result = np.where(size > 21, growth * 0.5, np.where(size > 0.5, middle, near))
    return np.where(np.signbit(values), -result, result)


def cosh(x: ArrayLike) -> Floats:
    """Numbers in, hyperbolic cosines out."""
    size = np.abs(np.asarray(x, dtype=np.float64))
    growth = exp(size)
    return np.where(size > 21, growth * 0.5, (growth + 1 / growth) * 0.5)


def tanh(x: ArrayLike) -> Floats:
    """Numbers in, hyperbolic tangents out."""
    values = np.asarray(x, dtype=np.float64)
    size = np.abs(values)
    with np.errstate(all="ignore"):
        far = 1 - 2 / (exp(2 * size) + 1)
        square = values * values
        near = values + values * square * horner(TANH_P, square) / horner(TANH_Q, square)
    far = np.where(size > TANH_SATURATED, 1.0, far)
    result = np.where(size >= 0.625, np.where(values < 0, -far, far), near)
    return np.where(values == 0, values, result)


def asinh(x: ArrayLike) -> Floats:
    """Numbers in, inverse hyperbolic sines out."""
    values = np.asarray(x, dtype=np.float64)
    size = np.abs(values)
    with np.errstate(all="ignore"):
        far = log(size) + LN2
        middle = log(2 * size + 1 / (np.sqrt(size * size + 1) + size))
        near = log1p(size + size * size / (1 + np.sqrt(1 + size * size)))
    result = np.where(size > LARGE, far, np.where(size > 2, middle, np.where(size < NEAR_ZERO, size, near)))
    result = np.where(np.signbit(values), -result, result)
    return np.where(np.isfinite(values), result, values)


def acosh(x: ArrayLike) -> Floats:
    """Numbers >= 1 in, inverse hyperbolic cosines out; NaN below 1."""
    values = np.asarray(x, dtype=np.float64)
    with np.errstate(all="ignore"):
        far = log(values) + LN2
        middle = log(2 * values - 1 / (values + np.sqrt(values * values - 1)))
        above = values - 1
        near = log1p(above + np.sqrt(2 * above + above * above))
    result = np.where(values >= LARGE, far, np.where(values > 2, middle, near))
    return np.where(values >= 1, result, np.nan)


def atanh(x: ArrayLike) -> Floats:
    """Numbers in [-1, 1] in, inverse hyperbolic tangents out; NaN outside."""
    values = np.asarray(x, dtype=np.float64)
    size = np.abs(values)
    with np.errstate(all="ignore"):
        twice = size + size
        low = 0.5 * log1p(twice + twice * size / (1 - size))
        high = 0.5 * log1p(twice / (1 - size))
    result = np.where(size < NEAR_ZERO, size, np.where(size < 0.5, low, high))
    result = np.where(size == 1, np.inf, np.where(size > 1, np.nan, result))
    return np.where(np.signbit(values), -result, result)
