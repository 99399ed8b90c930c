"""Corners of PromQL, with what promtool of Prometheus 3.13 answers: signed zeros, NaN, numbers, mixed samples, @."""

from __future__ import annotations

import math

import numpy as np
import pytest

from promrules.columns.series import Storage
from promrules.engine import evaluate
from promrules.histograms import notation as histogram_text
from promrules.histograms.storage import refusal
from promrules.prometheus_scripts.series_notation import as_series, parse_series, parse_values
from promrules.syntax.parse import PromqlSyntaxError, parse
from promrules.syntax.printer import to_text

ONE = "{{count:1 sum:1 buckets:[1]}}"
GAUGES = (
    "{{count:5 buckets:[3] n_buckets:[2] counter_reset_hint:gauge}}",
    "{{count:10 buckets:[10] counter_reset_hint:gauge}}",
    "{{count:15 buckets:[9] n_buckets:[6] counter_reset_hint:gauge}}",
)
SERIES = (
    'a{x="1"} 1x20',
    'zeros{x="1"} -0 0 -0 0',
    'none{x="1"} -0x20',
    'plain{pod="p0"} 1 2 3 4 5',
    f'native{{pod="p0"}} {ONE}x10',
    'many{pod="p0", inst="0"} 1x10',
    'many{pod="p0", inst="1"} 1x10',
    'shrinks{pod="p1"} {{count:3 buckets:[2 1]}} {{count:4 buckets:[4]}}',
    'grows{pod="p1"} {{count:3 buckets:[2 1]}} {{count:4 buckets:[2 2]}}',
    f"gauge {GAUGES[0]} {GAUGES[1]} {GAUGES[2]}",
)


@pytest.fixture(scope="module")
def storage():
    """Every series of the table, a sample a minute."""
    return Storage(as_series(*parse_series(text), 60_000) for text in SERIES)


def answers(storage, expr, minute):
    """Give the samples of an instant query: floats as they are, histograms in test notation."""
    result = evaluate(parse(expr), storage, np.array([60_000 * minute], dtype=np.int64))
    if result.failure is not None:
        return result.failure.message
    value = result.value
    if not hasattr(value, "labels"):
        return [float(value.values[0])]
    objects = value.histograms
    return [
        float(value.values[row, 0]) if objects is None or objects[row, 0] is None
        else histogram_text.notation(objects[row, 0])
        for row in range(len(value.labels))
        if value.present[row, 0]
    ]  # fmt: skip


SAME_LABELS = "vector cannot contain metrics with the same labelset"


@pytest.mark.parametrize(
    ("expr", "minute", "expected"),
    [
        # Go's math.Max and math.Min: an infinity that decides beats NaN, and 0 beats -0.
        ("clamp_min(vector(Inf), NaN)", 4, [math.inf]),
        ("clamp_max(vector(-Inf), NaN)", 4, [-math.inf]),
        ("clamp(vector(-Inf), 31, NaN)", 4, [31.0]),
        ("clamp_min(vector(1e308), 1e308)", 4, [1e308]),
        ("1 / clamp(vector(-0), 0, 9)", 4, [math.inf]),
        ("1 / clamp_max(vector(0), -0)", 4, [-math.inf]),
        # Of equal samples the first stays.
        ("1 / min_over_time(zeros[3m])", 3, [math.inf]),
        ("1 / max_over_time(zeros[2m])", 2, [math.inf]),
        ("1 / max_over_time(none[4m])", 3, [-math.inf]),
        ("1 / max(none)", 3, [-math.inf]),
        # Nothing comes of a subquery that is empty.
        ("rate((a > 100)[2m30s:1m] @ 120)", 5, []),
        ("deriv((a > 100)[2m30s:1m] @ 120)", 5, []),
        # Floats and histograms of the same labels.
        ('sum({pod="p0", inst=""} - 1)', 4, [4.0]),
        ('{pod="p0", inst=""} * 2', 4, SAME_LABELS),
        ('-{pod="p0", inst=""}', 4, ["{{count:-1 sum:-1 counter_reset_hint:gauge buckets:[-1]}}"]),
        ('sum(-{pod="p0", inst=""})', 4, [-5.0]),
        ('count_over_time((-{pod="p0", inst=""})[2m:1m])', 4, [3.0]),
        ("many / on (pod) native", 4, []),
        # Prometheus looks up a timestamp from the time of @, without the offset.
        ("timestamp(a @ 100 offset -2m)", 4, [60.0]),
        ("timestamp(a @ 180 offset 1m)", 4, [120.0]),
        ("timestamp(+a)", 4.5, [270.0]),
        # A function with an argument that changes has no subquery with @.
        ("predict_linear(a[5m:1m] @ 240, 60)", 4, []),
        ("predict_linear(a[5m:1m], 60)", 4, [1.0]),
        ("quantile_over_time(scalar(a), a[5m:1m] @ 240)", 4, []),
        ("quantile_over_time(1, a[5m:1m] @ 240)", 4, [1.0]),
        # Below a statistic resets are looked for in the count alone, where a gauge hides those of the buckets.
        ("histogram_count(increase(gauge[3m]))", 2, [15.0]),
        # A sample right after a counter reset and one that is not: no sum, only a warning.
        ("histogram_count(shrinks + grows)", 1, []),
        ("histogram_count(shrinks + shrinks)", 1, [8.0]),
        ("nativ or 2", 4, None),
        ("native </ 2 + on (pod) many", 4, None),
    ],
)  # fmt: skip
def test_corners_are_those_of_prometheus(storage, expr, minute, expected):
    """Each row is what promtool prints."""
    if expected is None:
        with pytest.raises(PromqlSyntaxError):
            parse(expr)
        return

    assert answers(storage, expr, minute) == expected


