"""Texts to texts with mistakes and malice in them: by bytes, by lines, and by the structure of YAML and JSON."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Sequence

MAX_LENGTH = 200_000
MAX_PLACES = 5_000
NASTY = (
    "", " ", "~", "null", "true", "no", "0", "-1", "1e309", "-0", ".inf", ".nan", "NaN", "1e9999999", "9" * 400, "0x1F",
    "1_000", "99%", "0%", "100%", "101%", "1ms", "5m", "1y", "99999999y", "0s", "-5m", "1h30m", "2026-02-30",
    "2026-01-01T00:00:00Z", "Europe/Berlin", "Mars/Base", "[]", "{}", "[[[[[[]]]]]]", "- -", "a: b: c", "&a *a", "*b",
    "!!python/object:os.system x", "|", ">", "'", '"', "`", "\\", "%", "@", "$window", "[$window]", "[5m]",
    "{{ $value }}", "{{", "{% raw %}", "sum(", "rate(x[5m])", 'x{a="b"}', 'x{a=~"("}', "x{}", "x offset 5m", "x @ 1",
    "1 +", "or", "vector(1)", "time()", "histogram_quantile(0.9, x)", "{{schema:0 sum:1 count:1 buckets:[1]}}",
    "1x1000000000",
    "1+1x99999999", "_x5 stale", "\x00", "\x1b[31m", "\ud7ff", "\ufeff", "\u2028", "\u202e", "\U0001f525", "é" * 50,
    "../../etc/passwd", "/dev/zero", "<script>alert(1)</script>", "a" * 5000, "(" * 300, "a or " * 300 + "a",
    'x{a=~"' + "(a|b)*" * 40 + '"}', "N/A", "-", "1,5", "12 %", "1e-320",
)  # fmt: skip
"""Values that some reader somewhere takes for something else."""
_TOKEN = re.compile(rb"\w+|[^\w\s]")


def mutated(text: str, others: Sequence[str], rng: random.Random) -> str:
    """Give a text with one to four changes; ``others`` are texts to take parts from."""
    for _ in range(rng.choice((1, 1, 1, 2, 2, 3, 4))):
        text = rng.choice(WAYS)(text, others, rng)[:MAX_LENGTH]
    return text


def _bytes(text: str, _others: Sequence[str], rng: random.Random) -> str:
    """Flip, insert or delete bytes; what is no UTF-8 any more stays so."""
    data = bytearray(text.encode("utf-8", "surrogateescape"))
    for _ in range(rng.randint(1, 6)):
        at = rng.randrange(len(data) + 1)
        match rng.randrange(4):
            case 0 if at < len(data):
                data[at] ^= 1 << rng.randrange(8)
            case 1:
                data[at:at] = bytes(rng.choices(range(256), k=rng.randint(1, 3)))
            case 2:
                del data[at : at + rng.randint(1, 20)]
            case _:
                data[at:at] = data[at : at + rng.randint(1, 40)]
    return data.decode("utf-8", "surrogateescape")


def _token(text: str, _others: Sequence[str], rng: random.Random) -> str:
    """Replace a word or a sign by a nasty value, or by another of the text's own."""
    data = text.encode("utf-8", "surrogateescape")
    found = list(_TOKEN.finditer(data))
    if not found:
        return text
    place = rng.choice(found)
    own = rng.choice(found)[0]
    nasty = rng.choice(NASTY).encode("utf-8", "surrogateescape")
    instead = own if rng.random() < 0.5 else nasty
    return (data[: place.start()] + instead + data[place.end() :]).decode("utf-8", "surrogateescape")


def _lines(text: str, others: Sequence[str], rng: random.Random) -> str:
    """Delete, repeat, swap, indent or cut lines, or take some of another text."""
    lines = text.split("\n")
    at, to = sorted((rng.randrange(len(lines) + 1), rng.randrange(len(lines) + 1)))
    match rng.randrange(6):
        case 0:
            del lines[at : min(to, at + 4)]
        case 1:
            lines[at:at] = lines[at : at + 3] * rng.choice((1, 2, 40))
        case 2:
            lines[at:to] = reversed(lines[at:to])
        case 3:
            lines[at : at + 2] = [rng.choice(("  ", "\t", " ")) + line for line in lines[at : at + 2]]
        case 4:
            lines = lines[:to]
        case _:
            other = rng.choice(others).split("\n")
            start = rng.randrange(len(other))
            lines[at:at] = other[start : start + rng.randint(1, 8)]
    return "\n".join(lines)


def _structure(text: str, others: Sequence[str], rng: random.Random) -> str:
    """Change a value somewhere in the tree; texts that are no YAML stay as they are."""
    tree = _loaded(text)
    other = _loaded(rng.choice(others)) if rng.random() < 0.3 else tree
    places = list(_places(tree))
    if not places:
        return text
    holder, key = rng.choice(places)
    match rng.randrange(6):
        case 0:
            del holder[key]
        case 1:
            holder[key] = rng.choice(NASTY)
        case 2:
            donor, name = rng.choice(list(_places(other)) or places)
            holder[key] = donor.get(name) if isinstance(donor, dict) else donor[name]
        case 3:
            holder[key] = [holder[key]] * rng.choice((0, 1, 2, 30))
        case 4:
            holder[key] = {str(rng.choice(NASTY)): holder[key]}
        case _ if isinstance(holder, dict):
            holder[rng.choice(NASTY) or "x"] = holder[key]
        case _:
            holder.extend([holder[key]] * 3)
    return _dumped(tree, text)


def _loaded(text: str) -> Any:
    try:
        return json.loads(text) if text.lstrip()[:1] in ("{", "[") else yaml.load(text, Loader=yaml.CBaseLoader)  # noqa: S506
    except (yaml.YAMLError, ValueError, RecursionError):
        return None


def _dumped(tree: Any, text: str) -> str:
    try:
        if text.lstrip()[:1] in ("{", "["):
            return json.dumps(tree)
        return yaml.dump(tree, allow_unicode=True, sort_keys=False, Dumper=yaml.CSafeDumper)
    except (yaml.YAMLError, ValueError, RecursionError):
        return text


def _places(tree: Any) -> Any:
    """Yield each mapping or list with each of its keys; aliases may lead back to where they stand."""
    stack, seen = [tree], set()
    while stack and len(seen) < MAX_PLACES:
        node = stack.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
        for key, value in list(items):
            yield node, key
            stack.append(value)


WAYS: tuple[Callable[[str, Sequence[str], random.Random], str], ...] = (
    _bytes, _token, _token, _lines, _structure, _structure, _structure,
)  # fmt: skip
