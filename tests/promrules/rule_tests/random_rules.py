"""Random rule files and tests as hypothesis strategies: all that makes columns differ from steps turns up in them."""

from __future__ import annotations

from dataclasses import dataclass

import yaml
from hypothesis import strategies as st

METRICS = ("m1", "m2", "req_total")
RECORDED = ("r1", "r2", "r3", "r4")
_LABELS = ({"a": "x"}, {"a": "y"}, {"a": "x", "b": "1"}, {"a": "y", "b": "1"}, {"a": "x", "b": "2"})
_DURATIONS = ("1m", "90s", "2m", "3m", "5m", "7m", "10m")

_number = st.sampled_from(["0", "1", "2", "-1", "0.5", "3", "10", "NaN", "Inf"])
_item = st.one_of(
    st.sampled_from(["_", "_x2", "_x6", "stale", "0", "1", "2.5", "-3", "7"]),
    st.builds(
        lambda a, b, n: f"{a}+{b}x{n}", st.integers(0, 5), st.sampled_from(["0", "1", "2", "0.25"]), st.integers(1, 9)
    ),
    st.builds(lambda a, n: f"{a}x{n}", st.integers(0, 4), st.integers(1, 9)),
)
_values = st.lists(_item, min_size=1, max_size=6).map(" ".join)


def _selector(names: tuple[str, ...]) -> st.SearchStrategy[str]:
    matchers = st.sampled_from(["", '{a="x"}', '{a!="x"}', '{b=""}', '{b=~".+"}', '{a=~"x|y"}'])
    return st.builds(lambda name, matcher: name + matcher, st.sampled_from(names), matchers)


