"""Texts to nodes: what promql-parser gets wrong, where errors stand, and that printing gives the same node back."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from places import examples
from promrules.syntax.nodes import Binary, DurationCall, MatrixSelector, NumberLiteral, StringLiteral, VectorSelector
from promrules.syntax.parse import PromqlSyntaxError, parse
from promrules.syntax.printer import format_duration, format_number, to_text
from promrules.syntax.tokens import parse_duration

ERRORS = [
    ("foo bar", "bar", 'unexpected identifier "bar", expected an operator or the end'),
    ("sum(rate(foo))", "rate(foo)", "expected type matrix in call to function 'rate', got vector"),
    (
        "1 + histogram_quantile(0.9, rate(x)) > 2",
        "rate(x)",
        "expected type matrix in call to function 'rate', got vector",
    ),
    ("rat(x[5m])", "rat", 'unknown function with name "rat", did you mean rate?'),
    ("sum(x,)", ")", "trailing commas not allowed here"),
    ("1 + ", "", "unexpected end of input, expected an expression"),
    ("foo{a=b}", "b", 'unexpected identifier "b", expected a quoted string'),
    ("foo{a}", "}", 'unexpected "}", expected one of "=", "!=", "=~", "!~"'),
    ("sum(foo", "(", "unclosed left parenthesis"),
    ("foo)", ")", "unexpected right parenthesis ')'"),
    ("sum(foo[5m)", ")", "unexpected \")\" in range, expected ':' or ']'"),
    ('foo{a=~"("}', '"("', 'error parsing regexp "(": missing )'),
    ('x == "a"', 'x == "a"', "binary expression must contain only scalar and instant vector types"),
    ("2 * abs(1, 2) + 1", "abs(1, 2)", "expected 1 argument(s) in call to 'abs', got 2"),
    ("x offset", "", "unexpected end of input, expected a duration such as 5m"),
    ("x[0s]", "0s", "duration must be greater than 0"),
    ("x[5mm]", "5mm", 'bad number or duration syntax: "5mm"'),
    ("x[5m3h]", "5m3h", 'not a valid duration string: "5m3h"'),
    ("x @ 1e30", "1e30", "timestamp out of bounds for @ modifier: 1000000000000000019884624838656.000000"),
    ("x @ y", "y", 'unexpected "y" in @ modifier, expected timestamp'),
    ("x[9.5e10]", "9.5e10", "duration out of range"),
    ("sum by (a b)(x)", "b", 'unexpected identifier "b", expected "," or ")"'),
    ("a = b", "=", 'unexpected "=", did you mean "=="?'),
    ('"\\q"', "\\q", "invalid escape sequence \\q in string"),
    ('foo{a="x', '"x', "unterminated quoted string"),
    ("a + on b", "b", 'unexpected identifier "b", expected "(" and label names'),
    ("{}", "{}", "vector selector must contain at least one non-empty matcher"),
    ('{a=~".*"}', '{a=~".*"}', "vector selector must contain at least one non-empty matcher"),
    ('foo{a="1" or b="2"}', "or", 'unexpected "or" in label matching: PromQL has none'),
    ("", "", "no expression found in input"),
    ("  # nothing", "  # nothing", "no expression found in input"),
    ("a ! b", "!", "unexpected character after '!': expected '!=' or '!~'"),
    ("rate(sum(foo)[5m])", "sum(foo)[5m]", "ranges only allowed for vector selectors"),
    ("x[1/0]", "/", "division by zero"),
]


@pytest.mark.parametrize(("text", "place", "message"), ERRORS, ids=[error[0] or "empty" for error in ERRORS])
def test_error_names_its_place(text, place, message):
    """Every error has a span that covers just what is wrong, and says what to do."""
    with pytest.raises(PromqlSyntaxError) as caught:
        parse(text)
    error = caught.value
    assert (text[error.start : error.end], error.message) == (place, message)


@pytest.mark.parametrize(
    "text",
    ["(" * 300 + "x" + ")" * 300, "-" * 50_000 + "x", "+".join(["x"] * 50_000), "^".join(["x"] * 5000), "abs(" * 9999],
    ids=["brackets", "signs", "sums", "powers", "unclosed"],
)
def test_absurd_texts_are_refused_not_recursed_into(text):
    """Depth and length have limits, and a clear error beyond them."""
    with pytest.raises(PromqlSyntaxError, match=r"nested deeper|more than 2000"):
        parse(text)


def test_a_long_chain_of_operators_parses_and_prints():
    """Left-deep chains are followed in loops."""
    text = " or ".join(f"m{index}" for index in range(1500))
    assert to_text(parse(text)) == text


NUMBERS = [
    ("1_000", 1000.0),
    ("0x1F", 31.0),
    ("017", 15.0),
    ("1h30m", 5400.0),
    ("5ms", 0.005),
    ("-1", -1.0),
    ("--1", 1.0),
    ("+1.5e-3", 0.0015),
    (".5", 0.5),
    ("Inf", float("inf")),
    ("-inf", -float("inf")),
]


@pytest.mark.parametrize(("text", "value"), NUMBERS)
def test_numbers(text, value):
    """Numbers read as in Go, durations count in seconds."""
    assert parse(text) == NumberLiteral(value)


STRINGS = [
    (r'"a\n\"b"', 'a\n"b'),
    ("'a\"b'", 'a"b'),
    ("`a\\n`", "a\\n"),
    (r'"\xc3\xa4"', "ä"),
    (r'"\u00e4\U0001F600"', "ä😀"),
    (r'"\101"', "A"),
    (r'"\xff"', "\udcff"),
]


@pytest.mark.parametrize(("text", "value"), STRINGS)
def test_strings(text, value):
    """Escapes are Go's: bytes make up UTF-8."""
    assert parse(text) == StringLiteral(value)


