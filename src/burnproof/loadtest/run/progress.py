"""Show a run while it lasts: one table on the terminal, renewed twice a second."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table

from burnproof.loadtest.run.samples import percentile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from burnproof.loadtest.run.engine import Moment


@contextmanager
def progress(*, wanted: bool) -> Iterator[Callable[[Moment], None] | None]:
    """Give the function that shows a moment, or None where stderr is no terminal or nothing is wanted."""
    console = Console(stderr=True)
    if not wanted or not console.is_terminal:
        yield None
        return
    # Without a thread of its own: the engine calls twice a second, and greenlets and threads mix badly.
    with Live(console=console, auto_refresh=False, transient=True) as live:
        yield lambda moment: live.update(_drawn(moment), refresh=True)


def _drawn(moment: Moment) -> Table:
    samples = moment.samples
    times = samples.completions or samples.all_times()
    done, failed = len(times), samples.failed + sum(made.failures for made in samples.requests.values())
    late = percentile(samples.delays, 0.95)
    grid = Table.grid(padding=(0, 2))
    grid.add_row(
        ProgressBar(total=max(moment.whole, 0.1), completed=min(moment.gone, moment.whole), width=30),
        f"{moment.gone:.0f}/{moment.whole:.0f} s",
    )
    grid.add_row("users", str(moment.users))
    grid.add_row("done", f"{done} ({done / max(moment.gone, 0.1):.1f}/s)")
    grid.add_row("failed", str(failed))
    if samples.first_bytes:
        grid.add_row("first byte p95", f"{percentile(samples.first_bytes, 0.95):.1f} ms")
        grid.add_row("messages/s p5", f"{percentile(samples.rates, 0.05):.1f}")
    elif times:
        grid.add_row("p95", f"{percentile(times, 0.95):.1f} ms")
    if late is not None:
        grid.add_row("own delay p95", f"{late:.1f} ms")
    return grid
