"""Sign requests: not at all, with a bearer token, or with a user and a password.

Secrets come from the environment or from files, never from the command line or a URL, which all users of a machine
can read. ``.netrc`` is not read.
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from requests import PreparedRequest

TOKEN: Final = "BURNPROOF_TOKEN"  # noqa: S105 - the name of a variable
TOKEN_FILE: Final = "BURNPROOF_TOKEN_FILE"  # noqa: S105 - the name of a variable
USER: Final = "BURNPROOF_USER"
PASSWORD: Final = "BURNPROOF_PASSWORD"  # noqa: S105 - the name of a variable
PASSWORD_FILE: Final = "BURNPROOF_PASSWORD_FILE"  # noqa: S105 - the name of a variable
_MOST: Final = 65_536
"""Bytes of a secret's file."""


class ConnectionSettingError(ValueError):
    """Settings that cannot be used; the message says which and what to do."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """No credentials; what `requests` calls for each request. It has to be told so: else it looks into ``.netrc``.

    Attributes:
        source: the setting they come from, "" where there are none.
        secrets: texts that nobody may see.
    """

    source: str = ""
    secrets: tuple[str, ...] = field(default=(), repr=False)

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Leave the request as it is."""
        return request


@dataclass(frozen=True, slots=True)
class Bearer(Credentials):
    """A bearer token."""

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Add the header."""
        request.headers["Authorization"] = f"Bearer {self.secrets[0]}"
        return request


@dataclass(frozen=True, slots=True)
class Basic(Credentials):
    """A user and a password; the secrets are the password, and both as they are sent."""

    user: str = ""

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Add the header."""
        both = b64encode(f"{self.user}:{self.secrets[0]}".encode()).decode()
        request.headers["Authorization"] = f"Basic {both}"
        return request


def credentials(
    env: Mapping[str, str], *, token_file: Path | None = None, user: str = "", password_file: Path | None = None
) -> Credentials:
    """Gather credentials; what is given as an option goes before the environment.

    Raises:
        ConnectionSettingError: they contradict each other, or cannot be sent.
    """
    token, token_from = _secret(env, ("--token-file", token_file), (TOKEN, TOKEN_FILE))
    password, password_from = _secret(env, ("--password-file", password_file), (PASSWORD, PASSWORD_FILE))
    user, user_from = (user, "--user") if user else (env.get(USER, ""), USER)
    if token and (user or password):
        raise ConnectionSettingError(f"{token_from} and {user_from if user else password_from} are both set: unset one")
    if bool(user) != bool(password):
        missing, there = (PASSWORD, user_from) if user else (USER, password_from)
        raise ConnectionSettingError(f"{there} is set and {missing} is not: set both for basic authentication")
    for text, source in ((token, token_from), (user, user_from), (password, password_from)):
        if not text.isprintable():
            raise ConnectionSettingError(f"{source} holds a line break or a control character: take it out")
    if ":" in user:
        raise ConnectionSettingError(f"{user_from} holds a colon, which no user of basic authentication may have")
    if token and (not token.isascii() or " " in token):
        raise ConnectionSettingError(f"{token_from} holds a character that no token has: copy it anew")
    if token:
        return Bearer(token_from, (token,))
    return Basic(f"{user_from} and {password_from}", (password, f"{user}:{password}"), user) if user else Credentials()


def _secret(env: Mapping[str, str], option: tuple[str, Path | None], variables: tuple[str, str]) -> tuple[str, str]:
    """Read a secret, and tell where it is from: the option's file, the variable, or the file that a variable names."""
    name, path = option
    if path is not None:
        return _from_file(path, name), name
    direct, filed = variables
    if env.get(direct) and env.get(filed):
        raise ConnectionSettingError(f"{direct} and {filed} are both set: unset one of them")
    return (_from_file(env[filed], filed), filed) if env.get(filed) else (env.get(direct, ""), direct)


def _from_file(path: Path | str, source: str) -> str:
    """Read a secret from a file; the line end behind it is none of it."""
    try:
        with open(path, "rb") as stream:  # noqa: PTH123 - a variable holds text
            data = stream.read(_MOST + 1)
        text = data.decode("utf-8").strip("\r\n")
    except OSError as error:
        raise ConnectionSettingError(f"{source}: {path} cannot be read: {error.strerror or error}") from None
    except ValueError:
        raise ConnectionSettingError(f"{source}: {path} is no text file") from None
    if not text or len(data) > _MOST:
        what = "is empty" if not text else f"is larger than {_MOST >> 10} KiB"
        raise ConnectionSettingError(f"{source}: {path} {what}: it must hold the secret alone")
    return text
