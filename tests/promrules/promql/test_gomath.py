"""gomath returns the very bits that Go's math package returns on amd64."""

from __future__ import annotations

import math
from collections import defaultdict
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from promrules.go_math import elementary as gomath
from promrules.go_math.fused_multiply_add import fma

Case = tuple[tuple[float, ...], float]


def read_golden() -> dict[str, list[Case]]:
    cases: dict[str, list[Case]] = defaultdict(list)
    for line in (Path(__file__).parent / "gomath_golden.tsv").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            name, *numbers = line.split("\t")
            *arguments, result = (float.fromhex(number) for number in numbers)
            cases[name].append((tuple(arguments), result))
    return cases


GOLDEN = read_golden()


def same_bits(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    return (left.view(np.uint64) == right.view(np.uint64)) | (np.isnan(left) & np.isnan(right))


def test_every_function_has_golden_values():
    """No function is offered without values from Go to hold it to."""
    assert set(gomath.__all__) == set(GOLDEN)


@pytest.mark.parametrize("name", sorted(GOLDEN))
def test_bits_are_those_of_go(name):
    """Special values, range edges and random arguments give Go's results to the last bit."""
    arguments = [np.array(column) for column in zip(*(case[0] for case in GOLDEN[name]), strict=True)]
    expected = np.array([case[1] for case in GOLDEN[name]])

    actual = getattr(gomath, name)(*arguments)

    wrong = np.flatnonzero(~same_bits(expected, actual))
    assert [(GOLDEN[name][i], float(actual[i])) for i in wrong] == []


@pytest.mark.parametrize("name", sorted(GOLDEN))
def test_an_argument_gives_the_same_alone_and_in_a_matrix(name):
    """Shape and neighbours never change a value."""
    arguments = [np.array(column[:24]) for column in zip(*(case[0] for case in GOLDEN[name]), strict=True)]
    function = getattr(gomath, name)

    matrix = function(*(column.reshape(4, 6) for column in arguments))
    alone = np.array([function(*single) for single in zip(*arguments, strict=True)])

    assert matrix.shape == (4, 6)
    assert same_bits(matrix.ravel(), alone).all()


NEAR_LIBM = {
    "exp": (math.exp, -700, 700),
    "log": (math.log, 1e-300, 1e300),
    "log2": (math.log2, 1e-300, 1e300),
    "log10": (math.log10, 1e-300, 1e300),
    "log1p": (math.log1p, -0.999, 1e9),
    "sin": (math.sin, -1e18, 1e18),
    "cos": (math.cos, -1e18, 1e18),
    "atan": (math.atan, -1e9, 1e9),
    "sinh": (math.sinh, -700, 700),
    "cosh": (math.cosh, -700, 700),
    "tanh": (math.tanh, -50, 50),
    "asinh": (math.asinh, -1e15, 1e15),
    "acosh": (math.acosh, 1, 1e15),
}


@given(name=st.sampled_from(sorted(NEAR_LIBM)), data=st.data())
def test_results_are_right_not_only_equal_to_go(name, data):
    """A wrong constant that happens to miss the golden arguments shows as a distance from libm."""
    function, low, high = NEAR_LIBM[name]
    x = data.draw(st.floats(low, high))

    assert float(getattr(gomath, name)(x)) == pytest.approx(function(x), rel=4e-15, abs=1e-15)


@given(st.floats(0.01, 100), st.integers(-60, 60))
def test_whole_powers_are_near_the_exact_ones(base, power):
    """A whole power follows the exact power within its documented few units in the last place."""
    assert float(gomath.pow(base, float(power))) == pytest.approx(base**power, rel=1e-13)


MODERATE = st.floats(-1e100, 1e100).filter(lambda x: x == 0 or abs(x) > 1e-100)


@given(MODERATE, MODERATE, MODERATE)
def test_a_fused_multiply_add_rounds_once(a, b, c):
    """The result is the exact one, rounded to the nearest float."""
    exact = Fraction(a) * Fraction(b) + Fraction(c)

    assert float(fma(np.array(a), np.array(b), c)) == float(exact)


def test_a_fused_multiply_add_keeps_what_a_product_loses():
    """The error of a rounded product is exactly what remains when the product is taken off again."""
    a, b = np.array([1 + 2.0**-30]), np.array([1 + 2.0**-29])

    assert fma(a, b, -float((a * b)[0])).tolist() == [2.0**-59]
