"""Names of a package whose modules are loaded when a name is first used, so that a short command loads little."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


def lazy_names(package: str, homes: Mapping[str, Sequence[str]]) -> Callable[[str], Any]:
    """Give a package its ``__getattr__`` (PEP 562).

    The package also imports the names under ``TYPE_CHECKING``, for mypy. No name may be that of a module of the
    package: importing the module would set the name to the module.

    Args:
        package: its ``__name__``.
        homes: the names that each module holds.
    """
    home = {name: module for module, names in homes.items() for name in names}

    def load(name: str) -> Any:
        if name not in home:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(import_module(home[name]), name)

    return load
