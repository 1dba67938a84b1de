#!/bin/sh
# Checks this pack with sha256sum and openssl alone: files, file set, both signatures, two different people, timestamp.
#
#   sh verify.sh ROOT.pem [TSA-ROOT.pem]
#   PACK=folder sh /elsewhere/verify.sh ROOT.pem [TSA-ROOT.pem]     with a copy that you trust
#
# ROOT.pem holds the certificates that YOU trust for signatures, TSA-ROOT.pem those for timestamps (the same when left out).
# Get them from the company by another way than this pack. Better still, take this script from there too: a forger of the pack
# would forge the script. It checks what two people signed. The proofs inside (every event line up to the log's checkpoint) are
# checked by `proofline verify`, one line of them by verify-inclusion.sh.
#
# Exit: 0 all holds, 2 usage, 10 a file changed, 11 another set of files, 12 a signature, 13 approval, 14 timestamp.
set -u
LC_ALL=C
export LC_ALL

[ $# -ge 1 ] && [ -r "$1" ] || { echo "usage: sh verify.sh ROOT.pem [TSA-ROOT.pem]" >&2; exit 2; }
absolute() { case $1 in /*) echo "$1" ;; *) echo "$PWD/$1" ;; esac; }
root=$(absolute "$1")
tsaroot=$(absolute "${2:-$1}")
[ -r "$tsaroot" ] || { echo "cannot read $tsaroot" >&2; exit 2; }
cd "${PACK:-$(dirname "$0")}" || exit 2
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT

refuse() { code=$1; shift; echo "REFUSED ($code): $*" >&2; exit "$code"; }
says() { echo "ok  $*"; }

# 1. Every file of the body has the hash that was signed.
[ -s SHA256SUMS ] || refuse 10 "SHA256SUMS is missing or empty"
sha256sum -c --strict --quiet SHA256SUMS >"$work/sums" 2>&1 || refuse 10 "$(head -n 3 "$work/sums")"
says "$(wc -l <SHA256SUMS | tr -d ' ') files have the hashes in SHA256SUMS"

# 2. Nothing else is here: sha256sum does not notice a file that was added.
strange=$(find . ! -type f ! -type d | head -n 3)
[ -z "$strange" ] || refuse 11 "neither file nor folder: $strange"
find . -type f ! -path './sig/*' ! -path ./SHA256SUMS | sed 's|^\./||' | sort >"$work/present"
cut -c 67- SHA256SUMS | sort >"$work/listed"
sort -u "$work/listed" | cmp -s - "$work/listed" || refuse 11 "a file is listed twice in SHA256SUMS"
cmp -s "$work/present" "$work/listed" || refuse 11 "not listed, or listed and missing: $(sort "$work/present" "$work/listed" | uniq -u | head -n 3)"
find . -type d | while read -r folder; do
    [ -n "$(ls -A "$folder")" ] || echo "$folder"
done >"$work/empty"
[ ! -s "$work/empty" ] || refuse 11 "an empty folder: $(head -n 1 "$work/empty")"
for file in sig/* sig/.[!.]*; do
    case $file in
    sig/builder.json | sig/SHA256SUMS.preparer.p7s | sig/SHA256SUMS.approver.p7s | sig/SHA256SUMS.approver.p7s.tsr) ;;
    sig/pack.dsse.json | sig/release.json | sig/release.tlog-proof | 'sig/*' | 'sig/.[!.]*') ;;
    *) refuse 11 "$file does not belong in sig/" ;;
    esac
done
says "no other file is here"

# 3. The timestamp says when the signatures existed; certificates are judged as of then, so that old packs stay valid.
stamp=sig/SHA256SUMS.approver.p7s.tsr
at=$(date +%s)
if [ -f "$stamp" ]; then
    said=$(openssl ts -reply -in "$stamp" -text 2>/dev/null | sed -n 's/^Time stamp: //p')
    [ -n "$said" ] || refuse 14 "the timestamp cannot be read"
    at=$(date -u -d "$said" +%s 2>/dev/null || date -u -j -f '%b %e %T %Y %Z' "$said" +%s 2>/dev/null || date +%s)
fi

# 4. Both signatures are over SHA256SUMS, by people with certificates under the root.
for who in preparer approver; do
    file=sig/SHA256SUMS.$who.p7s
    if [ ! -f "$file" ]; then
        [ $who = preparer ] && refuse 12 "nobody signed this pack: it is a draft"
        refuse 13 "nobody approved this pack"
    fi
    openssl cms -verify -binary -inform DER -in "$file" -content SHA256SUMS -CAfile "$root" -purpose any -attime "$at" \
        -signer "$work/$who.pem" -out /dev/null 2>"$work/error" || refuse 12 "the $who's signature: $(tail -n 1 "$work/error")"
    openssl x509 -in "$work/$who.pem" -noout -subject -nameopt RFC2253 >"$work/$who.subject"
    openssl x509 -in "$work/$who.pem" -noout -pubkey >"$work/$who.key"
    says "$who: $(sed 's/^subject=//' "$work/$who.subject")"
done

# 5. The approver is somebody else.
! cmp -s "$work/preparer.subject" "$work/approver.subject" || refuse 13 "preparer and approver are the same person"
! cmp -s "$work/preparer.key" "$work/approver.key" || refuse 13 "preparer and approver used the same key"
says "preparer and approver are two people with two keys"

# 6. The timestamp covers the approver's signature.
[ -f "$stamp" ] || refuse 14 "the pack has no timestamp"
openssl ts -verify -data sig/SHA256SUMS.approver.p7s -in "$stamp" -CAfile "$tsaroot" -attime "$at" >/dev/null 2>"$work/error" ||
    refuse 14 "the timestamp: $(tail -n 1 "$work/error")"
says "timestamped $said"

echo "This pack is what two people signed. Next: proofline verify . --policy policy.txt --root ROOT.pem"
