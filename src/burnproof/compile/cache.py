"""Tell whether an earlier run made exactly this, by hashes of what went in and came out.

A run that found nothing wrong notes what it read and what it left in the output folder. A later run may stop at once
if it would read the very same (specs and their names, templates, kinds, options, burnproof itself, its libraries) and
the folder holds the very same. Contents are compared, never times, except for burnproof's own installed files. The
notes lie in ``$BURNPROOF_CACHE``, else ``burnproof`` below ``$XDG_CACHE_HOME`` or ``~/.cache``; an empty
``BURNPROOF_CACHE`` turns them off. They are no source of anything: deleted, damaged or written by two runs at once,
they only make a run do its work again.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import errno
import hashlib
import json
import os
import stat
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import promrules
from burnproof import __version__
from burnproof.diagnostics import Problem, Severity, Span
from burnproof.output.write import OutputError, stale
from burnproof.specs.source.files import STDIN, find

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

VARIABLE = "BURNPROOF_CACHE"
_PACKAGE = Path(__file__).parents[1]
_PACKAGES = (_PACKAGE, Path(promrules.__file__).parent)
_SHIPPED = (_PACKAGE / "templates", _PACKAGE.parents[1] / "templates")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a run was asked to do.

    Attributes:
        specs: paths as the user names them.
        output: the folder to write.
        templates: the user's templates.
        kinds: what to make.
        strict: whether warnings count as errors.
        compat: the tool under whose names series are recorded, too.
    """

    specs: tuple[str, ...]
    output: Path
    templates: Path | None
    kinds: tuple[str, ...]
    strict: bool
    compat: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """What an earlier run found: warnings, the specs' texts to draw them, the number of its files, its summary."""

    problems: tuple[Problem, ...]
    texts: Mapping[str, str]
    files: int
    summary: str


def inputs(asked: Asked) -> str:
    """Give the hash of everything that the result depends on; empty where that cannot be told."""
    if STDIN in asked.specs or _folder() is None:
        return ""
    whole = hashlib.sha256()
    try:
        for part in _parts(asked):
            whole.update(hashlib.sha256(part).digest())
    except OSError:
        return ""
    return whole.hexdigest()


def recall(asked: Asked, fingerprint: str) -> Known | None:
    """Give what is known of this very run, provided that the output folder still holds what it made."""
    path = _path(asked)
    if not fingerprint or path is None:
        return None
    try:
        if not path.is_file():  # a pipe might never answer
            return None
        note = json.loads(path.read_bytes())
        files: dict[str, str] = note["files"]
        if note["inputs"] != fingerprint or not all(_holds(asked.output / name, files[name]) for name in files):
            return None
        if next(stale(asked.output, files, asked.kinds), None) is not None:
            return None
        problems = tuple(_problem(item) for item in note["problems"])
        summary = str(note["summary"])
        texts = {name: Path(name).read_bytes().decode("utf-8-sig") for name in _files_of(problems)}
    except (OSError, OutputError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    return Known(problems, texts, len(files), summary)


def remember(
    asked: Asked, fingerprint: str, files: Mapping[str, str], problems: Sequence[Problem], summary: str = ""
) -> None:
    """Note that ``fingerprint`` makes ``files``, which the output folder now holds; failing to is no harm."""
    path = _path(asked)
    if not fingerprint or path is None or inputs(asked) != fingerprint:  # a spec was saved while it was compiled
        return
    note = {
        "inputs": fingerprint,
        "files": {name: hashlib.sha256(files[name].encode()).hexdigest() for name in files},
        "problems": [_plain(problem) for problem in problems],
        "summary": summary,
    }
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent)
        try:
            with os.fdopen(handle, "w") as stream:
                json.dump(note, stream)
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise


def _folder() -> Path | None:
    named = os.environ.get(VARIABLE)
    if named is not None:
        return Path(named) if named else None
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")  # noqa: PTH111 - Path.expanduser may raise
    return Path(base) / "burnproof"


def _path(asked: Asked) -> Path | None:
    """Give the file for this output folder and these kinds."""
    folder = _folder()
    if folder is None:
        return None
    whose = json.dumps([os.path.abspath(asked.output), asked.kinds])  # noqa: PTH100 - resolve would follow links
    return folder / f"{hashlib.sha256(whose.encode()).hexdigest()[:32]}.json"


def _parts(asked: Asked) -> Iterator[bytes]:
    """Yield what the result depends on, piece by piece."""
    # The date bounds how long anything that is not listed here, such as the time zone database, could go unnoticed.
    today = dt.datetime.now(tz=dt.UTC).date().isoformat()
    yield json.dumps([__version__, sys.version, asked.kinds, asked.strict, asked.compat, today]).encode()
    yield from _own_files()
    names, problems = find(asked.specs)
    yield json.dumps([names, len(problems)]).encode()
    for name in names:
        if not Path(name).is_file():
            raise OSError(errno.EINVAL, "a pipe can be read once, and is for the compiler", name)
        yield Path(name).read_bytes()
    for folder in (*_SHIPPED, *([asked.templates] if asked.templates else [])):
        yield str(folder).encode()
        for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
            yield str(path.relative_to(folder)).encode()
            if path.is_file():
                yield path.read_bytes()


def _own_files() -> Iterator[bytes]:
    """Yield size and time of each of burnproof's own modules, and the names of the libraries installed beside it."""
    stamps = []
    for folder, below, names in (entry for package in _PACKAGES for entry in os.walk(package)):
        below[:] = sorted(name for name in below if name != "__pycache__")
        for name in sorted(names):
            found = os.stat(os.path.join(folder, name))  # noqa: PTH116, PTH118 - hundreds of them, and Path is slow
            stamps.append((name, found.st_size, found.st_mtime_ns))
    yield json.dumps(stamps).encode()
    installed = sorted({name for path in sys.path for name in _distributions(path)})
    yield json.dumps(installed).encode()


def _distributions(path: str) -> Iterable[str]:
    if not path.endswith("-packages"):
        return ()
    try:
        return [name for name in os.listdir(path) if name.endswith(".dist-info")]  # noqa: PTH208 - names alone
    except OSError:
        return ()


def _holds(path: Path, digest: str) -> bool:
    """Tell whether a file, which must be no link, has this content."""
    if not stat.S_ISREG(path.lstat().st_mode):
        return False
    return hashlib.sha256(path.read_bytes()).hexdigest() == digest


def _plain(problem: Problem) -> list[Any]:
    span = problem.span
    place = [span.file, span.line, span.column, span.end_line, span.end_column] if span else None
    return [problem.code, problem.message, place, problem.hint, problem.severity.value]


def _problem(plain: list[Any]) -> Problem:
    code, message, place, hint, severity = plain
    return Problem(code, message, Span(*place) if place else None, hint, Severity(severity))


def _files_of(problems: Iterable[Problem]) -> list[str]:
    return list(dict.fromkeys(problem.span.file for problem in problems if problem.span))
