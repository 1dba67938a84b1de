import Parquet
import Synchronization

/// The distinct texts that the codes of a column refer to: of a whole row group, or of a single page.
///
/// Entry `i` is `bytes[offsets[i] ..< offsets[i + 1]]`. All memory belongs to this object and lives as long as it does. No two entries are
/// equal where ``isDistinct`` says so: then equal codes and equal texts mean the same.
public final class SegmentDictionary: @unchecked Sendable {
    // Safe to share: the buffers are written in init alone; the look-up table is behind a lock.

    /// Number of entries.
    public let count: Int
    /// All entries, one behind the other.
    public let bytes: UnsafeRawBufferPointer
    /// ``count`` + 1 ascending values.
    public let offsets: UnsafePointer<UInt32>
    /// Whether no two entries are equal.
    public let isDistinct: Bool

    private let owner: AnyObject?
    private let ownsBuffers: Bool
    private let table = Mutex<[UInt64]?>(nil)
    private let foldedTable = Mutex<[UInt64]?>(nil)

    /// Takes over buffers from `allocate`, freed with this object.
    init(bytes: UnsafeRawBufferPointer, offsets: UnsafePointer<UInt32>, count: Int, isDistinct: Bool) {
        (self.bytes, self.offsets, self.count, self.isDistinct) = (bytes, offsets, count, isDistinct)
        owner = nil
        ownsBuffers = true
    }

    /// Refers to buffers that `owner` keeps alive.
    init(bytes: UnsafeRawBufferPointer, offsets: UnsafePointer<UInt32>, count: Int, isDistinct: Bool, owner: AnyObject) {
        (self.bytes, self.offsets, self.count, self.isDistinct) = (bytes, offsets, count, isDistinct)
        self.owner = owner
        ownsBuffers = false
    }

    deinit {
        guard ownsBuffers else { return }
        bytes.deallocate()
        offsets.deallocate()
    }

    /// No entries.
    static let empty: SegmentDictionary = {
        let offsets = UnsafeMutablePointer<UInt32>.allocate(capacity: 1)
        offsets.pointee = 0
        let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: 1, alignment: 1)
        return SegmentDictionary(
            bytes: UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[..<0]), offsets: offsets, count: 0, isDistinct: true,
            owner: Immortal())
    }()

    private final class Immortal {}

    /// Memory that it takes, about.
    var costBytes: Int { bytes.count + 4 * count + 64 }

    /// The bytes of an entry.
    ///
    /// - Precondition: `0 ..< count` holds the index.
    @inline(__always)
    public func entry(_ index: Int) -> UnsafeRawBufferPointer {
        let start = Int(offsets[index])
        return UnsafeRawBufferPointer(rebasing: bytes[start..<Int(offsets[index &+ 1])])
    }

    /// An entry as text, for display.
    public func string(_ index: Int) -> String { String(decoding: entry(index), as: UTF8.self) }

    /// The code of an entry that has exactly these bytes, or nil. The first call builds a hash table (about 20 ns an entry).
    ///
    /// Where ``isDistinct`` is false it is the first such entry, and other codes may mean the same text.
    public func code(of text: UnsafeRawBufferPointer) -> UInt32? {
        guard count > 0 else { return nil }
        return table.withLock { known in
            let slots: [UInt64]
            if let built = known { slots = built } else {
                slots = makeTable { TermHash.hash($0) }
                known = slots
            }
            let hash = TermHash.hash(text)
            let mask = slots.count &- 1
            var place = Int(truncatingIfNeeded: hash) & mask
            while slots[place] != 0 {
                let code = UInt32(truncatingIfNeeded: slots[place]) &- 1
                if (slots[place] ^ hash) & TermHash.tagMask == 0, TermHash.areEqual(entry(Int(code)), text) { return code }
                place = (place &+ 1) & mask
            }
            return nil
        }
    }

    /// The codes of entries that equal this text, ASCII letters in either case, ascending. The first call builds a hash table (about 40 ns an
    /// entry).
    func codes(foldedEqualTo text: UnsafeRawBufferPointer) -> [UInt32] {
        guard count > 0 else { return [] }
        return foldedTable.withLock { known in
            if known == nil { known = makeTable { TermHash.foldedHash($0) } }
            guard let slots = known else { return [] }
            let hash = TermHash.foldedHash(text)
            let mask = slots.count &- 1
            var place = Int(truncatingIfNeeded: hash) & mask
            var codes: [UInt32] = []
            while slots[place] != 0 {
                let code = UInt32(truncatingIfNeeded: slots[place]) &- 1
                if (slots[place] ^ hash) & TermHash.tagMask == 0, TermHash.areEqualFolded(entry(Int(code)), text) { codes.append(code) }
                place = (place &+ 1) & mask
            }
            return codes.sorted()
        }
    }

    private func makeTable(_ hash: (UnsafeRawBufferPointer) -> UInt64) -> [UInt64] {
        var size = 16
        while size < count &* 2 { size &*= 2 }
        var slots = [UInt64](repeating: 0, count: size)
        slots.withUnsafeMutableBufferPointer { slots in
            var code = 0
            while code < count {
                let hash = hash(entry(code))
                var place = Int(truncatingIfNeeded: hash) & (size &- 1)
                while slots[place] != 0 { place = (place &+ 1) & (size &- 1) }
                slots[place] = hash & TermHash.tagMask | UInt64(code &+ 1)
                code &+= 1
            }
        }
        return slots
    }
}

extension SegmentDictionary {
    /// A copy of decoded entries.
    convenience init(copying entries: ParquetEntries, isDistinct: Bool) {
        let count = entries.count
        let offsets = UnsafeMutablePointer<UInt32>.allocate(capacity: count + 1)
        offsets[0] = 0
        let bytes = entries.withAll { all in
            var total = 0
            var i = 0
            while i < count {
                total &+= all[i].count
                offsets[i &+ 1] = UInt32(truncatingIfNeeded: total)
                i &+= 1
            }
            let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, total), alignment: 8)
            i = 0
            while i < count {
                let entry = all[i]
                if let start = entry.baseAddress, entry.count > 0 {
                    (bytes.baseAddress! + Int(offsets[i])).copyMemory(from: start, byteCount: entry.count)
                }
                i &+= 1
            }
            return UnsafeRawBufferPointer(start: bytes.baseAddress, count: total)
        }
        self.init(bytes: bytes, offsets: offsets, count: count, isDistinct: isDistinct)
    }
}
