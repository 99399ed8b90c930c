"""Wrap the few things of gevent that are used; no other module imports it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import gevent
import gevent.monkey

if TYPE_CHECKING:
    from collections.abc import Callable


def spawn(function: Callable[..., Any], *arguments: Any) -> Any:
    """Start a greenlet; gives it."""
    return gevent.spawn(function, *arguments)


def sleep(seconds: float) -> None:
    """Let others run for at least so long."""
    gevent.sleep(seconds)


def real_thread(function: Callable[[], Any]) -> None:
    """Start a thread of the system's, which may block without holding up the greenlets; nobody waits for it."""
    gevent.monkey.get_original("_thread", "start_new_thread")(function, ())
