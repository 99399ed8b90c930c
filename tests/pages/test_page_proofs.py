"""What is written is held against the plan, and the plan against what can be drawn: nothing else gets out."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pagecases import MINIMAL, SPEC

from burnproof.compile.plan import make_plan
from burnproof.output.render import SHIPPED, render
from burnproof.output.verify import verify
from burnproof.pages.types import Target
from burnproof.specs.resolve import read_slos

KINDS = ("rules", "dashboards")


@pytest.fixture(scope="module")
def plan():
    loaded = read_slos([str(SPEC)])
    return make_plan(loaded.slos, loaded.boards, kinds=KINDS)


def spoilt(plan, **changes):
    """The plan with its service's first panel changed."""
    service = plan.dashboards[1]
    first = replace(service.panels[0], **changes)
    boards = (plan.dashboards[0], replace(service, panels=(first, *service.panels[1:])), *plan.dashboards[2:])
    return replace(plan, dashboards=boards)


def messages(plan):
    return [problem.message for problem in verify(plan, render(plan, kinds=KINDS), KINDS)]


@pytest.mark.parametrize(
    ("expr", "said"),
    [
        ("sum(", "it does not parse"),
        ("unknown_metric", "reads unknown_metric{}, which no rule records and no spec names"),
        ('slo:sli_error:ratio_rate2w{slo_id="shop-fast"}', "slo:sli_error:ratio_rate2w{"),
        ('slo:sli_errors:rate5m{slo_id="shop-pool"}', "slo:sli_errors:rate5m{"),
        (
            'slo:sli_errors:rate5m{slo_id="shop-availability"} / on (slo_id, route) slo:objective:ratio',
            "route",
        ),
    ],
)
def test_a_query_that_finds_nothing_is_refused(plan, expr, said):
    assert any(said in message for message in messages(spoilt(plan, targets=(Target("A", expr),))))


def test_what_the_spec_names_may_be_read(plan):
    assert messages(spoilt(plan, targets=(Target("A", "rate(http_requests_total[$__rate_interval])"),))) == []


def test_panels_that_cover_each_other_are_refused(plan):
    assert any("covers 'Missed'" in message or "covers 'SLOs'" in message for message in messages(spoilt(plan, w=12)))


def test_ids_used_twice_are_refused(plan):
    other = plan.dashboards[1].panels[1].id

    assert any(f"2 panels have the id {other}" in message for message in messages(spoilt(plan, id=other)))


def test_panels_beyond_the_grid_are_refused(plan):
    assert any("ends beyond the grid" in message for message in messages(spoilt(plan, x=20)))


@pytest.mark.parametrize(
    ("template", "old", "new", "said"),
    [
        ("dashboard.json.j2", '"expr": {{ target.expr | json }}', '"expr": "vector(1)"', "targets[0].expr should be"),
        ("dashboard.json.j2", '"unit": {{ panel.unit | json }}', '"unit": "percent"', "defaults.unit should be"),
        ("dashboard.json.j2", "step.value | exact", "(step.value * 2) | exact", "thresholds.steps[1].value should be"),
        ("dashboard.json.j2", '"noValue": {{ panel.no_value | json }}', '"noValue": "100%"', "noValue should be"),
        (
            "dashboard.json.j2",
            '"title": {{ panel.title | json }},',
            '"title": "x", "title": "y",',
            "is there twice",
        ),
        ("dashboard.json.j2", '"schemaVersion": 42', '"schemaVersion": 39', "schemaVersion should be 42"),
        ("dashboard.json.j2", "  ]\n}", "  ]", "not a JSON document"),
        ("runbook.md.j2", "{{ entry.alerts | mdtable }}", "", "should say '| Severity"),
        ("runbook.md.j2", "## {{ entry.name }}", "## SLO", "its headings should be"),
        ("runbook.md.j2", "{{ entry.remediation | md }}", "Panic.", "should say 'The spec names no remediation.'"),
    ],
)
def test_a_template_that_says_something_else_is_refused(compiled, tmp_path, template, old, new, said):
    folder = tmp_path / "mine"
    folder.mkdir()
    text = (SHIPPED / template).read_text()
    assert old in text
    (folder / template).write_text(text.replace(old, new))

    problems = compiled(MINIMAL, templates=folder).problems

    assert any(said in problem.message for problem in problems), problems[:3]


def test_a_template_may_look_different(compiled, tmp_path):
    folder = tmp_path / "mine"
    folder.mkdir()
    text = (
        (SHIPPED / "dashboard.json.j2").read_text().replace('"lineWidth": 1', '"lineWidth": 3').replace("red", "purple")
    )
    (folder / "dashboard.json.j2").write_text(text)

    made = compiled(MINIMAL, templates=folder)

    assert made.problems == ()
    assert '"lineWidth": 3' in made.files["dashboards/api.json"]
