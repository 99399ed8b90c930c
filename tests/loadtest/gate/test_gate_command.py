"""``burnproof gate`` and ``burnproof baseline`` as a user runs them: output, exit codes, no traceback."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass

import pytest

from burnproof.cli import main
from places import PATIENCE
from result_samples import EXAMPLES, LOCUST_HEADER, locust, locust_row, record, spec, streaming


@dataclass(frozen=True)
class Done:
    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def burnproof(tmp_path, capsys, monkeypatch):
    """Run burnproof in this process, for speed; what a process of its own adds is tested once, below."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)

    def run(*arguments, env=()):
        with monkeypatch.context() as patch:
            for name, value in dict(env).items():
                patch.setenv(name, value)
            with pytest.raises(SystemExit) as left:
                main(list(arguments))
        shown = capsys.readouterr()
        return Done(left.value.code or 0, shown.out, shown.err)

    return run


@pytest.fixture
def streaming_spec(tmp_path):
    shutil.copy(EXAMPLES / "streaming-gate.yaml", tmp_path / "slos.yaml")
    return tmp_path


def gate(burnproof, folder, text, *arguments, name="result.json", **options):
    (folder / name).write_text(text)
    return burnproof("gate", name, "--spec", "slos.yaml", *arguments, **options)


PASSED = """\
[PASS] streaming/first-byte-p95: metrics.first_byte_latency_ms.p95 38.91 ms (target: <= 500 ms; headroom: 461.09 ms) in result.json
[PASS] streaming/throughput-p5: metrics.message_throughput_per_sec.p5 28.03 messages/sec/debate (target: >= 10 messages/sec/debate; headroom: 18.03 messages/sec/debate) in result.json
[PASS] streaming/reconnection: metrics.reconnection.success_rate 99.5146% (target: >= 99%; headroom: 51.5% of the error budget) in result.json
[PASS] streaming/completion-p99: metrics.debate_completion_s.p99 0.812 s (target: <= 30 s; headroom: 29.188 s) in result.json
[PASS] streaming/success-rate: results.success_rate 99.89% (target: >= 95%; headroom: 97.8% of the error budget) in result.json
5 passed, 0 warned, 0 failed: PASS
"""  # noqa: E501 - lines of output


def test_a_pass(burnproof, streaming_spec):
    done = gate(burnproof, streaming_spec, streaming())

    assert (done.stdout, done.returncode) == (PASSED, 0)


def test_a_failure_says_why_and_ends_with_1(burnproof, streaming_spec):
    done = gate(burnproof, streaming_spec, streaming(first_byte=500.01))

    assert done.returncode == 1
    assert "first_byte_latency_ms.p95 500.01 ms (target: <= 500 ms; headroom: -0.01 ms)" in done.stdout
    assert "       It is above the target.\n" in done.stdout
    assert done.stdout.endswith("4 passed, 0 warned, 1 failed: FAIL\n")


@pytest.mark.parametrize(
    ("numbers", "arguments", "code"),
    [
        ({"first_byte": 400}, (), 0),
        ({"first_byte": 400}, ("--strict",), 1),
        ({"first_byte": 600}, ("--report-only",), 0),
        ({"first_byte": 600}, ("--only", "completion-*"), 0),
        ({"first_byte": 600}, ("--only", "streaming/first-byte-p95"), 1),
        ({"first_byte": 600}, ("--only", "nothing"), 2),
        ({"completed": 0, "failed": 9}, (), 1),
    ],
)
def test_exit_codes(burnproof, streaming_spec, numbers, arguments, code):
    assert gate(burnproof, streaming_spec, streaming(**numbers), *arguments).returncode == code


@pytest.mark.parametrize(
    ("variable", "value", "numbers", "code"),
    [
        ("SLO_FIRST_BYTE_P95_MS", "250", {"first_byte": 260}, 1),
        ("SLO_MSG_THROUGHPUT_MIN", "20", {"throughput": 19}, 1),
        ("SLO_RECONNECT_RATE_MIN", "0.999", {}, 1),
        ("SLO_COMPLETION_P99_S", "60", {"completion": 45}, 0),
    ],
)
def test_variables_override_at_run_time(burnproof, streaming_spec, variable, value, numbers, code):
    done = gate(burnproof, streaming_spec, streaming(**numbers), env={variable: value})

    assert done.returncode == code


