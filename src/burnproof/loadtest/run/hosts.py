"""Decide where load may go: this machine, and hosts that the user named."""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Collection

_PORTS = {"http": 80, "https": 443}


class HostError(ValueError):
    """A target that may not, or cannot, be loaded; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where the load goes."""

    scheme: str
    host: str
    port: int

    @property
    def url(self) -> str:
        """The base URL, without a slash at its end."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"


def target_of(url: str, allowed: Collection[str]) -> Target:
    """Read a target and make sure that it may be loaded.

    Args:
        url: such as http://127.0.0.1:8000.
        allowed: names of hosts beside this machine that may be loaded.

    Raises:
        HostError: no such URL, or a host that is neither this machine nor allowed.
    """
    parts = urlsplit(url if "://" in url else f"http://{url}")
    try:
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise HostError(f"{url!r} is no target: {error}") from None
    if parts.scheme not in _PORTS or not host:
        raise HostError(f"{url!r} is no target: write for example http://127.0.0.1:8000")
    if parts.path.strip("/") or parts.query:
        raise HostError(f"{url!r} has a path: paths belong into the profile")
    if host not in allowed and not _is_loopback(host):
        raise HostError(
            f"{host} is not this machine: load goes nowhere else unless you say so with --allow-host {host}"
        )
    return Target(parts.scheme, host, port or _PORTS[parts.scheme])


def _is_loopback(host: str) -> bool:
    """Tell whether every address of a host is of this machine."""
    try:
        found = {str(info[4][0]) for info in socket.getaddrinfo(host, None)}
    except (OSError, UnicodeError):
        raise HostError(f"{host} has no address") from None
    return all(ipaddress.ip_address(address.partition("%")[0]).is_loopback for address in found)


def reach(target: Target, seconds: float = 3.0) -> None:
    """Make sure that somebody listens.

    Raises:
        HostError: nobody does.
    """
    try:
        socket.create_connection((target.host, target.port), seconds).close()
    except OSError as error:
        raise HostError(
            f"nothing answers at {target.url} ({error.strerror or error}); burnproof demo starts a target"
        ) from None
