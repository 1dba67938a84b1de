internal import CSHA256

/// Digests of many independent messages: one message leaves most of a processor idle, two side by side take twice the bytes.
///
/// On x86-64 with the SHA extensions about 3.5 GB/s and 18 ns a block on one core, where one message after another gives 1.75; on
/// other machines OpenSSL does the same work one by one. docs/decisions/0026-many-messages-at-once.md.
extension SHA256 {
    /// By what the digests are made.
    enum Kernel: CaseIterable, Sendable {
        /// CSHA256, two messages at a time.
        case twoLanes
        /// OpenSSL, one message after another.
        case portable

        /// The fastest that this machine has.
        static let best: Kernel = csha256_is_available() == 1 ? .twoLanes : .portable
        /// All that this machine has.
        static var available: [Kernel] { best == .portable ? [.portable] : allCases }
    }

    /// Writes the digest of every message to `digests`, 32 bytes each, one after another.
    ///
    /// - Parameter digests: 32 × `messages.count` bytes that overlap no message.
    public static func hashMany(_ messages: SHA256Messages, into digests: UnsafeMutableRawPointer) {
        hashMany(messages, into: digests, kernel: .best)
    }

    /// Writes the first 16 bytes of SHA-256(seed ‖ (first + i) as 8 bytes, big-endian) for i in 0 ..< count, one after another:
    /// the salts of a batch (docs/formats/event.md).
    ///
    /// - Parameters:
    ///   - seed: 32 bytes.
    ///   - salts: 16 × `count` bytes.
    public static func salts(seed: UnsafeRawBufferPointer, first: UInt64, count: Int, into salts: UnsafeMutableRawPointer) {
        self.salts(seed: seed, first: first, count: count, into: salts, kernel: .best)
    }

    /// Writes SHA-256(0x01 ‖ pair i) for i in 0 ..< count, one after another: a level of an RFC 6962 tree from the one below.
    ///
    /// - Parameters:
    ///   - pairs: 64 × `count` bytes, two nodes of the level below each.
    ///   - nodes: 32 × `count` bytes; may begin where `pairs` begins.
    public static func nodes(pairs: UnsafeRawPointer, count: Int, into nodes: UnsafeMutableRawPointer) {
        self.nodes(pairs: pairs, count: count, into: nodes, kernel: .best)
    }

    /// Writes SHA-256(0x00 ‖ salt i ‖ digest i) for i in 0 ..< count, one after another: one block each.
    ///
    /// - Parameters:
    ///   - salts: 16 × `count` bytes.
    ///   - digests: 32 × `count` bytes.
    ///   - leaves: 32 × `count` bytes; may be `digests`.
    public static func saltedLeaves(
        salts: UnsafeRawPointer, digests: UnsafeRawPointer, count: Int, into leaves: UnsafeMutableRawPointer
    ) {
        saltedLeaves(salts: salts, digests: digests, count: count, into: leaves, kernel: .best)
    }
}

extension SHA256 {
    static func hashMany(_ messages: SHA256Messages, into digests: UnsafeMutableRawPointer, kernel: Kernel) {
        switch kernel {
        case .twoLanes:
            withUnsafePointer(to: messages.layout) { csha256_many($0, messages.count, digests.assumingMemoryBound(to: UInt8.self)) }
        case .portable:
            for i in 0..<messages.count { messages.digest(i).write(to: digests + 32 * i) }
        }
    }

    static func salts(
        seed: UnsafeRawBufferPointer, first: UInt64, count: Int, into salts: UnsafeMutableRawPointer, kernel: Kernel
    ) {
        precondition(seed.count == 32, "a seed of salts has 32 bytes")
        switch kernel {
        case .twoLanes:
            csha256_salts(
                seed.baseAddress!.assumingMemoryBound(to: UInt8.self), first, count, salts.assumingMemoryBound(to: UInt8.self))
        case .portable:
            var seeded = SHA256()
            seeded.update(seed)
            for i in 0..<count {
                var hasher = seeded
                withUnsafeBytes(of: (first + UInt64(i)).bigEndian) { hasher.update($0) }
                hasher.finalize().withUnsafeBytes { (salts + 16 * i).copyMemory(from: $0.baseAddress!, byteCount: 16) }
            }
        }
    }

    static func nodes(pairs: UnsafeRawPointer, count: Int, into nodes: UnsafeMutableRawPointer, kernel: Kernel) {
        switch kernel {
        case .twoLanes:
            csha256_nodes(pairs.assumingMemoryBound(to: UInt8.self), count, nodes.assumingMemoryBound(to: UInt8.self))
        case .portable:
            for i in 0..<count {
                SHA256.hash(prefix: 1, UnsafeRawBufferPointer(start: pairs + 64 * i, count: 64)).write(to: nodes + 32 * i)
            }
        }
    }

    static func saltedLeaves(
        salts: UnsafeRawPointer, digests: UnsafeRawPointer, count: Int, into leaves: UnsafeMutableRawPointer, kernel: Kernel
    ) {
        switch kernel {
        case .twoLanes:
            csha256_salted_leaves(
                salts.assumingMemoryBound(to: UInt8.self), digests.assumingMemoryBound(to: UInt8.self), count,
                leaves.assumingMemoryBound(to: UInt8.self))
        case .portable:
            for i in 0..<count {
                var hasher = SHA256()
                hasher.update(0 as UInt8)
                hasher.update(UnsafeRawBufferPointer(start: salts + 16 * i, count: 16))
                hasher.update(UnsafeRawBufferPointer(start: digests + 32 * i, count: 32))
                hasher.finalize().write(to: leaves + 32 * i)
            }
        }
    }
}

extension SHA256Digest {
    /// Writes the 32 bytes to `place`.
    func write(to place: UnsafeMutableRawPointer) {
        withUnsafeBytes { place.copyMemory(from: $0.baseAddress!, byteCount: Self.sizeBytes) }
    }
}
