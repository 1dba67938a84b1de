import Testing

@testable import Compression

struct DecompressorTests {
    static let text = Array((0..<400).map { "line \($0) of a log, \($0 % 7)\n" }.joined().utf8)

    static func compressed(_ format: CompressionFormat, _ bytes: [UInt8] = text) throws -> [UInt8] {
        switch format {
        case .none: bytes
        case .gzip: try Gzip.compress(bytes)
        case .zstd: try Zstd.compress(bytes)
        }
    }

    /// Feeds `input` in pieces of `step` bytes and ends the stream.
    static func decode(
        _ input: [UInt8], _ format: CompressionFormat, step: Int, limit: UInt64 = .max
    ) throws -> [UInt8] {
        let decompressor = try Decompressor(format: format, maximumOutputBytes: limit)
        var output: [UInt8] = []
        for start in stride(from: 0, to: input.count, by: step) {
            try Array(input[start..<min(input.count, start + step)]).withUnsafeBytes { piece in
                try decompressor.decompress(piece) { output.append(contentsOf: $0) }
            }
        }
        try decompressor.finish()
        #expect(decompressor.producedBytes == UInt64(output.count))
        #expect(decompressor.consumedBytes == UInt64(input.count))
        return output
    }

    static func code(_ body: () throws -> Void) -> CompressionError.Code? {
        do {
            try body()
            return nil
        } catch {
            return (error as? CompressionError)?.code
        }
    }

    @Test(arguments: CompressionFormat.allCases, [1, 7, 100_000])
    func `a stream is decoded however it is cut`(format: CompressionFormat, step: Int) throws {
        #expect(try Self.decode(Self.compressed(format), format, step: step) == Self.text)
    }

    @Test(arguments: [CompressionFormat.gzip, .zstd], [1, 5, 100_000])
    func `several members or frames are read to the end`(format: CompressionFormat, step: Int) throws {
        let joined = try Self.compressed(format) + Self.compressed(format, []) + Self.compressed(format, [65])
        #expect(try Self.decode(joined, format, step: step) == Self.text + [65])
    }

    @Test func `what the stock tools wrote is read`() throws {
        let gzip = hex("1f8b0800000000000003cb48cdc9c95748afca2ce00200397c63560b000000")
        let zstd = hex("28b52ffd045859000068656c6c6f207a7374640a6c57f951")
        #expect(try Self.decode(gzip, .gzip, step: 4) == Array("hello gzip\n".utf8))
        #expect(try Self.decode(zstd, .zstd, step: 4) == Array("hello zstd\n".utf8))
    }

