"""Alerts that other generators raise for nothing, or never: here the compiled rules do what an SRE expects.

Each test runs rules on the embedded engine; tests/live runs some of them on a real Prometheus.
"""

from __future__ import annotations

import re
from dataclasses import replace
from math import isfinite

import numpy as np
import pytest
import yaml

from burnproof.compile.plan import make_plan
from burnproof.model import naming
from burnproof.model.quantities import duration
from burnproof.output.render import render
from burnproof.specs.resolve import slos_from_text
from promrules.rule_tests.evaluation import evaluate_rules
from promrules.rule_tests.rule_file import load_rules
from simulated import counter, rule_text, run, slo_of, storage_of

SPEC = """
version: burnproof/v1
service: shop
scrape_interval: 1m
slos:
  - name: api
    objective: {objective}
    sli:
      ratio:
        total: http_requests_total{{job="shop"}}
        {counted}
        {more}
"""
OK, FAILED = 'http_requests_total{job="shop",code="200"}', 'http_requests_total{job="shop",code="500"}'
BAD, GOOD = 'bad: http_requests_total{job="shop",code=~"5.."}', 'good: http_requests_total{job="shop",code="200"}'
RATIO, LEFT, BURN = "slo:sli_error:ratio_rate30d", naming.BUDGET_REMAINING, naming.CURRENT_BURN_RATE
HOUR = 60
TILE = duration("1h")


def spec(objective="99.9%", counted=BAD, more=""):
    return slo_of(SPEC.format(objective=objective, counted=counted, more=more))


FORMS = pytest.mark.parametrize("counted", [BAD, GOOD], ids=["bad", "good"])


@FORMS
def test_sloth_has_no_number_for_thirty_days_after_a_quiet_night(counted):
    """0/0 is never recorded: eight hours without a request leave ratio, burn rate and budget as they were."""
    series = {OK: counter((999, 600), (0, 480), (999, 60)), FAILED: counter((1, 600), (0, 480), (1, 60))}
    done = run(spec(counted=counted), series, "19h")

    for at in ("10h", "15h", "18h", "19h"):
        assert done.value(RATIO, at) == pytest.approx(0.001, rel=0.01)
        assert isfinite(done.value(LEFT, at))
    assert done.value(BURN, "15h") is None
    assert done.firing("15h") == ""


@FORMS
def test_sloth_and_pyrra_show_nothing_for_a_service_without_errors(counted):
    """No error series has ever been seen: the error ratio is 0 and the budget whole."""
    done = run(spec(counted=counted), {OK: "0+60x300"}, "5h")

    assert done.value(RATIO, "5h") == 0
    assert done.value(BURN, "5h") == 0
    assert done.value(LEFT, "5h") == 1


def test_sloth_counts_the_first_error_of_a_month_from_then_on():
    """Ten hours of errors after two clean days weigh as ten hours in 58, not as all that was ever seen."""
    clean, broken = 48 * HOUR, 10 * HOUR
    series = {OK: f"0+60x{clean + broken}", FAILED: f"_x{clean} 0+6x{broken}"}
    done = run(spec(), series, f"{clean + broken}m", evaluation="5m")

    truth = 6 * broken / (60 * (clean + broken) + 6 * broken)
    since_the_first_error = 6 / 66
    # The hour that is still open counts only when it is over.
    assert done.value(RATIO, f"{clean + broken}m") == pytest.approx(truth, rel=0.12)
    assert since_the_first_error > 5 * truth


def test_sloth_averages_ratios_over_the_period():
    """Nights of few requests with many errors weigh little: errors by events, as in the budget's definition."""
    day = ((10, 8 * HOUR, 1.0), (1000, 16 * HOUR, 0.17))
    series = {
        OK: counter(*((rate - bad, count) for _ in range(4) for rate, count, bad in day)),
        FAILED: counter(*((bad, count) for _ in range(4) for _, count, bad in day)),
    }
    end = f"{4 * 24}h"
    done = run(spec(), series, end, evaluation="5m", start="30m")

    truth = (8 * 1.0 + 16 * 0.17) / (8 * 10 + 16 * 1000)
    mean_of_ratios = (8 * 0.1 + 16 * 0.00017) / 24
    assert done.value(RATIO, end) == pytest.approx(truth, rel=0.01)
    assert mean_of_ratios > 40 * truth


