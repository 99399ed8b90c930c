"""Sentences are counted as a reader would."""

from __future__ import annotations

import prose

TEXT = """# A heading is no sentence

One two three. Four five six
seven! See [eight nine](page.md) now.

| a table | is none |
|---|---|

- an item, 10.5 % of it
- `code` counts as one word. `Code` begins a sentence

```console
$ code is left out
```
"""


def test_sentences_end_where_they_end():
    assert [prose.words(sentence) for sentence in prose.sentences(TEXT)] == [3, 4, 4, 5, 5, 4]


def test_a_long_page_exceeds_the_mean(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("word " * 40 + ".")

    assert prose.mean(page) > prose.MEAN


def test_anchors_are_those_of_github(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("## If the `scrape` interval, is [wrong](x)\n```sh\n# no heading\n```\n")

    assert prose.anchors(page) == {"if-the-scrape-interval-is-wrong"}