def test_a_target_that_a_variable_sets_says_so(burnproof, streaming_spec):
    def gated(*options, value="0.25s"):
        variables = {"SLO_FIRST_BYTE_P95_MS": value}
        return gate(burnproof, streaming_spec, streaming(first_byte=260), *options, env=variables).stdout

    assert "260 ms (target: <= 250 ms; SLO_FIRST_BYTE_P95_MS says 0.25 s, the spec 500 ms; headroom" in gated()
    assert "| &lt;= 250 ms (SLO_FIRST_BYTE_P95_MS says 0.25 s, the spec 500 ms) |" in gated("--markdown")
    first, second, *_ = json.loads(gated("--json"))["verdicts"]
    assert (first["target"], second["override"]) == (250, None)
    assert first["override"] == {
        "variable": "SLO_FIRST_BYTE_P95_MS", "target": 0.25, "unit": "s", "spec_target": 500, "spec_unit": "ms"
    }  # fmt: skip
    assert "SLO_" not in gated(value=" ")


@pytest.mark.parametrize("value", ["fast", "99%"])
def test_an_unusable_variable_shows_no_target_of_the_spec(burnproof, streaming_spec, value):
    variables = {"SLO_FIRST_BYTE_P95_MS": value}

    done = gate(burnproof, streaming_spec, streaming(first_byte=1), env=variables)

    line = done.stdout.splitlines()[0]
    assert line.startswith("[FAIL] streaming/first-byte-p95: metrics.first_byte_latency_ms.p95 no value (")
    assert "target: <= 500" not in line
    assert "SLO_FIRST_BYTE_P95_MS" in line


def test_json(burnproof, streaming_spec):
    done = gate(burnproof, streaming_spec, streaming(successes=407), "--json")

    document = json.loads(done.stdout)
    assert (document["schema"], document["outcome"], done.returncode) == ("burnproof/gate/v1", "FAIL", 1)
    bad = document["verdicts"][2]
    assert (bad["slo"], bad["outcome"], bad["target"], bad["unit"]) == ("streaming/reconnection", "FAIL", 0.99, "ratio")
    assert bad["actual"] == pytest.approx(407 / 412)
    assert bad["place"] == "slos.yaml:28:9"


def test_markdown(burnproof, streaming_spec):
    done = gate(burnproof, streaming_spec, streaming(first_byte=301), "--markdown")

    assert done.stdout.startswith("## SLO gate: WARN\n\n|  | SLO | Metric | Actual | Target | Headroom | Remarks |\n")
    row = "| WARN | streaming/first-byte-p95 | metrics.first_byte_latency_ms.p95 | 301 ms | &lt;= 500 ms | 199 ms | It is beyond the level concern. |"  # noqa: E501 - a line of output
    assert row in done.stdout.splitlines()


def test_github_annotations_stand_at_the_spec(burnproof, streaming_spec):
    wanted = gate(burnproof, streaming_spec, streaming(first_byte=501), "--github").stdout
    found = gate(burnproof, streaming_spec, streaming(first_byte=501), env={"GITHUB_ACTIONS": "true"}).stdout

    assert wanted.startswith("::error file=slos.yaml,line=11,endLine=11")
    assert wanted in found


def test_a_file_that_is_not_there_and_nothing_to_judge_end_with_2(burnproof, streaming_spec):
    missing = burnproof("gate", "nowhere.json", "--spec", "slos.yaml")
    nothing = burnproof("gate", "--spec", "slos.yaml")

    assert (missing.returncode, nothing.returncode) == (2, 2)
    assert "nowhere.json" in missing.stderr
    assert "name result files" in nothing.stderr


