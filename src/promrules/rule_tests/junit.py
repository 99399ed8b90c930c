"""Results to JUnit XML, of the form `promtool test --junit` writes."""

from __future__ import annotations

from datetime import UTC, datetime
from html import escape
from typing import TYPE_CHECKING

from promrules.rule_tests.promtool_messages import promtool_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from promrules.rule_tests.verdicts import FileResult


def junit_xml(results: Iterable[FileResult], now: datetime | None = None) -> str:
    """Give the report of all files: one suite per file, one case per test, one failure element per failure."""
    stamp = (now or datetime.now(UTC)).strftime("%Y-%m-%dT%H:%M:%S")
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', "<testsuites>"]
    for result in results:
        lines += _suite(result, stamp)
    return "\n".join([*lines, "</testsuites>", ""])


def _suite(result: FileResult, stamp: str) -> Iterator[str]:
    broken = [f"{problem.span or result.path}: {problem.message}" for problem in result.problems]
    broken += result.notes
    counts = {
        "tests": len(result.tests) + bool(broken),
        "failures": sum(len(test.failures) for test in result.tests),
        "errors": int(bool(broken)),
        "skipped": 0,
    }
    shown = " ".join(f'{name}="{count}"' for name, count in counts.items())
    yield f'  <testsuite name="{_text(result.path)}" {shown} timestamp="{stamp}">'
    for test in result.tests:
        yield f'    <testcase name="{_text(test.title)}">'
        for failure in test.failures:
            yield f"      <failure>{_text(promtool_text(failure, test.name))}</failure>"
        yield "    </testcase>"
    if broken:
        yield f'    <testcase name="unknown"><error>{_text(chr(10).join(broken))}</error></testcase>'
    yield "  </testsuite>"


def _text(text: str) -> str:
    """Escape a text for XML 1.0 and replace what that cannot hold."""
    return escape("".join(char if _is_allowed(char) else "\ufffd" for char in text))


def _is_allowed(char: str) -> bool:
    return char in "\t\n\r" or (char >= " " and not "\ud800" <= char <= "\udfff" and char not in "\ufffe\uffff")
