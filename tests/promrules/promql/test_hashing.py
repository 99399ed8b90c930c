"""xxHash64 against the specification's and other implementations' published values."""

from __future__ import annotations

import pytest

from promrules.columns.hashing import xxh64

VALUES = [
    (b"", 0xEF46DB3751D8E999),
    (b"a", 0xD24EC4F1A98C6E5B),
    (b"as", 0x1C330FB2D66BE179),
    (b"asd", 0x631C37CE72A97393),
    (b"asdf", 0x415872F599CEA71E),
    (b"Call me Ishmael. Some years ago--never mind how long precisely-", 0x02A2E85470D6FD96),
]


@pytest.mark.parametrize(("data", "expected"), VALUES)
def test_xxh64(data, expected):
    """The hash is the published one, for texts shorter and longer than a stripe."""
    assert xxh64(data) == expected