def test_specs_with_problems_judge_nothing(burnproof, tmp_path):
    (tmp_path / "slos.yaml").write_text(spec("{metric: a, at_most: fast}"))

    done = gate(burnproof, tmp_path, '{"a": 1}')

    assert (done.returncode, done.stdout) == (1, "")
    assert "slos.yaml:5:" in done.stderr


@pytest.mark.parametrize("text", ["", LOCUST_HEADER, LOCUST_HEADER + "\n,Aggregated,1", "\x00"])
def test_a_damaged_file_fails_by_itself(burnproof, tmp_path, text):
    (tmp_path / "slos.yaml").write_text(spec("{metric: a, at_most: 1}"))
    (tmp_path / "good.json").write_text('{"a": 1}')
    (tmp_path / "bad.csv").write_text(text)

    done = burnproof("gate", "good.json", "bad.csv", "--spec", "slos.yaml")

    assert done.returncode == 1
    assert done.stdout.startswith("[FAIL] bad.csv\n")


FACTS = ("--operation", "checkout", "--environment", "ci", "--app-version", "1.0", "--users", "50", "--duration", "2m")


def test_record_list_compare_and_gate_against_a_baseline(burnproof, tmp_path):
    (tmp_path / "slos.yaml").write_text(spec("{metric: Aggregated/95%, at_most: 500ms, baseline: 20%}"))
    (tmp_path / "before_stats.csv").write_text(locust(locust_row(**{"95%": "100"})))
    (tmp_path / "slower_stats.csv").write_text(locust(locust_row(**{"95%": "121"})))
    (tmp_path / "same_stats.csv").write_text(locust(locust_row(**{"95%": "120"})))

    assert burnproof("baseline", "record", "before_stats.csv", *FACTS).returncode == 0
    assert "checkout" in burnproof("baseline", "list").stdout

    same = burnproof("gate", "same_stats.csv", "--spec", "slos.yaml", "--baseline", "baselines", *FACTS)
    slower = burnproof("gate", "slower_stats.csv", "--spec", "slos.yaml", "--baseline", "baselines", *FACTS)
    unlike = burnproof(
        "gate", "same_stats.csv", "--spec", "slos.yaml", "--baseline", "baselines", *FACTS[:-3], "51", *FACTS[-2:]
    )
    assert (same.returncode, slower.returncode, unlike.returncode) == (0, 1, 1)
    assert "It is more than 20% worse than the baseline of 100 ms." in slower.stdout
    assert "The number of users differs: 51, and 50 in the baseline." in unlike.stdout

    compared = burnproof("baseline", "compare", "slower_stats.csv", *FACTS)
    assert compared.returncode == 1
    assert "REGRESSION" in compared.stdout
    refused = burnproof("baseline", "compare", "slower_stats.csv", *FACTS[:-1], "10m")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "The duration differs: 600 s, and 120 s in the baseline." in refused.stderr


def test_a_run_is_not_compared_with_itself(burnproof, tmp_path):
    """Recorded first and gated then, it would be its own baseline, and no regression could show."""
    (tmp_path / "slos.yaml").write_text(spec("{metric: Aggregated/95%, at_most: 500ms, baseline: 20%}"))
    odd = {"requests": 3001, "failures": 7}  # a quotient that no float keeps
    (tmp_path / "first_stats.csv").write_text(locust(locust_row(**{"95%": "100", **odd})))
    (tmp_path / "second_stats.csv").write_text(locust(locust_row(**{"95%": "300"})))
    gate = ("--spec", "slos.yaml", "--baseline", "baselines", *FACTS)

    assert burnproof("baseline", "record", "first_stats.csv", *FACTS).returncode == 0
    alone = burnproof("gate", "first_stats.csv", *gate)
    recorded = burnproof("gate", *map(str, (tmp_path / "baselines").glob("*.json")), *gate)
    second = burnproof("gate", "second_stats.csv", *gate)

    assert "no baseline of the operation 'checkout' is older than the run itself" in alone.stdout
    assert "0 passed, 1 warned, 0 failed: WARN" in alone.stdout + alone.stderr
    assert (alone.returncode, recorded.returncode, second.returncode) == (0, 0, 1)
    assert "worse than the baseline of 100 ms" in second.stdout


