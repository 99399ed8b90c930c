"""``burnproof show`` says what the rules do: its arithmetic is the Workbook's, and the engine finds the same times."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from burnproof.model import naming
from burnproof.model.policies import budget_spent
from burnproof.model.quantities import Duration, duration
from burnproof.model.slo import Tier
from burnproof.rules import detection_time
from burnproof.rules.kinds import measure_of
from burnproof.rules.recording import period
from burnproof.show import Assumed, as_text, explain, find, nearest, words
from places import sampled
from simulated import counter, run, slo_of, slos_of

EVENTS = """
version: burnproof/v1
service: shop
scrape_interval: 30s
slos:
  - name: api
    objective: {objective}
    sli: {{ratio: {{total: 'all_total{{job="shop"}}', bad: 'bad_total{{job="shop"}}'}}}}
    {more}
"""
GAUGE = """
version: burnproof/v1
service: shop
slos:
  - name: pool
    objective: 99%
    sli: {threshold: {value: 'pool_use{job="shop"}', op: "<", bound: 80%, slice: 1m}}
"""
CA3_POLICY = "alerting: {policy: single-window}"
WARM = 75 * 60 + 7  # minutes of health before an outage: longer than the longest window, and off every grid


def events(objective: str = "99.9%", more: str = ""):
    return slo_of(EVENTS.format(objective=objective, more=more))


def tiers_of(slo):
    return {str(facts.tier.long): facts for facts in explain(slo, Assumed()).tiers}


# The Site Reliability Workbook, chapter 5: objective, window of the tier, then the time in which a total outage is
# detected and the events among which one failure does not alert. (1 - objective) x window x burn rate; 1 / threshold.
WORKBOOK = [
    ("95%", "6h", 6480, 4),
    ("99%", "1h", 518.4, 7),
    ("99%", "6h", 1296, 17),
    ("99%", "3d", 2592, 100),
    ("99.9%", "1h", 51.84, 70),
    ("99.9%", "6h", 129.6, 167),
    ("99.9%", "1d", 259.2, 334),
    ("99.9%", "3d", 259.2, 1000),
    ("99.99%", "1h", 5.184, 695),
]


@pytest.mark.parametrize(("objective", "window", "detected", "fewest"), WORKBOOK)
def test_detection_of_a_total_outage_and_fewest_events_are_the_workbooks(objective, window, detected, fewest):
    facts = tiers_of(events(objective))[window]

    assert facts.outages[0].detected.seconds == pytest.approx(detected, abs=0.001)
    assert facts.events_for_silence == fewest


@pytest.mark.parametrize(("window", "share"), [("1h", "0.02"), ("6h", "0.05"), ("1d", "0.1"), ("3d", "0.1")])
def test_budget_spent_when_an_alert_fires_is_the_workbooks(window, share):
    spent = [outage.spent for outage in tiers_of(events())[window].outages if outage.spent is not None]

    assert spent
    assert all(float(part) == pytest.approx(float(share), rel=1e-4) for part in spent)


@given(
    objective=st.decimals("0.5", "0.9999", places=4),
    factor=st.decimals("1", "14.4", places=1),
    minutes=st.integers(10, 4320),
    share=st.decimals("0.001", "1", places=3),
)
def test_an_outage_is_detected_exactly_when_it_breaks_the_threshold(objective, factor, minutes, share):
    slo = replace(events(), objective=objective)
    tier = Tier(factor, Duration(minutes * 60_000), None, "page")
    limit = factor * (1 - objective)

    detected = detection_time.detection(slo, measure_of(slo), tier, share)

    assert (detected is None) == (share <= limit)
    if detected is not None:
        assert detected <= tier.long
        # Within a millisecond's rounding, what is spent does not depend on how bad the outage is.
        spent = detection_time.spent(slo, share, detected)
        assert float(spent) == pytest.approx(float(budget_spent(tier, period(slo))), rel=1e-3)


def outage(share: Decimal, minutes: int, after: int) -> dict[str, str]:
    """Give counters with 1000 requests a sample: healthy, then a share of them bad, then healthy again."""
    bad = float(share * 1000)
    return {
        'all_total{job="shop"}': counter((1000, (WARM + minutes + after) * 2)),
        'bad_total{job="shop"}': counter((0, WARM * 2), (bad, minutes * 2), (0, after * 2)),
    }


SIMULATED = [
    pytest.param(events(objective, more), share, id=f"{objective} {name} {share:%}")
    for objective, name, more in (
        ("99.9%", "google", ""),
        ("99.5%", "google", ""),
        ("99.5%", "single-window", CA3_POLICY),
        ("99%", "a week", "window: 7d"),
    )
    for share in (Decimal(1), Decimal("0.1"), Decimal("0.01"))
]


@pytest.mark.parametrize(("slo", "share"), sampled(SIMULATED, every=5))
def test_the_engine_detects_and_resets_when_the_arithmetic_says(slo, share):
    """The judge: the compiled rules, run minute by minute over an outage."""
    facts = [(facts, outage) for facts in tiers_of(slo).values() for outage in facts.outages if outage.share == share]
    longest = max(
        (o.detected.ms + o.lag.ms + (f.tier.short or f.tier.long).ms for f, o in facts if o.detected), default=0
    )
    lasts, after = longest // 60_000 + 10, 26 * 60
    done = run(slo, outage(share, lasts, after), f"{WARM + lasts + after}m", interval="30s", start="1h", offset="17s")
    spans = done.spans()

    begin, end = WARM * 60_000, (WARM + lasts) * 60_000
    counted = {str(one.window): one for one in explain(slo, Assumed()).windows}
    for found, said in facts:
        seen = spans.get(str(found.tier.long), [])
        if said.detected is None:
            assert seen == []
            continue
        assert len(seen) == 1, f"{found.tier.long} fired {seen}"
        late = 30_000 + counted[str(found.tier.long)].every.ms + 60_000 + said.lag.ms
        assert 0 <= seen[0][0] - begin - said.detected.ms <= late, f"{found.tier.long} fires"
        last = counted[str(found.tier.short or found.tier.long)]
        late = last.gone.ms - last.window.ms + last.every.ms + 60_000
        # It fires for the last time one evaluation before it has ended.
        assert -60_000 <= seen[0][1] - end - said.resets.ms <= late, f"{found.tier.long} resets"


@pytest.mark.parametrize("minute", sampled([30 * 60 + 58, 30 * 60 + 3], every=2))
def test_an_event_counts_from_when_until_when_it_is_said_to(minute):
    """One bad request, early or late in its hour, and from when until when each window counts most of it.

    Of what came within one scrape, less than a tenth may stay in a day until its hour leaves: tiles extrapolate.
    """
    slo, scrape = events(), 30_000
    until = minute + 26 * 60
    series = {
        'all_total{job="shop"}': counter((1000, until * 2)),
        'bad_total{job="shop"}': counter((0, minute * 2 - 1), (1, 1), (0, (until - minute) * 2)),
    }
    done = run(slo, series, f"{until}m", interval="30s", start="1h", offset="17s")

    for said in explain(slo, Assumed()).windows:
        if said.window > duration("1d"):
            continue
        name = naming.error_ratio(said.window)
        (found,) = [one for one in done.evaluation.storage if dict(one.labels)["__name__"] == name]
        times = found.times[found.values > found.values.max() / 2]
        assert found.values[found.times > times[-1] + 120_000].max(initial=0) < found.values.max() / 10, name
        # It happened in the half minute before it was scraped.
        latest = minute * 60_000
        earliest = latest - scrape
        assert latest <= times[0] <= earliest + said.seen.ms + said.every.ms, name
        assert latest + said.leaves.ms - said.every.ms <= times[-1] <= earliest + said.gone.ms + said.every.ms, name


@pytest.mark.parametrize("every", sampled([10, 1], every=2))
def test_the_engine_detects_bad_slices_when_the_arithmetic_says(every):
    """One slice in so many is bad: verdicts are wholes, and so is the number that is too many."""
    slo = slo_of(GAUGE)
    lasts = 12 * 60
    bad = " ".join((["0.9"] + ["0.5"] * (every - 1)) * (lasts // every))
    series = {'pool_use{job="shop"}': f"0.5x{WARM - 1} {bad} 0.5x60"}
    spans = run(slo, series, f"{WARM + lasts}m", start="1h").spans()

    share = Decimal(1) / every
    for found in tiers_of(slo).values():
        said = detection_time.detection(slo, measure_of(slo), found.tier, share)
        seen = spans.get(str(found.tier.long), [])
        assert (said is None) == (not seen)
        if said is not None:
            lag = detection_time.lag(slo, measure_of(slo), found.tier, share)
            early, late = every * 60_000, 2 * 60_000 + lag.ms
            assert -early <= seen[0][0] - WARM * 60_000 - said.ms <= late, found.tier.long


@pytest.mark.parametrize(("failures", "fires"), [(0, False), (1, True)])
def test_the_fewest_events_are_where_one_failure_stops_alerting(failures, fires):
    """With one request fewer than said, one failure breaks the threshold of an hour; with as many, it does not."""
    slo = events("99%")
    fewest = tiers_of(slo)["1h"].events_for_silence
    requests = fewest - failures

    assert (Decimal(1) / requests > detection_time.threshold(slo, slo.policy.tiers[0])) == fires


def test_a_guard_of_min_events_keeps_one_failure_silent():
    slo = slo_of(EVENTS.format(objective="99.9%", more="").replace("bad:", "min_events: 70, bad:"))

    assert tiers_of(slo)["1h"].events_for_silence == 1
    assert tiers_of(slo)["6h"].events_for_silence == 167


def test_a_count_fires_at_the_first_number_that_is_too_many():
    spec = """
