"""Fetch raw series from a server in pieces, and keep them in a folder: a run that is broken off goes on from there."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import zipfile
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from promrules.columns.series import Series, Storage
from promrules.syntax.labels import labels_of
from promrules.syntax.nodes import VectorSelector, selectors
from promrules.syntax.printer import to_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from burnproof.prometheus import Client
    from promrules.rule_tests.rule_file import RuleGroup
    from promrules.syntax.labels import Labels

    Columns = dict[Labels, tuple[NDArray[np.int64], NDArray[np.float64]]]

PIECE: Final = 6 * 3600
"""Seconds that one question asks for: at a sample every 15 s, 1,440 samples of each series."""
_SETTLED: Final = 600
"""Seconds after which samples of the past no longer change: late ones have come by then."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A piece of history: a selector, from and to in seconds since the epoch, the start left out."""

    selector: str
    start: int
    end: int


def raw_selectors(groups: Iterable[RuleGroup]) -> tuple[str, ...]:
    """Give the selectors of raw series that rules read: those of metrics that none of them records."""
    rules = [rule for group in groups for rule in group.rules]
    recorded = {rule.name for rule in rules}
    read = [selector for rule in rules for selector in selectors(rule.node) if selector.name not in recorded]
    found = dict.fromkeys(frozenset(selector.matchers) for selector in read)
    # What has all the matchers of another, and more, selects some of its series.
    widest = [chosen for chosen in found if not any(other < chosen for other in found)]
    return tuple(to_text(VectorSelector(matchers=tuple(sorted(chosen, key=str)))) for chosen in widest)


def pieces(chosen: Sequence[str], start: int, end: int) -> tuple[Wanted, ...]:
    """Cut a span into pieces that stand on the clock, so that runs of different spans share them."""
    marks = [start, *range((start // PIECE + 1) * PIECE, end, PIECE), end]
    return tuple(Wanted(selector, one, other) for selector in chosen for one, other in pairwise(marks))


def fetch(
    client: Client, wanted: Sequence[Wanted], folder: Path, now: float, done: Callable[[], None] = lambda: None
) -> Storage:
    """Give the series of all pieces, from the folder where they are there, else from the server.

    Args:
        client: asks the server.
        wanted: the pieces.
        folder: where pieces are kept; it is made.
        now: the present, seconds since the epoch: pieces of the last minutes are not kept.
        done: is called after each piece.

    Raises:
        QueryError: the server does not answer; pieces that came are kept.
    """
    folder.mkdir(parents=True, exist_ok=True)
    parts: dict[Labels, list[tuple[NDArray[np.int64], NDArray[np.float64]]]] = {}
    for piece in wanted:
        kept = folder / f"{_key(client.url, piece)}.npz"
        found = _kept(kept)
        if found is None:
            found = _asked(client, piece)
            if piece.end < now - _SETTLED:
                _keep(kept, found)
        for labels, column in found.items():
            parts.setdefault(labels, []).append(column)
        done()
    return Storage(_joined(parts))


def _asked(client: Client, piece: Wanted) -> Columns:
    """Ask for the samples themselves: a range vector holds them as they were scraped."""
    answer = client.query(f"{piece.selector}[{piece.end - piece.start}s]", piece.end)
    return {
        labels_of(one.labels): (
            np.array([round(at * 1000) for at, _ in one.points], dtype=np.int64),
            np.array([value for _, value in one.points], dtype=np.float64),
        )
        for one in answer.series
    }


def _joined(parts: Mapping[Labels, Sequence[tuple[NDArray[np.int64], NDArray[np.float64]]]]) -> Iterator[Series]:
    """Yield whole series; pieces of overlapping selectors hold the same samples, which count once."""
    for labels, columns in parts.items():
        times = np.concatenate([column[0] for column in columns])
        values = np.concatenate([column[1] for column in columns])
        times, first = np.unique(times, return_index=True)
        yield Series(labels, times, values[first])


def _key(url: str, piece: Wanted) -> str:
    return hashlib.sha256(json.dumps([url, piece.selector, piece.start, piece.end]).encode()).hexdigest()[:32]


def _kept(path: Path) -> Columns | None:
    """Give a piece that is kept; None where there is none, or none that can be read."""
    try:
        with np.load(path, allow_pickle=False) as file:
            names = json.loads(str(file["labels"]))
            return {
                labels_of([(name, value) for name, value in labels]): (file[f"t{number}"], file[f"v{number}"])
                for number, labels in enumerate(names)
            }
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None


def _keep(path: Path, found: Columns) -> None:
    """Keep a piece: it is written aside and then renamed, so that a run that is broken off leaves none by halves."""
    arrays: dict[str, Any] = {"labels": np.array(json.dumps([list(labels) for labels in found]))}
    for number, (times, values) in enumerate(found.values()):
        arrays |= {f"t{number}": times, f"v{number}": values}
    handle, aside = tempfile.mkstemp(dir=path.parent, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            np.savez_compressed(file, **arrays)
        Path(aside).replace(path)
    except BaseException:
        Path(aside).unlink(missing_ok=True)
        raise