@FORMS
@pytest.mark.parametrize("kind", ["failing", "good series gone", "never a good one"])
def test_slokit_sre_falls_silent_in_a_total_outage(counted, kind):
    """100 % errors page, also where the good series vanishes or was never there."""
    warm = {"failing": f"0+60x{HOUR} {60 * HOUR}+0x120", "good series gone": f"0+60x{HOUR} stale _x120"}.get(kind)
    series = ({OK: warm} if warm else {}) | {FAILED: f"0+0x{HOUR} 60+60x120" if warm else f"0+60x{3 * HOUR}"}
    done = run(spec(counted=counted), series, "3h")

    for at in ("1h10m", "1h30m", "2h", "2h30m", "3h"):
        assert "1h" in done.firing(at).split(), at


def test_slokit_sre_never_fires():
    """Two percent of errors at 99.9 % is a burn of 20: both pages fire, and the outage of all requests too."""
    steady = run(spec(), {OK: "0+98x500", FAILED: "0+2x500"}, "8h20m")
    total = run(spec(), {OK: "0+0x500", FAILED: "0+100x500"}, "8h20m")

    assert steady.firing("1h30m") == "1h 6h"
    assert steady.firing("8h") == "1h 6h"
    assert total.firing("8h") == "1h 6h"


def test_slokit_sre_misses_a_slow_burn():
    """0.2 % of errors spend the budget in 15 days: a ticket, and no page."""
    days = 4 * 24 * HOUR
    done = run(spec(), {OK: f"0+998x{days}", FAILED: f"0+2x{days}"}, f"{days}m", evaluation="5m")

    assert done.firing(f"{days}m") == "3d"


@pytest.mark.parametrize("objective", ["95%", "99%"])
def test_sloth_cannot_page_at_low_objectives(objective):
    """Every tier that compiles can fire: in a total outage each page does, and what could not is refused."""
    done = run(spec(objective), {OK: "0+60x600 36000+0x900", FAILED: "0+0x600 0+60x900"}, "25h")

    assert {"1h", "6h"} <= set(done.firing("20h").split())


@pytest.mark.parametrize("objective", ["93%", "90%", "80%", "50%"])
def test_pages_fire_at_any_objective_with_adapt(objective):
    """Where no outage can reach 14.4 or 6, `policy: adapt` has pages that one reaches: a total outage reaches all."""
    adapt = SPEC.replace("    objective:", "    alerting: {{policy: adapt}}\n    objective:")
    slo = slo_of(adapt.format(objective=objective, counted=BAD, more=""))
    done = run(slo, {OK: "0+60x600 36000+0x1500", FAILED: "0+0x600 0+60x1500"}, "35h")

    pages = {str(tier.long) for tier in slo.policy.tiers if tier.severity == "page"}
    assert pages
    assert pages <= set(done.firing("30h").split())
    assert done.firing("9h") == ""


@pytest.mark.parametrize("objective", ["93%", "90%", "80%", "50%"])
def test_sloth_pyrra_and_slo_guard_write_pages_that_never_fire(objective):
    loaded = slos_from_text("shop.yaml", SPEC.format(objective=objective, counted=BAD, more=""))

    assert "tier-unreachable" in {problem.code for problem in loaded.problems}
    assert not loaded.ok


def one_failure(rate: int, more: str = ""):
    """Give seven hours of so many requests an hour, one of which fails after six and a half."""
    gap = HOUR // rate
    series = {OK: counter(*(((1, 1), (0, gap - 1)) * (rate * 7))), FAILED: counter((0, 390), (1, 1), (0, 29))}
    return run(spec(more=more), series, "7h")


