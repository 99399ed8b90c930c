"""Native histograms behave as Prometheus' own: golden results, laws of arithmetic, notation, storage, rates."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from promrules.histograms import extended_ranges as histogram_extended
from promrules.histograms import notation as histogram_text
from promrules.histograms import statistics as histogram_stats
from promrules.histograms import sums as histogram_sums
from promrules.histograms.buckets import buckets, upper_bounds
from promrules.histograms.storage import FLOAT, STALE, Classic, from_classic, stored
from promrules.histograms.trim import trimmed
from promrules.histograms.value import (
    CUSTOM,
    Hint,
    Histogram,
    IncompatibleError,
    Remark,
    add,
    detect_reset,
    divide,
    equal,
    multiply,
    subtract,
)


def parsed(text: str) -> Histogram:
    return histogram_text.parse(text)[0]


def verdicts(remarks: list[Remark]) -> str:
    names = [remark.name for remark in remarks]
    told = (any("COLLISION" in name for name in names), any("RECONCILED" in name for name in names))
    return " ".join(str(flag).lower() for flag in told)


def combined(operation: str, histograms: list[Histogram]) -> list[str]:
    """Add, subtract or sum up, and give the result in the words of the golden file."""
    if operation == "sum":
        total, _ = histogram_sums.total(histograms)
        return ["err" if total is None else histogram_text.notation(total)]
    try:
        result, remarks = (add if operation == "add" else subtract)(*histograms)
    except IncompatibleError:
        return ["err"]
    return [histogram_text.notation(result.compact()), verdicts(remarks)]


OPERATIONS = {
    "show": lambda _, h: [histogram_text.notation(h[0]), histogram_text.display(h[0])],
    "add": lambda _, h: combined("add", h),
    "sub": lambda _, h: combined("sub", h),
    "sum": lambda _, h: combined("sum", h),
    "reset": lambda _, h: [str(detect_reset(*h)).lower()],
    "quantile": lambda n, h: [histogram_stats.quantile(n[0], h[0])[0].hex()],
    "fraction": lambda n, h: [histogram_stats.fraction(n[0], n[1], h[0])[0].hex()],
}


def evaluated(operation: str, arguments: list[str]) -> list[str]:
    """Run one golden operation."""
    histograms = [parsed(text) for text in arguments if text.startswith("{{")]
    return OPERATIONS[operation]([float(text) for text in arguments if not text.startswith("{{")], histograms)


def read_golden() -> list[tuple[str, list[str], list[str]]]:
    cases = []
    for line in (Path(__file__).parent / "histogram_golden.tsv").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            operation, *cells = line.split("\t")
            middle = cells.index("=")
            cases.append((operation, cells[:middle], cells[middle + 1 :]))
    return cases


GOLDEN = read_golden()


@pytest.mark.parametrize("operation", sorted({case[0] for case in GOLDEN}))
def test_results_are_those_of_prometheus(operation):
    """Arithmetic, sums, resets, quantiles, fractions and both printed forms equal Prometheus' to the last digit."""
    cases = [case for case in GOLDEN if case[0] == operation]

    wrong = [(case, evaluated(*case[:2])) for case in cases if evaluated(*case[:2]) != case[2]]

    assert len(cases) >= 20
    assert wrong == []


@st.composite
def counters(draw):
    """Exponential histograms with whole counts, whose total is that of their buckets, and a zero bucket of width 0."""
    sides = [draw(st.lists(st.integers(0, 50), max_size=6)) for _ in range(2)]
    zero = draw(st.integers(0, 9))
    positive, negative = (buckets(draw(st.integers(-6, 6)), [float(n) for n in side]) for side in sides)
    return Histogram(
        schema=draw(st.integers(-4, 8)),
        count=float(sum(map(sum, sides)) + zero),
        sum=float(draw(st.integers(-1000, 1000))),
        zero_count=float(zero),
        positive=positive,
        negative=negative,
    )


@given(counters(), counters())
def test_addition_commutes_and_keeps_every_observation(left, right):
    """Whatever schemas meet, the order does not matter and no observation is lost."""
    one, other = add(left, right)[0].compact(), add(right, left)[0].compact()

    assert equal(one, other)
    assert one.count == left.count + right.count


