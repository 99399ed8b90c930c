"""Define the options that reach a Prometheus, alike for all commands."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from burnproof.prometheus import connection
from burnproof.prometheus.connection import CA, CERT, KEY, LONGEST_TIMEOUT, TENANT, TIMEOUT

if TYPE_CHECKING:
    from burnproof.prometheus import Connection

PANEL: Final = "Connection (docs/how-to/connect.md)"

TokenFile = Annotated[
    Path | None,
    typer.Option(
        "--token-file", metavar="FILE", rich_help_panel=PANEL,
        help="Bearer token; or BURNPROOF_TOKEN, BURNPROOF_TOKEN_FILE.",
    ),
]  # fmt: skip
User = Annotated[
    str,
    typer.Option("--user", metavar="NAME", rich_help_panel=PANEL, help="For basic authentication; or BURNPROOF_USER."),
]
PasswordFile = Annotated[
    Path | None,
    typer.Option(
        "--password-file", metavar="FILE", rich_help_panel=PANEL,
        help="Its password; or BURNPROOF_PASSWORD, BURNPROOF_PASSWORD_FILE.",
    ),
]  # fmt: skip
Tenant = Annotated[
    str,
    typer.Option("--tenant", metavar="ID", envvar=TENANT, rich_help_panel=PANEL, help="Tenant, sent as X-Scope-OrgID."),
]
Ca = Annotated[
    Path | None,
    typer.Option("--ca", metavar="FILE", envvar=CA, rich_help_panel=PANEL, help="CA certificates to trust for TLS."),
]
Cert = Annotated[
    Path | None,
    typer.Option("--cert", metavar="FILE", envvar=CERT, rich_help_panel=PANEL, help="Client certificate."),
]
Key = Annotated[Path | None, typer.Option("--key", metavar="FILE", envvar=KEY, rich_help_panel=PANEL, help="Its key.")]
Timeout = Annotated[
    float,
    typer.Option(
        "--timeout", metavar="S", min=0.1, max=LONGEST_TIMEOUT, envvar=TIMEOUT, rich_help_panel=PANEL,
        help="Seconds for one question: its whole answer and all tries.",
    ),
]  # fmt: skip


def reached(
    url: str,
    token_file: Path | None,
    user: str,
    password_file: Path | None,
    tenant: str,
    ca: Path | None,
    cert: Path | None,
    key: Path | None,
    timeout: float,
) -> Connection:
    """Give the connection that the options mean, in the order in which they are listed above.

    Raises:
        ConnectionSettingError: they contradict each other, or name what cannot be used.
    """
    return connection(
        url,
        token_file=token_file,
        user=user,
        password_file=password_file,
        tenant=tenant,
        ca=ca,
        cert=cert,
        key=key,
        timeout=timeout,
    )
