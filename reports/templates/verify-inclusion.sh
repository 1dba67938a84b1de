#!/bin/sh
# Follows one event line up to the signed checkpoint, with sha256sum, xxd and base64: sh verify-inclusion.sh LINE-NUMBER
# (RFC 9162 section 2.1.3.2, twice: line -> rowsRoot of its seal, seal -> root of proofs/checkpoint-end.txt, whose signature you check apart.)
set -eu
cd "${PACK:-$(dirname "$0")}"
leaf() { { printf '\000'; tr -d '\n'; } | sha256sum | cut -c 1-64; }
node() { printf '01%s%s' "$1" "$2" | xxd -r -p | sha256sum | cut -c 1-64; }
number() { grep -o "\"$1\":[0-9]*" | head -n 1 | cut -d : -f 2; }
climb() { # hash, index, tree size; siblings in base64 on standard input
    hash=$1 i=$2 last=$(($3 - 1))
    while read -r sibling; do
        [ "$last" -gt 0 ] || { echo "the path is too long" >&2; exit 16; }
        while [ "$i" = "$last" ] && [ $((i % 2)) = 0 ]; do i=$((i / 2)) last=$((last / 2)); done
        sibling=$(printf %s "$sibling" | base64 -d | xxd -p -c 32)
        if [ $((i % 2)) = 1 ]; then hash=$(node "$sibling" "$hash"); else hash=$(node "$hash" "$sibling"); fi
        i=$((i / 2)) last=$((last / 2))
    done
    [ "$last" = 0 ] || { echo "the path is too short" >&2; exit 16; }
    echo "$hash"
}
same() { [ "$2" = "$3" ] || { echo "REFUSED (16): $1 should be $3, is $2" >&2; exit 16; }; echo "ok  $1 $2"; }
inner=$(sed -n "${1:?usage: sh verify-inclusion.sh LINE-NUMBER}p" proofs/inner.jsonl)
[ -n "$inner" ] || { echo "there is no line $1" >&2; exit 2; }
seal=$(sed -n "$(($(echo "$inner" | number seal) + 1))p" proofs/seals.jsonl)
path=$(echo "$inner" | sed 's/.*"path":\[\([^]]*\)\].*/\1/' | tr -d '"' | tr , '\n' | sed '/^$/d')
root=$(printf '%s\n' "$path" | sed '/^$/d' | climb "$(sed -n "$1p" data/events.jsonl | leaf)" "$(echo "$inner" | number index)" "$(echo "$seal" | number count)")
same "rowsRoot of the seal" "$root" "$(echo "$seal" | grep -o '"rowsRoot":"[0-9a-f]*"' | cut -d '"' -f 4)"
proof=proofs/seals/$(echo "$inner" | number logIndex).tlog-proof
head=proofs/checkpoint-end.txt
root=$(sed '1,2d;/^$/,$d' "$proof" | climb "$(printf %s "$seal" | leaf)" "$(sed -n 's/^index //p' "$proof" | head -n 1)" "$(sed -n 2p "$head")")
same "root of the checkpoint" "$root" "$(sed -n 3p "$head" | base64 -d | xxd -p -c 32)"
