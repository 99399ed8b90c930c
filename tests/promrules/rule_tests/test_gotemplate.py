"""Alert templates expand to what promtool prints; the golden table was taken from a current promtool."""

from __future__ import annotations

import json
import math
import subprocess
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from places import PATIENCE
from promrules.go_templates import AlertTemplate, TemplateData, TemplateError
from promrules.go_templates.fmt import float_text, sprintf
from promrules.go_templates.literals import parse_float, parse_int, unquote
from promrules.go_templates.values import QueryResult, Sample, StringMap

GOLDEN = [(text, said) for text, said in json.loads((Path(__file__).parent / "templates.json").read_text())]
LABELS = StringMap({"__name__": "m", "job": "a", "instance": "i0"})
DATA = TemplateData(LABELS, StringMap({"cluster": "c1"}), "http://x/", 1234567.5)
UP = [Sample(StringMap({"__name__": "up", "instance": name}), 1.0) for name in ("i0", "i1")]


def query(text):
    if text == "up":
        return QueryResult(UP)
    if text == "nosuch":
        return QueryResult()
    raise TemplateError("1:4: parse error: unexpected end of input inside braces")


def expand(text, data=DATA):
    return AlertTemplate("A", text).expand(data, 60_000, query)


@pytest.mark.parametrize(("text", "said"), GOLDEN, ids=range(len(GOLDEN)))
def test_golden(text, said):
    """Text, or the error of parsing, is promtool's to the letter."""
    if isinstance(said, str):
        assert expand(text) == said
        return
    with pytest.raises(TemplateError) as caught:
        AlertTemplate("A", text)
    assert str(caught.value) == said["parse_error"]


@pytest.mark.promtool
def test_golden_table_is_still_what_promtool_says(promtool, tmp_path):
    """The golden texts of features that all promtools share come out of the installed promtool as well."""
    shared = [
        (text, said)
        for text, said in GOLDEN
        if isinstance(said, str) and not any(word in text for word in VERSIONED) and "Value interface" not in said
    ]
    rules = {
        "alert": "A",
        "expr": "m > 0",
        "annotations": {f"a{number}": text for number, (text, _) in enumerate(shared)},
    }
    expected = {
        "exp_labels": {"job": "a", "instance": "i0"},
        "exp_annotations": {f"a{n}": said for n, (_, said) in enumerate(shared)},
    }
    values = {'m{job="a",instance="i0"}': "1234567.5x5", 'up{instance="i0"}': "1x5", 'up{instance="i1"}': "1x5"}
    test = {
        "interval": "1m",
        "external_labels": {"cluster": "c1"},
        "external_url": "http://x/",
        "input_series": [{"series": name, "values": text} for name, text in values.items()],
        "alert_rule_test": [{"eval_time": "1m", "alertname": "A", "exp_alerts": [expected]}],
    }
    (tmp_path / "rules.yml").write_text(
        yaml.safe_dump({"groups": [{"name": "g", "rules": [rules]}]}, allow_unicode=True)
    )
    (tmp_path / "test.yml").write_text(
        yaml.safe_dump({"rule_files": ["rules.yml"], "tests": [test]}, allow_unicode=True)
    )

    done = subprocess.run(
        [promtool, "test", "rules", "test.yml"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )

    assert done.returncode == 0, done.stderr


VERSIONED = (
    "else with", "title", "eq 1 1.0", "call", "range 3", "now", "toDuration", "urlQueryEscape", ".Value.foo", 'query "up"',  # noqa: E501  # one row of a table
)  # fmt: skip
"""What differs between promtool 2.42 and current ones, or comes in random order."""


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"), (-0.0, "-0"), (1.0, "1"), (999999.0, "999999"), (1e6, "1e+06"), (1234567.0, "1.234567e+06"),
        (123456.75, "123456.75"), (0.0001, "0.0001"), (0.00001, "1e-05"), (1e21, "1e+21"), (1e-320, "1e-320"),
        (math.inf, "+Inf"), (-math.inf, "-Inf"), (math.nan, "NaN"), (0.1 + 0.2, "0.30000000000000004"), (5e-324, "5e-324"),  # noqa: E501  # one row of a table
    ],
)  # fmt: skip
def test_floats_print_as_in_go(value, text):
    """The shortest digits that read back, an exponent from 1e+06 on and below 1e-4."""
    assert float_text(value) == text


