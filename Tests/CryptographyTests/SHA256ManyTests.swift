import Testing

@testable import Cryptography

struct SHA256ManyTests {
    @Test(arguments: SHA256.Kernel.available)
    func `bodies of every length have the digests of OpenSSL`(kernel: SHA256.Kernel) {
        var random = SeededRandom(7)
        let bytes = random.bytes(300 * 301 / 2 + 300)
        var offsets: [UInt32] = [0]
        for length in 0...300 { offsets.append(offsets[length] + UInt32(length)) }
        let found = digests(301) { output in
            bytes.withUnsafeBytes { bytes in
                offsets.withUnsafeBufferPointer {
                    SHA256.hashMany(
                        SHA256Messages(base: bytes.baseAddress!, offsets: $0.baseAddress!, count: 301), into: output, kernel: kernel)
                }
            }
        }
        for length in 0...300 {
            #expect(found[length] == SHA256.hash(Array(bytes[Int(offsets[length])..<Int(offsets[length + 1])])), "\(length) bytes")
        }
    }

    @Test(arguments: SHA256.Kernel.available)
    func `any mix of bodies, prefixes and key blocks has the digests of OpenSSL`(kernel: SHA256.Kernel) {
        let seed = UInt64.random(in: 0..<1 << 32)
        print("seed \(seed)")
        var random = SeededRandom(seed)
        for _ in 0..<60 {
            let bodies = (0..<random.below(40)).map { _ in random.bytes(random.below(random.below(8) == 0 ? 1_500 : 200)) }
            let byte: UInt8? = random.below(2) == 0 ? nil : UInt8(random.below(256))
            let prefixSize = [0, 4, 16, 32, 63][random.below(5)]
            let prefixes = bodies.map { _ in random.bytes(prefixSize) }
            let keyBlock = random.bytes(64 * random.below(3))
            var start = SHA256()
            start.update(keyBlock)
            let opening: [UInt8] = keyBlock + (byte.map { [$0] } ?? [])
            let expected = zip(bodies, prefixes).map { body, prefix in SHA256.hash(opening + prefix + body) }
            let found = digests(bodies.count) { output in
                hash(bodies, byte, prefixes, prefixSize, start, asPointers: random.below(2) == 0, kernel, output)
            }
            #expect(found == expected)
        }
    }

    private func hash(
        _ bodies: [[UInt8]], _ byte: UInt8?, _ prefixes: [[UInt8]], _ prefixSize: Int, _ start: SHA256, asPointers: Bool,
        _ kernel: SHA256.Kernel, _ output: UnsafeMutableRawPointer
    ) {
        // A stray byte between two bodies belongs to neither.
        var starts: [UInt32] = []
        var ends: [UInt32] = []
        var memory: [UInt8] = [0]
        for body in bodies {
            starts.append(UInt32(memory.count))
            memory += body
            ends.append(UInt32(memory.count))
            memory.append(255)
        }
        let sizes = zip(starts, ends).map { $1 - $0 }
        memory.withUnsafeBytes { memory in
            let pointers = starts.map { Optional(memory.baseAddress! + Int($0)) }
            withPointers(pointers, sizes) { pointers, sizes in
                withPointers(starts, ends) { starts, ends in
                    var messages =
                        asPointers
                        ? SHA256Messages(pointers: pointers, sizes: sizes, count: bodies.count)
                        : SHA256Messages(base: memory.baseAddress!, starts: starts, ends: ends, count: bodies.count)
                    if let byte { messages = messages.prefixed(by: byte) }
                    Array(prefixes.joined()).withUnsafeBytes {
                        if prefixSize > 0, let base = $0.baseAddress {
                            messages = messages.prefixed(each: base, sizeBytes: prefixSize, strideBytes: prefixSize)
                        }
                        SHA256.hashMany(messages.continuing(start), into: output, kernel: kernel)
                    }
                }
            }
        }
    }

    /// Both arrays' memory, never nil.
    private func withPointers<A, B>(_ a: [A], _ b: [B], _ body: (UnsafePointer<A>, UnsafePointer<B>) -> Void) {
        guard !a.isEmpty else { return }
        a.withUnsafeBufferPointer { a in b.withUnsafeBufferPointer { b in body(a.baseAddress!, b.baseAddress!) } }
    }

