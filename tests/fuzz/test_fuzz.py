"""A few mutated inputs of each kind, and all that were at fault once; ``make fuzz`` runs as many as one likes."""

from __future__ import annotations

import random
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # the tests' folders are no package

import driver
from mutators import WAYS, mutated
from targets import TARGETS, TOKEN, Target

SEED = 1
COUNTS = {"specs": 60, "rule-tests": 30, "results": 40, "servers": 4}
KEPT = list(driver.kept())
FORK = pytest.mark.skipif(sys.platform != "linux", reason="no fork with its memory counted")


@FORK
@pytest.mark.parametrize("name", TARGETS)
def test_mutated_inputs_neither_crash_nor_hang_nor_fill_memory_nor_show_a_secret(name):
    found = driver.run(TARGETS[name], SEED, range(COUNTS[name]))

    assert found.faults == {}
    assert found.tried == COUNTS[name]


@pytest.mark.parametrize(("target", "files"), [pytest.param(one, files, id=name) for one, name, files in KEPT])
def test_what_was_at_fault_once_is_not_any_more(target, files, tmp_path):
    assert driver.fault_of(target, files, tmp_path / "w") == ""


FAULTS = {
    "raises": (lambda _files, _folder: 1 // 0, "ZeroDivisionError: "),
    "leaves": (lambda _files, _folder: sys.exit(3), "SystemExit: "),
    "shows a secret": (lambda _files, _folder: f"it says {TOKEN}", "a secret is printed"),
    "explains itself": (lambda _files, _folder: "burnproof: internal error: KeyError", "burnproof: internal error"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_seen(name, tmp_path):
    run, said = FAULTS[name]
    target = Target("broken", lambda: ({"a": "x: 1"},), run)

    assert driver.fault_of(target, {"a": "x"}, tmp_path / "w").startswith(said)


@FORK
def test_a_hang_and_a_crash_are_put_down_to_their_input(monkeypatch):
    monkeypatch.setattr(driver, "HANG", 0.2)

    def run(files, _folder):
        kind = sum(map(ord, files["a"])) % 3
        if kind == 0:
            while True:
                pass
        if kind == 1:
            driver.os.kill(driver.os.getpid(), 9)
        return ""

    found = driver.run(Target("broken", lambda: ({"a": "x: 1\ny: [2, 3]\n"},), run), SEED, range(8))

    assert found.tried == 8
    assert any("hang above 0.2 s" in fault for fault in found.faults)
    assert "the process was killed, or stood still" in found.faults


@FORK
def test_memory_is_seen(monkeypatch):
    monkeypatch.setattr(driver, "MEMORY", 100 << 20)
    target = Target("broken", lambda: ({"a": "x"},), lambda _files, _folder: str(len(bytearray(200 << 20))))

    assert "more than 100 MiB" in driver.run(target, SEED, range(2)).faults


def test_each_way_to_mutate_changes_something_and_can_be_repeated():
    text = TARGETS["specs"].samples()[0]["spec.yaml"]
    for way in WAYS:
        made = [way(text, [text], random.Random(seed)) for seed in range(20)]
        assert len(set(made)) > 5
        assert made == [way(text, [text], random.Random(seed)) for seed in range(20)]
    assert mutated(text, [text], random.Random(1)) == mutated(text, [text], random.Random(1))
