"""Window sums and means are those of Prometheus' compensated summation, bit for bit."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from places import examples
from promrules.functions.sums import window_means, window_sums


def neumaier(values) -> float:
    """Add as Prometheus does, one by one."""
    total = carry = 0.0
    for value in values:
        after = total + value
        if math.isinf(after):
            carry = 0.0
        elif abs(total) >= abs(value):
            carry += (total - after) + value
        else:
            carry += (value - after) + total
        total = after
    return total if math.isinf(total) else total + carry


def mean(values) -> float:
    """Average as Prometheus does, without the overflow branch."""
    total, carry = neumaier_pair(values)
    return total / len(values) + carry / len(values)


def neumaier_pair(values) -> tuple[float, float]:
    """Give sum and compensation."""
    total, carry = values[0], 0.0
    for value in values[1:]:
        after = total + value
        carry += (total - after) + value if abs(total) >= abs(value) else (value - after) + total
        total = after
    return total, carry


def windows(size: int, length: int) -> tuple[np.ndarray, np.ndarray]:
    """Give all windows of up to ``length`` samples ending at each sample."""
    high = np.arange(1, size + 1)[np.newaxis, :]
    return np.maximum(high - length, 0), high


SHAPES = {
    "uniform": lambda rng, n: rng.random(n),
    "ratios with gaps": lambda rng, n: rng.integers(0, 5, n) / rng.integers(0, 9, n),
    "normal": lambda rng, n: rng.normal(0, 1, n),
    "counters": lambda rng, n: np.cumsum(rng.integers(0, 1000, n)).astype(float),
    "large and small": lambda rng, n: np.where(rng.random(n) < 0.5, 1e16, 1.0) * rng.random(n),
    "wild": lambda rng, n: np.exp(rng.normal(0, 20, n)) * rng.choice([-1, 1], n),
    "zeros after noise": lambda rng, n: np.where(np.arange(n) < n // 3, rng.random(n) * 1e9, 0.0),
    "specials": lambda rng, n: rng.choice([1.5, np.inf, -np.inf, np.nan], n, p=[0.97, 0.01, 0.01, 0.01]),
}


@pytest.mark.parametrize("length", [5, 60, 700])
@pytest.mark.parametrize("shape", SHAPES)
def test_sums_are_bit_exact(shape, length):
    """Prefix sums and their fallback give what adding one by one gives."""
    with np.errstate(all="ignore"):
        values = SHAPES[shape](np.random.default_rng(7), 1000)
    low, high = windows(len(values), length)
    found = window_sums(values, low, high)[0]
    expected = np.array([neumaier(values[a:b].tolist()) for a, b in zip(low[0], high[0], strict=True)])
    assert np.array_equal(found, expected, equal_nan=True)


@pytest.mark.parametrize("shape", ["uniform", "normal", "counters", "large and small", "wild", "zeros after noise"])
def test_means_are_bit_exact(shape):
    """Means divide sum and compensation apart."""
    values = SHAPES[shape](np.random.default_rng(8), 600)
    low, high = windows(len(values), 200)
    found = window_means(values, low, high)[0]
    assert found.tolist() == [mean(values[a:b].tolist()) for a, b in zip(low[0], high[0], strict=True)]


def test_means_survive_overflow():
    """Where the sum leaves the floats' range, the mean does not."""
    values = np.full(40, 1.5e308)
    low, high = windows(40, 30)
    assert window_means(values, low, high)[0] == pytest.approx(np.full(40, 1.5e308))


@settings(max_examples=examples(60))
@given(st.lists(st.floats(allow_nan=True, allow_infinity=True), min_size=40, max_size=120), st.integers(14, 60))
def test_any_floats(values, length):
    """No floats, special ones among them, make a window's sum differ."""
    column = np.array(values)
    low, high = windows(len(column), length)
    expected = np.array([neumaier(values[a:b]) for a, b in zip(low[0], high[0], strict=True)])
    assert np.array_equal(window_sums(column, low, high)[0], expected, equal_nan=True)
