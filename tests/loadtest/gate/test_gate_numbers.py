"""Numbers that no measurement has: bounded where they are read, so that nothing calculates with them for minutes."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from burnproof.loadtest.results.formats import read_result
from burnproof.loadtest.results.reading import load_json
from burnproof.model.measured import LARGEST, QuantityError, number, quantity
from result_samples import k6, record, streaming

ABSURD = {
    "a huge exponent": "1e9999999",
    "a huge exponent of 0": "0e9999999",
    "a tiny one": "1e-9999999",
    "an exponent of 30 digits": f"1e{'9' * 30}",
    "300 digits": "9" * 300,
    "4,400 digits": "9" * 4400,
    "100,000 decimals": f"0.{'0' * 100_000}1",
    "101 digits": f"1.{'1' * 100}",
    "just too large": "1.1e18",
}


@pytest.mark.parametrize("text", ABSURD.values(), ids=ABSURD)
def test_absurd_numbers_are_text(text):
    assert load_json(f'{{"a": {text}, "b": [-{text}]}}') == {"a": text, "b": [f"-{text}"]}
    for read in (number, quantity):
        with pytest.raises(QuantityError, match="the number"):
            read(text)


@pytest.mark.parametrize(
    "text", ["0", "0.0", "-0", "1e18", "1e-30", "0.1", f"0.{'1' * 99}", "1000000000000000000", "12.50", "1E+2"]
)
def test_numbers_of_measurements_stay_exact(text):
    found = load_json(text)

    assert (type(found), str(found)) == (Decimal, str(Decimal(text)))


@pytest.mark.parametrize("text", ABSURD.values(), ids=ABSURD)
@pytest.mark.parametrize("sample", [k6, record, streaming])
def test_each_number_of_a_result_may_be_absurd(tmp_path, sample, text):
    """No reader calculates with it, and none takes it for a measurement."""
    path = tmp_path / "run.json"
    for whole in _each(json.loads(sample()), text):
        path.write_text(whole, encoding="utf-8")
        found = read_result(path)
        values = [one.value for one in found.readings.values() if one.value is not None]
        assert all(abs(value) <= LARGEST for value in values)


def _each(value, text):
    """Give the JSON of a value with one of its numbers after another replaced by a text."""
    mark = "\ufffe"

    def changed(at, path=()):
        if isinstance(at, dict):
            for key, item in at.items():
                yield from changed(item, (*path, key))
        elif isinstance(at, list):
            for key, item in enumerate(at):
                yield from changed(item, (*path, key))
        elif isinstance(at, int | float) and not isinstance(at, bool):
            yield path

    for path in changed(value):
        copy = json.loads(json.dumps(value))
        within = copy
        for key in path[:-1]:
            within = within[key]
        within[path[-1]] = mark
        yield json.dumps(copy, ensure_ascii=False).replace(f'"{mark}"', text)
