"""Read JUnit XML: ``SUITE/time``, ``SUITE/CASE/time``, ``total/time``, ``SUITE/Failure Ratio``.

A case is also ``SUITE/CLASSNAME/CASE/time``, which tells those apart that share a suite and a name. One that stands in
no suite, as Node's reporter has it, is ``CASE/time``, and counts in ``total`` as any other.
"""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from burnproof.loadtest.results.any_json import impossible
from burnproof.loadtest.results.junit_counts import contradiction, holds_more
from burnproof.loadtest.results.junit_tree import tree
from burnproof.loadtest.results.model import Reading, Result, Run
from burnproof.loadtest.results.reading import ResultError
from burnproof.model.measured import COUNT, RATIO, SECONDS, QuantityError, number

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from burnproof.loadtest.results.junit_tree import Case, Suite

FORMAT: Final = "JUnit XML"
FAILURE_RATIO: Final = "Failure Ratio"
TOTAL: Final = "total"


def read(name: str, text: str) -> Result:
    """Read a report.

    Raises:
        ResultError: it is no JUnit XML, cut off, or holds no test.
    """
    report = tree(text)
    cases = report.all_cases()
    if not cases:
        raise ResultError("the report holds no test case")
    found: defaultdict[str, list[Reading]] = defaultdict(list)
    longer: defaultdict[str, list[str]] = defaultdict(list)
    for suite in report.all_suites():
        prefix = "" if suite is report else f"{suite.name}/"
        for path, made in _figures_of(suite) if prefix else ():
            found[prefix + path].append(made)
        for case in suite.cases:
            made = _case(case)
            found[f"{prefix}{case.name}/time"].append(made)
            if case.classname:
                full = f"{prefix}{case.classname}/{case.name}/time"
                found[full].append(made)
                longer[f"{prefix}{case.name}/time"].append(full)
    readings = {path: made[0] if len(made) == 1 else _clash(made) for path, made in found.items()}
    # A short path of several cases is not judged where longer ones tell all of them apart.
    ambiguous = {
        path: tuple(full)
        for path, full in longer.items()
        if len(full) > 1 and len(full) == len(found[path]) == len(set(full))
    }
    ran, bad = _counts(cases)
    readings[f"{TOTAL}/time"] = _total_time(report, ran, bad)
    readings |= {f"{TOTAL}/{part}": made for part, made in _figures(ran, bad)}
    run = Run(requests=ran, failures=bad)
    return Result(name, FORMAT, readings, run, fault=contradiction(report), ambiguous=ambiguous)


def _clash(made: list[Reading]) -> Reading:
    return Reading(None, made[0].unit, trouble="several suites or cases have this path")


def _figures_of(suite: Suite) -> Iterator[tuple[str, Reading]]:
    """Yield the readings of a suite itself, of the cases that stand directly in it."""
    ran, bad = _counts(suite.cases)
    more = Reading(None, SECONDS, trouble="the suite holds more cases than it declares")
    yield "time", more if holds_more(suite) else _time(suite.given.get("time"), ran, bad)
    yield from _figures(ran, bad)


def _case(case: Case) -> Reading:
    if not case.ran:
        return Reading(None, SECONDS, trouble="the test was skipped")
    return _time(case.time, 1, int(case.bad))


def _counts(cases: Iterable[Case]) -> tuple[int, int]:
    """Count the cases that ran, and the bad ones of them."""
    ran = [case for case in cases if case.ran]
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


def _total_time(report: Suite, ran: int, bad: int) -> Reading:
    """Give the time of the report: what it says, or the sum of what stands in it directly."""
    if "time" in report.given:
        return _time(report.given["time"], ran, bad)
    times = [_time(suite.given.get("time"), ran, bad) for suite in report.suites]
    times += [_time(case.time, ran, bad) for case in report.cases if case.ran]
    wrong = next((time for time in times if time.value is None or time.trouble), None)
    if wrong is not None:
        return wrong
    whole = sum((time.value for time in times if time.value is not None), Decimal(0))
    return Reading(whole, SECONDS, samples=ran, failures=bad)
