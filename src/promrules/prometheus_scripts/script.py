"""Read Prometheus' own test scripts (``.test``): load samples, evaluate expressions, state the expected results.

A script is a list of commands. A body of indented lines follows ``load`` and ``eval`` and ends at an empty line;
comment lines count as empty. See https://github.com/prometheus/prometheus/blob/main/promql/promqltest/README.md.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from promrules.prometheus_scripts.series_notation import Samples, parse_series, parse_values
from promrules.syntax.tokens import PromqlSyntaxError, parse_duration, string_value, tokenize

if TYPE_CHECKING:
    from promrules.syntax.labels import Labels

_LOAD: Final = re.compile(r"load(?P<nhcb>_with_nhcb)?\s+(?P<gap>\S+)$")
_INSTANT: Final = re.compile(
    r"eval(?:_(?P<flag>fail|warn|info|ordered))?\s+instant\s+(?:at\s+(?P<at>\S+))?\s*(?P<expr>.*)$"
)
_RANGE: Final = re.compile(
    r"eval(?:_(?P<flag>fail|warn|info|ordered))?\s+range\s+from\s+(?P<start>\S+)\s+to\s+(?P<end>\S+)\s+"
    r"step\s+(?P<step>\S+)\s+(?P<expr>.*)$"
)
_EXPECT: Final = re.compile(
    r"expect\s+(?P<kind>ordered|fail|warn|no_warn|info|no_info)(?:\s+(?P<how>msg|regex):\s*(?P<text>.*))?$"
)
_EXPECT_RANGE: Final = re.compile(r"expect\s+range\s+vector\s+from\s+(\S+)\s+to\s+(\S+)\s+step\s+(\S+)$")
_FAIL_TEXT: Final = re.compile(r"expected_fail_(?P<how>message|regexp)\s+(?P<text>.*)$")


@dataclass(frozen=True, slots=True)
class Clear:
    """Forget all samples."""

    line: int


@dataclass(frozen=True, slots=True)
class Load:
    """Add samples, the first at time 0.

    Attributes:
        line: Where the command stands, from 1.
        gap: Milliseconds from one position to the next.
        series: Line and text of each series.
        custom_buckets: Whether native histograms are to be built from classic ones.
    """

    line: int
    gap: int
    series: tuple[tuple[int, str], ...]
    custom_buckets: bool = False


@dataclass(frozen=True, slots=True)
class Expectation:
    """Something expected beside the values: ``kind`` with no text, an exact text or a regex."""

    kind: str
    text: str | None = None
    regex: bool = False


@dataclass(slots=True)
class Eval:
    """Evaluate an expression and compare.

    Attributes:
        line: Where the command stands, from 1.
        expr: The expression.
        start: First (or only) evaluation time, ms.
        end: Last evaluation time, ms; None for an instant query.
        step: Step of a range query, ms.
        expectations: What is expected beside values.
        scalar: The expected scalar.
        string: The expected string.
        series: The expected series in the order of the file.
        window: Start and step, ms, of the samples of an instant query that gives a range vector.
    """

    line: int
    expr: str
    start: int
    end: int | None = None
    step: int = 60_000
    expectations: list[Expectation] = field(default_factory=list)
    scalar: float | None = None
    string: str | None = None
    series: dict[Labels, Samples] = field(default_factory=dict)
    window: tuple[int, int] | None = None

    def expects(self, kind: str) -> list[Expectation]:
        """Give the expectations of one kind."""
        return [item for item in self.expectations if item.kind == kind]


@dataclass(frozen=True, slots=True)
class Broken:
    """A command that could not be read; the file goes on behind it."""

    line: int
    message: str
    is_eval: bool = False


Command = Clear | Load | Eval | Broken


def read_script(text: str) -> list[Command]:
    """Split a script into commands; what cannot be read becomes ``Broken`` and stops nothing."""
    lines = [("" if line.strip().startswith("#") else line.strip()) for line in text.splitlines()]
    commands: list[Command] = []
    index = 0
    while index < len(lines):
        if not lines[index]:
            index += 1
            continue
        end = index + 1
        if lines[index].split()[0] != "clear":
            while end < len(lines) and lines[end]:
                end += 1
        try:
            commands.append(_command(lines[index], index + 1, lines[index + 1 : end]))
        except ValueError as error:
            message = error.message if isinstance(error, PromqlSyntaxError) else str(error)
            commands.append(Broken(index + 1, message, is_eval=lines[index].startswith("eval")))
        index = end
    return commands


def _command(head: str, line: int, body: list[str]) -> Command:
    """Read one command and its body."""
    if head == "clear":
        return Clear(line)
    if found := _LOAD.match(head):
        series = tuple((line + 1 + offset, text) for offset, text in enumerate(body))
        return Load(line, _milliseconds(found["gap"]), series, custom_buckets=bool(found["nhcb"]))
    if found := _INSTANT.match(head):
        made = Eval(line, found["expr"], _milliseconds(found["at"] or "0"))
    elif found := _RANGE.match(head):
        start, end, step = (_milliseconds(found[name]) for name in ("start", "end", "step"))
        made = Eval(line, found["expr"], start, end, step)
    else:
        raise ValueError(f"unknown command {head.split(maxsplit=1)[0]!r}")
    if found["flag"]:
        made.expectations.append(Expectation(found["flag"]))
    for place, text in enumerate(body):
        _expect(made, text, last=place == len(body) - 1)
    return made


def _milliseconds(text: str) -> int:
    """Read a duration, or a number of seconds, with a sign."""
    sign = -1 if text.startswith("-") else 1
    bare = text.lstrip("+-")
    try:
        return sign * parse_duration(bare)
    except ValueError:
        return sign * round(float(bare) * 1000)


def _expect(made: Eval, text: str, *, last: bool) -> None:
    """Read one line of an eval's body."""
    if found := _EXPECT.match(text):
        made.expectations.append(Expectation(found["kind"], found["text"], regex=found["how"] == "regex"))
    elif found := _FAIL_TEXT.match(text):
        made.expectations.append(Expectation("fail", found["text"], regex=found["how"] == "regexp"))
    elif found := _EXPECT_RANGE.match(text):
        made.window = (_milliseconds(found[1]), _milliseconds(found[3]))
    elif text.startswith("expect string"):
        made.string = string_value(tokenize(text.removeprefix("expect string").strip())[0])
    elif last and not made.series and _is_scalar(text):
        made.scalar = float(parse_values(text).values[0])
    else:
        labels, samples = parse_series(text)
        made.series[labels] = samples


def _is_scalar(text: str) -> bool:
    """Tell whether a line is a bare number."""
    try:
        return len(parse_values(text).values) == 1
    except PromqlSyntaxError:
        return False