    @Test(arguments: SHA256.Kernel.available)
    func `bodies of one length are found by their stride`(kernel: SHA256.Kernel) {
        let bytes = SeededRandom.bytes(10 * 48, seed: 3)
        let found = digests(10) { output in
            bytes.withUnsafeBytes {
                SHA256.hashMany(
                    SHA256Messages(base: $0.baseAddress!, sizeBytes: 40, strideBytes: 48, count: 10), into: output, kernel: kernel)
            }
        }
        #expect(found == (0..<10).map { SHA256.hash(Array(bytes[48 * $0..<48 * $0 + 40])) })
    }

    @Test(arguments: SHA256.Kernel.available)
    func `salts are the beginnings of digests over seed and index`(kernel: SHA256.Kernel) {
        let seed = SeededRandom.bytes(32, seed: 5)
        for count in [0, 1, 2, 7, 64] {
            let first = UInt64(UInt32.max) - 3
            var salts = [UInt8](repeating: 0, count: 16 * count + 1)
            seed.withUnsafeBytes { seed in
                salts.withUnsafeMutableBytes {
                    SHA256.salts(seed: seed, first: first, count: count, into: $0.baseAddress!, kernel: kernel)
                }
            }
            for i in 0..<count {
                let message = seed + withUnsafeBytes(of: (first + UInt64(i)).bigEndian, Array.init)
                #expect(Array(salts[16 * i..<16 * i + 16]) == Array(SHA256.hash(message).bytes.prefix(16)))
            }
            #expect(salts[16 * count] == 0, "nothing is written behind the last salt")
        }
    }

    @Test(arguments: SHA256.Kernel.available)
    func `a level of nodes may be written over the level below`(kernel: SHA256.Kernel) {
        for count in [0, 1, 2, 5, 33] {
            var level = SeededRandom.bytes(64 * count, seed: UInt64(count))
            var expected: [UInt8] = []
            for i in 0..<count {
                var message: [UInt8] = [1]
                message += level[64 * i..<64 * i + 64]
                expected += SHA256.hash(message).bytes
            }
            level.withUnsafeMutableBytes {
                guard let base = $0.baseAddress else { return }
                SHA256.nodes(pairs: base, count: count, into: base, kernel: kernel)
            }
            #expect(Array(level.prefix(32 * count)) == expected)
        }
    }

    @Test(arguments: SHA256.Kernel.available)
    func `a salted leaf covers the zero byte, the salt and the digest`(kernel: SHA256.Kernel) {
        for count in [0, 1, 2, 9] {
            let salts = SeededRandom.bytes(16 * count, seed: 1)
            var digests = SeededRandom.bytes(32 * count, seed: 2)
            var expected: [UInt8] = []
            for i in 0..<count {
                var message: [UInt8] = [0]
                message += salts[16 * i..<16 * i + 16]
                message += digests[32 * i..<32 * i + 32]
                expected += SHA256.hash(message).bytes
            }
            salts.withUnsafeBytes { salts in
                digests.withUnsafeMutableBytes {
                    guard let base = $0.baseAddress else { return }
                    SHA256.saltedLeaves(salts: salts.baseAddress!, digests: base, count: count, into: base, kernel: kernel)
                }
            }
            #expect(digests == expected)
        }
    }

    private func digests(_ count: Int, _ fill: (UnsafeMutableRawPointer) -> Void) -> [SHA256Digest] {
        let output = UnsafeMutableRawBufferPointer.allocate(byteCount: 32 * count + 32, alignment: 1)
        defer { output.deallocate() }
        output.initializeMemory(as: UInt8.self, repeating: 0xa5)
        fill(output.baseAddress!)
        #expect(output[(32 * count)...].allSatisfy { $0 == 0xa5 }, "nothing is written behind the last digest")
        return (0..<count).map { SHA256Digest(UnsafeRawBufferPointer(rebasing: output[32 * $0..<32 * $0 + 32]))! }
    }
}
