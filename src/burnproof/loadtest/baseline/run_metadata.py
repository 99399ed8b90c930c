"""Say what a run must state to be compared, and why two runs may not be."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from burnproof.loadtest.results.model import Result, Run

# A run of "300 s" ends when its last request does; half a minute more or less is the same test.
DURATION_TOLERANCE: Final = Decimal("0.1")


@dataclass(frozen=True, slots=True)
class Facts:
    """What the user states of a run where its file does not: empty and None state nothing."""

    operation: str = ""
    environment: str = ""
    version: str = ""
    revision: str = ""
    users: int | None = None
    duration: Decimal | None = None


def stated(result: Result, facts: Facts) -> Result:
    """Fill in what a result does not say of its run; what it does say stands."""
    run = result.run
    filled = replace(
        run,
        operation=run.operation or facts.operation,
        environment=run.environment or facts.environment,
        version=run.version or facts.version,
        revision=run.revision or facts.revision,
        users=facts.users if run.users is None else run.users,
        duration=facts.duration if run.duration is None else run.duration,
    )
    return replace(result, run=filled)


def unstated(run: Run) -> tuple[str, ...]:
    """Name what a run does not state."""
    facts = {
        "operation": run.operation, "users": run.users, "duration": run.duration, "environment": run.environment,
        "version": run.version,
    }  # fmt: skip
    return tuple(name for name, value in facts.items() if value in ("", None))


def silence(runs: Iterable[Run]) -> str:
    """Say what runs do not state, so that nothing can be compared with them; "" where all state everything."""
    missing = dict.fromkeys(name for run in runs for name in unstated(run))
    if not missing:
        return ""
    options = ", ".join(f"--{'app-version' if name == 'version' else name}" for name in missing)
    return f"they do not state their {', '.join(missing)}, so nothing is compared with them; run them with {options}"


def differences(
    run: Run, baseline: Run, *, across_versions: bool = False, across_loads: bool = False
) -> tuple[str, ...]:
    """Say, one sentence each, why two runs may not be compared; none where they may.

    Args:
        run: the run in question.
        baseline: the one it would be compared with.
        across_versions: whether another version of the application is what the comparison is about.
        across_loads: whether another load is: another operation, with its own users and duration.
    """
    missing = [(name, which) for which, one in (("run", run), ("baseline", baseline)) for name in unstated(one)]
    if missing:
        return tuple(f"The {which} does not state its {name}." for name, which in missing)
    found = [
        f"The {name} differs: {ours!r}, and {theirs!r} in the baseline."
        for name, ours, theirs in (
            ("operation", run.operation, baseline.operation),
            ("environment", run.environment, baseline.environment),
        )
        if ours != theirs and not (across_loads and name == "operation")
    ]
    if run.users != baseline.users and not across_loads:
        found.append(f"The number of users differs: {run.users}, and {baseline.users} in the baseline.")
    if not across_loads and not _alike(run.duration, baseline.duration):
        found.append(f"The duration differs: {run.duration} s, and {baseline.duration} s in the baseline.")
    if run.version != baseline.version and not across_versions:
        hint = "--across-versions compares them all the same"
        found.append(f"The version differs: {run.version!r}, and {baseline.version!r} in the baseline; {hint}.")
    return tuple(found)


def _alike(ours: Decimal | None, theirs: Decimal | None) -> bool:
    if ours is None or theirs is None:
        return True  # said already, as a fact that is missing
    return abs(ours - theirs) <= DURATION_TOLERANCE * max(ours, theirs)
