import Testing

@testable import Parquet

/// A generator whose seed a failing test can print: SplitMix64.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}

/// Expects that `body` throws a ``ParquetError`` of this code.
func expectError(
    _ code: ParquetError.Code, _ comment: Comment? = nil, sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Void
) {
    let error = #expect(throws: ParquetError.self, comment, sourceLocation: sourceLocation) { try body() }
    #expect(error?.code == code, comment ?? "\(error?.description ?? "no error")", sourceLocation: sourceLocation)
}
