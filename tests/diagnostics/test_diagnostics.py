"""Problems are drawn under the exact text on any terminal, and escaped for every machine that reads them."""

import json
import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from burnproof.diagnostics import (
    BY_NAME,
    Problem,
    Severity,
    Span,
    exit_code,
    problem,
    render_github,
    render_json,
    render_sarif,
    render_text,
    summary,
)
from burnproof.diagnostics.formats import MAX_LISTED
from burnproof.diagnostics.text import MAX_SHOWN, MAX_WIDTH, char_width, draw


def at(line, column, end, file="a.yaml"):
    return Span(file, line, column, line, end)


def width(text):
    return sum(char_width(char) for char in text)


@pytest.mark.parametrize(
    ("line", "column", "end", "expected"),
    [
        ("a: 101", 4, 7, ("a: 101", "   ^^^")),
        ("\ta: x", 5, 6, ("    a: x", "       ^")),
        ("a:\tx", 4, 5, ("a:  x", "    ^")),
        ("日本: x", 5, 6, ("日本: x", "      ^")),
        ("e\u0301: x", 5, 6, ("e\u0301: x", "   ^")),
        ("a: 日本", 4, 6, ("a: 日本", "   ^^^^")),
        ("a:", 3, 4, ("a:", "  ^")),
        ("a: \x1b[31m", 4, 5, ("a: \ufffd[31m", "   ^")),
        ("a: \u202ex", 4, 5, ("a: \ufffdx", "   ^")),
    ],
)
def test_the_caret_stands_under_the_text(line, column, end, expected):
    assert expected == draw(line, at(1, column, end))


def test_a_span_over_several_lines_is_underlined_to_the_end_of_its_first():
    assert (draw("a: sum(  ", Span("f", 1, 4, 3, 2))[0] + "  ", "   ^^^^") == ("a: sum(  ", "   ^^^^")
    assert draw("a: sum(  ", Span("f", 1, 4, 3, 2))[1] == "   ^^^^"


LINES = st.text(st.sampled_from('ab \t日é\u0301\U0001f600\u200d{}"=,'), min_size=1, max_size=400).filter(
    lambda s: s.strip()
)


@given(LINES, st.data())
def test_long_lines_are_cut_around_the_caret(line, data):
    column = data.draw(st.integers(1, len(line)))
    end = data.draw(st.integers(column + 1, len(line) + 1))
    text, caret = draw(line, at(1, column, end))
    start = len(caret) - len(caret.lstrip(" "))
    char = line[column - 1]

    assert "\t" not in text
    assert caret.strip(" ").strip("^") == ""
    assert width(text) <= MAX_WIDTH + 2
    if char.strip() and char.isprintable() and char_width(char):
        shown = [c for c in text if char_width(c)]
        positions = [sum(char_width(c) for c in shown[:index]) for index in range(len(shown))]
        assert shown[positions.index(start)] == char


def test_text_shows_place_code_line_caret_and_hint():
    found = problem("unknown-key", "unknown key 'x'", at(2, 1, 2), "did you mean 'y'?")
    expected = (
        "a.yaml:2:1: error: unknown key 'x' [unknown-key]\n"
        "    2 | x: 1\n      | ^\n      = did you mean 'y'?\n\n1 error\n"
    )

    assert render_text([found], {"a.yaml": "a: 1\nx: 1\n"}) == expected


def test_colour_changes_nothing_but_colour():
    found = [problem("unknown-key", "m", at(1, 1, 2), "h"), problem("tolerance", "w", at(1, 1, 2))]
    texts = {"a.yaml": "x: 1\n"}
    painted = render_text(found, texts, color=True)

    assert "\x1b[" in painted
    assert render_text(found, texts) == re.sub(r"\x1b\[[0-9;]*m", "", painted)


def test_nothing_is_drawn_where_nothing_is_wrong():
    assert render_text([], {}) == ""
    assert summary([]) == "no problems"


def test_a_problem_without_its_file_is_shown_without_its_line():
    assert "a.yaml:9:9: error: m [unknown-key]\n" in render_text([problem("unknown-key", "m", at(9, 9, 10))], {})


@given(st.text(), st.text(), st.text(min_size=1))
def test_no_text_moves_a_cursor_or_fails(message, hint, line):
    found = Problem("unknown-key", message, at(1, 1, 2), hint)
    drawn = render_text([found], {"a.yaml": line})

    assert not any(unicodedata.category(char) == "Cc" and char != "\n" for char in drawn)


