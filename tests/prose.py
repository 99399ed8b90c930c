"""How long the sentences of the docs are: ``python tests/prose.py`` lists pages by it, and sentences above 30 words.

Tables, code, headings and links' addresses are left out. A sentence ends with a full stop, a question mark, an
exclamation mark, a colon before a list, or the end of its paragraph or list item.
"""

from __future__ import annotations

import re
import sys
from functools import cache
from pathlib import Path

MEAN = 17
"""Words of a sentence, on average over a page."""
LONG = 30
ROOT = Path(__file__).parents[1]
PAGES = sorted(
    page
    for page in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *ROOT.glob("docs/**/*.md"))
    if page.parent.name != "adr"  # decisions stay as they were made
)
_CODE = re.compile(r"^( *)```.*?^\1```", re.DOTALL | re.MULTILINE)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_SPAN = re.compile(r"`[^`]+`")
_END = re.compile(r"(?<=[.?!])(?:\*\*)?\s+(?=[A-Z0-9*(\[]|burnproof|p\d)")
_HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)


def sentences(text: str) -> list[str]:
    """Give the sentences of a Markdown text."""
    text = _LINK.sub(r"\1", _COMMENT.sub("", _CODE.sub("\n", text)))
    text = _SPAN.sub("Code", text)
    found = []
    for block in re.split(r"\n\s*\n|\n(?=\s*(?:[-*]|\d+\.) )", text):
        plain = " ".join(line.strip() for line in block.splitlines() if not line.lstrip().startswith(("|", "#")))
        plain = re.sub(r"^(?:[-*]|\d+\.) ", "", plain)
        found += [part for part in _END.split(plain) if part.split()]
    return found


def words(sentence: str) -> int:
    return sum(any(sign.isalnum() for sign in word) for word in sentence.split())


def mean(page: Path) -> float:
    """Give the mean length of the sentences of a page, in words; 0 for a page of tables."""
    lengths = [words(sentence) for sentence in sentences(page.read_text(encoding="utf-8"))]
    return sum(lengths) / len(lengths) if lengths else 0


@cache
def anchors(page: Path) -> frozenset[str]:
    """Give the anchors of a page's headings, as GitHub makes them."""
    text = _CODE.sub("", page.read_text(encoding="utf-8"))
    plain = (_LINK.sub(r"\1", heading).lower() for heading in _HEADING.findall(text))
    return frozenset(re.sub(r"[^\w\- ]", "", heading).replace(" ", "-") for heading in plain)


def main() -> None:
    """Print each page with its mean, the longest first, and each sentence above ``LONG`` words."""
    pages = sorted(PAGES, key=mean, reverse=True)
    for page in pages:
        sys.stdout.write(f"{mean(page):5.1f}  {page.relative_to(ROOT)}\n")
    for page in pages:
        for sentence in sentences(page.read_text(encoding="utf-8")):
            if words(sentence) > LONG and "-v" in sys.argv:
                sys.stdout.write(f"{page.relative_to(ROOT)}: {words(sentence)} words: {sentence}\n")


if __name__ == "__main__":
    main()