version: burnproof/v1
service: shop
slos:
  - {name: restarts, sli: {count: {counter: restarts_total, at_most: 2, per: 24h}}}
"""
    facts = tiers_of(slo_of(spec))["1d"]
    done = run(
        slo_of(spec), {"restarts_total": counter((0, 60), (1, 1), (0, 60), (1, 1), (0, 60), (1, 1), (0, 9))}, "3h10m"
    )

    assert facts.count == 3
    assert done.firing("3h") == ""
    assert done.firing("3h10m") == "1d"


def explained(burnproof, slos, *arguments, **options):
    return burnproof("show", *arguments, slos, **options)


@pytest.fixture
def slos(tmp_path):
    path = tmp_path / "slos.yaml"
    path.write_text(EVENTS.format(objective="99.9%", more="") + "---" + GAUGE.replace("shop", "db"))
    return path


@pytest.mark.parametrize("name", ["api", "shop-api", "shop/api"])
def test_an_slo_goes_by_name_id_or_path(burnproof, slos, name):
    done = explained(burnproof, slos, name, check=0)

    assert done.stdout.startswith("shop/api\n")
    assert done.stderr == ""


def test_an_unknown_slo_exits_2_and_names_the_nearest(burnproof, slos):
    done = explained(burnproof, slos, "shop/appi", check=2)

    assert done.stdout == ""
    assert "did you mean shop/api?" in done.stderr


def test_a_name_that_two_services_have_is_asked_back(burnproof, tmp_path):
    path = tmp_path / "two.yaml"
    path.write_text(GAUGE + "---" + GAUGE.replace("service: shop", "service: db"))

    done = burnproof("show", "pool", path, check=2)

    assert "shop/pool, db/pool" in done.stderr


def test_a_spec_with_problems_is_not_explained(burnproof, slos):
    slos.write_text(slos.read_text().replace("99.9%", "101%"))

    done = explained(burnproof, slos, "api", check=1)

    assert done.stdout == ""
    assert "[objective]" in done.stderr


def test_json_has_every_number_of_the_table(burnproof, slos):
    said = json.loads(explained(burnproof, slos, "api", "--format", "json", check=0).stdout)

    assert said["slo"]["objective"] == 0.999
    assert [alert["threshold"] for alert in said["alerts"]] == [0.0144, 0.006, 0.003, 0.001]
    first = said["alerts"][0]
    assert first["severity"] == "page"
    assert [outage["detected_after_seconds"] for outage in first["outages"]] == [51.84, 518.4, None]
    assert first["keep_firing_for_seconds"] == 300
    assert first["outages"][0]["resets_after_seconds"] == pytest.approx(295.68 + 300)
    assert [alert["outages"][0]["detection_lag_seconds"] for alert in said["alerts"]] == pytest.approx(
        # A tile of a minute.
        [0, 0, 60, 60]
    )
    assert [alert["last_ratio_stands_seconds"] for alert in said["alerts"]] == [1800, 3600, 7200, 7200]
    assert first["fewest_events_for_one_failure_to_be_silent"] == 70
    assert said["retention"]["recorded_seconds"] >= 30 * 86_400
    assert said["retention"]["raw_seconds"] == 6 * 3600 + 30
    assert {"record", "alert"} == {key for rule in said["rules"] for key in ("record", "alert") if key in rule}
    assert {rule["group"].removesuffix("-2") for rule in said["rules"]} == {
        "slo-history-shop-api", "slo-windows-shop-api", "slo-records-shop-api", "slo-alerts-shop-api",
    }  # fmt: skip
    seldom = {"history": 1200, "windows": 240}
    apart = [seldom.get(rule["group"].split("-")[1], 60) for rule in said["rules"]]
    assert sum(rule["samples"] / every for rule, every in zip(said["rules"], apart, strict=True)) == pytest.approx(
        said["cost"]["samples_per_second"], abs=0.01
    )


def test_json_says_from_when_until_when_an_event_counts(burnproof, slos):
    said = json.loads(explained(burnproof, slos, "api", "--format", "json", check=0).stdout)

    hour, day = 3600, 86_400
    windows = {one.pop("window"): tuple(one.values()) for one in said["windows"]}
    assert windows["1h"] == ([0, 30], [hour, hour + 30], 60, None)
    assert windows["6h"] == ([0, 30], [6 * hour, 6 * hour + 30], 240, None)
    # It ends with a tile of a minute, and begins with one.
    assert windows["3d"] == ([0, 90], [3 * day, 3 * day + 90], 60, 66 * hour)


@pytest.mark.parametrize("option", [("--series", "0"), ("--interval", "soon"), ("--format", "yaml")])
def test_impossible_options_are_refused_in_a_line(burnproof, slos, option):
    done = explained(burnproof, slos, "api", *option, check=2)

    assert done.stdout == ""


def test_the_cost_follows_the_number_of_series():
    slo = events()
    one, two, three = (explain(slo, Assumed(series=count)).samples_per_second for count in (1, 2, 3))

    assert two - one == pytest.approx(three - two)
    assert two - one > 1


def test_a_wide_terminal_has_a_table_and_a_narrow_one_blocks():
    made = explain(events(), Assumed())
    wide, narrow = (as_text(made, width=width) for width in (120, 50))

    assert re.search(r"severity +windows +burn +fires +100% bad +10% bad +1% bad +spent +resets +tolerated", wide)
    assert re.search(r"page +1h and 5m +14\.4x +above 1\.44% +52s +8m38s +never +2% +9m56s", wide)
    assert re.search(r"ticket +1d and 2h +3x +above 0\.3% +4m19s \+1m +43m12s \+1m +7h12m \+1m +10%", wide)
    assert re.search(r"6h +0s to 30s after it happened +6h to 6h30s later +every 4m +at once", wide)
    assert re.search(r"1d +0s to 1m30s after it happened +1d to 1d1m30s later +every 1m +after 22h", wide)
    assert "window is kept: 5m for 30m, 30m for 1h, 2h for 2h, 6h for 2h." in " ".join(wide.split())
    assert re.search(r"^  100% bad   52s$", narrow, re.MULTILINE)
    prose = narrow.split("Rules (")[0].splitlines()
    assert max(len(line) for line in prose) <= 50


def test_a_query_offset_and_the_lag_of_a_comparison_come_on_top():
    """A slice of a minute that trails by up to two is judged two later; all that waits another minute for its data."""
    text = """