def test_json_has_every_field():
    document = json.loads(
        render_json([problem("objective", "m", at(3, 4, 6), "h"), problem("no-such-file", "gone", None)])
    )

    assert (document["errors"], document["warnings"]) == (2, 0)
    assert document["problems"][0] == {
        "code": "objective", "severity": "error", "message": "m", "hint": "h",
        "file": "a.yaml", "line": 3, "column": 4, "end_line": 3, "end_column": 6,
    }  # fmt: skip
    assert document["problems"][1]["file"] is None


def test_github_commands_are_escaped():
    found = problem("objective", "100% is\ntoo much", at(3, 4, 6, "a,b:c.yaml"), "less: 99%")

    assert render_github([found]) == (
        "::error file=a%2Cb%3Ac.yaml,line=3,endLine=3,title=burnproof objective,col=4,endColumn=5"
        "::100%25 is%0Atoo much%0Aless: 99%25\n"
    )


def test_github_gives_no_columns_over_several_lines():
    found = Problem("objective", "m", Span("a", 1, 2, 3, 4), severity=Severity.WARNING)

    assert render_github([found]) == "::warning file=a,line=1,endLine=3,title=burnproof objective::m\n"


def test_sarif_names_rules_places_and_levels():
    found = [
        problem("objective", "m", at(3, 4, 6, "a b.yaml"), "h"),
        problem("tolerance", "w", at(1, 1, 2, "/x/é.yaml")),
        problem("no-such-file", "x", None),
    ]
    log = json.loads(render_sarif(found))
    run = log["runs"][0]

    assert log["version"] == "2.1.0"
    assert run["columnKind"] == "unicodeCodePoints"
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["no-such-file", "objective", "tolerance"]
    assert [result["level"] for result in run["results"]] == ["error", "warning", "error"]
    for result in run["results"]:
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
    places = [result.get("locations", [{}])[0].get("physicalLocation", {}) for result in run["results"]]
    assert [p.get("artifactLocation", {}).get("uri") for p in places] == ["a%20b.yaml", "file:///x/%C3%A9.yaml", None]
    assert places[0]["region"] == {"startLine": 3, "startColumn": 4, "endLine": 3, "endColumn": 6}


@pytest.mark.parametrize(
    ("codes", "strict", "expected"),
    [
        ([], False, 0), (["tolerance"], False, 0), (["tolerance"], True, 1), (["objective"], False, 1),
        (["objective", "no-such-file"], False, 2), (["unreadable"], True, 2),
    ],
)  # fmt: skip
def test_exit_codes(codes, strict, expected):
    assert expected == exit_code([problem(code, "m", None) for code in codes], strict=strict)


def test_codes_are_documented_once():
    assert all(code.doc.endswith(".") for code in BY_NAME.values())
    assert len(BY_NAME) == len({code.doc for code in BY_NAME.values()})


def many(number, severity=Severity.ERROR):
    return [Problem("wrong-type", f"number {one}", at(1, 1, 2), severity=severity) for one in range(number)]


def test_a_reader_gets_some_hundreds_and_how_many_more():
    found = render_text(many(300_000), {"a.yaml": "x"})

    assert "number 299 " in found
    assert "number 300 " not in found
    assert found.endswith("… and 299,700 more problems; mend these first\n\n300000 errors\n")


def test_what_fits_is_shown_whole():
    found = render_text(many(MAX_SHOWN), {"a.yaml": "x"})

    assert f"number {MAX_SHOWN - 1} " in found
    assert "more problems" not in found


def test_warnings_give_way_to_errors():
    crowd = many(MAX_SHOWN + 100, Severity.WARNING)
    found = render_text([*crowd, Problem("wrong-type", "the error", at(1, 1, 2))], {"a.yaml": "x"})

    assert "the error" in found
    assert f"number {MAX_SHOWN - 2} " in found
    assert f"number {MAX_SHOWN - 1} " not in found
    assert "… and 101 more problems" in found


def test_programs_get_thousands_and_the_whole_count():
    crowd = many(MAX_LISTED + 7)
    document = json.loads(render_json(crowd))

    assert (document["errors"], len(document["problems"])) == (MAX_LISTED + 7, MAX_LISTED)
    assert len(json.loads(render_sarif(crowd))["runs"][0]["results"]) == MAX_LISTED
    assert len(render_github(crowd).splitlines()) == MAX_LISTED
