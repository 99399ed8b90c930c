# ruff: noqa: E402 - the tests' folders are no package, and are put on the path first
"""What is fuzzed: for each kind of input its samples, and what reads them as a command does, in this process."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from unittest import mock

import yaml

TESTS = Path(__file__).parents[1]
sys.path.insert(0, str(TESTS / "prometheus"))  # the tests' folders are no package
sys.path.insert(0, str(TESTS))

import hostile

import inprocess
import problem_texts
import result_samples
from burnproof.compile import compile_specs

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = TESTS.parent
TOKEN = "hunter2hunter2hunter2"  # noqa: S105 - it is nobody's
"""A secret in the environment of every command, which no output may show."""
ENVIRONMENT = {"NO_COLOR": "1", "BURNPROOF_CACHE": "", "BURNPROOF_TOKEN": TOKEN, "PATH": "/usr/bin:/bin", "HOME": "/"}
SMALL = """version: burnproof/v1
service: shop
scrape_interval: 30s
slos:
  - name: availability
    objective: 99%
    sli: {ratio: {total: 'requests_total{job="shop"}', bad: 'requests_total{job="shop",code=~"5.."}', by: [route]}}
"""

Files = dict[str, str]


@dataclass(frozen=True)
class Target:
    """A kind of input.

    Attributes:
        name: as the driver's argument.
        samples: sound inputs, each of one or more files, of which one is changed.
        run: writes the files into a folder, reads them, and gives all output; whatever it raises is a fault.
    """

    name: str
    samples: Callable[[], tuple[Files, ...]]
    run: Callable[[Files, Path], str]


def written(files: Files, folder: Path) -> None:
    """Write files, bytes that are no UTF-8 included."""
    for name, text in files.items():
        (folder / name).write_bytes(text.encode("utf-8", "surrogateescape"))


def command(*words: str, folder: Path) -> str:
    """Run a command; its exit code must be one of the documented ones."""
    done = inprocess.run(words, folder, ENVIRONMENT)
    if done.returncode not in (0, 1, 2):
        raise AssertionError(f"exit code {done.returncode}: {done.stderr[-200:]}")
    return done.stdout + done.stderr


@cache
def specs() -> tuple[Files, ...]:
    """Give each SLO of the examples as a spec of its own, and the files of all texts of problems."""
    found = [SMALL]
    for path in sorted((ROOT / "slos").glob("*.yaml")):
        head, _, body = path.read_text(encoding="utf-8").partition("\nslos:\n")
        items = [item for item in re.split(r"(?m)^(?=  - )", body) if item.lstrip().startswith("- ")]
        found += [f"{head}\nslos:\n{item}" for item in items[:12]]
    found += [path.read_text(encoding="utf-8") for path in sorted((ROOT / "examples").glob("*.yaml"))]
    for path in sorted(problem_texts.FOLDER.glob("*.txt")):
        case = problem_texts.parse(path.read_text(encoding="utf-8"))
        found += [body for title, body in case.files if title.endswith(".yaml")]
    return tuple({"spec.yaml": text} for text in dict.fromkeys(found) if len(text) < 20_000)


def run_spec(files: Files, folder: Path) -> str:
    """Check a spec, in the format for people and in that for programs."""
    written(files, folder)
    return command("check", "spec.yaml", "--format", "json", folder=folder)


@cache
def rule_tests() -> tuple[Files, ...]:
    """Give the documented cases, and what a small spec compiles to."""
    found = []
    cases = yaml.safe_load((TESTS / "promrules" / "rule_tests" / "cases.yml").read_text(encoding="utf-8"))
    for case in cases:
        rules = {"groups": [{"name": "g", "rules": case.get("rules", [])}]}
        tests = {"rule_files": ["rules.yaml"], **case.get("file", {}), "tests": [case["test"]]}
        found.append({"tests.yaml": yaml.safe_dump(tests), "rules.yaml": yaml.safe_dump(rules)})
    path = ROOT / "build" / "fuzz-spec.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(SMALL, encoding="utf-8")
    made = compile_specs([str(path)], kinds=("rules", "tests")).files
    rules = next(text for name, text in made.items() if name.startswith("rules/"))
    for name, text in made.items():
        if name.startswith("tests/"):
            document = yaml.safe_load(text)
            document |= {"rule_files": ["rules.yaml"], "tests": document["tests"][:1]}
            found.append({"tests.yaml": yaml.safe_dump(document), "rules.yaml": rules})
    return tuple(one for one in found if sum(map(len, one.values())) < 60_000)


def run_rule_test(files: Files, folder: Path) -> str:
    """Run a rule test."""
    written(files, folder)
    return command("test", "tests.yaml", "--jobs", "1", folder=folder)


GATE = """version: burnproof/v1
service: shop
slos:
  - name: speed
    sli: {check: {source: locust, row: Aggregated, metric: p99, max: 500ms}}
