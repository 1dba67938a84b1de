#!/usr/bin/env bash
# Runs each fuzz target for a time, beginning with what was kept in Fuzz/corpus. A crash, an input that takes longer than a second, or more than
# 256 MiB asked for at once ends with status 1, and the input is left in .build/fuzz/found: mend, and keep it under Fuzz/corpus/TARGET.
#
# usage: Fuzz/run.sh [SECONDS] [TARGET...]
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-60}
shift || true
targets=("$@")
[ ${#targets[@]} -gt 0 ] || targets=($(basename -s .swift Fuzz/*.swift))
Fuzz/build.sh "${targets[@]}"
export SWIFT_BACKTRACE=enable=no
status=0
for target in "${targets[@]}"; do
    mkdir -p ".build/fuzz/corpus-$target" .build/fuzz/found
    echo "== fuzz $target, $seconds s"
    log=.build/fuzz/$target.log
    seeds=("Fuzz/corpus/$target")
    memory=512
    export ASAN_OPTIONS=quarantine_size_mb=16
    if [ "$target" = parsers ]; then
        # Definitions live as long as the process, and hold boxes by pointers with marks in them, which the search for leaks does not follow.
        ASAN_OPTIONS+=:detect_leaks=0
        # Every fixture begins with the number of its parser and the size of the pieces in which it is read.
        mkdir -p .build/fuzz/seeds-parsers
        number=0
        for folder in $(LC_ALL=C ls -d parsers/*/); do
            for fixture in "$folder"fixtures/*.log; do
                { printf "\\x$(printf %02x $number)\\x30"; head -c 4096 "$fixture"; } > ".build/fuzz/seeds-parsers/$(basename "$folder")-$(basename "$fixture")"
            done
            number=$((number + 1))
        done
        seeds+=(.build/fuzz/seeds-parsers)
        memory=1024
    fi
    # AddressSanitizer's shadow counts as memory of the process: 256 MiB is held to single requests, and twice that to all of it.
    if ! ".build/fuzz/fuzz-$target" -max_total_time="$seconds" -timeout=1 -malloc_limit_mb=256 -rss_limit_mb=$memory -max_len=65536 -print_final_stats=1 \
        -artifact_prefix=".build/fuzz/found/$target-" ".build/fuzz/corpus-$target" "${seeds[@]}" > "$log" 2>&1; then
        status=1
        tail -40 "$log"
    fi
    grep -E '^stat::(number_of_executed_units|peak_rss_mb|slowest_unit)' "$log" || true
done
exit $status