@pytest.mark.parametrize("text", ["1e309", "-1e309", "0xffffffffffffffff", "1__0", "1_", "x @ 1e309"])
def test_numbers_out_of_range_are_refused(text):
    """What no float64 and no int64 holds is no number, and underscores part digits."""
    with pytest.raises(PromqlSyntaxError):
        parse(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [("1e-400", 0.0), ("010", 8.0), ("09", 9.0), ("1_0.5", 10.5), ("0x1_f", 31.0), ("18446744073709551616", 2.0**64)],
)
def test_numbers_are_read_as_go_reads_them(text, value):
    """Octal, underscores, and what is too long for an integer."""
    assert parse(text).value == value


@pytest.mark.parametrize("text", ["+(a)[5m:]", "rate(+a[5m])", '+"a"'])
def test_a_sign_stands_before_numbers_and_vectors_only(text):
    """A unary plus is dropped by nobody's type check."""
    with pytest.raises(PromqlSyntaxError, match="unary expression only allowed"):
        parse(text)


def test_a_sign_is_printed_again():
    """A unary plus keeps a selector from being a bare one, so it stays in the text."""
    assert to_text(parse("timestamp(+ a)")) == "timestamp(+a)"


@pytest.mark.parametrize("text", ["{{schema:1111111111111111111111111 count:1}}", "{{sum:1e309}}", "1e309", "1__0"])
def test_values_out_of_range_are_refused(text):
    """A sentence with its place, not a traceback."""
    with pytest.raises(PromqlSyntaxError, match="error parsing"):
        parse_values(text)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{{schema:9 count:1 buckets:[1]}}", "between -4 and 8"),
        ("{{count:-1}}", "count is negative"),
        ("{{count:1 buckets:[-1]}}", "a bucket has an observation count of -1"),
        ("{{count:1 buckets:[1] custom_values:[1]}}", "must not have custom bounds"),
        ("{{schema:-53 count:1 buckets:[1] custom_values:[5 3]}}", "strictly increasing"),
        ("{{schema:-53 count:1 buckets:[1 2 3] custom_values:[1]}}", "too few"),
        ("{{count:3 z_bucket:1 buckets:[1] n_buckets:[1]}}", ""),
        ("{{schema:-53 count:3 buckets:[1 2] custom_values:[1]}}", ""),
    ],
)
def test_what_no_storage_takes(text, why):
    """Input series with such histograms fail in promtool, too."""
    said = refusal(histogram_text.parse(text)[0])

    assert why in said
    assert bool(said) == bool(why)
