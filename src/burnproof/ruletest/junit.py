"""Results to JUnit XML, of the form `promtool test --junit` writes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from burnproof.ruletest.promtooltext import promtool_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from burnproof.ruletest.verdicts import FileResult


def junit_xml(results: Iterable[FileResult], now: datetime | None = None) -> str:
    """Give the report of all files: one suite per file, one case per test, one failure element per failure."""
    root = ET.Element("testsuites")
    stamp = (now or datetime.now(UTC)).strftime("%Y-%m-%dT%H:%M:%S")
    for result in results:
        suite = ET.SubElement(root, "testsuite", name=result.path)
        failures = 0
        for test in result.tests:
            case = ET.SubElement(suite, "testcase", name=_clean(test.title))
            for failure in test.failures:
                failures += 1
                ET.SubElement(case, "failure").text = _clean(promtool_text(failure, test.name))
        broken = [f"{problem.span or result.path}: {problem.message}" for problem in result.problems]
        broken += result.notes
        if broken:
            case = ET.SubElement(suite, "testcase", name="unknown")
            ET.SubElement(case, "error").text = _clean("\n".join(broken))
        suite.set("tests", str(len(result.tests) + bool(broken)))
        suite.set("failures", str(failures))
        suite.set("errors", str(int(bool(broken))))
        suite.set("skipped", "0")
        suite.set("timestamp", stamp)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _clean(text: str) -> str:
    """Replace what XML 1.0 cannot hold."""
    return "".join(
        char
        if char in "\t\n\r" or (char >= " " and not "\ud800" <= char <= "\udfff" and char not in "\ufffe\uffff")
        else "\ufffd"
        for char in text
    )
