#!/usr/bin/env bash
# Builds the fuzz targets of Fuzz/*.swift with libFuzzer and AddressSanitizer into .build/fuzz: only the modules that read hostile bytes,
# each with coverage, and of EventStore only the readers, so that neither SQLite nor the network is needed.
#
# usage: Fuzz/build.sh [TARGET...]
set -euo pipefail
cd "$(dirname "$0")/.."
out=.build/fuzz
mkdir -p "$out"
flags=(-O -wmo -parse-as-library -swift-version 6 -enable-testing -sanitize=fuzzer,address -I "$out"
       -enable-upcoming-feature ExistentialAny -enable-upcoming-feature MemberImportVisibility
       -Xcc -I -Xcc Sources/COpenSSL -Xcc -I -Xcc Sources/CZstd -Xcc -I -Xcc Sources/CZlib -Xcc -I -Xcc Fuzz/modules/CSHA256 -Xcc -I -Xcc Fuzz/modules/CLinux)

# module NAME FILE...   compiles one module, unless it is newer than all of its files
module() {
    local name=$1; shift
    [ -f "$out/$name.o" ] && [ -z "$(find "$@" -newer "$out/$name.o" -print -quit)" ] && return
    echo "module $name"
    swiftc "${flags[@]}" -module-name "$name" -emit-module -emit-module-path "$out/$name.swiftmodule" -c "$@" -o "$out/$name.o"
}

for source in Sources/CSHA256/*.c; do clang -O2 -c -I Sources/CSHA256/include "$source" -o "$out/C$(basename -s .c "$source").o"; done
for source in Sources/CLinux/*.c; do clang -O2 -c -I Sources/CLinux/include "$source" -o "$out/C$(basename -s .c "$source").o"; done
module Compression $(find Sources/Compression -name '*.swift')
module Parquet $(find Sources/Parquet -name '*.swift')
module AuditModel $(find Sources/AuditModel -name '*.swift')
module Cryptography $(find Sources/Cryptography -name '*.swift')
module DurableIO $(find Sources/DurableIO -name '*.swift')
module TransparencyLog $(find Sources/TransparencyLog -name '*.swift')
store=Sources/EventStore
module EventStore $store/Index/*.swift $store/Segment/PageSet.swift $store/Segment/TermHash.swift $store/PivotColumn.swift $store/StoreLimits.swift \
    $store/StoreError.swift $store/StoreLayout.swift $store/Duplicates/DuplicateRun.swift $store/Duplicates/DuplicateRunFormat.swift \
    $store/Duplicates/DuplicateKeyOrder.swift $store/Duplicates/SortedDuplicateKeys.swift $store/BatchTree.swift $store/Duplicates/DuplicateKey.swift

for target in "${@:-$(basename -s .swift Fuzz/*.swift)}"; do
    for name in $target; do
        echo "target $name"
        swiftc "${flags[@]}" -module-name "Fuzz_$name" "Fuzz/$name.swift" Tests/EventStoreTests/HostileBytes.swift "$out"/*.o -lcrypto -lssl -lzstd -lz -o "$out/fuzz-$name"
    done
done