@pytest.mark.parametrize("rate", [6, 12, 60])
def test_all_of_them_page_for_one_failure_at_low_traffic(rate):
    """One failure among some ten requests an hour pages everybody; with min_events nobody."""
    unguarded, guarded = one_failure(rate), one_failure(rate, "min_events: 100")

    assert "1h" in unguarded.firing("6h33m")
    assert guarded.spans() == {}


def test_low_traffic_is_said_before_it_pages():
    """With a declared rate, check warns where one failure would page."""
    text = SPEC.format(objective="99.9%", counted=BAD, more="") + "    expected_rate: 10/h\n"
    loaded = slos_from_text("shop.yaml", text)

    assert [problem.code for problem in loaded.problems] == ["one-failure-pages"]


def test_min_events_does_not_silence_a_real_outage():
    done = run(spec(more="min_events: 100"), {OK: "0+60x60 3600+0x60", FAILED: "0+0x60 0+60x60"}, "2h")

    assert "1h" in done.firing("1h30m")


def test_sloth_keeps_alerting_after_traffic_has_stopped():
    """After an outage of twenty minutes all traffic stops: no alert outlives the last ratio of its short window.

    The last events are those of the 621st minute, so five minutes have their last ratio in the 625th, which stands for
    thirty; thirty have it in the 650th, for sixty. Then each tier fires for five minutes more.
    """
    series = {OK: "0+60x600 36000+0x180", FAILED: "0+0x600 0+60x20 1200+0x160"}
    done = run(spec(), series, "13h", evaluation="1m")

    for tier, last in (("1h", 625 + 30 + 4), ("6h", 650 + 60 + 4)):
        assert tier in done.firing(f"{last}m").split()
        assert tier not in done.firing(f"{last + 1}m").split()
    assert done.firing("12h40m") == ""


@FORMS
def test_all_of_them_cannot_tell_idle_from_gone(counted):
    """Idle counters are silent; vanished ones raise the no-data alert, and nothing else."""
    slo = spec(counted=counted)
    idle = run(slo, {OK: "0+60x60 3600+0x180", FAILED: "0+0x240"}, "4h")
    gone = run(slo, {OK: "0+60x60 stale _x180", FAILED: "0+0x60 stale _x180"}, "4h")

    assert idle.spans() == {}
    assert gone.firing("1h10m") == ""
    assert gone.firing("1h30m") == "NoData"
    assert set(gone.spans()) == {"NoData"}


def test_pyrra_pages_critical_where_there_are_simply_no_errors():
    """An error counter under a name of its own that has not been born yet is no missing data."""
    slo = slo_of(SPEC.format(objective="99.9%", counted="bad: http_errors_total", more=""))
    done = run(slo, {OK: "0+60x120"}, "2h")

    assert done.spans() == {}
    assert slo.no_data_severity == "ticket"


def test_pyrra_never_alerts_for_a_selector_with_a_not_empty_matcher():
    """Rules select by identity, never by what the input was selected by."""
    text = SPEC.format(objective="99.9%", counted=BAD, more="").replace('job="shop"', 'job="shop",env!=""')
    series = {name.replace("{", '{env="prod",'): values for name, values in ((OK, "0+0x60"), (FAILED, "0+60x60"))}

    assert "1h" in run(slo_of(text), series, "1h").firing("50m")


def test_pyrra_adds_up_two_slos_on_one_total():
    """Two SLOs on the same requests keep their own figures; Pyrra's long window counts both twice."""
    text = SPEC.format(objective="99.9%", counted=BAD, more="")
    second = text.partition("slos:\n")[2].replace("name: api", "name: client").replace("5..", "4..")
    series = {OK: "0+98x300", FAILED: "0+1x300", 'http_requests_total{job="shop",code="404"}': "0+1x300"}
    done = run(slo_of(text), series, "5h")
    both = evaluate_rules(
        load_rules(rule_text(slos_from_text("x", text + second).slos), file="r").groups,
        storage_of(series),
        0,
        5 * 3_600_000,
        60_000,
    )
    totals = [float(s.values[-1]) for s in both.storage if dict(s.labels)["__name__"] == naming.tile("total", TILE)]

    assert done.value(RATIO, "5h") == pytest.approx(0.01)
    assert totals == [pytest.approx(100 / 60), pytest.approx(100 / 60)]