    @Test func `output larger than one piece is delivered whole`() throws {
        let large = (0..<Decompressor.pieceBytes * 3 + 17).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 5) }
        for format in CompressionFormat.allCases {
            #expect(try Self.decode(Self.compressed(format, large), format, step: 1 << 20) == large)
        }
        let exact = [UInt8](repeating: 7, count: Decompressor.pieceBytes * 2)
        for format in CompressionFormat.allCases {
            #expect(try Self.decode(Self.compressed(format, exact), format, step: 1 << 20) == exact)
        }
    }

    @Test(arguments: [CompressionFormat.gzip, .zstd])
    func `a stream cut anywhere is truncated`(format: CompressionFormat) throws {
        let whole = try Self.compressed(format, Array(Self.text.prefix(600)))
        for end in 0..<whole.count {
            let code = Self.code { _ = try Self.decode(Array(whole[..<end]), format, step: 64) }
            #expect(code == .truncated, "cut at \(end) of \(whole.count)")
        }
    }

    @Test func `what came before the cut is delivered`() throws {
        for format in [CompressionFormat.gzip, .zstd] {
            let whole = try Self.compressed(format, Self.text)
            let cut = whole + whole.prefix(whole.count / 2)
            let decompressor = try Decompressor(format: format)
            var output: [UInt8] = []
            try cut.withUnsafeBytes { input in try decompressor.decompress(input) { output.append(contentsOf: $0) } }
            #expect(output.starts(with: Self.text))
            #expect(Self.code { try decompressor.finish() } == .truncated)
        }
    }

    @Test func `a flipped bit in gzip is an error or changes nothing`() throws {
        let text = Array(Self.text.prefix(300))
        let whole = try Self.compressed(.gzip, text)
        var harmless = 0
        // Bytes 4...9 of the header (time, extra flags, system) carry no content and no checksum covers them.
        for position in whole.indices where !(3...9).contains(position) {
            for bit in 0..<8 {
                var damaged = whole
                damaged[position] ^= 1 << bit
                guard let output = try? Self.decode(damaged, .gzip, step: 1000) else { continue }
                #expect(output == text, "byte \(position) bit \(bit)")
                harmless += 1
            }
        }
        #expect(harmless < 8, "only the filling bits behind the last block may be flipped")
    }

    @Test func `damage in zstd never yields more than was asked for and never traps`() throws {
        let whole = try Self.compressed(.zstd, Array(Self.text.prefix(300)))
        for position in whole.indices {
            for bit in 0..<8 {
                var damaged = whole
                damaged[position] ^= 1 << bit
                // Frames without a checksum may decode to other bytes; the limit holds all the same.
                if let output = try? Self.decode(damaged, .zstd, step: 1000, limit: 5000) { #expect(output.count <= 5000) }
            }
        }
    }

    @Test func `bytes behind the last member are named`() throws {
        for format in [CompressionFormat.gzip, .zstd] {
            let trailing = try Self.compressed(format) + Array("garbage!".utf8)
            #expect(Self.code { _ = try Self.decode(trailing, format, step: 100_000) } == .trailingData)
        }
    }

    @Test(arguments: [1, 100_000])
    func `what lies before the damage is delivered`(step: Int) throws {
        var badChecksum = try Self.compressed(.gzip)
        badChecksum[badChecksum.count - 8] ^= 1
        for (bytes, format, code) in [
            (badChecksum, CompressionFormat.gzip, CompressionError.Code.corrupt),
            (try Self.compressed(.gzip) + Array("garbage!".utf8), .gzip, .trailingData),
            (try Self.compressed(.zstd) + Array("garbage!".utf8), .zstd, .trailingData),
        ] {
            let decompressor = try Decompressor(format: format)
            var output: [UInt8] = []
            let met = Self.code {
                for start in stride(from: 0, to: bytes.count, by: step) {
                    try Array(bytes[start..<min(bytes.count, start + step)]).withUnsafeBytes { piece in
                        try decompressor.decompress(piece) { output.append(contentsOf: $0) }
                    }
                }
            }
            #expect(met == code)
            #expect(output == Self.text)
        }
    }

    @Test func `zero bytes behind gzip are padding`() throws {
        let padded = try Self.compressed(.gzip) + [UInt8](repeating: 0, count: 500)
        #expect(try Self.decode(padded, .gzip, step: 100_000) == Self.text)
        #expect(try Self.decode(padded, .gzip, step: 3) == Self.text)
    }

    @Test func `data of another format is corrupt`() {
        for format in [CompressionFormat.gzip, .zstd] {
            #expect(Self.code { _ = try Self.decode(Array("plain text, no header".utf8), format, step: 100) } == .corrupt)
        }
    }

    @Test func `nothing at all is truncated, but plain nothing is fine`() throws {
        #expect(Self.code { _ = try Self.decode([], .gzip, step: 1) } == .truncated)
        #expect(Self.code { _ = try Self.decode([], .zstd, step: 1) } == .truncated)
        #expect(try Self.decode([], .none, step: 1) == [])
    }

    @Test(arguments: CompressionFormat.allCases)
    func `a bomb stops at the limit`(format: CompressionFormat) throws {
        let bomb = try Self.compressed(format, [UInt8](repeating: 0, count: 1 << 20))
        #expect(Self.code { _ = try Self.decode(bomb, format, step: 1 << 20, limit: 300_000) } == .outputLimit)
        #expect(try Self.decode(bomb, format, step: 1 << 20, limit: 1 << 20).count == 1 << 20)
    }

    @Test func `after an error the decompressor stays failed`() throws {
        let decompressor = try Decompressor(format: .gzip)
        let bad = Array("not gzip".utf8)
        let good = try Self.compressed(.gzip)
        func feed(_ bytes: [UInt8]) throws { try bytes.withUnsafeBytes { try decompressor.decompress($0) { _ in } } }
        #expect(Self.code { try feed(bad) } == .corrupt)
        #expect(Self.code { try feed(good) } == .corrupt)
        #expect(Self.code { try decompressor.finish() } == .corrupt)
    }

    @Test func `an error of the consumer is passed on`() throws {
        struct Full: Error {}
        let decompressor = try Decompressor(format: .zstd)
        let bytes = try Self.compressed(.zstd)
        #expect(throws: Full.self) {
            try bytes.withUnsafeBytes { try decompressor.decompress($0) { _ in throw Full() } }
        }
        #expect(Self.code { try decompressor.finish() } == .corrupt)
    }
}

/// Bytes written as hexadecimal digits.
func hex(_ digits: String) -> [UInt8] {
    var bytes: [UInt8] = []
    var rest = Substring(digits)
    while let byte = UInt8(rest.prefix(2), radix: 16) {
        bytes.append(byte)
        rest = rest.dropFirst(2)
    }
    return bytes
}