@given(counters(), counters())
def test_a_counter_that_only_grew_was_not_reset(before, more):
    """Adding observations at the resolution of the sum is growth, taking them away is a reset."""
    grown = add(before, more)[0]

    assert not detect_reset(grown, before)
    assert detect_reset(before, grown) == (more.count > 0 or grown.schema < before.schema)


@given(counters(), st.sampled_from([2.0, 4.0, 0.5]))
def test_scaling_is_undone_by_division(histogram, factor):
    """Powers of two scale without rounding, so that multiplication and division cancel."""
    assert equal(divide(multiply(histogram, factor), factor), histogram)


@given(counters(), st.floats(0, 1))
def test_a_quantile_lies_within_the_buckets(histogram, q):
    """A quantile is never outside the range of the populated buckets."""
    rows = [row for row in histogram_stats.ordered(histogram) if row.count]
    value = histogram_stats.quantile(q, histogram)[0]

    if rows:
        slack = 1e-9 * max(abs(rows[0].lower), abs(rows[-1].upper))
        assert rows[0].lower - slack <= value <= rows[-1].upper + slack
    else:
        assert math.isnan(value)


@given(counters())
def test_notation_reads_back(histogram):
    """What is printed parses to an equal histogram as soon as there is at most one gap per side."""
    compact = histogram.compact()
    text = histogram_text.notation(compact)
    gaps = max((np.diff(side.index) > 1).sum() for side in (compact.positive, compact.negative))

    if gaps <= 1:
        assert equal(parsed(text).compact(), compact)


BROKEN = {
    "{{sum:1": ("between {{ and }}", 0),
    "{{bogus:1}}": ("unknown key 'bogus'", 2),
    "{{sum:1 sum:2}}": ('duplicate key "sum"', 8),
    "{{schema:1.5}}": ("schema needs a number", 2),
    "{{buckets:[1 x]}}": ("'x' in buckets is not a number", 10),
    "{{counter_reset_hint:maybe}}": ("one of unknown, reset, not_reset, gauge", 2),
    "{{sum:1,count:2}}": ("expected key:value", 2),
}


@pytest.mark.parametrize("text", BROKEN)
def test_broken_notation_is_refused_with_the_place(text):
    """The message names the fault and the column of the offending item."""
    with pytest.raises(histogram_text.NotationError) as caught:
        histogram_text.parse(text)

    assert (BROKEN[text][0] in str(caught.value), caught.value.column) == (True, BROKEN[text][1])


def test_a_series_adds_its_step_again_and_again():
    """``{{a}}+{{b}}x2`` stands for a, a+b and a+b+b."""
    base, step = parsed("{{sum:1 count:1 buckets:[1]}}"), parsed("{{sum:2 count:3 buckets:[2 1]}}")

    series = histogram_text.series(base, "+", step, 2)

    assert [histogram_text.notation(item) for item in series] == [
        "{{count:1 sum:1 buckets:[1]}}",
        "{{count:4 sum:3 buckets:[3 1]}}",
        "{{count:7 sum:5 buckets:[5 2]}}",
    ]


def test_bounds_are_those_of_the_client_libraries():
    """The square root of two is one unit below the correctly rounded one, as in every exposed histogram."""
    assert upper_bounds(1, np.array([1, 0, 2])).tolist() == [1.414213562373095, 1.0, 2.0]
    assert upper_bounds(-4, np.array([0, 1, 64, 65])).tolist() == [1.0, 65536.0, np.finfo(float).max, math.inf]


def test_storage_marks_what_continues_a_chunk():
    """All but the first sample of a chunk are known not to be resets, and share one layout."""
    one, two = parsed("{{count:1 sum:1 buckets:[1]}}"), parsed("{{count:3 sum:1 buckets:[1 2]}}")
    gauge = replace(two, hint=Hint.GAUGE)

    read = stored([one, two, one, STALE, two, FLOAT, two, gauge, gauge])

    hints = [item if isinstance(item, str) else item.hint.value for item in read]
    assert hints == ["unknown", "not_reset", "unknown", STALE, "unknown", FLOAT, "unknown", "gauge", "gauge"]
    assert [read[0].positive.index.tolist(), read[2].positive.index.tolist()] == [[0, 1], [0]]


