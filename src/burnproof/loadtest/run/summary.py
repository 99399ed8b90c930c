"""Write the table that a run prints at its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from burnproof.loadtest.run.samples import percentile

if TYPE_CHECKING:
    from collections.abc import Iterable

    from burnproof.loadtest.results.record import RunRecord
    from burnproof.loadtest.run.profile import Profile
    from burnproof.loadtest.run.samples import Samples

_HEADER = ("endpoint", "requests", "failed", "p50 ms", "p95 ms", "p99 ms")


def summary(profile: Profile, samples: Samples, record: RunRecord) -> str:
    """Give a line an endpoint and one for all, ending in a line break; times are of what succeeded."""
    rows = [_HEADER]
    for title in sorted(samples.requests):
        made = samples.requests[title]
        rows.append((title, str(made.total), str(made.failures), *_times(made.times)))
    rows.append(("all", str(record.total_requests), str(record.error_count), *_times(samples.all_times())))
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADER))]
    lines = [
        "  ".join(cell.ljust(width) if not column else cell.rjust(width) for column, (cell, width) in
                  enumerate(zip(row, widths, strict=True))).rstrip()
        for row in rows
    ]  # fmt: skip
    rate = "no data" if record.error_rate is None else f"{record.error_rate:.2%}"
    head = (
        f"{profile.record_name}: {record.concurrent_users} users, {record.test_duration:.1f} s, "
        f"{record.requests_per_second:.1f} requests/s, {rate} failed"
    )
    return "\n".join([head, *lines]) + "\n"


def _times(times: Iterable[float]) -> tuple[str, str, str]:
    values = [percentile(times, share) for share in (0.5, 0.95, 0.99)]
    first, second, third = ("-" if value is None else f"{value:.1f}" for value in values)
    return first, second, third
