"""YAML is read with the place of everything in it, and nothing a file holds ends in a traceback."""

import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from burnproof.specs.resolve import read_slos, slos_from_text
from burnproof.specs.source import Mapping, Scalar, Sequence, read, read_text
from burnproof.specs.source.files import MAX_BYTES
from burnproof.specs.source.offsets import lines_of
from places import examples


def root(text):
    result = read_text("a.yaml", text)
    assert result.problems == ()
    return result.documents[0].root


def value(text, *path):
    node = root(text)
    for step in path:
        node = node.items[step] if isinstance(node, Sequence) else node.entries[step][1]
    return node


@pytest.mark.parametrize(
    ("text", "path", "expected"),
    [
        ("a: 99.9\n", ("a",), (1, 4, 1, 8)),
        ("a: 'x'\n", ("a",), (1, 4, 1, 7)),
        ("\ufeffa: 1\n", ("a",), (1, 4, 1, 5)),
        ("a: 1\r\nb:\r\n  c: 2\r\n", ("b", "c"), (3, 6, 3, 7)),
        ("é: {日本: x}\n", ("é", "日本"), (1, 9, 1, 10)),
        ("a:\n- b\n- c: 2\n", ("a", 1, "c"), (3, 6, 3, 7)),
        ("--- # first\na: 1\n", ("a",), (2, 4, 2, 5)),
    ],
)
def test_every_value_knows_its_place(text, path, expected):
    span = value(text.removeprefix("\ufeff"), *path).span()

    assert expected == (span.line, span.column, span.end_line, span.end_column)


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["", "after a byte order mark"])
@pytest.mark.parametrize(
    ("data", "byte", "place"),
    [
        (b"\xff", "0xff", (1, 1)),
        (b"a: \xff\n", "0xff", (1, 4)),
        (b"a: 1\n# caf\xe9 x\n", "0xe9", (2, 6)),
        ("# äöü𝄞".encode() + b"\xfe\n", "0xfe", (1, 7)),
        (b"a: \xc3", "0xc3", (1, 4)),
    ],
)
def test_a_bad_byte_is_found_where_it_is(tmp_path, mark, data, byte, place):
    (tmp_path / "a.yaml").write_bytes(mark + data)

    (found,) = read([str(tmp_path / "a.yaml")]).problems

    assert found.message == f"byte {byte} is not UTF-8"
    assert (found.span.line, found.span.column) == place


def test_scalars_stay_the_text_that_was_written():
    assert value("a: 99.90\n", "a").text == "99.90"
    assert value("a: 0x10\n", "a").text == "0x10"
    assert value("a: yes\n", "a").text == "yes"


EXPRESSION = 'sum by (a) (rate(x{b="c d",e=~"f.."}[$window])) / 2'


@pytest.mark.parametrize(
    "text",
    [
        f"q: {EXPRESSION}\n",
        "q: '" + EXPRESSION.replace("'", "''") + "'\n",
        'q: "' + EXPRESSION.replace('"', '\\"') + '"\n',
        'q: "' + EXPRESSION.replace('"', "\\x22") + '"\n',
        f"q: |\n    {EXPRESSION}\n",
        f"q: |2-\n    {EXPRESSION}\n",
        "q: |\n  sum by (a)\n\n     (rate(x\n  {b})\n  )\n",
        "q: >-\n  sum by (a)\n  (rate(x\n\n  {b})\n    more\n  )\n",
        "q: sum by (a)\n  (rate(x)\n\n  / 2\n",
        'q: "sum by (a)\n  (rate(x)\\\n  y\n\n  / 2"\n',
        "q:\n  deep: |\n    a\n     b\n  other: 1\n",
        "q: |\r\n  sum by (a)\r\n  (rate(x))\r\n",
        "q: 'it''s\n  here'\n",
    ],
    ids=str,
)
def test_an_offset_in_a_scalar_is_found_in_the_file_through_quotes_folds_and_indents(text):
    node = root(text)
    while isinstance(node, Mapping):
        node = next(iter(node.entries.values()))[1]
    lines = lines_of(text)

    for offset, char in enumerate(node.text):
        if char.isspace():
            continue
        span = node.part(offset, offset + 1)
        there = lines[span.line - 1][span.column - 1 :]
        escaped = {'"': ('"', '\\"', "\\x22"), "'": ("'", "''")}.get(char, (char,))
        assert there.startswith(escaped), (offset, char, span)


def test_several_documents_come_in_order_and_empty_ones_are_left_out():
    documents = read_text("a.yaml", "---\na: 1\n---\n---\nb: 2\n...\n").documents

    assert [list(document.root.entries) for document in documents] == [["a"], ["b"]]


