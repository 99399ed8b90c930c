"""Serve the debate stream: a WebSocket that sends a fixed script of messages at a set pace.

A client that lost its connection comes back with ``?after=N`` and gets the messages behind the N-th.
"""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from starlette.websockets import WebSocket, WebSocketDisconnect

from burnproof.demo.faults import Fate

if TYPE_CHECKING:
    from burnproof.demo.faults import Switchboard
    from burnproof.demo.metrics import Metrics

ROUTE: Final = "/ws/debates/{id}"
FIRST_TOKEN: Final = 0.015
GAP: Final = 0.02
TOKENS: Final = 2
MAX_ROUNDS: Final = 50
MAX_AGENTS: Final = 10
_REMEMBERED: Final = 10_000
_FORGOTTEN_AFTER: Final = 120.0
_TRY_AGAIN: Final = 1013
_BROKEN: Final = 1011
_DONE: Final = 1000


@lru_cache(maxsize=32)
def script(rounds: int, agents: int) -> tuple[str, ...]:
    """Give a debate's messages as JSON texts: each has seq (from 1), type and round; tokens and the like an agent."""
    told: list[dict[str, str | int]] = [{"type": "debate_start", "round": 0}]
    for number in range(1, rounds + 1):
        for kind, times in (("token", TOKENS), ("critique", 1), ("vote", 1)):
            told += [
                {"type": kind, "round": number, "agent": f"agent-{agent}"}
                for agent in range(1, agents + 1)
                for _ in range(times)
            ]
        told.append({"type": "round_end", "round": number})
    told.append({"type": "debate_end", "round": rounds})
    return tuple(json.dumps({"seq": seq, **message}) for seq, message in enumerate(told, start=1))


@dataclass(slots=True)
class Debate:
    """A debate under way.

    Attributes:
        began: By the monotonic clock.
        has_spoken: Whether its first token was sent.
        is_over: Whether it has ended; for a while it can still be asked for what got lost.
        listener: The connection that is told; an older one, whose client has gone, falls silent.
    """

    began: float
    has_spoken: bool = False
    is_over: bool = False
    listener: WebSocket | None = None


@dataclass(slots=True)
class Debates:
    """All debates under way, and the one function that serves a connection."""

    metrics: Metrics
    board: Switchboard
    known: dict[str, Debate] = field(default_factory=dict)

    async def serve(self, socket: WebSocket) -> None:
        """Serve a connection until its debate ends, it breaks, or the client goes away."""
        name = socket.path_params["id"]
        rounds, agents, after = (
            _number(socket, key, default, most)
            for key, default, most in (("rounds", 2, MAX_ROUNDS), ("agents", 2, MAX_AGENTS), ("after", 0, _REMEMBERED))
        )
        fate = self.board.faults.fate(ROUTE, self.board.dice)
        resumed = after > 0
        if fate is Fate.FAILED or (resumed and name not in self.known):
            if resumed:
                self.metrics.reconnections.labels("refused").inc()
            else:
                self.metrics.debates.labels("failed").inc()
            await socket.close(_TRY_AGAIN)
            return
        await socket.accept()
        if resumed:
            self.metrics.reconnections.labels("accepted").inc()
        self.metrics.connections.inc()
        gone = asyncio.create_task(_until_gone(socket))
        try:
            await self._tell(socket, name, script(rounds, agents), after, gone, breaks=fate is Fate.DROPPED)
        except (WebSocketDisconnect, RuntimeError):
            pass  # the client went away; it may come back for the rest
        finally:
            gone.cancel()
            self.metrics.connections.dec()

    def _debate(self, name: str) -> Debate:
        """Give the debate of this name, a new one where none is known; long past ones are forgotten meanwhile."""
        now = time.monotonic()
        while self.known:
            oldest = next(iter(self.known))
            if len(self.known) < _REMEMBERED and now - self.known[oldest].began < _FORGOTTEN_AFTER:
                break
            self._end(self.known.pop(oldest), "failed")  # unless it is over already, its client never came back
        if name not in self.known:
            self.known[name] = Debate(now)
            self.board.leak(ROUTE)
            self.metrics.active_debates.inc()
        return self.known[name]

    async def _tell(
        self,
        socket: WebSocket,
        name: str,
        messages: tuple[str, ...],
        after: int,
        gone: asyncio.Task[None],
        *,
        breaks: bool,
    ) -> None:
        """Send the messages behind the ``after``-th; where it ``breaks``, stop half way."""
        debate = self._debate(name)
        debate.listener = socket
        stop = (after + len(messages)) // 2 if breaks else len(messages)
        due = time.monotonic()
        for seq in range(after + 1, stop + 1):
            is_first_token = not debate.has_spoken and seq > 1
            faults = self.board.faults
            due += FIRST_TOKEN + faults.delay(ROUTE) if is_first_token else (GAP + faults.gap if seq > 1 else 0)
            # By the clock and not by the message: a late message does not delay those behind it.
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            if gone.done() or debate.listener is not socket:
                return
            await socket.send_text(messages[seq - 1])
            if is_first_token:
                debate.has_spoken = True
                self.metrics.first_byte.observe(time.monotonic() - debate.began)
        if breaks:
            self._end(debate, "failed")
        elif not debate.is_over:
            took = time.monotonic() - debate.began
            self.metrics.completion.observe(took)
            self.metrics.throughput.observe(len(messages) / took)
            self._end(debate, "completed")
        await socket.close(_BROKEN if breaks else _DONE)

    def _end(self, debate: Debate, outcome: str) -> None:
        if not debate.is_over:
            debate.is_over = True
            self.metrics.active_debates.dec()
            self.metrics.debates.labels(outcome).inc()


async def _until_gone(socket: WebSocket) -> None:
    """Return once the client has closed or is gone; what it says is not listened to."""
    while (await socket.receive())["type"] != "websocket.disconnect":
        pass


def _number(socket: WebSocket, key: str, default: int, most: int) -> int:
    """Read a number of the query; whatever is none counts as not given."""
    text = socket.query_params.get(key, "")
    return min(int(text), most) if text.isascii() and text.isdigit() else default
