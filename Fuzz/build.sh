#!/usr/bin/env bash
# Builds the fuzz targets of Fuzz/*.swift with libFuzzer and AddressSanitizer into .build/fuzz: only the modules that read hostile bytes,
# each with coverage, and of EventStore only the readers, so that neither SQLite nor the network is needed. Definitions of parsers are YAML: for
# those Yams is taken from the package's checkouts, without coverage.
#
# usage: Fuzz/build.sh [TARGET...]
set -euo pipefail
cd "$(dirname "$0")/.."
out=.build/fuzz
mkdir -p "$out"
flags=(-O -wmo -parse-as-library -swift-version 6 -enable-testing -sanitize=fuzzer,address -I "$out"
       -enable-upcoming-feature ExistentialAny -enable-upcoming-feature MemberImportVisibility
       -Xcc -I -Xcc Sources/COpenSSL -Xcc -I -Xcc Sources/CZstd -Xcc -I -Xcc Sources/CZlib -Xcc -I -Xcc Fuzz/modules/CSHA256 -Xcc -I -Xcc Fuzz/modules/CLinux
       -Xcc -I -Xcc Fuzz/modules/CSimdjson -I .build/checkouts/Yams/Sources/CYaml/include)

# module NAME FILE...   compiles one module, unless it is newer than all of its files
module() {
    local name=$1; shift
    [ -f "$out/$name.o" ] && [ -z "$(find "$@" -newer "$out/$name.o" -print -quit)" ] && return
    echo "module $name"
    swiftc "${flags[@]}" -module-name "$name" -emit-module -emit-module-path "$out/$name.swiftmodule" -c "$@" -o "$out/$name.o"
}

targets=(${@:-$(basename -s .swift Fuzz/*.swift)})
records=" framing json csv syslog keyvalue pattern parsers "
documents=" manifest proof note cms timestamp "
wants() { for target in "${targets[@]}"; do [[ $records == *" $target "* ]] && [ "$1" = records ] && return; [[ $records != *" $target "* ]] && [ "$1" = files ] && return; done; return 1; }

module AuditModel $(find Sources/AuditModel -name '*.swift')

if wants records; then
    yams=.build/checkouts/Yams/Sources
    [ -d "$yams" ] || swift package resolve
    if [ ! -f "$out/yams.a" ]; then
        mkdir -p "$out/yams"
        for source in "$yams"/CYaml/src/*.c; do clang -O2 -c -I "$yams/CYaml/include" "$source" -o "$out/yams/$(basename -s .c "$source").o"; done
        swiftc -O -wmo -parse-as-library -module-name Yams -I "$yams/CYaml/include" -D SWIFT_PACKAGE -emit-module -emit-module-path "$out/Yams.swiftmodule" \
            -c "$yams"/Yams/*.swift -o "$out/yams/Yams.o"
        ar rcs "$out/yams.a" "$out"/yams/*.o
    fi
    [ -f "$out/simdjson.a" ] || { clang++ -std=c++17 -O2 -c -I Sources/CSimdjson/include Sources/CSimdjson/CSimdjson.cpp -o "$out/CSimdjson.bin" && ar rcs "$out/simdjson.a" "$out/CSimdjson.bin"; }
    module Parsing $(find Sources/Parsing -name '*.swift')
fi

# Readers of packs need the modules below them too.
if wants files; then
    for source in Sources/CSHA256/*.c; do clang -O2 -c -I Sources/CSHA256/include "$source" -o "$out/C$(basename -s .c "$source").o"; done
    for source in Sources/CLinux/*.c; do clang -O2 -c -I Sources/CLinux/include "$source" -o "$out/C$(basename -s .c "$source").o"; done
    module Compression $(find Sources/Compression -name '*.swift')
    module Parquet $(find Sources/Parquet -name '*.swift')
    module Cryptography $(find Sources/Cryptography -name '*.swift')
    module DurableIO $(find Sources/DurableIO -name '*.swift')
    module TransparencyLog $(find Sources/TransparencyLog -name '*.swift')
fi

stores=" parquet index duplicates entries "
for target in "${targets[@]}"; do
    [[ $stores == *" $target "* ]] || continue
    store=Sources/EventStore
    module EventStore $store/Index/*.swift $store/Segment/PageSet.swift $store/Segment/TermHash.swift $store/Segment/TextSlots.swift $store/PivotColumn.swift $store/StoreLimits.swift \
        $store/StoreError.swift $store/StoreLayout.swift $store/Duplicates/DuplicateRun.swift $store/Duplicates/DuplicateRunFormat.swift \
        $store/Duplicates/DuplicateKeyOrder.swift $store/Duplicates/SortedDuplicateKeys.swift $store/BatchTree.swift $store/Duplicates/DuplicateKey.swift
    break
done

for target in "${targets[@]}"; do [[ $documents == *" $target "* ]] && { module EvidenceVerifier $(find Sources/EvidenceVerifier -name '*.swift'); break; }; done

for target in "${targets[@]}"; do
    echo "target $target"
    if [[ $records == *" $target "* ]]; then
        swiftc "${flags[@]}" -module-name "Fuzz_$target" "Fuzz/$target.swift" Tests/ParsingTests/HostileRecords.swift "$out/AuditModel.o" "$out/Parsing.o" \
            "$out/yams.a" "$out/simdjson.a" -lsimdjson -lstdc++ -o "$out/fuzz-$target"
    elif [[ $documents == *" $target "* ]]; then
        objects=$(ls "$out"/*.o | grep -v -e /Parsing.o -e /EventStore.o -e /Parquet.o)
        swiftc "${flags[@]}" -module-name "Fuzz_$target" "Fuzz/$target.swift" Tests/EvidenceVerifierTests/HostileDocuments.swift $objects \
            -lcrypto -lssl -lzstd -lz -o "$out/fuzz-$target"
    else
        objects=$(ls "$out"/*.o | grep -v -e /Parsing.o -e /EvidenceVerifier.o)
        swiftc "${flags[@]}" -module-name "Fuzz_$target" "Fuzz/$target.swift" Tests/EventStoreTests/HostileBytes.swift $objects -lcrypto -lssl -lzstd -lz -o "$out/fuzz-$target"
    fi
done
