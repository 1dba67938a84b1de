import Foundation
import Testing

/// Holds the imports of every target against the arrows of the house (docs/architecture.md): SwiftPM does not refuse an
/// import of a target that was not declared, so a test must.
struct ArrowsTests {
    /// What a target may import directly; whatever those may import is allowed too.
    static let arrows: [String: Set<String>] = [
        "AuditModel": [],
        "DurableIO": ["SystemPackage", "CLinux"],
        "Cryptography": ["COpenSSL", "CSHA256"],
        "Compression": ["CZstd", "CZlib"],
        "Parquet": ["Compression"],
        "TransparencyLog": ["Cryptography", "DurableIO"],
        "Parsing": ["AuditModel", "Yams", "CSimdjson"],
        "Vault": ["AuditModel", "Cryptography", "GRDB", "GRDBSQLite"],
        "Minimization": ["AuditModel", "Vault", "Yams"],
        "EventStore": ["AuditModel", "Parquet", "DurableIO", "TransparencyLog", "GRDB"],
        "Timeline": ["AuditModel", "EventStore", "Vault"],
        "Collection": ["AuditModel", "DurableIO", "Compression", "CLinux"],
        "Ingestion": ["Collection", "Parsing", "Minimization", "EventStore"],
        "Evidence": ["Timeline", "TransparencyLog", "Cryptography", "Parquet", "CXLSXWriter", "Yams", "Mustache"],
        "EvidenceVerifier": ["AuditModel", "TransparencyLog", "Cryptography"],
        "PackDiff": ["AuditModel", "TransparencyLog", "Cryptography", "EvidenceVerifier"],
        "VerifierCall": ["EvidenceVerifier", "ArgumentParser"],
        "proofline": ["Ingestion", "Timeline", "Evidence", "PackDiff", "VerifierCall", "ArgumentParser"],
        "proofline-verify": ["VerifierCall", "ArgumentParser"],
    ]

    /// Libraries that few targets may know: the only targets that import them directly.
    static let keepers: [String: Set<String>] = [
        "COpenSSL": ["Cryptography"], "CZstd": ["Compression"], "CZlib": ["Compression"], "CSimdjson": ["Parsing"],
        "CSHA256": ["Cryptography"], "CXLSXWriter": ["Evidence"],
        "GRDB": ["Vault", "EventStore"], "GRDBSQLite": ["Vault"], "Mustache": ["Evidence"], "ArgumentParser": ["proofline", "VerifierCall", "proofline-verify"],
        "Yams": ["Parsing", "Minimization", "Ingestion", "Evidence"],
    ]

    /// Part of the toolchain: free for all.
    static let system: Set<String> = [
        "Foundation", "FoundationEssentials", "FoundationNetworking", "Glibc", "Musl", "Dispatch", "Synchronization", "Swift",
    ]

    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    @Test(arguments: arrows.keys.sorted())
    func `a target imports only what lies below it`(target: String) throws {
        let allowed = Self.reachable(from: target).union(Self.system)
        for file in try Self.swiftFiles(under: "Sources/\(target)") {
            for name in try Self.imports(of: file) where !allowed.contains(name) {
                Issue.record("\(file.lastPathComponent) of \(target) imports \(name), which no arrow allows")
            }
        }
    }

    @Test(arguments: keepers.keys.sorted())
    func `a heavy library stays in the few targets that keep it`(library: String) throws {
        for target in Self.arrows.keys where !Self.keepers[library, default: []].contains(target) {
            for file in try Self.swiftFiles(under: "Sources/\(target)") where try Self.imports(of: file).contains(library) {
                Issue.record("\(file.lastPathComponent) of \(target) imports \(library)")
            }
        }
    }

    @Test func `the verifier reaches neither the store nor the builder`() {
        #expect(
            Self.reachable(from: "EvidenceVerifier").isDisjoint(with: ["EventStore", "Evidence", "Timeline", "Vault", "GRDB", "Parquet"]))
    }

    @Test func `every target of the sources has its arrows written down`() throws {
        let folders = try FileManager.default.contentsOfDirectory(atPath: Self.root.appending(path: "Sources").path)
        let swiftTargets = try folders.filter { try !Self.swiftFiles(under: "Sources/\($0)").isEmpty }
        #expect(Set(swiftTargets) == Set(Self.arrows.keys))
    }

    static func reachable(from target: String) -> Set<String> {
        var seen: Set<String> = []
        var open = Array(arrows[target, default: []])
        while let next = open.popLast() {
            if seen.insert(next).inserted { open += arrows[next, default: []] }
        }
        return seen.union([target])
    }

    static func swiftFiles(under folder: String) throws -> [URL] {
        let url = root.appending(path: folder)
        guard let walk = FileManager.default.enumerator(at: url, includingPropertiesForKeys: nil) else { return [] }
        return walk.compactMap { $0 as? URL }.filter { $0.pathExtension == "swift" }
    }

    static func imports(of file: URL) throws -> Set<String> {
        let text = try String(contentsOf: file, encoding: .utf8)
        let matches = text.matches(
            of:
                /(?m)^\s*(?:@\w+(?:\([^)]*\))?\s+)*(?:public |package |internal |private )?import\s+(?:(?:struct|class|enum|func|protocol|typealias|let|var)\s+)?(\w+)/
        )
        return Set(matches.map { String($0.1) })
    }
}