def test_an_explicit_reset_starts_a_chunk():
    """A reset hint cuts the chunk, after which the storage knows as little as at the beginning."""
    one, reset = parsed("{{count:1 buckets:[1]}}"), parsed("{{count:2 buckets:[2] counter_reset_hint:reset}}")

    assert [item.hint for item in stored([one, reset, replace(reset, hint=Hint.UNKNOWN)])] == [
        Hint.UNKNOWN,
        Hint.UNKNOWN,
        Hint.NOT_RESET,
    ]


def test_classic_histograms_become_custom_buckets():
    """Cumulative counts become counts between the same bounds; +Inf is implied."""
    native = from_classic(Classic({0.1: 2.0, 0.5: 2.0, 1.0: 5.0}, count=7.0, total=3.5))

    assert histogram_text.notation(native) == (
        "{{schema:-53 count:7 sum:3.5 custom_values:[0.1 0.5 1] buckets:[2 0 3 2]}}"
    )


@pytest.mark.parametrize(
    ("classic", "message"),
    [
        (Classic({1.0: 5.0, 2.0: 4.0}, count=5.0), "not cumulative"),
        (Classic({1.0: 5.0, math.inf: 6.0}, count=7.0), "mismatch"),
        (Classic({1.0: -1.0}, count=7.0), "negative"),
    ],
)
def test_contradictory_classic_histograms_are_refused(classic, message):
    """Counts that cannot be a histogram are an error, not a guess."""
    with pytest.raises(ValueError, match=message):
        from_classic(classic)


def test_rate_makes_good_a_reset_and_extrapolates_to_the_edges():
    """A reset between the second and third sample: growth is 10, then 4 from zero, over the whole window."""
    texts = ["{{count:10 sum:1 buckets:[10]}}", "{{count:20 sum:2 buckets:[20]}}", "{{count:4 sum:1 buckets:[4]}}"]
    samples = [parsed(text) for text in texts]

    result, remarks = histogram_sums.extrapolated(
        [60_000, 120_000, 180_000], samples, (0, 180_000), counter=True, per_second=False
    )

    assert remarks == []
    assert histogram_text.notation(result) == "{{count:21 sum:3 counter_reset_hint:gauge buckets:[21]}}"


def test_rate_of_a_gauge_and_delta_of_a_counter_are_remarked():
    """Both are computed all the same."""
    gauge = [parsed("{{count:1 buckets:[1] counter_reset_hint:gauge}}")] * 2
    counter = [parsed("{{count:1 buckets:[1]}}")] * 2
    window = ([0, 60_000], (0, 60_000))

    _, of_gauge = histogram_sums.extrapolated(window[0], gauge, window[1], counter=True, per_second=True)
    _, of_counter = histogram_sums.extrapolated(window[0], counter, window[1], counter=False, per_second=False)

    assert (of_gauge, of_counter) == ([Remark.NOT_COUNTER], [Remark.NOT_GAUGE])


GROWING = [
    (place * 10_000, parsed(f"{{{{sum:{10 * place} count:{10 * place} buckets:[{10 * place}]}}}}"))
    for place in range(7)
]


@pytest.mark.parametrize(
    ("smooth", "edges", "count"),
    [(False, (5_000, 35_000), 60.0), (True, (5_000, 35_000), 30.0), (True, (-5_000, 35_000), 35.0)],
    ids=["anchored at the sample before the edge", "smoothed at both edges", "smoothed, nothing before the edge"],
)
def test_change_between_the_edges_of_a_window(smooth, edges, count):
    """Anchored windows reach back to a sample and up to the last one; smoothed ones are cut at their edges."""
    result, remarks = histogram_extended.change(GROWING, edges, smooth=smooth, counter=True, per_second=False)

    assert (result.count, remarks) == (count, [])


def test_an_edge_inside_a_reset_starts_from_nothing():
    """Half way between 60 and, after a reset, 20, a counter is taken to have grown to 10."""
    before, after = GROWING[6], (70_000, GROWING[2][1])

    assert histogram_extended.interpolated(before, after, 65_000, counter=True)[0].count == 10.0
    assert histogram_extended.at_instant([before, after], 70_000)[0].count == 20.0
    assert histogram_extended.at_instant([before], 65_000)[0].count == 60.0
    assert histogram_extended.at_instant([before], 5_000)[0] is None


