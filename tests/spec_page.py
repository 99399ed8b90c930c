"""``docs/reference/spec.md`` and the committed JSON Schemas, made from the tables of keys.

``python tests/spec_page.py`` writes them anew; ``git diff`` is the review.
"""

from __future__ import annotations

import sys
from pathlib import Path

from burnproof.cli.schema import FILES, schema_text
from burnproof.specs.keys import SPEC
from burnproof.specs.keys.table import ListOf, MapOf, Table, TextOr

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "reference" / "spec.md"
SCHEMA = ROOT / "schema" / "burnproof-v1.schema.json"
SCHEMAS = {kind: SCHEMA.parent / name for kind, name in FILES.items()}
_INTRODUCTION = """# The spec file

Every key that a spec may have, with what it takes and what it means. A file is one service; several documents in a
file, separated by `---`, are several services. `burnproof schema` prints the same tables as a JSON Schema; editors
complete and check a file whose first line names it:

```yaml
# yaml-language-server: $schema=../schema/burnproof-v1.schema.json
```

Numbers are exact decimals: `99.9%` is 0.999 and nothing else. Lengths of time are written `250ms`, `30s`, `5m`,
`1h30m`, `30d`, `4w`; shares `80%` or `0.8`; rates `10rps`, `600rpm`, `10/s`; factors `14.4` or `14.4x`. What a file
gets wrong is listed in [problems.md](problems.md), each with its place and a remedy.

This page is made from the reader's own tables by `python tests/spec_page.py`.
"""


def page() -> str:
    """Make the page: one section for each table of keys, in the order in which they are first used."""
    tables: dict[str, Table] = {}
    _collect(SPEC, tables)
    return _INTRODUCTION + "".join(_section(table, tables) for table in tables.values())


def _collect(table: Table, found: dict[str, Table]) -> None:
    """Find the tables below one, each once."""
    if table.cls.__name__ in found:
        return
    found[table.cls.__name__] = table
    for _, key in table.keys.values():
        inner = _table(key.kind)
        if inner is not None:
            _collect(inner, found)


def _table(kind: object) -> Table | None:
    match kind:
        case Table():
            return kind
        case TextOr(table=table):
            return table
        case ListOf(item=item):
            return _table(item)
        case MapOf(value=value):
            return _table(value)
        case _:
            return None


def _section(table: Table, tables: dict[str, Table]) -> str:
    """Lay out a table of keys."""
    lines = [f"\n## {_title(table)}\n", (table.cls.__doc__ or "").split("\n")[0], ""]
    if table.exactly_one:
        lines += [f"Exactly one of {', '.join(f'`{name}`' for name in table.exactly_one)}.", ""]
    lines += ["| key | takes | means |", "|---|---|---|"]
    for name, (_, key) in table.keys.items():
        needed = " **(required)**" if key.required else ""
        lines.append(f"| `{name}`{needed} | {_takes(key.kind, tables)} | {_cell(key.doc)} |")
    return "\n".join(lines) + "\n"


def _title(table: Table) -> str:
    name = table.cls.__name__.removesuffix("Spec")
    return "The document" if not name else "".join(f" {c.lower()}" if c.isupper() else c for c in name).strip()


def _takes(kind: object, tables: dict[str, Table]) -> str:
    """Say what a key takes, with a link to the table of keys below it."""
    inner = _table(kind)
    link = (
        "" if inner is None else f"[{_title(tables[inner.cls.__name__])}](#{_title(inner).replace(' ', '-').lower()})"
    )
    match kind:
        case Table():
            return link
        case TextOr(text=text):
            return f"{_cell(text.expected)}, or {link}"
        case ListOf(single=single) if inner is not None:
            return f"a list of {link}" + (", or one" if single else "")
        case ListOf(item=item, single=single):
            return f"a list of {_cell(item.expected)}" + (", or one alone" if single else "")
        case MapOf(value=value):
            return f"names and {_cell(value.expected)}"
        case _:
            return _cell(kind.expected)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;").replace(">", "&gt;")


def renew() -> None:
    """Write the page and the schemas."""
    PAGE.write_text(page(), encoding="utf-8")
    SCHEMA.parent.mkdir(exist_ok=True)
    for kind, path in SCHEMAS.items():
        path.write_text(schema_text(kind), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(renew())
