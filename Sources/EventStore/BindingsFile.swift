import AuditModel
import Cryptography
import TransparencyLog

/// The side file with the commitments of a batch's new tokens (docs/formats/seal.md): one canonical JSON line per binding, each ended by a line
/// feed, sorted by the bytes of the token.
struct BindingsFile {
    /// The whole file; empty without bindings.
    private(set) var bytes: [UInt8] = []
    /// RFC 6962 root over the lines without their line feeds; nil when there are none.
    let root: MerkleHash?

    init(_ bindings: [TokenBinding]) {
        guard !bindings.isEmpty else {
            root = nil
            return
        }
        let sorted = Self.areSorted(bindings) ? bindings : bindings.sorted { Self.precedes($0.token, $1.token) }
        // Where each line begins and where its line feed stands.
        var starts: [UInt32] = []
        var ends: [UInt32] = []
        starts.reserveCapacity(sorted.count)
        ends.reserveCapacity(sorted.count)
        bytes.reserveCapacity(sorted.count * (Self.opening.count + Self.middle.count + 64 + 24))
        for binding in sorted {
            starts.append(UInt32(bytes.count))
            Self.write(binding, to: &bytes)
            ends.append(UInt32(bytes.count))
            bytes.append(10)
        }
        root = bytes.withUnsafeBytes { Self.root($0.baseAddress!, starts, ends) }
    }

    private static let opening = Array(#"{"commitment":""#.utf8)
    private static let middle = Array(#"","token":"#.utf8)

    private static func write(_ binding: TokenBinding, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: opening)
        for byte in binding.commitment {
            bytes.append(digit(byte >> 4))
            bytes.append(digit(byte & 15))
        }
        bytes.append(contentsOf: middle)
        CanonicalJSON.writeString(binding.token, to: &bytes)
        bytes.append(0x7D)
    }

    @inline(__always)
    private static func digit(_ value: UInt8) -> UInt8 { value < 10 ? 48 &+ value : 87 &+ value }

    private static func root(_ base: UnsafeRawPointer, _ starts: [UInt32], _ ends: [UInt32]) -> MerkleHash {
        let leaves = [UInt8](unsafeUninitializedCapacity: 32 * starts.count) { leaves, filled in
            let lines = SHA256Messages(base: base, starts: starts, ends: ends, count: starts.count)
            SHA256.hashMany(lines.prefixed(by: 0), into: UnsafeMutableRawPointer(leaves.baseAddress!))
            filled = 32 * starts.count
        }
        return leaves.withUnsafeBytes { MerkleTree.root(ofDigests: $0) }
    }

    /// Whether they are in order, as the vault hands them out.
    private static func areSorted(_ bindings: [TokenBinding]) -> Bool {
        bindings.indices.dropFirst().allSatisfy { !precedes(bindings[$0].token, bindings[$0 - 1].token) }
    }

    /// Whether the bytes of `a` come before those of `b`.
    private static func precedes(_ a: String, _ b: String) -> Bool {
        var (a, b) = (a, b)
        return a.withUTF8 { a in
            b.withUTF8 { b in
                let shared = min(a.count, b.count)
                var place = 0
                while place < shared {
                    if a[place] != b[place] { return a[place] < b[place] }
                    place &+= 1
                }
                return a.count < b.count
            }
        }
    }
}
