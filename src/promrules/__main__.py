"""``python -m promrules``: run rule tests, and see how much they notice.

Exit codes: 0 all well, 1 a test failed or a mutant survived, 2 the command could not be carried out.
"""

from __future__ import annotations

import functools
import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

from promrules.processes import orderly_end

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import typer

INTERRUPTED = 130
"""What shells give for a program ended by Ctrl-C …"""
PIPE_CLOSED = 141
"""… and for one whose reader went away."""
CANNOT = 2
"""Exit code of a command that could not be carried out."""


def main(arguments: Sequence[str]) -> int:
    """Run the command line; give its exit code."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # no linear algebra is done here, and its threads start slowly
    try:
        with orderly_end():
            if arguments[:1] == ["test"] and len(arguments) > 1 and not any(item.startswith("-") for item in arguments):
                # Files alone need no parser of options, which takes as long to load as the engine.
                return int(import_module("promrules.rule_tests.runner").run_plain(arguments[1:]))
            application()(args=list(arguments), prog_name="promrules")
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # Python flushes once more on its way out
        return PIPE_CLOSED
    except OSError as error:
        sys.stderr.write(f"promrules: {error.filename or 'cannot write the output'}: {error.strerror or error}\n")
        return CANNOT
    return 0


def application() -> typer.Typer:
    """Give the application with its two commands."""
    cli = import_module("typer")
    settings = {"help_option_names": ["-h", "--help"]}
    app: typer.Typer = cli.Typer(
        add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, context_settings=settings
    )
    commands = (
        ("test", "promrules.rule_tests.command", "run_command"),
        ("mutate", "promrules.mutation.command", "mutate_command"),
    )
    for name, module, function in commands:
        app.command(name, context_settings=settings)(_exiting(getattr(import_module(module), function), cli.Exit))
    return app


def _exiting(function: Callable[..., int], end: type[Exception]) -> Callable[..., None]:
    """Make what a command returns the exit code."""

    @functools.wraps(function)
    def command(*arguments: Any, **options: Any) -> None:
        raise end(function(*arguments, **options))

    return command


if __name__ == "__main__":  # processes that are spawned import this module again
    sys.exit(main(sys.argv[1:]))