version: burnproof/v1
service: shop
scrape_interval: 15s
query_offset: 1m
slos:
  - {name: api, objective: 99.9%, sli: {ratio: {total: a_total, bad: b_total}}}
  - {name: lag, objective: 99%, sli: {compare: {left: l, op: ">=", right: r, tolerance: 5%, slice: 1m}}}
"""
    api, lag = (explain(slo_of(text, name), Assumed()) for name in ("api", "lag"))
    judged = slo_of(text, "lag").indicator.judged_after(duration("15s"))
    hour = 3_600_000

    (first,) = [one for one in api.windows if one.window.ms == hour]
    assert (first.begins.ms, first.seen.ms) == (60_000, 75_000)
    assert (first.leaves.ms, first.gone.ms) == (hour + 60_000, hour + 75_000)
    assert api.tiers[0].outages[0].lag == duration("1m")
    (first,) = [one for one in lag.windows if one.window.ms == hour]
    assert judged.ms >= 60_000
    assert (first.begins.ms, first.seen.ms) == (judged.ms + 60_000, judged.ms + 60_000 + 75_000)


def test_what_an_adaptive_policy_changed_is_said():
    made = explain(events("90%", "alerting: {policy: adapt}"), Assumed())
    notes = [facts.tier.note for facts in made.tiers if facts.tier.note]

    assert notes
    assert all(note.split()[0] in as_text(made, width=120) for note in notes)


def test_expressions_are_written_on_request():
    made = explain(events(), Assumed())

    assert "sum(rate(" not in as_text(made, width=120)
    assert "sum(rate(" in as_text(made, width=120, promql=True)


def test_finding_prefers_ids_over_names():
    slos = slos_of(GAUGE + "---" + GAUGE.replace("service: shop", "service: db"))

    assert [slo.service for slo in find(slos, "db-pool")] == ["db"]
    assert [slo.service for slo in find(slos, "pool")] == ["shop", "db"]
    assert nearest(slos, "zzz") == "there are shop/pool, db/pool"
    assert nearest((), "zzz") == "there is none"


def test_levels_go_by_their_path_and_name_each_other(burnproof, tmp_path):
    path = tmp_path / "levels.yaml"
    path.write_text(EVENTS.format(objective="99.9%", more="levels: [{name: critical, objective: 99%}]"))

    target, critical = (burnproof("show", name, path, check=0).stdout for name in ("api", "shop/api/critical"))

    assert target.startswith("shop/api\n")
    assert re.search(r"^  levels +shop/api/critical$", target, re.MULTILINE)
    assert critical.startswith("shop/api/critical\n")
    assert "99% over 30d" in critical


def test_times_are_written_to_what_matters():
    texts = [words.time(duration(text)) for text in ("51840ms", "5184ms", "4m19s", "1h47m59s")]

    assert texts == ["52s", "5.2s", "4m19s", "1h48m"]


WEEK = """
version: burnproof/v1
service: shop
window: 7d
slos:
  - name: lag
    objective: 99%
    sli: {threshold: {value: lag, op: "<", bound: 10, slice: 5m}}
