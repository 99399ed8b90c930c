"""Run one streaming session: start, first byte, messages, reconnections, result; by one monotonic clock."""

from __future__ import annotations

import json
import math
import time
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from burnproof.loadtest.run.websocket import StreamError, WebSocket, connect

if TYPE_CHECKING:
    import random

    from burnproof.loadtest.run.hosts import Target
    from burnproof.loadtest.run.profile import Sessions
    from burnproof.loadtest.run.samples import Samples

_TRIES: Final = 3
"""How often a lost connection is tried anew before the session is given up; each try counts as an attempt."""
_TIMEOUT: Final = 30.0


@dataclass(slots=True)
class Session:
    """A session under way.

    Attributes:
        began: By the monotonic clock; the connection is made after it, so that its time counts.
        first: When the first byte of content came.
        messages: How many came, over all connections.
        seen: The number of the last one, from which a new connection goes on.
    """

    target: Target
    plan: Sessions
    dice: random.Random
    name: str = field(default_factory=lambda: uuid.uuid4().hex)
    began: float = field(default_factory=time.monotonic)
    first: float | None = None
    messages: int = 0
    seen: int = 0
    attempts: int = 0
    successes: int = 0

    def connect(self) -> WebSocket:
        """Open a connection that goes on where the last one ended."""
        path = self.plan.path.replace("{id}", self.name)
        after = f"&after={self.seen}" if self.seen else ""
        mark = "&" if "?" in path else "?"
        query = f"{mark}rounds={self.plan.rounds or 2}&agents={self.plan.agents or 2}{after}"
        timeout = self.plan.timeout.seconds if self.plan.timeout else _TIMEOUT
        return connect(self.target, path + query, timeout)

    def reconnect(self, stream: WebSocket) -> tuple[WebSocket, str]:
        """Drop the connection and make it anew; gives the new one with its first message.

        A reconnection has succeeded once a message has come through it.

        Raises:
            StreamError: it failed each time.
        """
        stream.close()
        for attempt in range(1, _TRIES + 1):
            self.attempts += 1
            try:
                stream = self.connect()
                message = stream.receive()
            except StreamError:
                if attempt == _TRIES:
                    raise
                continue
            if message is not None:
                self.successes += 1
                return stream, message
        raise StreamError("nothing came after a reconnection")

    def take(self, text: str) -> str:
        """Note a message and give its type.

        Raises:
            StreamError: it is no JSON object.
        """
        now = time.monotonic()
        try:
            message = json.loads(text)
            kind = str(message.get("type", ""))
            self.seen = int(message.get("seq", self.seen + 1))
        except (ValueError, AttributeError, TypeError):
            raise StreamError("a message that is no JSON object with type and seq") from None
        self.messages += 1
        if self.first is None and kind == (self.plan.first or "token"):
            self.first = now
        return kind


def hold(session: Session) -> None:
    """Follow a session to its final result.

    Raises:
        StreamError: it ended before.
    """
    plan = session.plan
    round_end, end = plan.round_end or "round_end", plan.end or "debate_end"
    stream = session.connect()
    try:
        text = stream.receive()
        while text is not None:
            kind = session.take(text)
            if kind == end:
                return
            if kind == round_end and session.dice.random() < (plan.reconnect or 0):
                stream, text = session.reconnect(stream)
            else:
                text = stream.receive()
        raise StreamError("closed before the final result")
    finally:
        stream.close()


def note(session: Session, samples: Samples, error: str | None) -> float:
    """Add a session that ended to what was measured; gives the milliseconds that it took."""
    took = time.monotonic() - session.began
    samples.attempts += session.attempts
    samples.successes += session.successes
    if error is None and session.first is None:
        error = "no content before the final result"
    if error is not None or session.first is None:
        samples.over(math.nan)
        samples.failed += 1
        return took * 1000
    samples.over(took * 1000)
    samples.completed += 1
    samples.first_bytes.append((session.first - session.began) * 1000)
    samples.rates.append(session.messages / took)
    samples.completions.append(took)
    return took * 1000
