"""Whatever text is written is read back as it was, by a YAML reader that is not ours."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from burnproof.importers.yaml_text import block, document, flow_list, flow_map, is_block, scalar

# What YAML can hold: no control characters but tab and line breaks, no surrogates.
TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=30) | st.text(
    st.sampled_from("ab: #-'\"\\[]{},&*!|>%@`?~=0.1eEy\t\u2028\u0085"), max_size=12
)
TRICKY = [
    "", " ", "a ", " a", "true", "No", "null", "~", "1", "1.5", "0x1f", "1e3", "2024-01-01", "12:30", "30d",
    "a: b", "a #b", "#a", "- a", "-a", "-", "? a", 'x{a="b"}', "'", '"', 'a\'b"c', "\\", "{}", "[a]", "a, b",
    "<<", "=", "*a", "&a", "!a", "%a", "@a", "`a", "|", ">", "é", "日本", "a\tb", "http://x/y#z", "key:", ":a",
]  # fmt: skip


@pytest.mark.parametrize("text", TRICKY)
def test_tricky_texts(text):
    assert yaml.safe_load(f"key: {scalar(text)}") == {"key": text}
    assert yaml.safe_load(f"key: {flow_list((text, 'x'))}") == {"key": [text, "x"]}
    assert yaml.safe_load(f"key: {flow_map((('a', text),))}") == {"key": {"a": text}}


@given(TEXT)
def test_any_text(text):
    assert yaml.safe_load(f"key: {scalar(text)}") == {"key": text}
    assert yaml.safe_load(f"key: {flow_list((text,))}") == {"key": [text]}


def test_simple_texts_have_no_quotes():
    for text in (
        "availability",
        "99.9%",
        'x{job="a",code=~"5.."}',
        "Requests are answered.",
        "30d",
        "sum(rate(x[$window]))",
    ):
        assert scalar(text) == text


def test_blocks():
    text = "sum(\n  rate(x[5m])\n)"

    assert is_block(text)
    assert yaml.safe_load("\n".join(["key: |", *block(text, "  ")])) == {"key": text}


def test_documents():
    value = {"a": {"b": ["x", {"c": "1", "d": ["y"]}], "e": True, "f": "two\nlines\n"}, "g": {}, "h": []}

    assert yaml.safe_load(document(value)) == value