"""


@pytest.mark.parametrize("window", sampled(["1h24m", "5h36m", "16h48m"], every=3))
def test_as_many_bad_slices_as_are_said_to_be_tolerated_are(window):
    """Of 84 minutes and slices of five a window has 16 at one time and 17 at another: one of 16 is 6.25 %."""
    slo = slo_of(WEEK)
    facts = tiers_of(slo)[window]
    bad, _ = facts.tolerated_slices

    for count, fires in ((bad, False), (bad + 1, True)):
        lag = f"5x{WARM * 2} 50x{count * 10 - 1} 5x400" if count else f"5x{WARM * 2 + 400}"
        done = run(slo, {"lag": lag}, f"{WARM + count * 5 + 200}m", interval="30s", start="1h")
        assert (str(facts.tier.long) in done.spans()) == fires, (count, fires)


JOURNEY = """
version: burnproof/v1
service: t
slos:
  - {name: light, objective: 99%, sli: {ratio: {total: l_total, bad: l_errors_total}}}
  - {name: heavy, objective: 99%, sli: {ratio: {total: h_total, bad: h_errors_total}}}
  - {name: journey, objective: 99%, sli: {composite: {weighted: {light: 1, heavy: 10}}}}
"""


def test_one_failure_of_the_heaviest_member_is_what_a_composite_has_to_bear():
    """10 / (10 + n - 1) <= 14.4 % needs 61 events; were they alike, 7 would do."""
    assert tiers_of(slo_of(JOURNEY, "journey"))["1h"].events_for_silence == 61
    assert tiers_of(slo_of(JOURNEY, "light"))["1h"].events_for_silence == 7


@pytest.mark.parametrize(("objective", "shown"), [("99.9%", "1.44%"), ("99.99%", "0.144%"), ("99.999%", "0.0144%")])
def test_thresholds_are_shown_as_they_are_in_the_rules(objective, shown):
    assert words.fires(tiers_of(events(objective))["1h"]) == f"above {shown}"
