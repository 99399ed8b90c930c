"""Rule files and test files to subjects of mutation: each rule file with the tests that load it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from promrules.mutation.run import Proof, Subject
from promrules.problem import Problem
from promrules.rule_tests.rule_file import RuleFile, load_rules
from promrules.rule_tests.run import find_rule_files
from promrules.rule_tests.test_file import TestFile, load_tests
from promrules.rule_tests.yaml_reader import FileProblems

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from promrules.rule_tests.rule_file import RuleGroup

_ENDINGS = frozenset({".yml", ".yaml"})


def find_subjects(rules: Iterable[str], tests: Iterable[str]) -> list[Subject]:
    """Read rule files and test files, or folders of them.

    A test is run on what its file names as ``rule_files``; of these, the rule files given here are changed, one file
    at a time. Rule files that no test loads are subjects without tests, of which every mutant survives.

    Raises:
        FileProblems: a file is broken, or missing.
    """
    changed = {path.resolve(): load_rules(path) for path in _files(rules)}
    proofs: dict[Path, list[Proof]] = {path: [] for path in changed}
    others: dict[Path, RuleFile] = dict(changed)
    for path in _files(tests):
        file = load_tests(path)
        loaded = [Path(name).resolve() for name in find_rule_files(str(path), file.rule_files)[0]]
        for name in loaded:
            if name not in others:
                others[name] = load_rules(name)
        for at, name in enumerate(loaded):
            if name in changed:
                proofs[name] += _proofs(file, [others[one] for one in loaded], at)
    return [Subject(file.path, file.groups, tuple(proofs[path])) for path, file in changed.items()]


def _proofs(file: TestFile, loaded: list[RuleFile], at: int) -> Iterator[Proof]:
    before, behind = _groups(loaded[:at]), _groups(loaded[at + 1 :])
    return (Proof(file, test, before, behind) for test in file.tests)


def _groups(files: list[RuleFile]) -> tuple[RuleGroup, ...]:
    return tuple(group for file in files for group in file.groups)


def _files(named: Iterable[str]) -> Iterator[Path]:
    for name in named:
        path = Path(name)
        if path.is_dir():
            found = sorted(one for one in path.rglob("*") if one.suffix in _ENDINGS and one.is_file())
            if not found:
                raise FileProblems([Problem("io", f"{name}: no YAML files in this folder", None)])
            yield from found
        elif path.exists():
            yield path
        else:
            raise FileProblems([Problem("io", f"{name}: no such file or folder", None)])