def test_custom_and_exponential_buckets_do_not_mix():
    """Sums, means, rates and differences give nothing and a warning."""
    mixed = [Histogram(count=1.0), Histogram(schema=CUSTOM, count=2.0, bounds=(1.0,))]

    assert histogram_sums.total(mixed) == (None, [Remark.MIXED_SCHEMAS])
    assert histogram_sums.mean(mixed) == (None, [Remark.MIXED_SCHEMAS])
    assert histogram_sums.instantaneous([0, 1000], mixed[::-1], counter=False)[0] is None
    with pytest.raises(IncompatibleError):
        add(*mixed)


def test_a_mean_survives_the_overflow_of_its_sum():
    """Counts near the largest float are averaged although their sum is infinite."""
    huge = Histogram(count=1.5e308, sum=1.5e308, positive=buckets(0, [1.5e308]))

    result, _ = histogram_sums.mean([huge, huge, huge])

    assert (result.count, result.positive.count.tolist()) == (pytest.approx(1.5e308), [pytest.approx(1.5e308)])


TRIMMED = {
    # exponential buckets: geometric middles; an edge inside a bucket divides it on a logarithmic scale
    ("{{sum:10 count:6 buckets:[2 4]}}", 1.0, True): "{{count:2 sum:1.4142135623730951 buckets:[2]}}",
    ("{{sum:10 count:6 buckets:[2 4]}}", 1.0, False): "{{count:4 sum:5.656854249492381 offset:1 buckets:[4]}}",
    ("{{sum:10 count:8 buckets:[8]}}", 2.0, True): "{{count:8 sum:10 buckets:[8]}}",
    ("{{sum:-3 count:4 n_buckets:[4]}}", -2.0, True): "{{}}",
    # custom buckets: linear; what reaches to infinity stands for its lower bound, the first bucket begins at 0
    ("{{schema:-53 sum:9 count:6 custom_values:[2 4] buckets:[2 2 2]}}", 3.0, True): (
        "{{schema:-53 count:3 sum:4.5 custom_values:[2 4] buckets:[2 1]}}"
    ),
    ("{{schema:-53 sum:9 count:6 custom_values:[2 4] buckets:[2 2 2]}}", 3.0, False): (
        "{{schema:-53 count:3 sum:11.5 custom_values:[2 4] offset:1 buckets:[1 2]}}"
    ),
    ("{{schema:-53 sum:9 count:2 custom_values:[2] buckets:[2]}}", 1.0, True): (
        "{{schema:-53 count:1 sum:0.5 custom_values:[2] buckets:[1]}}"
    ),
    # the zero bucket: linear, and one-sided when all other observations are
    ("{{sum:1 count:5 z_bucket:4 z_bucket_w:1 offset:1 buckets:[1]}}", 0.5, True): (
        "{{count:2 sum:0.5 z_bucket:2 z_bucket_w:1}}"
    ),
}


@pytest.mark.parametrize("case", TRIMMED)
def test_trimming_keeps_one_side_of_the_edge(case):
    """Counts are divided where the edge cuts a bucket, and the sum is estimated anew; untouched, both stay."""
    text, edge, keep_below = case

    assert histogram_text.notation(trimmed(parsed(text), edge, keep_below=keep_below)) == TRIMMED[case]


@given(counters(), st.floats(-100, 100))
def test_the_two_sides_of_an_edge_make_up_the_whole(histogram, edge):
    """What lies below and what lies above add up to all observations."""
    below, above = (trimmed(histogram, edge, keep_below=side) for side in (True, False))

    assert below.count + above.count == pytest.approx(histogram.count)


def test_annotations_read_as_in_prometheus():
    """Level, wording and metric name are those of Prometheus, the name left out where there is none."""
    assert Remark.NOT_COUNTER.text("m") == 'PromQL warning: this native histogram metric is not a counter: "m"'
    assert Remark.QUANTILE_NAN.text() == (
        "PromQL info: input to histogram_quantile has NaN observations, result is NaN"
    )
