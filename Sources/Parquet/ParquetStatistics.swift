/// What is known of the values of a chunk or page without reading them.
///
/// Bounds are plain-encoded: eight little-endian bytes for integers, the bytes themselves for strings. Bounds of long strings may be
/// cut: they still hold, as lower and upper bound, but need not be a value that occurs.
public struct ParquetStatistics: Hashable, Sendable {
    /// No value is below it; nil if unknown or all are absent.
    public let minimum: [UInt8]?
    /// No value is above it; nil if unknown or all are absent.
    public let maximum: [UInt8]?
    /// How many slots are absent (for leaves in lists also one per absent or empty list); nil if unknown.
    public let nullCount: Int64?

    /// ``minimum`` as an integer, for `.int64` and timestamps.
    public var minimumInt64: Int64? { minimum.flatMap(Self.int64) }

    /// ``maximum`` as an integer, for `.int64` and timestamps.
    public var maximumInt64: Int64? { maximum.flatMap(Self.int64) }

    private static func int64(_ bytes: [UInt8]) -> Int64? {
        guard bytes.count == 8 else { return nil }
        return bytes.withUnsafeBytes { Int64(littleEndian: $0.loadUnaligned(as: Int64.self)) }
    }
}
