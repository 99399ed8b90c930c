"""Read JUnit XML as a tree of suites and cases: names, times, declared counts, outcomes.

Entities and document types are refused, so no file can expand without end or reach for another one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from xml.parsers import expat

from burnproof.loadtest.results.reading import ResultError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_MAX_DEPTH: Final = 64
_ROOTS: Final = ("testsuites", "testsuite")
_BAD: Final = ("failure", "error")
# Further attempts at a test, as Surefire and Playwright write them; a test that failed in the end has a failure, too.
_RETRIES: Final = ("rerunFailure", "rerunError", "flakyFailure", "flakyError")
# GoogleTest and CTest list what was not run, and say so in an attribute.
_NOT_RUN: Final = frozenset({"notrun", "disabled", "skipped"})


@dataclass(slots=True)
class Case:
    """A test case.

    Attributes:
        classname: Its class or file, "" where the file says none.
        time: Its duration as the file has it.
        failures: Its failure elements.
        errors: Its error elements.
        retries: Its elements about further attempts.
        is_skipped: Whether it was not run.
        is_todo: Whether it is expected to fail for now, as TAP has it; Node writes it as skipped and failed.
    """

    name: str
    classname: str
    time: str | None
    failures: int = 0
    errors: int = 0
    retries: int = 0
    is_skipped: bool = False
    is_todo: bool = False

    @property
    def bad(self) -> bool:
        """Whether it failed; one that was skipped and then failed, as in its teardown, did."""
        return self.failures + self.errors > 0 and not self.is_todo

    @property
    def ran(self) -> bool:
        """Whether it says anything of what was tested."""
        return self.bad or not (self.is_skipped or self.is_todo)


@dataclass(slots=True)
class Suite:
    """A suite, or the report itself, whose name is "".

    Attributes:
        given: Its attributes: time, and the counts that it declares.
        cases: The cases that stand directly in it.
        suites: The suites that stand directly in it.
        broken: What it says of an error of its own, which is of no test case; "" where there is none.
    """

    name: str
    given: Mapping[str, str] = field(default_factory=dict)
    cases: list[Case] = field(default_factory=list)
    suites: list[Suite] = field(default_factory=list)
    broken: str = ""

    def all_suites(self) -> Iterator[Suite]:
        """Yield this suite and every one in it, in the order of the file."""
        yield self
        for suite in self.suites:
            yield from suite.all_suites()

    def all_cases(self) -> list[Case]:
        """List every case in it, however deep."""
        return [case for suite in self.all_suites() for case in suite.cases]


@dataclass(slots=True)
class _Builder:
    """Gathers suites while the parser walks; the first open one is the report itself."""

    open: list[Suite] = field(default_factory=lambda: [Suite("")])
    path: list[str] = field(default_factory=list)
    root: str = ""

    def start(self, tag: str, given: dict[str, str]) -> None:
        tag = tag.rpartition(":")[2]
        parent = self.path[-1] if self.path else ""
        self.root = self.root or tag
        self.path.append(tag)
        if len(self.path) > _MAX_DEPTH:
            raise ResultError("the XML nests too deeply to be a test report")
        here = self.open[-1]
        if tag == "testsuite":
            here.suites.append(Suite(given.get("name", ""), given))
            self.open.append(here.suites[-1])
        elif tag == "testcase":
            case = Case(given.get("name", ""), given.get("classname", ""), given.get("time"))
            case.is_skipped = given.get("status", "").lower() in _NOT_RUN
            here.cases.append(case)
        elif tag == "testsuites" and not parent:
            here.given = given
        elif parent == "testcase":
            _mark(here.cases[-1], tag, given)
        elif parent in _ROOTS and tag in _BAD:
            here.broken = given.get("message", "").strip()[:200] or tag

    def end(self, tag: str) -> None:
        self.path.pop()
        if tag.rpartition(":")[2] == "testsuite":
            self.open.pop()


def _mark(case: Case, tag: str, given: dict[str, str]) -> None:
    """Note what an element says of the case it stands in."""
    case.failures += tag == "failure"
    case.errors += tag == "error"
    case.retries += tag in _RETRIES
    if tag == "skipped":
        case.is_skipped = True
        case.is_todo = given.get("type") == "todo"


def tree(text: str) -> Suite:
    """Read a report; the suite that is given back stands for all of it.

    Raises:
        ResultError: it is no JUnit XML, or cut off.
    """
    built = _Builder()
    report = built.open[0]
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
    if built.root not in _ROOTS:
        raise ResultError(f"the XML begins with <{built.root}>, not with <testsuites> or <testsuite>")
    return report
