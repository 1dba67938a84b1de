/// Up to 256 consecutive entries of a log in one file: each a big-endian 16-bit length and its bytes (c2sp.org/tlog-tiles).
enum EntryBundle {
    /// The longest entry a bundle can hold, in bytes.
    static let maximumEntrySizeBytes = Int(UInt16.max)

    static func append(_ entry: [UInt8], to bundle: inout [UInt8]) {
        bundle.append(UInt8(entry.count >> 8))
        bundle.append(UInt8(truncatingIfNeeded: entry.count))
        bundle += entry
    }

    /// The first `count` entries, or nil when the bytes end before; bytes after them are ignored, because a wider bundle may
    /// stand in for a narrower one.
    static func entries(_ bundle: [UInt8], count: UInt64) -> [ArraySlice<UInt8>]? {
        var entries: [ArraySlice<UInt8>] = []
        var offset = 0
        while UInt64(entries.count) < count {
            guard bundle.count - offset >= 2 else { return nil }
            let size = Int(bundle[offset]) << 8 | Int(bundle[offset + 1])
            offset += 2
            guard bundle.count - offset >= size else { return nil }
            entries.append(bundle[offset..<offset + size])
            offset += size
        }
        return entries
    }
}
