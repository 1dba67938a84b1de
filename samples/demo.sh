#!/usr/bin/env bash
# The main job on the sample quarter, told as it happens: logs in, a signed and verified evidence pack out, one byte
# changed, and the refusal. usage: samples/demo.sh [PROOFLINE_BINARY] [OUTPUT_FOLDER]
set -euo pipefail
cd "$(dirname "$0")/.."
proofline=$(realpath "${1:-.build/release/proofline}")
out=${2:-demo-out}
store=$out/store keys=$out/keys packs=$out/packs
company=tallyharbor.example.com

title() { printf '\n\033[1m%s\033[0m\n' "$*"; }
show() { printf '$ proofline %s\n' "$*"; }
# Runs proofline with the command shown; findings (exit 1) are part of the story, anything else ends it.
run() { show "$@"; local code=0; "$proofline" "$@" || code=$?; [ "$code" -le 1 ] || { echo "demo: exit code $code"; exit "$code"; }; }

rm -rf "$out"
mkdir -p "$out"

title "1. A store, and a quarter of fifteen sources"
run init --store "$store" --origin log.$company/audit
run ingest --store "$store" --config samples/quarter/sources.yaml
title "   Once more: nothing is taken twice"
show ingest --store "$store" --config samples/quarter/sources.yaml
"$proofline" ingest --store "$store" --config samples/quarter/sources.yaml | tail -1

title "2. The incident: everything around one support session, 18 August"
echo "Asked by a name, an address and a job; the store holds tokens, so the answer does too."
job=$(sed -n 's/.*"job_id": "\([0-9a-f]*\)".*/\1/p' samples/quarter/expected.json | head -1)
run query --store "$store" --limit 60 \
    "(actor:priya.ramanathan@$company OR ip:198.51.100.23 OR $job) since:2026-08-18T12:40:00Z until:2026-08-18T13:20:00Z"

title "3. Three reports"
for report in EP-01 EP-03 EP-17; do run report run "$report" --store "$store" --period 2026Q3; done

title "4. A pack, signed by two people, timestamped, released"
run key ca --name "Tallyharbor Evidence CA" --organization Tallyharbor --out "$keys/ca" --unencrypted
run key issue --authority "$keys/ca" --name "Petra Novak" --email "petra.novak@$company" --file preparer --out "$keys" --unencrypted
run key issue --authority "$keys/ca" --name "Amos Lindgren" --email "amos.lindgren@$company" --file approver --out "$keys" --unencrypted
run key tsa --authority "$keys/ca" --name "Demo timestamps" --out "$keys" --unencrypted
run pack build --store "$store" --period 2026Q3 --framework soc2 --nonce 7f3a91 --chain "$keys/ca/ca.pem" --out "$packs"
pack=$(echo "$packs"/EP-2026Q3-soc2-r1)
run pack sign "$pack" --key "$keys/preparer.key" --certificate "$keys/preparer.pem"
run pack approve "$pack" --key "$keys/approver.key" --certificate "$keys/approver.pem" --root "$keys/ca/ca.pem" \
    --tsa-key "$keys/tsa.key" --tsa-certificate "$keys/tsa.pem"
run pack release "$pack" --store "$store"

title "5. A stranger verifies it: with proofline, and with sha256sum and openssl alone"
# The verifier's own trust: the log's key and the company's root certificate, which reach an auditor apart from the pack.
printf 'log %s\nquorum none\n' "$(cat "$store/keys/log.vkey")" > "$out/policy.txt"
run verify "$pack" --policy "$out/policy.txt" --root "$keys/ca/ca.pem"
echo "\$ sh $pack/verify.sh $keys/ca/ca.pem"
sh "$pack/verify.sh" "$keys/ca/ca.pem"

title "6. One byte changed"
cp -r "$pack" "$out/tampered"
file=$out/tampered/data/events.jsonl
size=$(stat -c %s "$file")
printf 'X' | dd of="$file" bs=1 seek=$((size / 2)) conv=notrunc status=none
show verify "$out/tampered" --policy "$out/policy.txt" --root "$keys/ca/ca.pem"
code=0
"$proofline" verify "$out/tampered" --policy "$out/policy.txt" --root "$keys/ca/ca.pem" || code=$?
echo "refused, exit code $code"
[ "$code" -eq 10 ] || { echo "demo: a changed byte must end with exit code 10"; exit 1; }

title "Done. What to try next"
cat <<NEXT
  the pack:            $pack
                       open $pack/index.html in a browser
  the story:           samples/README.md says what must be found
  ask the timeline:    $proofline query --store $store 'action:iam.break_glass.* OR action:iam.role.grant outcome:success'
  one leaver:          $proofline query --store $store 'actor:tobias.lindqvist@$company since:2026-07-31'
  your own logs:       $proofline init --store /tmp/mine --origin log.example.org/mine
                       $proofline ingest --store /tmp/mine --parser linux_auth /var/log/auth.log
  check the store:     $proofline fsck --store $store
NEXT
