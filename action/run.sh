#!/usr/bin/env bash
# Check, drift, proofs and difference; one comment on the pull request, which later runs renew.
# Reads SPECS, OUTPUT, BASE (a git revision), PULL_REQUEST, GITHUB_REPOSITORY and GH_TOKEN. Without the last three there
# is no comment. Exit code: that of the first step that failed.
set -uo pipefail

failed=0
step() {
    echo "::group::burnproof $*"
    burnproof "$@"
    local code=$?
    echo "::endgroup::"
    [ "$failed" -ne 0 ] || failed=$code
}

step check "$SPECS" --strict --format github
if [ -n "${OUTPUT:-}" ]; then
    step generate "$SPECS" -o "$OUTPUT" --check
    step test "$OUTPUT/tests" --quiet
fi

if [ -n "${BASE:-}" ]; then
    git cat-file -e "$BASE^{commit}" 2> /dev/null || git fetch --quiet --depth=1 origin "$BASE"
    told=$(burnproof diff "$BASE" "$SPECS" --specs "$SPECS" --format md)
    code=$?
    if [ "$code" -gt 1 ]; then
        [ "$failed" -ne 0 ] || failed=$code
    else
        printf '%s\n' "$told" >> "${GITHUB_STEP_SUMMARY:-/dev/null}"
        if [ -n "${PULL_REQUEST:-}" ] && [ -n "${GH_TOKEN:-}" ]; then
            comments="repos/$GITHUB_REPOSITORY/issues/$PULL_REQUEST/comments"
            # The comment of an earlier run begins with the marker that `diff --format md` writes.
            earlier=$(gh api --paginate "$comments" \
                --jq '.[] | select(.body | startswith("<!-- burnproof diff -->")) | .id' | head -n 1)
            if [ -n "$earlier" ]; then
                gh api --method PATCH "repos/$GITHUB_REPOSITORY/issues/comments/$earlier" -f body="$told" > /dev/null
            else
                gh api --method POST "$comments" -f body="$told" > /dev/null
            fi || echo "::warning::the comment on the pull request could not be written"
        fi
    fi
fi
exit "$failed"
