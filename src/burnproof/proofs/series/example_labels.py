"""Make example label sets that one selector matches and another does not."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import product
from re import _constants as code  # type: ignore[attr-defined]
from re import _parser as regex_parser  # type: ignore[attr-defined]
from typing import TYPE_CHECKING, Any

from promrules.syntax.labels import get, is_legacy_name, labels_of, matches, predicate, quote
from promrules.syntax.nodes import Matcher, MatchOp, VectorSelector

if TYPE_CHECKING:
    from collections.abc import Iterable

    from promrules.syntax.labels import Labels

# Tried where nothing in a selector suggests a value: statuses first, since those split most SLIs.
_COMMON = ("200", "500", "404", "301", "ok", "error", "a", "b", "GET", "/", "1", "0", "true", "false", "other-1", "")


def example(
    wanted: Iterable[Matcher], unwanted: tuple[Matcher, ...] | None = None, fixed: Labels = ()
) -> Labels | None:
    """Give a label set that satisfies all of ``wanted`` and, as a whole, not ``unwanted``.

    ``fixed`` labels are taken as given. None where no such set was found.
    """
    wanted = tuple(wanted)
    plain = _satisfy(wanted, fixed)
    if plain is None or unwanted is None or not matches(plain, unwanted):
        return plain
    for name in sorted({matcher.name for matcher in unwanted}):
        if get(fixed, name):
            continue
        # All matchers hold for the labels found, so only those of the label that changes need another look.
        mine = [predicate(matcher) for matcher in wanted if matcher.name == name]
        theirs = [predicate(matcher) for matcher in unwanted if matcher.name == name]
        for value in _values(name, (*wanted, *unwanted)):
            if all(test(value) for test in mine) and not all(test(value) for test in theirs):
                candidate = labels_of([*(pair for pair in plain if pair[0] != name), (name, value)])
                if get(candidate, "__name__"):
                    return candidate
    return None


def group_values(name: str, matchers: tuple[Matcher, ...], count: int) -> tuple[str, ...]:
    """Give up to ``count`` values of a group label that the matchers let pass."""
    tests = [predicate(matcher) for matcher in matchers if matcher.name == name]
    pool = (*_suggested(name, matchers), *(f"{name}-{number}" for number in range(1, count + 1)), *_COMMON)
    found = [value for value in dict.fromkeys(pool) if value and all(test(value) for test in tests)]
    return tuple(found[:count])


def _satisfy(matchers: tuple[Matcher, ...], fixed: Labels) -> Labels | None:
    pairs = dict(fixed)
    for name in sorted({matcher.name for matcher in matchers} - set(pairs)):
        tests = [predicate(matcher) for matcher in matchers if matcher.name == name]
        value = next((v for v in _values(name, matchers) if all(test(v) for test in tests)), None)
        if value is None:
            return None
        pairs[name] = value
    made = labels_of(pairs)
    return made if matches(made, matchers) and get(made, "__name__") else None


def _values(name: str, matchers: tuple[Matcher, ...]) -> Iterable[str]:
    return dict.fromkeys((*_suggested(name, matchers), *_COMMON, f"{name}-other"))


def _suggested(name: str, matchers: Iterable[Matcher]) -> list[str]:
    """Read likely values of a label off the matchers themselves."""
    found: list[str] = []
    for matcher in matchers:
        if matcher.name != name:
            continue
        if matcher.op in (MatchOp.REGEX, MatchOp.NOT_REGEX):
            found += regex_examples(matcher.value)
        else:
            found.append(matcher.value)
            found.append(matcher.value + "-other")
    return found


@lru_cache(maxsize=1024)
def regex_examples(pattern: str) -> tuple[str, ...]:
    """Give some strings that a regular expression matches whole, one per alternative; () where none was found."""
    try:
        tree = regex_parser.parse(pattern)
    except (re.error, OverflowError, RecursionError):
        return ()
    return tuple(dict.fromkeys(_strings(tree)))[:16]


def _strings(tree: Iterable[tuple[Any, Any]]) -> list[str]:
    parts = [_atom(op, value) for op, value in tree]
    made = ["".join(choice) for choice, _ in zip(product(*parts), range(16), strict=False)]
    return made or [""]


def _atom(op: Any, value: Any) -> list[str]:
    """Give example texts of one piece of a regular expression."""
    if op is code.LITERAL:
        return [chr(value)]
    if op is code.ANY:
        return ["0", "a"]
    if op is code.NOT_LITERAL:
        return ["b" if chr(value) == "a" else "a"]
    if op is code.IN:
        return _char_class(value)
    if op is code.BRANCH:
        return [text for branch in value[1] for text in _strings(branch)]
    if op is code.SUBPATTERN:
        return _strings(value[-1])
    if op in (code.MAX_REPEAT, code.MIN_REPEAT):
        low, high, inner = value
        times = max(low, 1) if high else 0
        return [text * min(times, 64) for text in _strings(inner)]
    return [""]


def _char_class(items: list[tuple[Any, Any]]) -> list[str]:
    negated = bool(items) and items[0][0] is code.NEGATE
    listed: list[str] = []
    for op, value in items:
        if op is code.LITERAL:
            listed.append(chr(value))
        elif op is code.RANGE:
            listed += [chr(value[0]), chr(value[1])]
        elif op is code.CATEGORY:
            listed += {code.CATEGORY_DIGIT: ["0", "1"], code.CATEGORY_WORD: ["a", "b"], code.CATEGORY_SPACE: [" "]}.get(
                value, []
            )
    if not negated:
        return listed or [""]
    return [char for char in "aZ0-_/ .x" if char not in listed][:3]


def metric(selector: VectorSelector, labels: Labels) -> str:
    """Write a label set as the series text that promtool reads."""
    name = get(labels, "__name__") or selector.name or ""
    named = ((key if is_legacy_name(key) else quote(key), value) for key, value in labels if key != "__name__")
    pairs = [f'{key}="{_escaped(value)}"' for key, value in named]
    if is_legacy_name(name, colon=True):
        return f"{name}{{{','.join(pairs)}}}"
    return f"{{{','.join((quote(name), *pairs))}}}"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


NO_SELECTOR = VectorSelector(matchers=())
"""What `metric` writes a name and labels for, where no selector of a query does."""
