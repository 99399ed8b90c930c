"""The way of the data is one-way: no module imports one that stands later in it. Folders and functions are small."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from statistics import median

SOURCE = Path(__file__).parents[1] / "src"
PACKAGES = ("promrules", "burnproof")

# Each layer may import those before it; modules of one layer may import each other, but never in a circle.
# promrules comes first: it imports nothing of burnproof.
ENGINE = (
    ("problem", "report_forms", "processes", "workers", "go_math", "lazy_names"),
    ("syntax",),
    ("histograms",),
    ("columns",),
    ("functions",),
    ("engine",),
    ("go_templates", "prometheus_scripts"),
    ("rule_tests",),
    ("mutation",),
    ("api",),
    ("",),
    ("__main__",),
)
LAYERS = (
    ("",),
    ("diagnostics", "model"),
    ("prometheus",),
    ("loadtest", "loadtest.results"),
    ("specs", "specs.source"),
    ("specs.keys",),
    ("specs.checks",),
    ("specs.resolve",),
    ("rules",),
    ("specs.live",),
    ("pages",),
    ("proofs",),
    ("output",),
    ("compile",),
    ("importers",),
    ("report", "show", "init", "loadtest.baseline", "loadtest.gate", "proofs.mutation"),
    ("lab",),
    ("demo", "loadtest.run"),
    ("cli",),
    ("__main__",),
)
ROOMS = [{f"promrules.{name}".rstrip(".") for name in layer} for layer in ENGINE]
ROOMS += [{f"burnproof.{name}".rstrip(".") for name in layer} for layer in LAYERS]
LAYER = {name: number for number, layer in enumerate(ROOMS) for name in layer}
MODULES = sorted(SOURCE.rglob("*.py"))


def _dotted(path):
    parts = path.relative_to(SOURCE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _room(dotted):
    """Give the longest prefix that is a room; packages may hold rooms of different layers, as `specs` does."""
    parts = dotted.split(".")
    prefixes = (".".join(parts[:length]) for length in range(min(len(parts), 3), 1, -1))
    return next((name for name in prefixes if name in LAYER), ".".join(parts[:2]))


KNOWN = {_dotted(module) for module in MODULES}


@dataclass(frozen=True)
class Import:
    module: str
    line: int
    in_function: bool
    for_types: bool


@cache
def _imports(path):
    """Give each import of a module of our own."""
    tree = ast.parse(path.read_text())
    in_function = {id(node) for f in ast.walk(tree) if isinstance(f, ast.FunctionDef) for node in ast.walk(f)}
    for_types = {
        id(node)
        for test in ast.walk(tree)
        if isinstance(test, ast.If) and isinstance(test.test, ast.Name) and test.test.id == "TYPE_CHECKING"
        for node in ast.walk(test)
    }
    found = []
    for node in ast.walk(tree):
        names = set()
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] in PACKAGES:
            names = {f"{node.module}.{alias.name}" for alias in node.names} & KNOWN or {node.module}
        elif isinstance(node, ast.Import):
            names = {alias.name for alias in node.names if alias.name.split(".")[0] in PACKAGES}
        found += [Import(name, node.lineno, id(node) in in_function, id(node) in for_types) for name in names]
    return found


def test_each_module_has_a_layer():
    assert {_room(_dotted(path)) for path in MODULES} <= LAYER.keys()


def test_imports_go_one_way():
    late = [
        f"{path}:{i.line}: {i.module}"
        for path in MODULES
        for i in _imports(path)
        if LAYER[_room(i.module)] > LAYER[_room(_dotted(path))]
    ]

    assert late == []


def test_own_modules_are_imported_at_the_top():
    assert [f"{path}:{i.line}: {i.module}" for path in MODULES for i in _imports(path) if i.in_function] == []


def test_no_module_imports_itself_in_a_circle():
    edges = {_dotted(path): {i.module for i in _imports(path)} for path in MODULES}
    done, trail = set(), []

    def visit(module):
        assert module not in trail, " -> ".join([*trail[trail.index(module) :], module])
        if module in done:
            return
        trail.append(module)
        for name in sorted(edges.get(module, ())):
            # A package's own modules may name their package: that reads it half made, and is checked by Python.
            if not module.startswith(f"{name}."):
                visit(name)
        trail.pop()
        done.add(module)

    for module in sorted(edges):
        visit(module)


def test_the_layers_name_each_module_once():
    names = [name for layer in ROOMS for name in layer]

    assert all(one != other for one, other in pairwise(sorted(names)))


def test_the_root_holds_packages_alone():
    entries = [path for path in (SOURCE / "burnproof").iterdir() if path.name != "__pycache__"]

    assert len(entries) <= 20
    assert {path.name for path in entries if not path.is_dir()} == {"__init__.py", "__main__.py", "py.typed"}


def test_files_are_one_idea():
    assert [str(path) for path in MODULES if len(path.read_text().splitlines()) > 600] == []


def test_functions_are_short():
    lengths = {
        f"{_dotted(path)}:{node.lineno} {node.name}": node.end_lineno - node.lineno + 1
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }

    assert {name: length for name, length in lengths.items() if length > 60} == {}
    assert median(lengths.values()) <= 9
