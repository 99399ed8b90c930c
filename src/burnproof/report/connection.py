"""Where the server is and how to be let in: URL, TLS, tenant; secrets come from the environment alone."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import requests

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from requests import PreparedRequest, Response

TOKEN: Final = "BURNPROOF_TOKEN"  # noqa: S105 - the name of a variable
USER: Final = "BURNPROOF_USER"
PASSWORD: Final = "BURNPROOF_PASSWORD"  # noqa: S105 - the name of a variable
TENANT_HEADER: Final = "X-Scope-OrgID"


class ConnectionSettingError(ValueError):
    """Settings that cannot be used; the message says which and what to do."""


@dataclass(frozen=True, slots=True)
class Bearer(requests.auth.AuthBase):
    """Puts a bearer token on each request, whatever a .netrc says."""

    token: str

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Add the header."""
        request.headers["Authorization"] = f"Bearer {self.token}"
        return request


@dataclass(frozen=True, slots=True)
class Connection:
    """A server and the way in.

    Attributes:
        url: the address in front of ``/api/v1``.
        auth: how requests prove whose they are.
        tenant: the tenant of Mimir, Cortex or Loki-style servers; "" for none.
        verify: a CA file, or True for the system's.
        cert: client certificate and key.
    """

    url: str
    auth: requests.auth.AuthBase | None = None
    tenant: str = ""
    verify: str | bool = True
    cert: tuple[str, str] | str | None = None

    def post(self, path: str, form: dict[str, str], timeout: float) -> Response:
        """Post a form; the answer's body is not read yet. Redirects are not followed: they would carry secrets on."""
        headers = {"Accept": "application/json", **({TENANT_HEADER: self.tenant} if self.tenant else {})}
        return requests.post(
            f"{self.url}/{path}",
            data=form,
            headers=headers,
            timeout=timeout,
            auth=self.auth or _Anonymous(),
            verify=self.verify,
            cert=self.cert,
            stream=True,
            allow_redirects=False,
        )


class _Anonymous(requests.auth.AuthBase):
    """Sends no credentials; without it requests would look into .netrc."""

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        return request


def connection(
    url: str,
    *,
    tenant: str = "",
    ca: Path | None = None,
    cert: Path | None = None,
    key: Path | None = None,
    env: Mapping[str, str] = os.environ,
) -> Connection:
    """Gather the settings of a connection.

    Raises:
        ConnectionSettingError: they contradict each other, or hold a secret where others can read it.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConnectionSettingError(f"{parts.path or 'it'!r} is no URL: write for example http://localhost:9090")
    if parts.username or parts.password:
        raise ConnectionSettingError(
            f"credentials in a URL can be read by all users of this machine: set {USER} and {PASSWORD} instead"
        )
    if key is not None and cert is None:
        raise ConnectionSettingError("--key is the key of a --cert: give both")
    for option, path in (("--ca", ca), ("--cert", cert), ("--key", key)):
        if path is not None and not path.is_file():
            raise ConnectionSettingError(f"{option}: there is no file {path}")
    client = None if cert is None else (str(cert), str(key)) if key is not None else str(cert)
    return Connection(url.rstrip("/"), _auth(env), tenant, True if ca is None else str(ca), client)


def _auth(env: Mapping[str, str]) -> requests.auth.AuthBase | None:
    token, user, password = (env.get(name, "") for name in (TOKEN, USER, PASSWORD))
    if token and (user or password):
        raise ConnectionSettingError(f"{TOKEN} and {USER} are both set: unset one of them")
    if bool(user) != bool(password):
        missing, there = (PASSWORD, USER) if user else (USER, PASSWORD)
        raise ConnectionSettingError(f"{there} is set and {missing} is not: set both for basic authentication")
    if any(not char.isprintable() for char in token + user + password):
        raise ConnectionSettingError(f"{TOKEN if token else PASSWORD} holds a line break or a control character")
    if token:
        return Bearer(token)
    return requests.auth.HTTPBasicAuth(user.encode(), password.encode()) if user else None
