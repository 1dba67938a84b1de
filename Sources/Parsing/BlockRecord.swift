/// One record of a source as ``RecordParser`` left it when it read into a block: where it stands and what became of it. Trivial.
public struct BlockRecord: BitwiseCopyable, @unchecked Sendable {
    /// What became of a record.
    public enum Kind: UInt8, BitwiseCopyable, Sendable {
        /// It is in the block, as one row or more.
        case events
        /// A rule of the definition passes over it; ``BlockRecord/reason`` is the rule's name.
        case skipped
        /// It could not be read; ``BlockRecord/reason`` says why and holds nothing of the record.
        case quarantined
    }

    /// Its bytes without the line end. For a record beyond the size limit only its beginning.
    public let address: UnsafePointer<UInt8>
    /// Number of bytes at ``address``.
    public let length: Int
    /// Its place in the decompressed source, in bytes: `offset ..< end`.
    public let offset: UInt64
    public let end: UInt64
    /// ``RecordParser/consumedOffset`` after this record.
    public let next: UInt64
    /// The line of the source on which it begins, from one.
    public let line: Int
    /// Its rows of the block are `firstRow ..< firstRow + rowCount`.
    public let firstRow: Int32
    public let rowCount: Int32
    /// Number of the rule or the reason (``RecordBuffer/reason(_:)``); -1 for events.
    public let reason: Int32
    public let kind: Kind

    /// Its bytes.
    public var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: address, count: length) }
    /// Its rows of the block.
    public var rows: Range<Int> { Int(firstRow)..<Int(firstRow) + Int(rowCount) }
}

/// The records of one call of ``RecordParser/feed(_:into:records:)``, used again from call to call. Not thread-safe.
public final class RecordBuffer {
    private var storage: UnsafeMutablePointer<BlockRecord>
    private var capacity = 256
    /// Number of records.
    public private(set) var count = 0
    private var reasons: [String] = []
    private var numbers: [String: Int32] = [:]
    /// Beginnings of records that were longer than they may be.
    private var kept: [UnsafeMutablePointer<UInt8>] = []

    /// An empty buffer.
    public init() { storage = .allocate(capacity: capacity) }

    deinit {
        removeAll()
        storage.deallocate()
    }

    /// The records. Valid until the buffer is filled again.
    public var records: UnsafeBufferPointer<BlockRecord> { UnsafeBufferPointer(start: storage, count: count) }

    public subscript(index: Int) -> BlockRecord { records[index] }

    /// The name of the rule that passed over a record, or why it could not be read. Numbers hold as long as the buffer lives.
    public func reason(_ number: Int32) -> String { reasons[Int(number)] }

    func removeAll() {
        count = 0
        for bytes in kept { bytes.deallocate() }
        kept.removeAll()
    }

    func append(_ record: BlockRecord) {
        if count == capacity {
            let larger = UnsafeMutablePointer<BlockRecord>.allocate(capacity: capacity * 2)
            larger.update(from: storage, count: count)
            storage.deallocate()
            storage = larger
            capacity *= 2
        }
        storage[count] = record
        count &+= 1
    }

    /// The number of a rule's name or a reason.
    func number(of reason: String) -> Int32 {
        if let known = numbers[reason] { return known }
        reasons.append(reason)
        numbers[reason] = Int32(reasons.count - 1)
        return Int32(reasons.count - 1)
    }

    /// A copy of bytes that lives until the buffer is filled again.
    func keep(_ bytes: [UInt8]) -> UnsafePointer<UInt8> {
        let room = UnsafeMutablePointer<UInt8>.allocate(capacity: max(1, bytes.count))
        for (number, byte) in bytes.enumerated() { room[number] = byte }
        kept.append(room)
        return UnsafePointer(room)
    }
}
