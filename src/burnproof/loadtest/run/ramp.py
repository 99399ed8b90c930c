"""Check that a profile's users all start before the run ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from burnproof.loadtest.run.profile import Profile


def shortfall(profile: Profile) -> str:
    """Say, as a sentence, why a run ends before all its users are active; "" where it does not."""
    rate, active = float(profile.spawn_rate or 0), 0.0
    for stage in profile.course:
        seconds = stage.duration.seconds
        can = active + rate * seconds if rate and not stage.ramp else stage.users
        active = min(stage.users, can)
        if active == profile.most_users:
            return ""
    needed = profile.most_users / rate
    return (
        f"{profile.most_users} users take {needed:.4g} s to start at a spawn_rate of {rate:g} a second, longer than "
        "there is: give a longer --duration, fewer --users, or the profile a higher spawn_rate."
    )