def test_sloth_breaks_its_rules_for_a_month_when_a_label_changes():
    """A new owner or label touches no recorded series, so history goes on and no rule fails."""
    old = spec()
    new = replace(old, labels=(("tier", "gold"),), owner=replace(old.owner, team="other"))
    storage = storage_of({OK: "0+99x1500", FAILED: "0+1x1500"})
    groups = [load_rules(rule_text((slo,)), file="r").groups for slo in (old, new)]
    first = evaluate_rules(groups[0], storage, 0, 12 * 3_600_000, 60_000)
    second = evaluate_rules(groups[1], first.storage, 12 * 3_600_000 + 60_000, 24 * 3_600_000, 60_000)

    assert first.failures == second.failures == []
    ratios = [series for series in second.storage if dict(series.labels)["__name__"] == RATIO]
    assert len(ratios) == 1
    assert ratios[0].values[-1] == pytest.approx(0.01)


def test_sloth_has_an_infinite_budget_when_the_objective_changes():
    """From 99 % to 99.9 %: the figures jump, and stay figures.

    All but 21 of the 720 hours are to come, since what is seen is rounded up to an hour.
    """
    slos = [spec("99%"), spec("99.9%")]
    storage = storage_of({OK: "0+99x1500", FAILED: "0+1x1500"})
    done = evaluate_rules(load_rules(rule_text((slos[0],)), file="r").groups, storage, 0, 36_000_000, 60_000)
    done = evaluate_rules(
        load_rules(rule_text((slos[1],)), file="r").groups, done.storage, 36_060_000, 72_000_000, 60_000
    )
    left = next(series for series in done.storage if dict(series.labels)["__name__"] == LEFT)

    assert all(isfinite(value) for value in left.values)
    before, after = (float(left.values[int(np.searchsorted(left.times, hour * 3_600_000))]) for hour in (10, 20))
    assert before == pytest.approx(1 - 1 * 10 / (10 + 720 - 11), abs=0.001)
    assert after == pytest.approx(1 - 10 * 20 / (20 + 720 - 21), abs=0.001)


def test_pyrra_has_no_burn_rate_for_groups_without_errors():
    """Each group has its figures and its alerts; one that has no errors has 0, not nothing."""
    slo = spec(more="by: [route]")
    series = {
        'http_requests_total{job="shop",route="a",code="200"}': "0+98x120",
        'http_requests_total{job="shop",route="a",code="500"}': "0+2x120",
        'http_requests_total{job="shop",route="b",code="200"}': "0+100x120",
    }
    done = run(slo, series, "2h")

    found = {dict(s.labels)["route"]: s.values[-1] for s in done.evaluation.storage if _named(s, BURN)}
    assert found == {"a": pytest.approx(20), "b": 0}
    firing = {dict(s.labels)["route"] for s in done.evaluation.storage if _fires(s)}
    assert firing == {"a"}


def _fires(series):
    return _named(series, "ALERTS") and dict(series.labels)["alertstate"] == "firing"


def _named(series, name):
    return dict(series.labels)["__name__"] == name


def test_pyrra_misreads_a_gauge_of_0_and_1():
    """A boolean gauge is a threshold on slices: down for eleven minutes of an hour is a page."""
    text = """
version: burnproof/v1
service: shop
slos:
  - {name: up, objective: 99%, sli: {threshold: {value: 'min(up{job="shop"})', op: "==", bound: 1, slice: 1m}}}
"""
    done = run(slo_of(text), {'up{job="shop"}': "1x119 0x10 1x60"}, "3h")

    assert "1h" in done.firing("2h11m")
    assert done.firing("2h50m") == ""
    assert done.value(RATIO, "3h") == pytest.approx(11 / 180, abs=0.01)


