"""Make the links of README.md absolute in the package's metadata, since a package index has no ``docs/`` folder.

The address of the repository is ``BURNPROOF_REPOSITORY``, else what GitHub Actions says of itself. Where neither is
set, relative links become plain text and pictures are left out: no link is better than one that leads nowhere.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

_LINK = re.compile(r"(!?)\[([^\]]*)\]\((?!https?:|mailto:)([^)\s]+)\)")


class ReadmeHook(MetadataHookInterface):
    """The hook that hatchling loads (``tool.hatch.metadata.hooks.custom``)."""

    PLUGIN_NAME = "custom"

    def update(self, metadata: dict[str, Any]) -> None:
        """Set the long description."""
        text = (Path(self.root) / "README.md").read_text(encoding="utf-8")
        made = absolute(text, repository(os.environ), os.environ.get("GITHUB_SHA") or "main")
        metadata["readme"] = {"content-type": "text/markdown", "text": made}


def repository(environment: os._Environ[str] | dict[str, str]) -> str:
    """Give the address of the repository, without a slash at its end; empty where it is not known."""
    named = environment.get("BURNPROOF_REPOSITORY", "")
    if not named and environment.get("GITHUB_REPOSITORY"):
        named = f"{environment.get('GITHUB_SERVER_URL', 'https://github.com')}/{environment['GITHUB_REPOSITORY']}"
    return named.rstrip("/")


def absolute(text: str, base: str, revision: str) -> str:
    """Give a Markdown text whose links lead into the repository at ``base``, as they are at ``revision``."""

    def link(found: re.Match[str]) -> str:
        mark, label, target = found.groups()
        if not base:
            return "" if mark else label
        if target.startswith("#"):
            return f"{mark}[{label}]({base}/blob/{revision}/README.md{target})"
        return f"{mark}[{label}]({base}/{'raw' if mark else 'blob'}/{revision}/{target})"

    return _LINK.sub(link, text)
