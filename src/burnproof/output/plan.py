"""Hold everything that a compilation will write, as one typed value.

Templates only lay it out; every decision has been made when one of these exists.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from burnproof.pages.types import AlertmanagerConfig, Dashboard, Runbook
    from burnproof.proofs.types import ProofFile
    from burnproof.rules.types import RuleFile

KINDS: Final = ("rules", "tests", "dashboards", "alertmanager", "runbooks")
"""What burnproof can write, each kind into a folder of its name."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that a compilation will write.

    Attributes:
        inputs: the metrics that the specs name, which pages may read beside the recorded ones.
    """

    rules: tuple[RuleFile, ...]
    proofs: tuple[ProofFile, ...]
    dashboards: tuple[Dashboard, ...] = ()
    alertmanager: tuple[AlertmanagerConfig, ...] = ()
    runbooks: tuple[Runbook, ...] = ()
    inputs: frozenset[str] = frozenset()
