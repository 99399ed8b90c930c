"""Scenarios: each file of the folder is one, and stands in the table."""

from __future__ import annotations

import pkgutil

from burnproof.proofs import scenarios


def test_each_file_is_a_scenario_of_the_table():
    files = {module.name for module in pkgutil.iter_modules(scenarios.__path__)}

    assert files == {scenario.__module__.rpartition(".")[2] for scenario in scenarios.SCENARIOS}


def test_each_scenario_is_named_alike():
    assert {scenario.__name__ for scenario in scenarios.SCENARIOS} == {"scenes"}