def test_compare_looks_for_what_is_older(burnproof, tmp_path):
    for day, p95 in ((1, 4000.0), (2, 5000.0), (3, 9000.0)):
        (tmp_path / "run.json").write_text(record(timestamp=f"2024-01-0{day}T00:00:00", response_time_p95=p95))
        assert burnproof("baseline", "record", "run.json").returncode == 0
    first, second, _ = map(str, sorted((tmp_path / "baselines").glob("*.json")))

    assert "20240101" in burnproof("baseline", "compare", second).stderr.partition(" against ")[2]
    itself = burnproof("baseline", "compare", first, "--baseline", first)
    assert (itself.returncode, "they are the same run" in itself.stderr) == (2, True)
    assert "is older than the run itself" in burnproof("baseline", "compare", first).stderr


def test_trend_and_thresholds(burnproof, tmp_path):
    files = [f"{day}.json" for day in range(1, 11)]
    for day, name in enumerate(files, start=1):
        text = record(timestamp=f"2024-01-{day:02}T00:00:00", response_time_p95=4000.0 + 100 * day)
        (tmp_path / name).write_text(text)
    assert burnproof("baseline", "record", *files).returncode == 0

    options = ("--operation", "content_generation_baseline", "--end", "2024-01-12T00:00:00")
    month = burnproof("baseline", "trend", *options, "--days", "30")
    few = burnproof("baseline", "trend", *options, "--days", "4")

    assert month.stdout.startswith("content_generation_baseline: degrading (10 runs in 30 days)")
    assert few.stdout.startswith("content_generation_baseline: cannot tell (3 runs in 4 days)")
    assert burnproof("baseline", "trend", *options, "--strict").returncode == 1
    made = burnproof(
        "baseline", "thresholds", "--target", "p95=5000ms", "--target", "rps=5", "--target", "errors=5%"
    ).stdout
    for cell in ("6250 ms", "7500 ms", "4.5 rps", "4 rps", "6%", "10%"):
        assert cell in made


def test_distances_are_a_rule_per_metric(burnproof):
    targets = ("--target", "p95=100ms", "--target", "rps=50", "--target", "errors=0.1%")

    made = burnproof("baseline", "thresholds", *targets, "--distance", "errors=0.1pp,0.4pp")

    assert [line.split()[-1] for line in made.stdout.splitlines()[1:] if "Error rate" in line] == ["0.2%", "0.5%"]
    assert [line.split()[-2] for line in made.stdout.splitlines()[1:] if "P95" in line] == ["125", "150"]


@pytest.mark.parametrize("option", ["errors=1", "errors=1pp", "latency=1%,2%", "p95=", "errors=1pp,2pp,3pp"])
def test_distances_that_cannot_be_read(burnproof, option):
    done = burnproof("baseline", "thresholds", "--target", "p95=100ms", "--distance", option)

    assert (done.returncode, done.stdout) == (2, "")


@pytest.mark.parametrize(
    "arguments", [("baseline",), ("baseline", "--help"), ("gate", "--help"), ("baseline", "trend", "-h")]
)
def test_help(burnproof, arguments):
    done = burnproof(*arguments)

    assert "Usage: burnproof" in done.stdout + done.stderr


def test_as_a_process_a_variable_of_the_environment_decides(streaming_spec):
    (streaming_spec / "result.json").write_text(streaming(first_byte=260))
    command = [sys.executable, "-m", "burnproof", "gate", "result.json", "--spec", "slos.yaml", "--quiet"]

    codes = [
        subprocess.run(
            command, cwd=streaming_spec, env=os.environ | extra, capture_output=True, check=False, timeout=PATIENCE
        ).returncode
        for extra in ({}, {"SLO_FIRST_BYTE_P95_MS": "250"})
    ]

    assert codes == [0, 1]
