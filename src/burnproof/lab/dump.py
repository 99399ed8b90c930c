"""Read raw series from a text dump: OpenMetrics (timestamps in seconds) or Prometheus' text format (milliseconds).

Both are written by ``promtool tsdb dump-openmetrics``, by exporters and by hand. Only lines with a timestamp hold
history; a line without one is a problem, with its place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from burnproof.diagnostics import Span, problem
from promrules.columns.series import Series, Storage
from promrules.prometheus_scripts.series_notation import parse_labels
from promrules.syntax.parse import PromqlSyntaxError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from burnproof.diagnostics import Problem
    from promrules.syntax.labels import Labels

_END: Final = "# EOF"
_MOST_PROBLEMS: Final = 20


class DumpError(Exception):
    """Text that is no dump; ``problems`` say where."""

    def __init__(self, problems: tuple[Problem, ...], text: str) -> None:
        """Note the problems, and the lines to draw them in."""
        super().__init__(problems[0].message)
        self.problems = problems
        self.text = text


def read_dump(path: Path) -> Storage:
    """Read all series of a dump.

    Raises:
        OSError: it cannot be read.
        DumpError: some lines are no samples.
    """
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    per_second = 1000 if lines and lines[-1].strip() == _END else 1
    found: dict[str, tuple[list[float], list[float]]] = {}
    problems: list[Problem] = []
    for number, line in enumerate(lines, start=1):
        if not line or line[0] == "#":
            continue
        try:
            name, value, at = _sample(line)
        except ValueError as error:
            problems.append(
                problem("bad-number", str(error), Span(str(path), number, 1, number, len(line) + 1), _REMEDY)
            )
            if len(problems) == _MOST_PROBLEMS:
                break
            continue
        times, values = found.setdefault(name, ([], []))
        times.append(at * per_second)
        values.append(value)
    if problems:
        raise DumpError(tuple(problems), "\n".join(lines))
    return Storage(_series(found, str(path)))


_REMEDY: Final = 'write name{label="value"} 12 1767225600, with a timestamp'


def _sample(line: str) -> tuple[str, float, float]:
    """Take a line apart: the series as written, the value and the timestamp.

    Raises:
        ValueError: it is none.
    """
    text = line.partition(" # ")[0]  # an exemplar may follow
    end = text.rfind("}")
    parts = text[end + 1 :].split() if end >= 0 else text.split()
    name = text[: end + 1] if end >= 0 else parts.pop(0)
    if len(parts) != 2:
        raise ValueError("a sample needs a value and a timestamp" if len(parts) < 2 else "this is no sample")
    try:
        return name, float(parts[0]), float(parts[1])
    except ValueError:
        raise ValueError(f"{' '.join(parts)[:40]!r} is no value and timestamp") from None


def _series(found: dict[str, tuple[list[float], list[float]]], path: str) -> Iterator[Series]:
    """Yield the series of a dump; samples of one series are put in order."""
    for text, (times, values) in found.items():
        try:
            labels, _ = parse_labels(text)
        except PromqlSyntaxError as error:
            broken = problem("bad-number", f"{text[:60]}: {error.message}", None, _REMEDY)
            raise DumpError((broken,), "") from None
        yield ordered(labels, times, values)
    if not found:
        raise DumpError((problem("empty-file", f"{path} holds no sample", None, _REMEDY),), "")


def ordered(labels: Labels, times: Iterable[float], values: Iterable[float]) -> Series:
    """Give a series from samples in any order, timestamps in milliseconds; of two at one time the last counts."""
    at = np.fromiter(times, dtype=np.float64)
    shown = np.fromiter(values, dtype=np.float64)
    moments = np.round(at).astype(np.int64)
    order = np.argsort(moments, kind="stable")
    moments, shown = moments[order], shown[order]
    last = np.concatenate([moments[1:] != moments[:-1], [True]]) if len(moments) else np.zeros(0, dtype=bool)
    return Series(labels, moments[last], shown[last])
