"""What is loaded to start: commands that do little load little."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from places import PATIENCE, ROOT, sampled
from result_samples import k6

RULES = "groups: [{name: g, rules: [{record: a, expr: vector(1)}]}]\n"
TEST = """rule_files: [rules.yml]
tests: [{promql_expr_test: [{expr: a, eval_time: 0, exp_samples: [{labels: a, value: %s}]}]}]
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "rules.yml").write_text(RULES)
    (tmp_path / "good.yml").write_text(TEST % 1)
    (tmp_path / "bad.yml").write_text(TEST % 2)
    return tmp_path


@pytest.mark.parametrize(
    "files",
    sampled(
        [
            pytest.param(files.split(), id=files)
            for files in ("bad.yml", "good.yml", "good.yml bad.yml", "absent.yml", ".")
        ],
        every=3,
    ),
)
def test_files_alone_run_as_with_options(burnproof, folder, files):
    (folder / "rules.yml").rename(folder / "rules.txt")
    for name in ("good.yml", "bad.yml"):
        (folder / name).write_text((folder / name).read_text().replace("rules.yml", "rules.txt"))

    alone, beside = burnproof("test", *files), burnproof("test", "--jobs", "1", *files)

    assert alone.returncode == beside.returncode
    assert _timeless(alone.stdout) == _timeless(beside.stdout)
    assert alone.stderr == beside.stderr


def _timeless(text):
    return re.sub(r"\d+\.\d\ds", "0.00s", text)


@pytest.mark.parametrize(
    ("arguments", "spared"),
    [
        (["--version"], ["numpy", "yaml", "jinja2", "rich", "pydantic", "promql_parser"]),
        (["test", "good.yml"], ["rich", "pydantic", "jinja2", "requests", "asyncio", "multiprocessing"]),
    ],
    ids=("--version", "test"),
)
def test_what_is_not_needed_is_not_loaded(folder, arguments, spared):
    ask = (
        "import sys; from burnproof.cli import main\n"
        "try: main(sys.argv[1:])\nexcept SystemExit: pass\n"
        f"print(sorted(set(sys.modules) & set({spared})), file=sys.stderr)"
    )

    done = subprocess.run(
        [sys.executable, "-c", ask, *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE,
    )

    assert done.stderr.strip() == "[]"


@pytest.fixture
def loaded(tmp_path):
    """Give the modules of ours that Python has loaded after some lines of code."""

    def run(code):
        tell = "import sys; print(*(m for m in sys.modules if m.split('.')[0] in ('burnproof', 'promrules')))"
        words = [sys.executable, "-c", f"{code}\n{tell}"]
        done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=True, timeout=PATIENCE)
        return set(done.stdout.splitlines()[-1].split())

    return run


def test_the_engine_alone_loads_nothing_of_burnproof(loaded):
    assert loaded("import promrules") == {"promrules", "promrules.lazy_names"}
    assert not {name for name in loaded("import promrules.api") if name.startswith("burnproof")}


def test_results_are_judged_without_promql_and_http(tmp_path, loaded):
    (tmp_path / "summary.json").write_text(k6())
    words = ["gate", "summary.json", "--spec", str(ROOT / "examples" / "load-gate.yaml"), "--only", "k6-p99"]

    found = loaded(f"from burnproof.cli import main\ntry: main({words})\nexcept SystemExit as end: assert not end.code")

    assert "burnproof.loadtest.gate.judge" in found
    for unneeded in (
        "promrules.syntax",
        "burnproof.rules",
        "burnproof.specs.checks.run",
        "burnproof.prometheus.client",
    ):
        assert unneeded not in found
    assert len(found) <= 92  # half of what it was before packages loaded their modules by need
