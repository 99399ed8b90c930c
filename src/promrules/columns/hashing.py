"""Label sets to 64-bit hashes, the ones limit_ratio samples by: xxHash64 over Prometheus' encoding of labels."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from promrules.syntax.labels import Labels

_MASK: Final = 2**64 - 1
_P1: Final = 11400714785074694791
_P2: Final = 14029467366897019727
_P3: Final = 1609587929392839161
_P4: Final = 9650029242287828579
_P5: Final = 2870177450012600261


def _rotated(value: int, bits: int) -> int:
    return ((value << bits) | (value >> (64 - bits))) & _MASK


def _round(lane: int, word: int) -> int:
    return _rotated((lane + word * _P2) & _MASK, 31) * _P1 & _MASK


def xxh64(data: bytes) -> int:
    """Give the xxHash64 of ``data`` with seed 0 (https://xxhash.com, doc/xxhash_spec.md)."""
    end = len(data) & ~31
    total = _striped(data[:end]) if end else _P5
    total = (total + len(data)) & _MASK
    while end + 8 <= len(data):
        total ^= _round(0, int.from_bytes(data[end : end + 8], "little"))
        total = (_rotated(total, 27) * _P1 + _P4) & _MASK
        end += 8
    if end + 4 <= len(data):
        total ^= int.from_bytes(data[end : end + 4], "little") * _P1 & _MASK
        total = (_rotated(total, 23) * _P2 + _P3) & _MASK
        end += 4
    for byte in data[end:]:
        total = _rotated(total ^ (byte * _P5 & _MASK), 11) * _P1 & _MASK
    total = (total ^ (total >> 33)) * _P2 & _MASK
    total = (total ^ (total >> 29)) * _P3 & _MASK
    return total ^ (total >> 32)


def _striped(data: bytes) -> int:
    """Hash whole stripes of 32 bytes in four lanes."""
    lanes = [(_P1 + _P2) & _MASK, _P2, 0, -_P1 & _MASK]
    for place in range(0, len(data), 8):
        lane = place // 8 % 4
        lanes[lane] = _round(lanes[lane], int.from_bytes(data[place : place + 8], "little"))
    total = sum(_rotated(value, bits) for value, bits in zip(lanes, (1, 7, 12, 18), strict=True)) & _MASK
    for value in lanes:
        total = ((total ^ _round(0, value)) * _P1 + _P4) & _MASK
    return total


@lru_cache(maxsize=65536)
def label_hash(labels: Labels) -> int:
    """Hash a label set: names and values in turn, each behind its length (one byte, or 255 and three)."""
    parts: list[bytes] = []
    for text in (text for pair in labels for text in pair):
        data = text.encode("utf-8", "surrogateescape")
        short = len(data) < 255
        parts += [bytes([len(data)]) if short else b"\xff" + len(data).to_bytes(3, "little"), data]
    return xxh64(b"".join(parts))
