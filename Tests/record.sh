#!/usr/bin/env bash
# usage: Tests/record.sh SUITE COMMAND...   runs a suite, shows what it prints, and keeps its closing lines for Tests/summary.py
set -uo pipefail
suite=$1; shift
folder=.build/suites
mkdir -p "$folder"
printf '\n== %s\n' "$suite"
"$@" 2>&1 | tee "$folder/$suite.log"
status=${PIPESTATUS[0]}
echo "$status" > "$folder/$suite.status"
exit "$status"
