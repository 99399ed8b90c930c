"""Hold where a server is and how to sign in, checked before the first request.

``docs/how-to/connect.md`` documents every setting once, for all commands.
"""

from __future__ import annotations

import os
import re
import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import SplitResult, urlsplit

from burnproof.prometheus import redaction
from burnproof.prometheus.credentials import PASSWORD, USER, ConnectionSettingError, Credentials, credentials

if TYPE_CHECKING:
    from collections.abc import Mapping

URL: Final = "BURNPROOF_URL"
TENANT: Final = "BURNPROOF_TENANT"
CA: Final = "BURNPROOF_CA"
CERT: Final = "BURNPROOF_CERT"
KEY: Final = "BURNPROOF_KEY"
TIMEOUT: Final = "BURNPROOF_TIMEOUT"
TENANT_HEADER: Final = "X-Scope-OrgID"
DEFAULT_TIMEOUT: Final = 60.0
LONGEST_TIMEOUT: Final = 3600.0
MAX_BYTES: Final = 32 * 1024 * 1024
"""Of one answer, after decompression: some 800,000 points."""
_SAFE: Final = re.compile(r"[!-~]+")  # a URL is printable ASCII (RFC 3986)


@dataclass(frozen=True, slots=True)
class Connection:
    """A server and the way in.

    Attributes:
        url: the address in front of ``/api/v1``.
        credentials: how requests prove whose they are.
        tenant: the tenant of Mimir, Cortex or Loki-style servers; "" for none.
        ca: a file of CAs to trust, "" for the system's.
        cert: a client certificate, "" for none.
        key: its key, "" where the certificate's file holds it.
        timeout: seconds for one question: its look-up, its whole answer however slowly it comes, and all tries.
        max_bytes: the size of an answer after decompression.
    """

    url: str
    credentials: Credentials = field(default_factory=Credentials)
    tenant: str = ""
    ca: str = ""
    cert: str = ""
    key: str = ""
    timeout: float = DEFAULT_TIMEOUT
    max_bytes: int = MAX_BYTES

    @property
    def origin(self) -> tuple[str, str, int]:
        """Scheme, host and port, which decide what may see the credentials (RFC 6454)."""
        return origin(urlsplit(self.url))

    def shown(self, text: str) -> str:
        """Give somebody else's text as one short line without secrets."""
        return redaction.shown(text, self.credentials.secrets)

    def hidden(self, text: str) -> str:
        """Hide secrets in somebody else's text, and leave it as it is otherwise."""
        return redaction.hidden(text, self.credentials.secrets)


def connection(
    url: str,
    *,
    tenant: str = "",
    ca: Path | None = None,
    cert: Path | None = None,
    key: Path | None = None,
    timeout: float = DEFAULT_TIMEOUT,
    token_file: Path | None = None,
    user: str = "",
    password_file: Path | None = None,
    env: Mapping[str, str] = os.environ,
) -> Connection:
    """Gather the settings of a connection.

    Raises:
        ConnectionSettingError: they contradict each other, hold a secret where others can read it, or name a file
            that cannot be used.
    """
    _check_url(url)
    if not 0 < timeout <= LONGEST_TIMEOUT:
        raise ConnectionSettingError(f"--timeout must be above 0 and at most {LONGEST_TIMEOUT:g} s")
    if not _SAFE.fullmatch(tenant or "-"):
        raise ConnectionSettingError("--tenant holds a space or a character that no header may have: check it")
    _check_tls(ca, cert, key)
    found = credentials(env, token_file=token_file, user=user, password_file=password_file)
    files = ["" if path is None else str(path) for path in (ca, cert, key)]
    return Connection(url.rstrip("/"), found, tenant, files[0], files[1], files[2], timeout)


def origin(parts: SplitResult) -> tuple[str, str, int]:
    """Give scheme, host and port of a URL.

    Raises:
        ValueError: its port is none.
    """
    return parts.scheme, parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)


def _check_url(url: str) -> None:
    """Refuse what is no address of a server; it may hold a secret in a wrong place, so it is not repeated."""
    example = "write for example http://localhost:9090"
    try:
        parts = urlsplit(url)
        has_host = bool(parts.hostname)
        origin(parts)
    except ValueError:
        raise ConnectionSettingError(f"the URL's host or port is none: {example}") from None
    if parts.scheme in ("http", "https") and "@" in parts.netloc:
        raise ConnectionSettingError(
            f"credentials in a URL can be read by all users of this machine: set {USER} and {PASSWORD} instead"
        )
    if parts.scheme not in ("http", "https") or not has_host:
        named = f"{url!r}" if _SAFE.fullmatch(url) and "@" not in url and len(url) <= 80 else "the address"
        raise ConnectionSettingError(f"{named} is no URL of a server: {example}")
    if not _SAFE.fullmatch(url):
        raise ConnectionSettingError("the URL holds a space or a character that must be percent-encoded: encode it")
    if parts.query or parts.fragment or url.endswith(("?", "#")):
        raise ConnectionSettingError("the URL has a ? or a #: leave out what begins there")


def _check_tls(ca: Path | None, cert: Path | None, key: Path | None) -> None:
    """Load the files once, so that what is wrong with them is said before anything is asked."""
    if key is not None and cert is None:
        raise ConnectionSettingError("--key is the key of a --cert: give both")
    for option, path in (("--ca", ca), ("--cert", cert), ("--key", key)):
        if path is not None and not Path(path).is_file():
            raise ConnectionSettingError(f"{option}: there is no file {path}")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if ca is not None:
        try:
            context.load_verify_locations(ca)
        except (OSError, ValueError):
            raise ConnectionSettingError(f"--ca: {ca} holds no certificate in PEM form that can be read") from None
    if cert is not None:
        try:
            # Without a password of ours OpenSSL would ask at the terminal for that of an encrypted key.
            context.load_cert_chain(cert, key, password="")
        except (OSError, ValueError):
            raise ConnectionSettingError(
                f"--cert: {cert}{f' and {key}' if key else ''} are no PEM certificate and its key, unencrypted"
            ) from None