def test_documents_before_a_syntax_error_are_kept():
    result = read_text("a.yaml", "a: 1\n---\nb: [\n")

    assert len(result.documents) == 1
    assert [found.code for found in result.problems] == ["yaml-syntax"]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a: [", (1, 4)), ("a: [\n", (1, 4)), ("a: 1\nb: [1, 2\n\n", (2, 4)), ("a: {b: 1\n", (1, 4)),
        ("a: [1,\n", (1, 6)), ("a: {b: [\n", (1, 8)),
    ],
)  # fmt: skip
def test_brackets_that_are_never_closed_are_shown(text, place):
    """To libyaml they are open at the end of the file, where no line is to draw a caret under."""
    found = read_text("a.yaml", text).problems[0]

    assert (found.message, found.hint) == ("a '[' or '{' is never closed", "close it")
    assert (found.span.line, found.span.column) == place


def test_a_value_that_is_missing_in_brackets_is_said():
    found = read_text("a.yaml", "a: [,]\n").problems[0]

    assert (str(found.span), found.message) == ("a.yaml:1:5", "a value is missing here")


def test_merges_give_way_to_own_keys_wherever_they_stand():
    node = value("x: &x {k: merged, only: 1}\na: {<<: *x, k: own}\nb: {k: own, <<: [*x]}\n", "a")

    assert {name: entry[1].text for name, entry in node.entries.items()} == {"k": "own", "only": "1"}


def test_folders_are_read_sorted_and_hidden_files_skipped(tmp_path):
    for name in ("b.yml", "a.yaml", "deep/c.yaml", ".hidden.yaml", ".git/d.yaml", "notes.md"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("a: 1\n")

    result = read([tmp_path])

    assert [os.path.relpath(d.file.name, tmp_path) for d in result.documents] == ["a.yaml", "b.yml", "deep/c.yaml"]


def test_a_file_named_twice_is_read_once(tmp_path):
    (tmp_path / "a.yaml").write_text("a: 1\n")

    assert len(read([tmp_path, tmp_path / "a.yaml", tmp_path / "." / "a.yaml"]).documents) == 1


def test_standard_input_is_a_source(monkeypatch, tmp_path):
    path = tmp_path / "in"
    path.write_bytes(b"a: 1\n")
    with path.open("rb") as stream:
        monkeypatch.setattr("sys.stdin", type("In", (), {"buffer": stream})())
        result = read(["-"])

    assert [document.file.name for document in result.documents] == ["<stdin>"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_file_is_a_problem(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text("a: 1\n")
    path.chmod(0)

    assert [found.code for found in read([path]).problems] == ["unreadable"]


@pytest.mark.parametrize(
    "text",
    [
        "[" * 200_000,
        "{a: " * 100_000,
        "- " * 100_000,
        "? " * 100_000,
        "&a " * 50_000,
        "a: " + "*x " * 50_000,
        "\n".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}' if i else 'x'] * 20)}]" for i in range(30)),
        "a: &a [" + "x, " * 1000 + "]\nb: [" + "*a, " * 100_000 + "]\n",
    ],
    ids=["brackets", "braces", "dashes", "questions", "anchors", "aliases", "laughs", "wide"],
)
def test_hostile_files_are_refused(text):
    """Soon, too: without the limits each of them takes hours or all memory."""
    assert slos_from_text("a.yaml", text).problems


def test_a_file_of_fifty_megabytes_is_refused_without_reading_it_all(tmp_path):
    path = tmp_path / "big.yaml"
    with path.open("wb") as stream:
        stream.truncate(50 * 1024 * 1024)

    result = read([path])

    assert [found.code for found in result.problems] == ["file-too-big"]
    assert path.stat().st_size > MAX_BYTES


def all_places(result):
    for found in result.problems:
        if found.span is not None:
            yield found.span, result.texts.get(found.span.file)


@settings(max_examples=examples(300))
@given(st.binary(max_size=400))
def test_no_bytes_end_in_a_traceback(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("bytes") / "a.yaml"
    path.write_bytes(data)

    assert read_slos([path]).problems


YAML_PIECES = st.sampled_from(
    [
        "version: burnproof/v1",
        "service: a",
        "slos:",
        "  - name: x",
        "    objective: 99%",
        "    sli:",
        "      ratio:",
        "        total: a\n        good: b",
        "      count: {counter: c, fewer_than: 3, per: 1d}",
        "\t",
        " ",
        "&a",
        "*a",
        "<<: *a",
        "- ",
        "? ",
        ": ",
        "{",
        "}",
        "[",
        "]",
        "'",
        '"',
        "#",
        ",",
        "!!str",
        ">-",
        "",
        "-\n",
        "%YAML 1.1",
        "---",
        "...",
        "é",
        "\x85",
        "$window",
        "sum(rate(x[$window]))",
        "alerting: {policy: google}",
        "window: 1h",
        "null",
        "~",
        '"x\\',
        "",
    ]
)


@settings(max_examples=examples(400))
@given(st.lists(st.tuples(YAML_PIECES, st.sampled_from(["", "\n", "\n  ", " "])), max_size=30))
def test_no_text_of_yaml_pieces_ends_in_a_traceback_and_all_places_exist(pieces):
    result = slos_from_text("a.yaml", "".join(piece + blank for piece, blank in pieces))

    for span, text in all_places(result):
        assert text is not None
        assert 1 <= span.line <= len(lines_of(text))
        assert 1 <= span.column <= len(lines_of(text)[span.line - 1]) + 1
        assert (span.line, span.column) < (span.end_line, span.end_column)


def test_scalars_do_not_compare_by_text():
    one = value("a: 1\n", "a")

    assert isinstance(one, Scalar)
    assert one != value("a: 1\n", "a")