def test_slo_guard_alerts_far_inside_the_objective():
    """A period of a day at 95 %: errors at half of the budget's rate stay silent on every tier."""
    text = SPEC.format(objective="95%", counted=BAD, more="").replace(
        "scrape_interval: 1m", "scrape_interval: 15s\nwindow: 1d"
    )
    slo = slo_of(text)
    done = run(slo, {OK: "0+244x3000", FAILED: "0+6x3000"}, "12h", interval="15s")

    assert done.spans() == {}


def fragment(slo):
    """Give the part of Alertmanager's configuration that is written for an SLO."""
    plan = make_plan((slo,), kinds=("alertmanager",))
    return yaml.safe_load(render(plan, {}, None, ("alertmanager",))["alertmanager/fragment.yaml"])


def matches(alert, matchers):
    """Tell whether all matchers, such as `severity=~"page"`, fit an alert, as Alertmanager reads them."""
    for matcher in matchers:
        name, operator, value = re.fullmatch(r'(\w+)(=~|!~|!=|=)"(.*)"', matcher).groups()
        have = alert.get(name, "")
        fits = re.fullmatch(value, have) is not None if "~" in operator else have == value
        if fits == operator.startswith("!"):
            return False
    return True


def inhibited(alert, alerts, rules):
    """Tell whether a firing alert silences another: both fit a rule, and are the same in what it calls equal."""
    return any(
        matches(alert, rule["target_matchers"])
        and matches(source, rule["source_matchers"])
        and all(alert.get(name, "") == source.get(name, "") for name in rule["equal"])
        for rule in rules
        for source in alerts
    )


def test_a_notification_per_incident_and_not_three():
    """Pages and tickets of one SLO are one group, in which Alertmanager's rules let the pages silence the ticket."""
    slo = spec()
    done = run(slo, {OK: "0+0x1600", FAILED: "0+100x1600"}, "26h", evaluation="5m")
    alerts = [dict(alert.labels) for alert in done.evaluation.alerts if dict(alert.labels).get("slo_tier")]
    config = fragment(slo)

    assert {alert["severity"] for alert in alerts} == {"page", "ticket"}
    heard = [alert for alert in alerts if not inhibited(alert, alerts, config["inhibit_rules"])]
    assert {alert["severity"] for alert in heard} == {"page"}
    assert len({tuple(alert.get(name, "") for name in config["route"]["group_by"]) for alert in heard}) == 1
    other = [{**alert, "slo_id": "shop-other"} for alert in alerts if alert["severity"] == "ticket"]
    assert not any(inhibited(alert, [*alerts, *other], config["inhibit_rules"]) for alert in other)


def clusters():
    """Give the same requests from two clusters, of which one fails in ten."""
    rates = {"a": (54, 6), "b": (60, 0)}
    return {
        f'{series[:-1]},cluster="{cluster}"}}': f"0+{rate}x600"
        for cluster, each in rates.items()
        for series, rate in zip((OK, FAILED), each, strict=True)
    }


@FORMS
def test_sloth_doubles_its_series_over_clusters(counted):
    """Two clusters in one store are one SLO, or one each, and no rule fails for series that are there twice."""
    whole = run(spec(counted=counted), clusters(), "10h")
    each = run(spec(counted=counted, more="by: [cluster]"), clusters(), "10h")

    assert whole.value("slo:sli_error:ratio_rate1h", "10h") == pytest.approx(0.05)
    assert each.values("slo:sli_error:ratio_rate1h", "10h") == pytest.approx([0, 0.1], abs=1e-9)
    assert each.values('count(ALERTS{alertstate="firing",cluster="a"}) > 0', "10h")
    assert not each.values('ALERTS{alertstate="firing",cluster!="a"}', "10h")


@pytest.mark.parametrize("served", [60, 66], ids=["all served", "more than all"])
def test_pyrra_does_not_notice_more_successes_than_requests(served):
    """A service that answers more than it is asked has counters that cannot be right; no budget grows from that."""
    slo = spec(counted='good: served_total{job="shop"}')
    done = run(slo, {OK: "0+60x300", 'served_total{job="shop"}': f"0+{served}x300"}, "5h")

    assert any(name.endswith("BadData") for name in done.spans()) == (served > 60)
