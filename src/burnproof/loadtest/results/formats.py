"""Choose the reader for a file by its content; its name decides nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from burnproof.loadtest.results import any_json, junit, k6, locust, record, streaming
from burnproof.loadtest.results.model import Result
from burnproof.loadtest.results.reading import ResultError, load_json, read_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

UNREAD: Final = "unreadable"


def read_results(paths: Iterable[str | Path]) -> tuple[Result, ...]:
    """Read result files, one result each.

    Raises:
        OSError: a file cannot be opened; what a file holds never raises.
    """
    return tuple(read_result(path) for path in paths)


def read_result(path: str | Path) -> Result:
    """Read one result file; see ``read_results``."""
    try:
        text = read_text(path)
    except ResultError as error:
        return Result(str(path), UNREAD, fault=str(error))
    return result_from_text(str(path), text)


def result_from_text(name: str, text: str) -> Result:
    """Read a result that is in memory; ``name`` stands for the file."""
    try:
        made = _read(name, text)
    except ResultError as error:
        return Result(name, UNREAD, fault=str(error))
    return made if made.fault else replace(made, fault=_empty_run(made))


def _read(name: str, text: str) -> Result:
    start = text.lstrip()[:1]
    if not start:
        raise ResultError("the file is empty")
    if start == "<":
        return junit.read(name, text)
    if start in ("{", "["):
        root = load_json(text)
        reader = next((reader for known, reader in _JSON if known(root)), any_json.read)
        return reader(name, root)
    first = text.lstrip().partition("\n")[0]
    if locust.is_header(first):
        return locust.read(name, text)
    raise ResultError("the file is none of JSON, JUnit XML and Locust's CSV")


def _is_own(root: Any) -> bool:
    return record.is_record(root) or streaming.is_report(root)


def _own(name: str, root: dict[str, Any]) -> Result:
    """Read a record, a streaming report, or a record that carries the sections of one."""
    made = streaming.read(name, root) if streaming.is_report(root) else None
    if record.is_record(root):
        flat = record.read(name, root)
        made = flat if made is None else replace(
            flat, readings={**made.readings, **flat.readings}, fault=flat.fault or made.fault
        )  # fmt: skip
    assert made is not None  # noqa: S101 - the caller has asked
    return replace(made, fault=made.fault or _empty_run(made) or record.untrusted(root))


# Recognised in this order; plain JSON takes what is left.
_JSON: Final[tuple[tuple[Callable[[Any], bool], Callable[[str, Any], Result]], ...]] = (
    (_is_own, _own),
    (k6.is_summary, k6.read),
)


def _empty_run(result: Result) -> str:
    """Say why a run of which nothing came says nothing; "" for one that has something."""
    run = result.run
    if run.requests == 0:
        return "no request was made"
    if run.requests is not None and run.failures is not None and run.failures >= run.requests:
        return f"all {run.requests} requests failed"
    return ""
