#!/usr/bin/env bash
# usage: Tests/record.sh SUITE COMMAND...   runs a suite, shows what it prints, and keeps its closing lines for Tests/summary.py
set -uo pipefail
suite=$1; shift
folder=.build/suites
mkdir -p "$folder"
printf '\n== %s\n' "$suite"
# SwiftPM leaves a folder TemporaryDirectory.XXXXXX behind for much of what it runs: they go with this one.
if [[ " $* " == *" swift "* ]]; then
    TMPDIR=$(mktemp -d "${TMPDIR:-/tmp}/proofline-$suite.XXXXXX")
    export TMPDIR
    trap 'rm -rf "$TMPDIR"' EXIT
fi
"$@" 2>&1 | tee "$folder/$suite.log"
status=${PIPESTATUS[0]}
echo "$status" > "$folder/$suite.status"
exit "$status"
