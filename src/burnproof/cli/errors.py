"""Turn failures into exit codes and sentences; no user sees a traceback."""

from __future__ import annotations

import contextlib
import functools
import os
import shlex
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CANNOT = 2
"""Exit code of a command that could not be carried out."""
INTERRUPTED = 130
"""What shells give for a program ended by Ctrl-C …"""
PIPE_CLOSED = 141
"""… and for one whose reader went away."""


def guarded(function: Callable[..., Any], *, debug: bool) -> Callable[..., None]:
    """Wrap a command: what it returns becomes the exit code, what it did not foresee a paragraph."""

    @functools.wraps(function)
    def command(*arguments: Any, **options: Any) -> None:
        # Inside typer, which would say "Aborted!" on Ctrl-C and hide a closed pipe.
        with explained(debug=debug):
            code = function(*arguments, **options)
        raise typer.Exit(code if isinstance(code, int) else 0)

    return command


@contextlib.contextmanager
def explained(*, debug: bool) -> Iterator[None]:
    """Turn whatever a command raises into an exit: quietly, in a line, or in a paragraph."""
    try:
        yield
    except (typer.Exit, typer.Abort, typer.BadParameter):
        raise
    except KeyboardInterrupt:
        raise SystemExit(INTERRUPTED) from None
    except OSError as error:
        raise _ended(error) from None
    except Exception as error:  # noqa: BLE001 - the last line of defence before a traceback
        if debug:
            traceback.print_exc()
        sys.stderr.write(_paragraph(error))
        raise SystemExit(CANNOT) from None


@contextlib.contextmanager
def quiet_end() -> Iterator[None]:
    """End without a word when the reader of stdout has gone or on Ctrl-C, and with one line on a full disk."""
    try:
        try:
            yield
        finally:
            sys.stdout.flush()
    except KeyboardInterrupt:
        raise SystemExit(INTERRUPTED) from None
    except OSError as error:
        raise _ended(error) from None


def _ended(error: OSError) -> SystemExit:
    """Give the exit for a failure of the system's, said in one line unless it is a closed pipe."""
    # Python flushes once more on its way out, and would complain again then.
    with contextlib.suppress(OSError, ValueError):
        sys.stdout.flush()
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if isinstance(error, BrokenPipeError):
        return SystemExit(PIPE_CLOSED)
    name = error.filename if error.filename is not None else "cannot write the output"
    sys.stderr.write(f"burnproof: {name}: {error.strerror or error}\n")
    return SystemExit(CANNOT)


def _paragraph(error: Exception) -> str:
    """Say what went wrong inside, and what to do about it."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" ({Path(frames[-1].filename).name}:{frames[-1].lineno})" if frames else ""
    what = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    command = shlex.join(["burnproof", "--debug", *(part for part in sys.argv[1:] if part != "--debug")])
    return (
        f"burnproof: internal error: {what}{place}\n"
        "This is a fault in burnproof, not in your files, and nothing was written. Please report it together with\n"
        f"what `{command}` prints and, if you may, the spec.\n"
    )
