"""A promtool on this machine: where it is, which version, and what that version can do."""

from __future__ import annotations

from dataclasses import dataclass

ENVIRONMENT = "PROMRULES_PROMTOOL"
"""Environment variable that names the promtools to use, joined by the path separator."""
UNRELEASED = (99, 0, 0)
"""The version of a build that tells none: somebody built it from source, so it is taken for the newest."""


@dataclass(frozen=True, slots=True)
class Promtool:
    """A promtool on this machine.

    Attributes:
        path: the program.
        version: such as (3, 13, 1), or UNRELEASED when it does not say.
    """

    path: str
    version: tuple[int, int, int]

    @property
    def name(self) -> str:
        """The path and the version, for reports."""
        version = "unreleased" if self.version == UNRELEASED else ".".join(map(str, self.version))
        return f"promtool {version} ({self.path})"

    @property
    def has_junit(self) -> bool:
        """Whether it can report test by test (since 2.55)."""
        return self.version >= (2, 55, 0)

    @property
    def compat(self) -> int:
        """Which semantics the embedded engine must take to agree with it."""
        return 2 if self.version < (3, 0, 0) else 3
