"""The engine and promtool agree on random expressions over random data, to the last bit."""

from __future__ import annotations

import math
import os
import re
from pathlib import Path

import pytest
from fuzz_engine import answer
from fuzz_expressions import expressions
from fuzz_promtool import Answer, Question, ask
from fuzz_storage import Data, parsed, storages
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from places import examples
from promrules.syntax.nodes import Subquery, selectors, walk
from promrules.syntax.parse import parse

HERE = Path(__file__).parent
CURRENT = HERE.parents[2] / "build" / "promtool"
OLD = Path("/usr/bin/promtool")
PER_BATCH = 16
ATTEMPTS = 12
CASES = int(os.environ.get("BURNPROOF_FUZZ", examples(320)))

needs_current = pytest.mark.skipif(not CURRENT.exists(), reason="no current promtool: build it as tools/tools.go says")
needs_old = pytest.mark.skipif(not OLD.exists(), reason="no promtool 2.42 at /usr/bin/promtool")
fuzz = settings(
    max_examples=max(CASES // PER_BATCH, 1),
    derandomize="BURNPROOF_FUZZ" not in os.environ,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)


@st.composite
def batches(draw: st.DrawFn, *, old: bool = False) -> tuple[Data, list[Question]]:
    """Draw data and questions about them, from the first sample to well after the last."""
    data = draw(storages(native=not old))
    middle = data.end // 2
    times = st.integers(middle, data.end + 60) | st.integers(middle // 60, data.end // 60).map(
        lambda minute: 60 * minute
    )
    times = times | times | times | st.integers(0, data.end + 400)
    count = draw(st.sampled_from([1, PER_BATCH, PER_BATCH, PER_BATCH * 3 // 2, PER_BATCH // 2]))
    return data, [Question(draw(expressions(old=old)), draw(times)) for _ in range(count)]


def same_value(mine: str, theirs: str, tolerance: float) -> bool:
    if mine == theirs or "{" in mine + theirs:
        return mine == theirs
    left, right = float(mine), float(theirs)
    return tolerance > 0 and (left == right or math.isclose(left, right, rel_tol=tolerance, abs_tol=1e-12))


def same(mine: Answer, theirs: Answer, tolerance: float = 0.0) -> bool:
    """Both failed, or both have the same samples."""
    if mine.error is not None or theirs.error is not None:
        return (mine.error is None) == (theirs.error is None)
    return [labels for labels, _ in mine.samples] == [labels for labels, _ in theirs.samples] and all(
        same_value(left[1], right[1], tolerance) for left, right in zip(mine.samples, theirs.samples, strict=True)
    )


def stricter(mine: Answer) -> bool:
    """Tell of the error 2.42 does not raise for matches that a comparison filters out; 3.x does."""
    return mine.error is not None and mine.error.startswith("multiple matches for labels")


def excused(question: Question, mine: Answer, theirs: Answer) -> bool:
    """Tell of what promtool cannot answer, answers by chance, or answers otherwise than it means to.

    It loads 10,000 samples at most. The last bits of stddev and stdvar depend on the order of series, of which some
    attempts may miss the right one. And it misplaces a selector with ``@`` inside a subquery whose first step is the
    very time of the query, which takes a window that lies wholly in the future; and it panics on the text of a
    histogram with custom buckets that was divided by NaN.
    """
    if theirs.error is not None and ("too many samples" in theirs.error or "have no zero bucket" in theirs.error):
        return True
    if re.search(r"\bstd(dev|var)\b", question.expr) and same(mine, theirs, 1e-9):
        return True
    return any(
        isinstance(node, Subquery)
        and isinstance(node.range, int)
        and isinstance(node.offset, int)
        and (node.at is not None or node.offset < 0)
        and any(selector.at is not None for selector in selectors(node.expr))
        for node in walk(parse(question.expr))
    )


def differences(
    promtool: Path, folder: Path, data: Data, questions: list[Question], compat: int = 3, tolerance: float = 0.0
) -> list[str]:
    """Ask both and describe where they differ, in the form of the corpus.

    promtool loads series in random order, on which ties of topk and the last bit of stddev depend: what differs is
    asked again some times, and any of promtool's answers will do.
    """
    storage = data.storage()
    mine = [answer(storage, question, compat) for question in questions]
    theirs = ask(str(promtool), folder, data, questions)
    open_ = [
        place
        for place in range(len(questions))
        if not same(mine[place], theirs[place], tolerance) and not (compat == 2 and stricter(mine[place]))
    ]
    for _ in range(ATTEMPTS):
        if open_:
            again = ask(str(promtool), folder, data, [questions[place] for place in open_])
            open_ = [
                place for place, other in zip(open_, again, strict=True) if not same(mine[place], other, tolerance)
            ]
    return [
        described(data, questions[place], theirs[place], mine[place])
        for place in open_
        if not excused(questions[place], mine[place], theirs[place])
    ]


def described(data: Data, question: Question, theirs: Answer, mine: Answer) -> str:
    """Give a difference in the form of the corpus, with the series that matter to it."""
    lines = [line for line in data.lines() if line.partition("{")[0] in question.expr or "__name__" in question.expr]
    head = [f"at {question.at}s: {question.expr}", f"interval {data.interval}s"]
    return "\n".join([*head, *lines, f"# promtool: {theirs}", f"# burnproof: {mine}"])


def corpus() -> list[tuple[Data, Question]]:
    """Read every difference once found."""
    cases = []
    for paragraph in (HERE / "corpus.txt").read_text(encoding="utf-8").split("\n\n"):
        lines = [line for line in paragraph.splitlines() if line and not line.startswith("#")]
        if lines:
            at, _, expr = lines[0].removeprefix("at ").partition("s: ")
            interval = int(lines[1].removeprefix("interval ").removesuffix("s"))
            cases.append((parsed(interval, lines[2:]), Question(expr, int(at))))
    return cases


@needs_current
@pytest.mark.promtool
@fuzz
@given(batch=batches())
def test_random_expressions_agree_with_the_current_promtool(tmp_path_factory, batch):
    """Labels, values to the last bit, histograms and failure are those of Prometheus 3."""
    assert differences(CURRENT, tmp_path_factory.getbasetemp(), *batch) == []


@needs_current
@pytest.mark.promtool
@pytest.mark.parametrize("case", corpus(), ids=lambda case: case[1].expr[:60])
def test_differences_once_found_stay_closed(tmp_path, case):
    """Each case of the corpus agrees now."""
    assert differences(CURRENT, tmp_path, case[0], [case[1]]) == []


def test_a_difference_does_not_go_unseen():
    """The comparison tells apart a missing sample, another label, the next float, and an error."""
    one = Answer((("{}", "1E+00"),))

    assert same(one, Answer((("{}", "1E+00"),)))
    others = [Answer(), Answer((('{a="1"}', "1E+00"),)), Answer((("{}", "1.0000000000000002E+00"),)), Answer(error="x")]
    assert not any(same(one, other) for other in others)


@needs_old
@pytest.mark.promtool
@fuzz
@given(batch=batches(old=True))
def test_random_expressions_agree_with_promtool_2(tmp_path_factory, batch):
    """With closed windows the engine is Prometheus 2.x, but for the rounding of sums, which 3.x improved."""
    assert differences(OLD, tmp_path_factory.getbasetemp(), *batch, compat=2, tolerance=1e-9) == []
