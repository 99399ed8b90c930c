"""Find impossible counts of a JUnit report: declared tests that are missing, failures of no case.

Reporters count differently, so what is allowed is the widest of what they do: PHPUnit adds up inner suites and Node
counts each of them once; pytest counts a test twice whose teardown fails; Surefire counts the last round of re-runs or
all of them; some count skipped tests that they do not list. More cases than declared lose no failure: jest-junit leaves
out tests that are to do.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from burnproof.loadtest.results.junit_tree import Suite

_COUNTS: Final = ("tests", "failures", "errors", "skipped", "disabled", "ignored")
_NOT_RUN: Final = ("skipped", "disabled", "ignored")


def contradiction(report: Suite) -> str:
    """Say what of a report contradicts itself or is missing in it; "" where it is sound."""
    checks = (_broken, _of)
    return next((found for check in checks for suite in report.all_suites() if (found := check(suite))), "")


def holds_more(suite: Suite) -> bool:
    """Tell whether a suite without inner ones holds more cases than it declares, and nothing in it explains that."""
    declared = _whole(suite, "tests")
    explained = suite.suites or any(case.bad or case.retries for case in suite.cases)
    return declared is not None and declared < len(suite.cases) and not explained


def _what(suite: Suite) -> str:
    return f"the suite {suite.name!r}" if suite.name else "the report"


def _broken(suite: Suite) -> str:
    if not suite.broken:
        return ""
    return f"{_what(suite)} has an error that is of no test, so some of its tests may not have run: {suite.broken}"


def _of(suite: Suite) -> str:
    what = _what(suite)
    declared = {name: found for name in _COUNTS if (found := _whole(suite, name)) is not None}
    negative = next((name for name, count in declared.items() if count < 0), "")
    if negative:
        return f"{what} declares {declared[negative]} {negative}"
    return _tests(suite, what, declared) or _failures(suite, what, declared)


def _tests(suite: Suite, what: str, declared: dict[str, int]) -> str:
    """Hold the declared tests against the cases."""
    cases = suite.all_cases()
    listed = max(len(cases), len(suite.cases) + len(suite.suites))
    not_run = sum(declared.get(name, 0) for name in _NOT_RUN)
    unlisted = max(0, not_run - sum(case.is_skipped for case in cases))
    counted_twice = sum(case.bad + case.retries for case in cases)
    if declared.get("tests", 0) > listed + unlisted + counted_twice:
        return f"{what} declares {declared['tests']} tests and holds {len(cases)}: the others are missing"
    return ""


def _failures(suite: Suite, what: str, declared: dict[str, int]) -> str:
    """Hold the declared failures and errors against the elements that say so; reporters differ in which is which."""
    given = [name for name in ("failures", "errors") if name in declared]
    if not given:
        return ""
    cases = suite.all_cases()
    said = " and ".join(f"{declared[name]} {name}" for name in given)
    total = sum(declared[name] for name in given)
    if total > sum(case.failures + case.errors + case.retries for case in cases):
        return f"{what} declares {said}, and {_bad(sum(case.bad for case in cases))} failed"
    # Inner suites may count on their own, and a round of re-runs only for itself.
    own = [case for case in suite.cases if case.bad and any(getattr(case, name) for name in given)]
    if total < len(own) and not any(case.retries for case in cases):
        return f"{what} declares {said}, and {_bad(len(own))} failed"
    return ""


def _bad(count: int) -> str:
    return f"{count or 'none'} of its tests"


def _whole(suite: Suite, name: str) -> int | None:
    """Read a declared count; None where there is none."""
    text = suite.given.get(name, "").strip()
    return int(text) if re.fullmatch(r"-?\d{1,9}", text) else None
