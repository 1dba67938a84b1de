// swift-tools-version: 6.2
import Foundation
import PackageDescription

// CI sets PROOFLINE_STRICT=1: there a warning is an error.
let strict = ProcessInfo.processInfo.environment["PROOFLINE_STRICT"] == "1"
let settings: [SwiftSetting] =
    [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
        // Debug builds and every test check exclusive access at run time; release builds do not (docs/decisions/0005).
        .unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release)),
    ] + (strict ? [.treatAllWarnings(as: .error)] : [])

let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let sqlite: Target.Dependency = .product(name: "GRDBSQLite", package: "GRDB.swift")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")
let mustache: Target.Dependency = .product(name: "Mustache", package: "swift-mustache")
let systemPackage: Target.Dependency = .product(name: "SystemPackage", package: "swift-system")
let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")

/// A library target of the house. The arrows are those of docs/architecture.md; `ArchitectureTests` reads the imports.
func room(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

func tests(_ name: String, _ more: [Target.Dependency] = []) -> Target {
    .testTarget(name: "\(name)Tests", dependencies: [.byName(name: name)] + more, swiftSettings: settings)
}

let package = Package(
    name: "proofline",
    products: [
        .executable(name: "proofline", targets: ["proofline"]),
        .executable(name: "proofline-verify", targets: ["proofline-verify"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
    ],
    targets: [
        .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CXLSXWriter", pkgConfig: "xlsxwriter", providers: [.apt(["libxlsxwriter-dev"])]),
        .target(name: "CSimdjson", linkerSettings: [.linkedLibrary("simdjson")]),
        .target(name: "CLinux"),
        .target(name: "CSHA256"),

        room("AuditModel"),
        room("DurableIO", [systemPackage, "CLinux"]),
        room("Cryptography", ["COpenSSL", "CSHA256"]),
        room("Compression", ["CZstd", "CZlib"]),
        room("Parquet", ["Compression"]),
        room("TransparencyLog", ["Cryptography", "DurableIO"]),
        room("Parsing", ["AuditModel", "CSimdjson", yams]),
        room("Vault", ["AuditModel", "Cryptography", grdb, sqlite]),
        room("Minimization", ["AuditModel", "Vault", yams]),
        room("EventStore", ["AuditModel", "Parquet", "DurableIO", "TransparencyLog", grdb]),
        room("Timeline", ["AuditModel", "EventStore", "Vault"]),
        room("Collection", ["AuditModel", "DurableIO", "Compression", "CLinux"]),
        room("Ingestion", ["Collection", "Parsing", "Minimization", "EventStore"]),
        room("Evidence", ["Timeline", "TransparencyLog", "Cryptography", "Parquet", "CXLSXWriter", yams, mustache]),
        room("EvidenceVerifier", ["AuditModel", "TransparencyLog", "Cryptography"]),
        room("PackDiff", ["AuditModel", "TransparencyLog", "Cryptography", "EvidenceVerifier"]),
        room("VerifierCall", ["EvidenceVerifier", argumentParser]),
        .executableTarget(
            name: "proofline",
            dependencies: ["Ingestion", "Timeline", "Evidence", "PackDiff", "VerifierCall", argumentParser],
            swiftSettings: settings),
        .executableTarget(name: "proofline-verify", dependencies: ["VerifierCall", argumentParser], swiftSettings: settings),

        tests("AuditModel"),
        tests("DurableIO"),
        tests("Cryptography"),
        tests("Compression"),
        tests("Parquet"),
        tests("TransparencyLog"),
        tests("Parsing"),
        tests("Vault"),
        tests("Minimization"),
        tests("EventStore"),
        tests("Timeline"),
        tests("Collection"),
        tests("Ingestion"),
        tests("Evidence"),
        tests("EvidenceVerifier"),
        tests("PackDiff"),
        .testTarget(name: "ArchitectureTests", swiftSettings: settings),
    ],
    swiftLanguageModes: [.v6],
    cxxLanguageStandard: .cxx17
)
