/// By what a record is known again: two keyed hashes, so that the catalogue says nothing about it.
///
/// Both together are 128 bits; only where both match is a record a duplicate. Where only `id` matches, the source used an
/// event id twice.
public struct DuplicateKey: Hashable, Sendable {
    /// First 64 bits of HMAC(source, event id).
    public var id: UInt64
    /// First 64 bits of HMAC(source, record bytes).
    public var bytes: UInt64
    /// When the store may forget the key, microseconds since the epoch.
    public var expires: Int64

    /// Makes a key.
    public init(id: UInt64, bytes: UInt64, expires: Int64) {
        self.id = id
        self.bytes = bytes
        self.expires = expires
    }

    /// What the store knows of a key.
    public enum Verdict: Hashable, Sendable {
        /// Neither id nor bytes were seen.
        case new
        /// The same id with the same bytes is in the store.
        case duplicate
        /// The same id with other bytes is in the store.
        case idReused
    }
}
