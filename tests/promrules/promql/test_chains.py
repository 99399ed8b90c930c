"""How deep a tree is at least is told before it is made."""

from __future__ import annotations

import pytest

from burnproof.specs.keys.promql import queries
from promrules.syntax.chains import longest_chain
from promrules.syntax.nodes import children
from promrules.syntax.parse import parse
from promrules.syntax.tokens import tokenize


def depth(text):
    level, found = [parse(text)], 0
    while level:
        level, found = [child for item in level for child in children(item)], found + 1
    return found


@pytest.mark.parametrize(
    ("text", "chain"),
    [
        ("a", 0),
        ("a + b - c", 2),
        ("a * b + c * d + e", 2),
        ("a or b and c or d", 2),
        ("f(a + b, c, d - e - g) * 2", 2),
        ("a{x='1',y='2'} / b[5m:1m]", 1),
        ("sum by (x, y) (a) + 1 + 2", 2),
        ("((a + b)) == bool 1", 1),
        ("2 ^ 3 ^ 4", 2),
        ("a - -b", 2),
    ],
)
def test_the_loosest_operators_of_a_bracket_are_counted(text, chain):
    assert longest_chain(tokenize(text)) == chain


@pytest.mark.parametrize("text", ["a + b - c", "a * b + c * d + e", "a or b and c or d", "2 ^ 3 ^ 4", "a - -b"])
def test_a_tree_is_deeper_than_its_chain(text):
    assert depth(text) > longest_chain(tokenize(text))


def test_a_long_sum_is_refused_without_being_parsed(monkeypatch):
    """The parser takes 1.4 GB for it."""
    monkeypatch.setattr(queries, "parse", lambda _text: pytest.fail("it was parsed"))
    text = " + ".join(f"sum(rate(x{number}_total[$window]))" for number in range(2000))

    with pytest.raises(queries.QueryError, match="more than 200 levels of operators and brackets"):
        queries.read(text, queries.Use.EVENTS)