"""


JUNIT = """<testsuites><testsuite name="s" tests="2" failures="1" time="3.2"><testcase name="a" time="1.2"/>
<testcase name="b" time="2"><failure message="no">x</failure></testcase></testsuite></testsuites>
"""


@cache
def results() -> tuple[Files, ...]:
    """Give a sound file of each format, beside each of the specs that judge such files."""
    texts = [
        result_samples.streaming(), result_samples.record(), result_samples.k6(), result_samples.locust_history(),
        result_samples.locust(result_samples.locust_row(), result_samples.locust_row("GET", "/gpu/info")),
        *(path.read_text(encoding="utf-8") for path in sorted((ROOT / "examples" / "baselines").glob("*.csv"))),
        JUNIT,
    ]  # fmt: skip
    gates = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "examples").glob("*gate.yaml"))]
    gates.append((ROOT / "examples" / "frontend-and-ci.yaml").read_text(encoding="utf-8"))
    return tuple({"result": str(text), "gate.yaml": gate} for text in texts for gate in gates)


def run_result(files: Files, folder: Path) -> str:
    """Judge a result by a spec; a result that is none must fail, or be no verdict at all."""
    written(files, folder)
    return command("gate", "result", "--spec", "gate.yaml", folder=folder)


ANSWERS = tuple(
    """
{"status":"success","data":{"resultType":"vector","result":[{"metric":{"route":"/"},"value":[1700000000,"0.5"]}]}}
{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[[1700000000,"1"]]}]},"warnings":["x"]}
{"status":"success","data":{"groups":[{"rules":[{"type":"recording","name":"r","query":"up","health":"err"}]}]}}
{"status":"success","data":["job","code","route"]}
{"status":"success","data":{"version":"3.5.0","storage.tsdb.retention.time":"15d"}}
{"status":"error","errorType":"bad_data","error":"invalid token Bearer hunter2hunter2hunter2"}
""".strip().splitlines()
)


def servers() -> tuple[Files, ...]:
    """Give bodies of answers, and headers in front of them."""
    heads = (
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n",
        "HTTP/1.1 422 Unprocessable Entity\r\nRetry-After: 1\r\nConnection: close\r\n\r\n",
    )
    return tuple({"body": body, "head": head} for body in ANSWERS for head in heads)


def run_server(files: Files, folder: Path) -> str:
    """Have each command ask a server that gives one answer to everything."""
    written({"shop.yaml": SMALL}, folder)
    data = "".join(files[name] for name in ("head", "body")).encode("utf-8", "surrogateescape")
    with hostile.serving() as server, mock.patch("burnproof.prometheus.retries._BACKOFF", 0.0):
        server.behave = lambda talk: talk.write(data)
        return "".join(
            command(*words, "--url", server.url, "--timeout", "0.5", folder=folder)
            for words in hostile.COMMANDS.values()
        )


TARGETS = {
    target.name: target
    for target in (
        Target("specs", specs, run_spec),
        Target("rule-tests", rule_tests, run_rule_test),
        Target("results", results, run_result),
        Target("servers", servers, run_server),
    )
}
