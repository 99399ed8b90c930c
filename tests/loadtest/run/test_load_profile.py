"""Profiles: the shipped ones are those of the seeds, own ones are checked, changes keep their shape."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from burnproof.loadtest.run.profile import shortfall
from burnproof.loadtest.run.reading import (
    NoProfileError,
    changed,
    load_profile,
    profile_from_text,
    profile_of_order,
    shipped,
    work_order,
)
from burnproof.model.quantities import duration

# name, operation, users at the height, seconds
SHIPPED = [
    ("smoke", "streaming_smoke", 5, 10),
    ("default", "streaming_baseline", 50, 60),
    ("stress", "streaming_stress", 200, 300),
    ("soak", "streaming_soak", 50, 3600),
    ("ci", "streaming_ci", 20, 30),
    ("traces-normal", "traces_normal", 10, 300),
    ("traces-spike", "traces_spike", 100, 130),
    ("traces-soak", "traces_soak", 20, 3600),
    ("api-mixed", "api_mixed", 100, 300),
    ("api-staged", "api_staged", 100, 540),
    ("health", "health_check_baseline", 5, 180),
    ("content", "content_generation_baseline", 10, 300),
    ("mixed", "mixed_workload_baseline", 20, 600),
    ("content-stress", "content_stress", 50, 300),
    ("content-spike", "content_spike", 50, 300),
]
HEAD = "version: burnproof/load/v1\nname: own\n"
BODY = "endpoints: [{path: /a}]\n"
NAMED = "endpoints: [{name: a, path: /a}]\n"


def read(text):
    loaded = profile_from_text("own.yaml", HEAD + text)
    return loaded.profile, [f"{found.span}: {found.message}" for found in loaded.problems]


def good(text):
    profile, problems = read(text)
    assert problems == []
    return profile


@pytest.mark.parametrize(("name", "operation", "users", "seconds"), SHIPPED)
def test_shipped_profiles_are_those_of_the_baselines(name, operation, users, seconds):
    profile = load_profile(name).profile

    assert profile is not None
    assert (profile.name, profile.record_name, profile.most_users, profile.seconds) == (name, operation, users, seconds)


def test_no_profile_is_shipped_untested():
    assert sorted(shipped()) == sorted(name for name, *_ in SHIPPED)


def test_the_mix_of_traces_is_half_reads_three_tenths_singles_a_fifth_batches():
    weights = {endpoint.title: endpoint.weight for endpoint in load_profile("traces-normal").profile.endpoints}

    assert weights == {"get-trace": 25, "list-traces": 25, "create-trace": 30, "create-batch": 20}


def test_a_batch_has_a_hundred_traces():
    batch = load_profile("traces-normal").profile.endpoints[-1]

    assert len(batch.payload["traces"]) == 100


PROBLEMS = [
    ("", ["own.yaml:1:1: users and duration are missing", "own.yaml:1:1: a profile has either sessions or endpoints"]),
    ("users: 5\nduration: 10s\n", ["own.yaml:1:1: a profile has either sessions or endpoints"]),
    ("users: 0\nduration: 10s\n" + BODY, ["own.yaml:1:1: no stage has any users"]),
    ("users: 5\nduration: 10\n" + BODY, ["own.yaml:4:11: '10' is no length of time"]),
    ("users: many\nduration: 10s\n" + BODY, ["own.yaml:3:8: 'many' is no number"]),
    ("users: 20000\nduration: 10s\n" + BODY, ["own.yaml:3:8: 20000 users are not between 0 and 10000"]),
    ("user: 5\nduration: 10s\n" + BODY, ["own.yaml:3:1: unknown key 'user'"]),
    (
        "users: 1\nduration: 1s\nstages: [{users: 1, duration: 1s}]\n" + BODY,
        ["own.yaml:5:9: stages are given together with users or duration"],
    ),
    ("users: 1\nduration: 1s\nendpoints: [{path: a}]\n", ["own.yaml:5:20: 'a' is no path"]),
    (
        "users: 1\nduration: 1s\nendpoints: [{path: /a}, {path: /a}]\n",
        ["own.yaml:5:25: GET /a is there twice"],
    ),
    ("users: 1\nduration: 1s\nendpoints: [{path: /a, weight: 0}]\n", ["own.yaml:1:1: every weight is 0, so nothing"]),
    (
        "users: 1\nduration: 1s\nendpoints: [{name: a, path: /a}]\nworkflows: [{name: w, steps: [a, b]}]\n",
        ["own.yaml:6:13: the step 'b' is no endpoint's name"],
    ),
    (
        "users: 1\nduration: 1s\nendpoints: [{path: /a, method: POST, body: {x: 1}, repeat: {x: 3}}]\n",
        ["own.yaml:5:13: the body has no list 'x' to repeat"],
    ),
    ("users: 1\nduration: 1s\nwait: 3s to 1s\n" + BODY, ["own.yaml:5:7: '3s to 1s' is no wait"]),
    (
        "users: 1\nduration: 1s\n" + NAMED + "workflows: [{name: w, steps: [{endpoint: a, every: 0}]}]\n",
        ["own.yaml:6:52: 0 is not between 1 and 1000"],
    ),
    ("users: 1\nduration: 1s\nsessions: {path: /ws, rounds: 0}\n", ["own.yaml:5:31: 0 is not between 1 and 1000"]),
    (
        "users: 1\nduration: 1s\nsessions: {path: /ws, reconnect: 110%}\n",
        ["own.yaml:5:34: 110% is no share between 0% and 100%"],
    ),
]


@pytest.mark.parametrize(("text", "problems"), PROBLEMS)
def test_problems_stand_at_their_place(text, problems):
    profile, found = read(text)

    assert profile is None
    assert len(found) == len(problems), found
    assert all(made.startswith(wanted) for made, wanted in zip(found, problems, strict=True)), found


def test_a_body_is_json_with_its_types():
    body = "{a: 1, b: 1.5, c: true, d: null, e: '1', f: [x, {g: y}]}"
    profile = good(f"users: 1\nduration: 1s\nendpoints: [{{path: /a, method: POST, body: {body}}}]\n")

    assert profile.endpoints[0].payload == {"a": 1, "b": 1.5, "c": True, "d": None, "e": "1", "f": ["x", {"g": "y"}]}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("nan", "nan"), ("NaN", "NaN"), ("Infinity", "Infinity"), ("inf", "inf"), ("1_000", "1_000"), ("1e", "1e"),
        ("٣", "٣"), ("12:30", "12:30"), ("-7", -7), ("+7", 7), ("007", 7), ("0x1F", 31), ("0o17", 15), ("1.", 1.0),
        (".5", 0.5), ("-1.5e3", -1500.0), ("True", True), ("FALSE", False), ("no", "no"), ("'5'", "5"),
    ],
)  # fmt: skip
def test_plain_text_is_a_number_where_yaml_says_so(text, value):
    profile = good(f"users: 1\nduration: 1s\nendpoints: [{{path: /a, method: POST, body: {{x: {text}}}}}]\n")

    found = profile.endpoints[0].payload["x"]
    assert (found, type(found)) == (value, type(value))
    json.dumps(found, allow_nan=False)


@pytest.mark.parametrize("text", [".nan", ".inf", "-.INF", "1e999", "9" * 5000])
def test_numbers_that_json_has_not_are_refused(text):
    profile, found = read(f"users: 1\nduration: 1s\nendpoints: [{{path: /a, body: {{x: {text}}}}}]\n")

    assert profile is None
    assert found == [f"own.yaml:5:34: JSON has no number {text[:40]!r}"]


@pytest.mark.parametrize(
    ("text", "wait"), [("0", (0, 0)), ("1s", (1, 1)), ("1s to 3s", (1, 3)), ("50ms to 100ms", (0.05, 0.1))]
)
def test_waits_are_seconds(text, wait):
    assert good(f"users: 1\nduration: 1s\nwait: {text}\n" + BODY).wait == wait


def test_stages_keep_their_shape_when_users_and_duration_change():
    spike = changed(load_profile("content-spike").profile, 10, duration("50s"), None)

    assert [(stage.users, stage.duration.seconds) for stage in spike.stages] == [(1, 10), (10, 10), (1, 30)]
    assert spike.users is None


def test_no_stage_with_users_is_scaled_to_nobody():
    spike = changed(load_profile("content-spike").profile, 1, None, None)
    staged = changed(load_profile("api-staged").profile, 1, None, None)

    assert [stage.users for stage in spike.stages] == [1, 1, 1]
    assert [stage.users for stage in staged.stages] == [1, 1, 0]  # nobody is wanted at its end


RAMPS = [
    ("health", None, "4s", "5 users take 5 s to start at a spawn_rate of 1 a second, longer than there is"),
    ("health", None, "5s", ""),
    ("health", 4, "4s", ""),
    ("content-stress", 100, "30s", "100 users take 33.33 s to start at a spawn_rate of 3 a second"),
    ("smoke", None, "1s", ""),
    ("traces-spike", None, "1s", ""),
    ("api-staged", None, "1s", ""),
]


@pytest.mark.parametrize(("name", "users", "length", "said"), RAMPS)
def test_a_run_too_short_for_its_users_is_said(name, users, length, said):
    found = shortfall(changed(load_profile(name).profile, users, duration(length), None))

    assert found.startswith(said)
    assert bool(found) == bool(said)


def test_users_go_on_being_started_in_the_next_stage():
    stages = "spawn_rate: 1\nstages: [{users: 5, duration: 3s}, {users: 5, duration: 3s}]\n"

    assert shortfall(good(stages + BODY)) == ""
    assert "give a longer --duration" in shortfall(good(stages.replace("3s", "2s") + BODY))


def test_sessions_can_be_changed_and_travel_to_workers():
    smoke = shipped()["smoke"]
    order = work_order(smoke, 5, Decimal("0.25"))
    profile = profile_of_order(order)

    assert (profile.sessions.rounds, profile.sessions.reconnect) == (5, Decimal("0.25"))
    assert (profile.users, profile.seconds) == (5, 10)
    assert profile_of_order(work_order(smoke, None, None)) == profile_from_text("profile", smoke).profile


def test_a_profile_that_is_not_there_is_said_with_those_that_are():
    with pytest.raises(NoProfileError, match="there are api-mixed, api-staged, ci"):
        load_profile("smoek")


FILES = [
    (b"\xff\xfe\x00", "1:1: error: own.yaml is UTF-16, not UTF-8 [encoding]", "= save the file as UTF-8"),
    (
        b"name: caf\xe9\n",
        "1:10: error: byte 0xe9 is not UTF-8 [encoding]",
        "    1 | name: caf\ufffd\n      |          ^\n",
    ),
    (b"", "1:1: error: own.yaml is empty [empty-file]", "= a load profile begins with version: burnproof/load/v1"),
    (
        b"users: [\n",
        "1:8: error: a '[' or '{' is never closed [yaml-syntax]",
        "1 | users: [\n      |        ^\n      = close it",
    ),
]


@pytest.mark.parametrize(("data", "headline", "below"), FILES)
def test_what_is_no_yaml_is_drawn_as_specs_are(burnproof, tmp_path, data, headline, below):
    (tmp_path / "own.yaml").write_bytes(data)

    done = burnproof("load", "run", "own.yaml", check=1)

    assert headline in done.stderr
    assert below in done.stderr


def test_a_byte_order_mark_is_no_problem(tmp_path):
    path = tmp_path / "own.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + (HEAD + "users: 1\nduration: 1s\n" + BODY).encode())

    assert load_profile(str(path)).problems == ()
