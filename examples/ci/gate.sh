#!/usr/bin/env bash
# Load a target and judge the run by its SLOs, on a laptop as in CI: gate.sh [OPTIONS of burnproof load run]...
#   TARGET   whom to load; without it the demo is started, and stopped at the end
#   PROFILE  what to do to it: a shipped profile or a YAML file              [ci]
#   SPEC     the SLOs to judge the run by                                    [examples/streaming-gate.yaml]
#   RESULTS  where record, page and verdict stay, whatever the verdict is    [build/gate]
# Exit codes: 0 passed, 1 a failed objective, 2 no run could be made or judged.
set -euo pipefail
burnproof=${BURNPROOF:-burnproof} profile=${PROFILE:-ci} results=${RESULTS:-build/gate}
spec=${SPEC:-examples/streaming-gate.yaml} target=${TARGET:-}

mkdir -p "$results"
rm -f "$results"/{run.json,run.md,gate.md,gate.json} # an old verdict must not pass for this run's

if [ -z "$target" ]; then
    log=$results/demo.log
    "$burnproof" demo --no-prometheus --traffic off --port 0 2> "$log" &
    demo=$!
    trap 'kill "$demo" 2> /dev/null || true; wait "$demo" 2> /dev/null || true' EXIT
    for _ in $(seq 300); do
        target=$(sed -n 's/^Demo: //p' "$log")
        if [ -n "$target" ] || ! kill -0 "$demo" 2> /dev/null; then break; fi
        sleep 0.1
    done
    [ -n "$target" ] || { cat "$log" >&2; echo "The demo did not start." >&2; exit 2; }
fi

"$burnproof" load run "$profile" --host "$target" --output "$results/run.json" "$@"

# Once for people who read it later, once for programs, once for the terminal and the exit code.
"$burnproof" gate "$results/run.json" --spec "$spec" --quiet --report-only --markdown > "$results/gate.md"
"$burnproof" gate "$results/run.json" --spec "$spec" --quiet --report-only --json > "$results/gate.json"
"$burnproof" gate "$results/run.json" --spec "$spec"