def _modified(selectors: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    modifiers = st.sampled_from(["", "", "", "", " offset 2m", " offset -2m", " @ 120", " offset 1m", " @ end()"])
    return st.builds(lambda selector, modifier: selector + modifier, selectors, modifiers)


_RANGE_FUNCTIONS = (
    "rate", "increase", "delta", "irate", "idelta", "sum_over_time", "avg_over_time", "count_over_time", "min_over_time",  # noqa: E501  # one row of a table
    "max_over_time", "last_over_time", "present_over_time", "changes", "resets",
)  # fmt: skip


def expressions(names: tuple[str, ...]) -> st.SearchStrategy[str]:
    """Give PromQL over some metric names that is exact and does not depend on the order of series."""
    selector = _modified(_selector(names))
    ranged = st.builds(
        lambda function, inner, window, modifier: f"{function}({inner}[{window}]{modifier})",
        st.sampled_from(_RANGE_FUNCTIONS),
        _selector(names),
        st.sampled_from(_DURATIONS),
        st.sampled_from(["", "", "", " offset 1m", " offset -3m", " @ 300"]),
    )
    leaf = st.one_of(selector, ranged, st.sampled_from(["vector(1)", "time()", "vector(time())", 'absent(m1{a="z"})']))

    def grow(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        vector = inner.filter(lambda text: text != "time()")
        return st.one_of(
            st.builds(
                lambda op, x: f"{op}({x})",
                st.sampled_from(["sum", "max", "min", "count", "sum by (a)", "max without (b)"]),
                vector,
            ),
            st.builds(
                lambda x, op, y: f"({x} {op} on (a) {y})",
                st.builds("sum by (a) ({})".format, vector),
                st.sampled_from(["+", "-", "*", "/", ">", "== bool", "and", "or", "unless"]),
                st.builds("max by (a) ({})".format, vector),
            ),
            st.builds(
                lambda x, op, y: f"({x} {op} {y})",
                vector,
                st.sampled_from(["+", "-", "*", "/", ">", "<=", "!=", "== bool", "> bool"]),
                st.sampled_from(["0", "1", "2", "0.5"]),
            ),
            st.builds(lambda x, y: f"({x} or {y})", vector, vector),
            st.builds(lambda x, y: f"({x} + {y})", vector, vector),
            st.builds(
                lambda f, x: f"{f}({x})",
                st.sampled_from(["abs", "ceil", "-", "absent", "timestamp", "clamp_min"]).filter(
                    lambda f: f != "clamp_min"
                ),
                vector,
            ),
            st.builds(
                lambda f, x, w: f"{f}(({x})[{w}:1m])",
                st.sampled_from(["max_over_time", "sum_over_time", "count_over_time", "last_over_time"]),
                vector,
                st.sampled_from(_DURATIONS),
            ),
            st.builds(lambda x: f'label_replace({x}, "b", "$1z", "a", "(.*)")', vector),
        )

    return st.recursive(leaf, grow, max_leaves=4)


_TEMPLATES = (
    "{{ $value }}", "{{ $labels.a }}", "{{ $labels.nope }}-", "{{ if gt $value 2.0 }}high{{ else }}low{{ end }}",
    "plain", "{{ $value | humanize }} {{ $externalLabels.region }}", "{{ len $labels }}",
)  # fmt: skip
_ANNOTATIONS = (*_TEMPLATES, '{{ with query "count(m1) by (a)" }}{{ . | len }}{{ end }}', "{{ now }} {{ $labels }}")


@dataclass(frozen=True)
class Sample:
    """A random rule file and test, as values that YAML can write."""

    rules: dict
    test: dict

    def rules_text(self) -> str:
        return yaml.safe_dump(self.rules, sort_keys=False)

    def test_text(self, alerts: list | None = None, exprs: list | None = None) -> str:
        test = dict(self.test["tests"][0])
        test["alert_rule_test"] = alerts or []
        test["promql_expr_test"] = exprs or []
        return yaml.safe_dump({**self.test, "tests": [test]}, sort_keys=False)


@st.composite
def samples(draw: st.DrawFn) -> Sample:
    """Give a rule file of one to three groups and a test of up to 30 minutes on it."""
    group_count = draw(st.integers(1, 3))
    shared_offset = draw(st.sampled_from([None, None, None, "1m"]))
    groups = [_group(draw, f"g{number}", shared_offset) for number in range(group_count)]
    order = draw(st.permutations([group["name"] for group in groups]))
    labels = st.sampled_from(_LABELS)
    series = draw(st.lists(st.tuples(st.sampled_from((*METRICS, "r1")), labels, _values), min_size=1, max_size=6))
    known = {}
    for name, pairs, values in series:
        text = ",".join(f'{key}="{value}"' for key, value in pairs.items())
        known[f"{name}{{{text}}}"] = values
    test = {
        "interval": draw(st.sampled_from(["1m", "1m", "30s", "2m", "15s"])),
        "input_series": [{"series": name, "values": values} for name, values in known.items()],
        "external_labels": {"region": "eu"},
    }
    start = draw(st.sampled_from([None, None, None, "1000000000"]))
    if start:
        test["start_timestamp"] = start
    return Sample(
        {"groups": groups},
        {
            "rule_files": ["rules.yml"],
            "evaluation_interval": draw(st.sampled_from(["1m", "1m", "1m", "30s", "5m", "7m"])),
            "group_eval_order": list(order),
            "tests": [test],
        },
    )


def _group(draw: st.DrawFn, name: str, offset: str | None) -> dict:
    group: dict = {"name": name}
    if offset or draw(st.integers(0, 9)) == 0:
        group["query_offset"] = offset or "90s"
    if draw(st.integers(0, 9)) == 0:
        group["limit"] = 2
    if draw(st.integers(0, 5)) == 0:
        group["labels"] = {"team": "t"}
    names = METRICS if draw(st.booleans()) else METRICS + RECORDED
    if draw(st.integers(0, 7)) == 0:
        names += ("ALERTS", "ALERTS_FOR_STATE")
    group["rules"] = [_rule(draw, names) for _ in range(draw(st.integers(1, 4)))]
    return group


def _rule(draw: st.DrawFn, names: tuple[str, ...]) -> dict:
    rule: dict = {"expr": draw(expressions(names))}
    labels = draw(st.dictionaries(st.sampled_from(["b", "c"]), st.sampled_from(["1", "k", ""]), max_size=2))
    if draw(st.integers(0, 2)):
        return {"record": draw(st.sampled_from(RECORDED)), **rule, **({"labels": labels} if labels else {})}
    rule = {"alert": draw(st.sampled_from(["A1", "A2"])), **rule}
    for field in ("for", "keep_firing_for"):
        if draw(st.booleans()):
            rule[field] = draw(st.sampled_from(["30s", "1m", "3m", "5m"]))
    if draw(st.booleans()):
        rule["labels"] = {
            "sev": draw(st.sampled_from(_TEMPLATES)),
            **{key: value for key, value in labels.items() if value},
        }
    if draw(st.booleans()):
        rule["annotations"] = {"s": draw(st.sampled_from(_ANNOTATIONS))}
    return rule