@given(st.floats(allow_nan=False))
def test_printed_floats_read_back(value):
    """No float loses a bit on its way through text."""
    assert parse_float(float_text(value)) == value


@given(st.text(max_size=40))
def test_any_text_expands_or_is_refused(text):
    """No text brings the interpreter down: it gives text or a TemplateError."""
    try:
        template = AlertTemplate("A", text)
    except TemplateError as error:
        assert str(error).startswith("template: __alert_A:")  # noqa: PT017  # either outcome is right
    else:
        assert isinstance(template.expand(DATA, 0, query), str)


PIECES = ["{{", "}}", " . ", "$labels", ".job", "|", "if ", "else", "end", "range ", "with ", '"x"', "(", ")", "1", "-", "$value",  # noqa: E501  # one row of a table
          "printf ", "humanize ", "$x := ", "index ", "define ", "template ", "{{- ", " -}}", "/*", "*/", "a"]  # fmt: skip  # noqa: E501  # one row of a table


@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
def test_any_jumble_of_actions_expands_or_is_refused(text):
    """Nor does any sequence of the language's own words."""
    try:
        assert isinstance(expand(text), str)
    except TemplateError as error:
        assert "template: __alert_A:" in str(error)  # noqa: PT017  # either outcome is right


def test_endless_templates_end():
    """A template that calls itself, deep brackets and loops in loops end in an error, not in a crash."""
    assert "maximum template depth" in expand('{{define "x"}}{{template "x"}}{{end}}{{template "x"}}')
    with pytest.raises(TemplateError, match="max expression depth"):
        AlertTemplate("A", "{{" + "(" * 5000 + "1" + ")" * 5000 + "}}")
    with pytest.raises(TemplateError):
        AlertTemplate("A", "{{if true}}" * 5000)
    loops = "{{range 100000000}}{{range 100000000}}xxxxxxxxxxxxxxxx{{end}}{{end}}"
    assert "output exceeds" in expand(loops)


@pytest.mark.parametrize(
    ("text", "value", "time"),
    [
        ("plain", False, False), ("{{ $labels.job }}", False, False), ("{{ $value }}", True, False),
        ("{{ .Value | humanize }}", True, False), ("{{ . }}", True, False), ("{{ now }}", False, True),
        ('{{ with query "up" }}x{{ end }}', False, True), ("{{ $.Value }}", True, False),
        ('{{ define "x" }}{{ .Value }}{{ end }}{{ template "x" . }}', True, False),
    ],
)  # fmt: skip
def test_what_a_template_depends_on(text, value, time):
    """Templates that read neither value nor time are expanded once per series."""
    template = AlertTemplate("A", text)

    assert (template.uses_value, template.uses_time) == (value, time)


@pytest.mark.parametrize(
    ("literal", "text"),
    [('"a\\tb"', "a\tb"), ('"\\u00e9\\x41\\101"', "éAA"), ("`raw\\n`", "raw\\n"), ('"\\xc3\\xa9"', "é")],
)
def test_string_literals(literal, text):
    """Escapes are Go's, bytes join to UTF-8."""
    assert unquote(literal) == text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0x1F", 31),
        ("0b101", 5),
        ("0o17", 15),
        ("017", 15),
        ("1_000", 1000),
        ("-3", -3),
        ("08", None),
        ("1__0", None),
        ("", None),
    ],
)
def test_integer_literals(text, value):
    """Bases and underscores are Go's."""
    assert parse_int(text) == value


def test_printf_counts_its_arguments():
    """Too few and too many arguments show in the text, as in Go."""
    assert sprintf("%d %s", [1]) == "1 %!s(MISSING)"
    assert sprintf("%d", [1, "x"]) == "1%!(EXTRA string=x)"
