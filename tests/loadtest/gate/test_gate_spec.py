"""The kind ``check``: every key of it, what is refused with its place, and that no rule is made of it."""

from decimal import Decimal

import jsonschema
import pytest

from burnproof.compile import compile_specs
from burnproof.model.measured import UNITS, Quantity
from burnproof.model.quantities import Duration
from burnproof.model.result_check import Bound, Change
from burnproof.specs.keys import json_schema
from burnproof.specs.resolve import slos_from_text
from result_samples import EXAMPLES, objectives, spec


def test_every_key():
    found = objectives(
        "{metric: Aggregated/99%, at_most: 500ms, unit: ms, levels: {concern: 300ms, critical: {below: 2s}}, "
        "min_samples: 100, samples: n, max_failures: 1%, env: SLO_X, file: '*_stats.csv', operation: checkout, "
        "baseline: {fail: 20%, warn: 10%}, drift: 10%}"
    )[0].check
    recovery = objectives("{metric: a, at_most: 1, min_samples: 9, max_failures: 1%, recovers_within: 5m}")[0].check

    ms, s = UNITS["ms"], UNITS["s"]
    assert found.bound == Bound("<=", Quantity(Decimal(500), ms))
    assert [(level.name, level.bound) for level in found.levels] == [
        ("concern", Bound("<=", Quantity(Decimal(300), ms))),
        ("critical", Bound("<", Quantity(Decimal(2), s))),
    ]
    assert (found.unit, found.min_samples, found.samples) == (ms, 100, "n")
    assert (found.max_failures, found.env, found.file) == (Decimal("0.01"), "SLO_X", "*_stats.csv")
    assert (found.operation, found.drift) == ("checkout", Change(Decimal("0.1")))
    assert recovery.recovers_within == Duration(300_000)
    assert (found.fail_change, found.warn_change) == (Change(Decimal("0.2")), Change(Decimal("0.1")))


@pytest.mark.parametrize(
    ("text", "change"),
    [
        ("20%", Change(Decimal("0.2"))), ("5pp", Change(Decimal("0.05"), in_points=True)),
        ("5 percentage points", Change(Decimal("0.05"), in_points=True)), ("2x", Change(Decimal(1))),
        ("1.5x", Change(Decimal("0.5"))), ("+20%", Change(Decimal("0.2"))),
    ],
)  # fmt: skip
def test_worsenings(text, change):
    """5 % and 5 percentage points are not the same, and no worsening is written without saying which."""
    assert objectives(f"{{metric: a, at_most: 1, baseline: {text}}}")[0].check.fail_change == change


@pytest.mark.parametrize(
    ("check", "code"),
    [
        ("{at_most: 5}", "missing-key"),
        ("{metric: a}", "one-of"),
        ("{metric: a, at_most: 5, below: 5}", "one-of"),
        ("{metric: a, at_most: fast}", "bad-number"),
        ("{metric: a, at_most: 5 parsecs}", "bad-number"),
        ("{metric: a, at_most: .inf}", "bad-number"),
        ("{metric: a, at_most: 5, unit: parsec}", "bad-choice"),
        ("{metric: a, at_most: 5, baseline: 5}", "bad-number"),
        ("{metric: a, at_most: 5, baseline: 0.5x}", "out-of-range"),
        ("{metric: a, at_most: 5, min_samples: 1.5}", "out-of-range"),
        ("{metric: a, at_most: 5, min_samples: -1}", "out-of-range"),
        ("{metric: a, at_most: 5, max_failures: 100%}", "out-of-range"),
        ("{metric: a, at_most: 5, env: SLO-X}", "name"),
        ("{metric: a, at_most: 5, levels: {warn: 4}}", "unknown-key"),
        ("{metric: a, at_most: 5, levels: {warning: 6}}", "level-order"),
        ("{metric: a, at_most: 5, levels: {critical: 4}}", "level-order"),
        ("{metric: a, at_least: 5, levels: {warning: 4}}", "level-order"),
        ("{metric: a, at_most: 5, recovers_within: 5}", "bad-duration"),
        ("{metric: a, at_most: 5, recovers_within: 5m, levels: {warning: 4}}", "one-of"),
        ("{metric: a, at_most: 5, recovers_within: 5m, baseline: 20%}", "one-of"),
        ("{metric: a, at_most: 5, recovers_within: 5m, samples: n}", "one-of"),
        ("{metric: a, at_most: 150ms, unit: '%'}", "check-unit"),
        ("{metric: a, at_most: 150ms, levels: {concern: 5%}}", "check-unit"),
        ("{metric: a, at_most: 5, unit: ms, baseline: 5pp}", "check-unit"),
        ("{metric: a, at_most: 5ms, baseline: {fail: 5pp}}", "check-unit"),
        ("{metric: a, at_most: 5ms, drift: 5pp}", "check-unit"),
        ("{metric: a, at_most: 150%}", "out-of-range"),
        ("{metric: a, at_least: 99, unit: ratio}", "out-of-range"),
        ("{metric: a, at_most: -5ms}", "out-of-range"),
        ("{metric: a, at_most: 5ms, baseline: {fail: 10%, warn: 20%}}", "baseline-order"),
        ("{metric: a, at_most: 5ms, baseline: {fail: 10%, warn: 10%}}", "baseline-order"),
        ("5", "wrong-type"),
    ],
)
def test_what_is_refused(check, code):
    loaded = slos_from_text("app.yaml", spec(check))

    assert [found.code for found in loaded.problems] == [code]
    assert loaded.problems[0].span.line == 5
    if code != "level-order":
        assert loaded.client_side == ()


def test_a_check_has_no_objective_and_a_name_of_its_own():
    text = spec("{metric: a, at_most: 5}", "{metric: b, at_most: 5}").replace("check-1", "check-0")
    text = text.replace("    sli", "    objective: 99%\n    sli", 1)

    codes = [found.code for found in slos_from_text("app.yaml", text).problems]

    assert codes == ["objective-unused", "duplicate-name"]


def test_no_rule_is_made_of_a_check(tmp_path):
    path = tmp_path / "app.yaml"
    path.write_text(spec("{metric: a, at_most: 5}"))

    made = compile_specs([str(path)])

    assert (made.problems, made.slos, dict(made.files)) == ((), (), {})


@pytest.mark.parametrize(
    "path", sorted(EXAMPLES.glob("*gate*.yaml")) + sorted(EXAMPLES.glob("load-*.yaml")), ids=lambda path: path.stem
)
def test_the_examples_are_free_of_problems(path):
    loaded = slos_from_text(path.name, path.read_text())

    assert loaded.problems == ()
    assert loaded.client_side


def test_the_published_schema_knows_the_kind():
    schema = json_schema()

    jsonschema.Draft202012Validator.check_schema(schema)
    assert set(schema["$defs"]["CheckSpec"]["properties"]) >= {"metric", "at_most", "levels", "env", "baseline"}
