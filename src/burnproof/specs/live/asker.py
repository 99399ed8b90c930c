"""Many small questions to one server, asked in few requests and within one time limit."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Concatenate, Final, ParamSpec, TypeVar

from burnproof.prometheus import AbsentError, Client, LostError, QueryError, RefusedError
from promrules.syntax.labels import quote

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence

    from burnproof.prometheus import Series

Key = TypeVar("Key", bound="Hashable")
Found = TypeVar("Found")
Given = ParamSpec("Given")

BATCH: Final = 25
"""Expressions in one request: few enough that none comes near a server's limit on length or on samples."""
MAX_ANSWERS: Final = 2000
"""Series that a listing, such as the bounds of buckets, may have."""
_KEY: Final = "burnproof_asked"


@dataclass
class Asker:
    """Asks a server; what goes unanswered is kept with its reason.

    Attributes:
        client: the one client.
        now: the moment that is asked about, seconds since the epoch.
        limit: seconds that all questions together may take.
        unanswered: what was asked in vain, with the server's reason; the result is not complete.
        absent: what a server of this kind cannot be asked.
    """

    client: Client
    now: float
    limit: float
    clock: Callable[[], float] = time.monotonic
    unanswered: dict[str, str] = field(default_factory=dict)
    absent: dict[str, str] = field(default_factory=dict)
    _timeout: float = 0.0
    _end: float = 0.0

    def __post_init__(self) -> None:
        """Start the clock."""
        self._timeout = self.client.connection.timeout
        self._end = self.clock() + self.limit

    def numbers(self, asked: Mapping[Key, str], what: str) -> dict[Key, float]:
        """Evaluate expressions of at most one series each; those without a series are left out.

        Args:
            asked: the expressions; each must be an aggregation, for a label is added to it.
            what: what is asked for, in words that complete "not asked: …".

        Raises:
            LostError: the server cannot be used, or the time is over.
        """
        found: dict[Key, float] = {}
        keys = list(asked)
        for start in range(0, len(keys), BATCH):
            batch = keys[start : start + BATCH]
            for index, series in self._batch([asked[key] for key in batch], what):
                found[batch[index]] = series.points[0][1]
        return found

    def listed(self, expr: str, what: str) -> tuple[Series, ...]:
        """Evaluate an expression of several series; of more than ``MAX_ANSWERS`` the rest is left out.

        Raises:
            LostError: as ``numbers`` does.
        """
        answer = self.tried(what, Client.query, expr, self.now)
        return () if answer is None else answer.series[:MAX_ANSWERS]

    def _batch(self, exprs: Sequence[str], what: str) -> Iterator[tuple[int, Series]]:
        """Ask for all at once; where that is refused, for each by itself, so that one does not hide the others."""
        joined = "\nor\n".join(_marked(expr, number) for number, expr in enumerate(exprs))
        try:
            answer = self._bounded(Client.query, joined, self.now)
        except RefusedError as error:
            if len(exprs) == 1:
                self.unanswered[what] = str(error)
                return
            for number, expr in enumerate(exprs):
                yield from ((number, series) for _, series in self._batch([expr], what))
            return
        except LostError:
            raise
        except QueryError as error:
            self._failed(what, error)
            return
        for series in answer.series:
            index = series.labels.get(_KEY, "")
            if series.points and index.isascii() and index.isdigit() and int(index) < len(exprs):
                yield int(index), series

    def tried(
        self, what: str, ask: Callable[Concatenate[Client, Given], Found], *args: Given.args, **more: Given.kwargs
    ) -> Found | None:
        """Ask one thing; None where it goes unanswered, which is noted.

        Raises:
            LostError: as ``numbers`` does.
        """
        try:
            return self._bounded(ask, *args, **more)
        except LostError:
            raise
        except QueryError as error:
            self._failed(what, error)
            return None

    def optional(
        self, what: str, ask: Callable[Concatenate[Client, Given], Found], *args: Given.args, **more: Given.kwargs
    ) -> Found | None:
        """Ask what not every kind of server has; None where this one has not.

        Raises:
            LostError: as ``numbers`` does.
        """
        try:
            return self._bounded(ask, *args, **more)
        except LostError:
            raise
        except AbsentError as error:
            self.absent[what] = str(error)
        except QueryError as error:
            self._failed(what, error)
        return None

    def refused(
        self, what: str, ask: Callable[Concatenate[Client, Given], Any], *args: Given.args, **more: Given.kwargs
    ) -> RefusedError | None:
        """Give the server's refusal of a question; None where it takes it, or cannot be asked.

        Raises:
            LostError: as ``numbers`` does.
        """
        try:
            self._bounded(ask, *args, **more)
        except RefusedError as error:
            return error
        except LostError:
            raise
        except AbsentError as error:
            self.absent[what] = str(error)
        except QueryError as error:
            self._failed(what, error)
        return None

    def _bounded(
        self, ask: Callable[Concatenate[Client, Given], Found], *args: Given.args, **more: Given.kwargs
    ) -> Found:
        """Ask within what is left of the time."""
        left = self._end - self.clock()
        if left <= 0:
            raise self._late()
        if left < self._timeout:
            self.client.connection = replace(self.client.connection, timeout=max(0.1, round(left, 1)))
        try:
            return ask(self.client, *args, **more)
        except LostError:
            if self.clock() >= self._end:
                raise self._late() from None
            raise

    def _late(self) -> LostError:
        return LostError(f"not all was answered within {self.limit:g} s; allow more with --max-time")

    def _failed(self, what: str, error: QueryError) -> None:
        """Note what failed; before the first answer nothing is known, so the server cannot be used.

        Raises:
            LostError: nothing was answered yet.
        """
        if not self.client.answers:
            raise LostError(str(error)) from None
        self.unanswered[what] = str(error)


def _marked(expr: str, number: int) -> str:
    """Tell the series of one expression from those of the others."""
    return f'label_replace({expr}, {quote(_KEY)}, "{number}", "", "")'