def test_negative_timestamps():
    """promql-parser panics on them; they are read from our own tokens."""
    node = parse("x @ -1.5")
    assert isinstance(node, VectorSelector)
    assert node.at == -1500


def test_duration_arithmetic_is_folded_where_constant():
    """Constants become milliseconds, step() and range() stay."""
    node = parse("x[5m + 2 * 30s] offset step()")
    assert isinstance(node, MatrixSelector)
    assert (node.range, node.selector.offset) == (360_000, DurationCall("step"))


def test_spans_point_into_the_text():
    """Nodes know the characters they came from, brackets and modifiers included."""
    text = "sum(rate(a_total[5m] offset 1m)) / (b)"
    node = parse(text)
    assert isinstance(node, Binary)
    assert [text[slice(*part.span)] for part in (node, node.left, node.right)] == [
        text,
        "sum(rate(a_total[5m] offset 1m))",
        "(b)",
    ]


ROUND_TRIPS = [
    'sum by (a, "b c") (rate(foo{x="y", z!~"1|2"}[5m] @ 10.000 offset 3m))',
    "a + on (x) group_left (y, z) b",
    "a == bool ignoring (x) b",
    "a and on () b",
    "topk(3, x) without (y)",
    "sum without () (x)",
    "-x ^ 2",
    "(-x) ^ 2",
    "foo[5m:] @ start() offset -1m",
    "foo[1h:30s] @ end()",
    '{"utf-8.name", a="b"}',
    'label_replace(x, "a", "$1", "b", "(.*)\\n")',
    "x[5m + step()] anchored",
    "a + fill (0) b",
    "a + fill_left (1) fill_right (-Inf) b",
    "time() - 1e-07",
    "x[1y2w3d4h5m6s7ms]",
]


@pytest.mark.parametrize("text", ROUND_TRIPS)
def test_printing_parses_back(text):
    """Printed text gives an equal node, and printing it again the same text."""
    node = parse(text)
    printed = to_text(node)
    assert parse(printed) == node
    assert to_text(parse(printed)) == printed


@given(st.integers(0, 9 * 10**12))
def test_durations_read_back(milliseconds):
    """Every duration prints as one that reads back."""
    assert parse_duration(format_duration(milliseconds)) == milliseconds


@given(st.floats(allow_nan=False))
def test_numbers_read_back(value):
    """Every float prints with all its bits."""
    node = parse(format_number(value))
    assert isinstance(node, NumberLiteral)
    assert node.value == value


ALPHABET = ["foo", "sum", "rate", "by", "on", "(", ")", "[", "]", "{", "}", "5m", "1", '"s"', "=", "=~", ",", "@", "-",
            "offset", "bool", "and", ":", "^", "start", "anchored"]  # fmt: skip


@settings(max_examples=examples(400))
@given(st.lists(st.sampled_from(ALPHABET), max_size=12).map(" ".join))
def test_any_text_parses_or_fails_with_a_place_inside_it(text):
    """Nothing but a syntax error with a span inside the text ever comes out of random words."""
    problem = None
    try:
        assert parse(to_text(parse(text))) == parse(text)
    except PromqlSyntaxError as error:
        problem = error
    assert problem is None or (0 <= problem.start <= problem.end <= len(text) and problem.message)
