"""The quick reader of block style gives what a YAML reader gives, or nothing."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from burnproof.output.render import render
from burnproof.output.verify.fast_yaml import read_blocks
from places import examples
from plans import alert, plan, proof_file, record

LINES = st.sampled_from(
    [
        *"""
a: b
a:
b: 1
b: 1.5
c: 'x''y'
d: "q\\n\\u00e9"
e: |-
e: |
- x
- a: 1
-
- - x
# c
f: []
f: {}
f: [1]
g: x: y
g: x #c
g: x#c
h: yes
on: 1
i: 2020-01-01
j: 5m
j: 1e5
k: ~
l: &a x
l: *a
m: !!str 1
'q': 1
? x
---
...
n: 'open
n: "open
text
o: 1 - x{y}
o: 0x1f
p: a:b
p: a:
p:  two
q: |2
r: >-
s: 1:20
s: ../x
s: .5
s: (x)
u: 010
v: -3
w: 1_0
x: @y
y: %z
=: 1
z: =
<<: {}
z: <<
z: 5min
z: 1s2
1e-05
v: 1e-05
v: 1.5e-05
v: 0.5
v: 01.5
v: 1e5
v: 1.e5
""".strip().splitlines(),
        "",
        "t: x ",
        "tab:\tx",
        "nbsp:\xa0x",
        "ls: a\u2028b",
        "bom: \ufeff",
    ]
)
TEXTS = st.lists(st.tuples(st.sampled_from([0, 0, 2, 2, 4, 4, 1, 3]), LINES), min_size=1, max_size=7).map(
    lambda rows: "".join(" " * indent + line + "\n" for indent, line in rows)
)


@settings(max_examples=examples(500))
@given(TEXTS)
@example("a: |\n  x\n\n\nb: y\n")
@example("a: |-\n    x\n   y\n")
@example("a: |-\n  x\n # c\nb: y\n")
@example("a:\n- x\n- y\n")
@example("a: |-\n\n  x\n")
@example("a: b\n  c\n")
def test_what_it_reads_is_what_yaml_reads(text):
    value = read_blocks(text)

    if value is not None:
        assert yaml.safe_load(text) == value
        assert _types(yaml.safe_load(text)) == _types(value)


def _types(value):
    if isinstance(value, dict):
        return {key: _types(inner) for key, inner in value.items()}
    return [_types(inner) for inner in value] if isinstance(value, list) else type(value)


@settings(max_examples=examples(100))
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=120), st.text(max_size=120).map(lambda t: t * 3))
def test_whatever_the_templates_write_is_read_alike(one, other):
    rules = (record(labels=(("team", one),)), alert(annotations=(("a", one), ("b", other), ("c", f"{one}\n{other}"))))
    for text in render(plan(*rules, proofs=(proof_file(),))).values():
        value = read_blocks(text)

        assert value is None or value == yaml.safe_load(text)


def test_the_shipped_templates_write_nothing_else():
    files = render(plan(record(), alert(hold="5m"), proofs=(proof_file(),)))

    assert all(read_blocks(text) == yaml.safe_load(text) for text in files.values())


@pytest.mark.parametrize(
    "text", ["a: 1\na: 2\n", "a: 1\n---\nb: 1\n", "a: {b: 1}\n", "a:\n\t- b\n", "a: 1", "a: &x 1\n"]
)
def test_what_needs_a_real_reader_is_left_to_it(text):
    assert read_blocks(text) is None
