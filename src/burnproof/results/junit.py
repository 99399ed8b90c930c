"""JUnit XML to readings: ``SUITE/time``, ``SUITE/CASE/time``, ``total/time``, ``SUITE/Failure Ratio``.

Entities and document types are refused, so no file can expand without end or reach for another one.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final
from xml.parsers import expat

from burnproof.results.model import Reading, Result, Run
from burnproof.results.plain import impossible
from burnproof.results.quantities import COUNT, RATIO, SECONDS, QuantityError, number
from burnproof.results.text import ResultError

FORMAT: Final = "JUnit XML"
FAILURE_RATIO: Final = "Failure Ratio"
TOTAL: Final = "total"
_MAX_DEPTH: Final = 64


@dataclass(slots=True)
class Case:
    """A test case: what became of it, and its duration as the file has it."""

    name: str
    time: str | None
    bad: bool = False
    skipped: bool = False


@dataclass(slots=True)
class Suite:
    """A test suite with the cases that stand directly in it."""

    name: str
    time: str | None
    tests: str | None
    cases: list[Case] = field(default_factory=list)
    inner: bool = False  # whether it stands in another suite, whose time then holds its own


@dataclass(slots=True)
class _Builder:
    """Gathers suites while the parser walks."""

    suites: list[Suite] = field(default_factory=list)
    root: str = ""
    total_time: str | None = None
    path: list[str] = field(default_factory=list)
    open_suites: list[Suite] = field(default_factory=list)

    def start(self, tag: str, given: dict[str, str]) -> None:
        tag = tag.rpartition(":")[2]
        self.root = self.root or tag
        self.path.append(tag)
        if len(self.path) > _MAX_DEPTH:
            raise ResultError("the XML nests too deeply to be a test report")
        if tag == "testsuites":
            self.total_time = given.get("time")
        elif tag == "testsuite":
            suite = Suite(given.get("name", ""), given.get("time"), given.get("tests"), inner=bool(self.open_suites))
            self.suites.append(suite)
            self.open_suites.append(suite)
        elif tag == "testcase" and self.open_suites:
            self.open_suites[-1].cases.append(Case(given.get("name", ""), given.get("time")))
        elif self.open_suites and self.open_suites[-1].cases and self.path[-2:-1] == ["testcase"]:
            case = self.open_suites[-1].cases[-1]
            case.bad = case.bad or tag in ("failure", "error")
            case.skipped = case.skipped or tag == "skipped"

    def end(self, tag: str) -> None:
        self.path.pop()
        if tag.rpartition(":")[2] == "testsuite":
            self.open_suites.pop()


def read(name: str, text: str) -> Result:
    """Read a report.

    Raises:
        ResultError: it is no JUnit XML, cut off, or holds no test.
    """
    built = _parse(text)
    if built.root not in ("testsuites", "testsuite"):
        raise ResultError(f"the XML begins with <{built.root}>, not with <testsuites> or <testsuite>")
    readings: dict[str, Reading] = {}
    repeated: defaultdict[str, int] = defaultdict(int)
    for suite in built.suites:
        for path, made in _suite(suite):
            repeated[path] += 1
            clash = Reading(None, made.unit, trouble="several suites or cases have this path")
            readings[path] = made if repeated[path] == 1 else clash
    cases = [case for suite in built.suites for case in suite.cases]
    ran, bad = _counts(cases)
    if not cases:
        raise ResultError("the report holds no test case")
    outer = [suite for suite in built.suites if not suite.inner]
    readings[f"{TOTAL}/time"] = _total_time(built, outer, ran, bad)
    readings |= {f"{TOTAL}/{part}": made for part, made in _figures(ran, bad)}
    return Result(name, FORMAT, readings, Run(requests=ran, failures=bad))


def _parse(text: str) -> _Builder:
    built = _Builder()
    parser = expat.ParserCreate()

    def refuse(*_: object) -> None:
        raise ResultError("the XML declares a document type or entities, which a test report has no use for")

    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.StartElementHandler = built.start
    parser.EndElementHandler = built.end
    try:
        parser.Parse(text, True)
    except expat.ExpatError as error:
        end = expat.errors.XML_ERROR_NO_ELEMENTS, expat.errors.XML_ERROR_UNCLOSED_TOKEN
        cut = bool(built.path) or expat.ErrorString(error.code) in end
        what = "the file is truncated: its XML ends in the middle" if cut else "the file is no XML"
        raise ResultError(f"{what} (line {error.lineno}: {expat.ErrorString(error.code)})") from None
    return built


def _suite(suite: Suite) -> list[tuple[str, Reading]]:
    ran, bad = _counts(suite.cases)
    found = [(f"{suite.name}/time", _time(suite.time, ran, bad))]
    declared = suite.tests
    if declared is not None and declared.isdigit() and not suite.inner and int(declared) < len(suite.cases):
        found = [(f"{suite.name}/time", Reading(None, SECONDS, trouble="the suite holds more cases than it declares"))]
    found += [(f"{suite.name}/{part}", made) for part, made in _figures(ran, bad)]
    for case in suite.cases:
        time = (
            Reading(None, SECONDS, trouble="the test was skipped")
            if case.skipped
            else _time(case.time, 1, int(case.bad))
        )
        found.append((f"{suite.name}/{case.name}/time", time))
    return found


def _counts(cases: list[Case]) -> tuple[int, int]:
    """Count the cases that ran, and the bad ones of them."""
    ran = [case for case in cases if not case.skipped]
    return len(ran), sum(case.bad for case in ran)


def _figures(ran: int, bad: int) -> list[tuple[str, Reading]]:
    ratio = Decimal(bad) / ran if ran else None
    return [
        ("tests", Reading(Decimal(ran), COUNT, samples=ran, failures=bad)),
        ("failures", Reading(Decimal(bad), COUNT, samples=ran, failures=bad)),
        (FAILURE_RATIO, Reading(ratio, RATIO, samples=ran, failures=bad, trouble="" if ran else "no test ran")),
    ]


def _time(text: str | None, ran: int, bad: int) -> Reading:
    if text is None:
        return Reading(None, SECONDS, samples=ran, failures=bad, trouble="it has no time")
    try:
        value = number(text)
    except QuantityError as error:
        return Reading(None, SECONDS, samples=ran, failures=bad, trouble=str(error))
    return Reading(value, SECONDS, samples=ran, failures=bad, trouble=impossible(value, SECONDS))


def _total_time(built: _Builder, outer: list[Suite], ran: int, bad: int) -> Reading:
    """Give the time of all suites together: what the report says, or their sum."""
    if built.total_time is not None:
        return _time(built.total_time, ran, bad)
    times = [_time(suite.time, ran, bad) for suite in outer]
    wrong = next((time for time in times if time.value is None or time.trouble), None)
    if wrong is not None:
        return wrong
    return Reading(
        sum((time.value for time in times if time.value is not None), Decimal(0)), SECONDS, samples=ran, failures=bad
    )
