"""Name the formats of measures of tests, and write those that are alike: cases and failures as JUnit."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from collections.abc import Sequence

Case = tuple[str, str, str]
"""A test case: its class, its name, and why it fails; "" where it does not."""


class Form(StrEnum):
    """Who is going to read it."""

    TEXT = "text"
    MARKDOWN = "md"
    JSON = "json"
    JUNIT = "junit"


def junit(name: str, cases: Sequence[Case]) -> str:
    """Write a suite of cases as JUnit XML, ending in a newline."""
    failures = sum(bool(reason) for _, _, reason in cases)
    suite = ET.Element("testsuite", name=name, tests=str(len(cases)), failures=str(failures))
    for of, title, reason in cases:
        case = ET.SubElement(suite, "testcase", classname=of, name=title)
        if reason:
            ET.SubElement(case, "failure", message=reason)
    ET.indent(suite)
    return ET.tostring(suite, encoding="unicode", xml_declaration=True) + "\n"
