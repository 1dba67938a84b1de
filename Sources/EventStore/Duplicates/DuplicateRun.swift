import Cryptography
import DurableIO

/// One open run: sorted keys in a mapped file.
///
/// Trusts nothing in the file: the directory must have the checksum that the catalogue recorded, and a block is compared with its
/// checksum before the first key in it is believed. Not safe for use from several threads at once.
final class DuplicateRun {
    let record: DuplicateRunRecord
    private let path: String
    private let file: FileBytes
    private let header: DuplicateRunFormat.Header
    /// First id of each block.
    private let fences: [UInt64]
    private let sums: [UInt64]
    private var verified: [Bool]

    /// Opens a run.
    ///
    /// - Parameter isTrusted: The file was written by this process, so that its blocks need no check.
    /// - Throws: ``StoreError`` with `damaged` for a file that is not the one that was committed, `DurableIOError`.
    init(_ record: DuplicateRunRecord, layout: StoreLayout, fileSystem: any FileSystem, isTrusted: Bool = false) throws {
        self.record = record
        path = layout.duplicateRun(record.id)
        file = try fileSystem.map(path)
        let bytes = file.bytes
        guard let header = DuplicateRunFormat.Header(bytes), header.count == record.count, header.minDay == record.minDay,
            header.maxDay == record.maxDay
        else { throw Self.damaged(path) }
        let directoryEnd = bytes.count - SHA256Digest.sizeBytes
        var hasher = SHA256()
        hasher.update(UnsafeRawBufferPointer(rebasing: bytes[..<DuplicateRunFormat.headerBytes]))
        hasher.update(UnsafeRawBufferPointer(rebasing: bytes[header.directoryOffset..<directoryEnd]))
        let digest = hasher.finalize()
        guard digest == record.sha256, digest.bytes.elementsEqual(bytes[directoryEnd...]) else { throw Self.damaged(path) }
        self.header = header
        let entries = stride(from: header.directoryOffset, to: directoryEnd, by: DuplicateRunFormat.directoryEntryBytes)
        fences = entries.map { UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: $0, as: UInt64.self)) }
        sums = entries.map { bytes.loadUnaligned(fromByteOffset: $0 + 8, as: UInt64.self) }
        verified = Array(repeating: isTrusted, count: header.blockCount)
    }

    static func damaged(_ path: String) -> StoreError {
        StoreError(
            .damaged, "the duplicate keys in this file are not those that were committed: restore the file from a backup", path: path)
    }

    /// What became of a key in a look-up, as a byte.
    enum Mark {
        static let new: UInt8 = 0
        static let idReused: UInt8 = 1
        static let duplicate: UInt8 = 2
    }

    /// Looks keys up and raises their marks.
    ///
    /// - Parameters:
    ///   - keys: Sorted by id.
    ///   - marks: One for each key, by its `place`; a mark is only ever raised.
    /// - Throws: ``StoreError`` with `damaged`.
    func find(_ keys: UnsafeBufferPointer<OrderedDuplicateKey>, _ marks: UnsafeMutablePointer<UInt8>) throws {
        let blockCount = fences.count
        let isSparse = keys.count &* 16 < blockCount
        var block = 0
        var number = 0
        try fences.withUnsafeBufferPointer { fences in
            while number < keys.count {
                let key = keys[number]
                number &+= 1
                // The last block whose first id lies below the key's, else the first.
                if isSparse { block = Self.lastBelow(key.id, fences, from: block) }
                while block &+ 1 < blockCount, fences[block &+ 1] < key.id { block &+= 1 }
                if !verified[block] { try verify(block) }
                let keysHere = header.keys(inBlock: block)
                let start = blockStart(block)
                let from = fences[block]
                let to = block &+ 1 < blockCount ? fences[block &+ 1] : UInt64.max
                let at = Self.lowerBound(key.id, start, keysHere, from, to)
                let mark = try compare(key, block, at)
                if mark > marks[Int(key.place)] { marks[Int(key.place)] = mark }
            }
        }
    }

    /// Compares with the keys of the same id, from a place on; they may go on in the next block.
    @inline(__always)
    private func compare(_ key: OrderedDuplicateKey, _ block: Int, _ at: Int) throws -> UInt8 {
        if at < header.keys(inBlock: block), Self.id(blockStart(block), at) != key.id { return Mark.new }
        return try compareSlowly(key, block, at)
    }

    private func compareSlowly(_ key: OrderedDuplicateKey, _ firstBlock: Int, _ firstAt: Int) throws -> UInt8 {
        var mark = Mark.new
        var block = firstBlock
        var at = firstAt
        while block < fences.count {
            if !verified[block] { try verify(block) }
            let start = blockStart(block)
            let count = header.keys(inBlock: block)
            while at < count {
                guard Self.id(start, at) == key.id else { return mark }
                if Self.secondHalf(start, at) == key.bytes { return Mark.duplicate }
                mark = Mark.idReused
                at &+= 1
            }
            block &+= 1
            at = 0
            if block < fences.count, fences[block] != key.id { return mark }
        }
        return mark
    }

    private static func lastBelow(_ id: UInt64, _ fences: UnsafeBufferPointer<UInt64>, from: Int) -> Int {
        var low = from
        var high = fences.count
        while high &- low > 1 {
            let middle = (low &+ high) >> 1
            if fences[middle] < id { low = middle } else { high = middle }
        }
        return low
    }

    /// The first place in a block whose id is not below `id`: a guess by the id's share of the block's span, then doubling steps. Keys
    /// are hashes, so the guess is off by a few dozen; whatever they are, the steps double.
    @inline(__always)
    private static func lowerBound(_ id: UInt64, _ start: UnsafeRawPointer, _ count: Int, _ from: UInt64, _ to: UInt64) -> Int {
        guard id > from else { return 0 }
        let share = to > from ? Double(id &- from) / Double(to &- from) : 0
        let guess = min(count &- 1, Int(share * Double(count)))
        var low: Int
        var high: Int
        var step = 8
        if Self.id(start, guess) < id {
            low = guess
            high = guess &+ step
            while high < count, Self.id(start, high) < id {
                low = high
                step &*= 2
                high &+= step
            }
            high = min(high, count)
        } else {
            high = guess
            low = guess &- step
            while low >= 0, Self.id(start, low) >= id {
                high = low
                step &*= 2
                low &-= step
            }
            low = max(low, -1)
        }
        while high &- low > 1 {
            let middle = (low &+ high) >> 1
            if Self.id(start, middle) < id { low = middle } else { high = middle }
        }
        return high
    }

    // MARK: Keys

    @inline(__always)
    private func blockStart(_ block: Int) -> UnsafeRawPointer {
        file.bytes.baseAddress! + DuplicateRunFormat.headerBytes + block &* header.blockStride
    }

    @inline(__always)
    private static func id(_ start: UnsafeRawPointer, _ at: Int) -> UInt64 {
        UInt64(littleEndian: start.loadUnaligned(fromByteOffset: at &* DuplicateRunFormat.keyBytes, as: UInt64.self))
    }

    @inline(__always)
    private static func secondHalf(_ start: UnsafeRawPointer, _ at: Int) -> UInt64 {
        UInt64(littleEndian: start.loadUnaligned(fromByteOffset: at &* DuplicateRunFormat.keyBytes &+ 8, as: UInt64.self))
    }

    private func verify(_ block: Int) throws {
        let bytes = UnsafeRawBufferPointer(start: blockStart(block), count: header.bytes(ofBlock: block))
        guard DuplicateRunFormat.sum(bytes) == sums[block] else { throw Self.damaged(path) }
        verified[block] = true
    }

    // MARK: Reading in order

    /// A place in a run, for merging.
    struct Cursor {
        fileprivate let run: DuplicateRun
        private var block = 0
        private var at = 0
        private var count: Int
        private var start: UnsafeRawPointer
        /// The key under the cursor; meaningless at the end.
        private(set) var id: UInt64 = 0
        private(set) var bytes: UInt64 = 0
        private(set) var isAtEnd = false

        /// - Throws: ``StoreError`` with `damaged`.
        init(_ run: DuplicateRun) throws {
            self.run = run
            count = run.header.keys(inBlock: 0)
            start = run.blockStart(0)
            try run.verify(0)
            load()
        }

        /// The last day of the key's life.
        var day: UInt16 {
            guard run.header.hasDays else { return run.header.minDay }
            let offset = count &* DuplicateRunFormat.keyBytes &+ at &* DuplicateRunFormat.dayBytes
            return UInt16(littleEndian: start.loadUnaligned(fromByteOffset: offset, as: UInt16.self))
        }

        /// Goes to the next key.
        /// - Throws: ``StoreError`` with `damaged`.
        @inline(__always)
        mutating func advance() throws {
            at &+= 1
            if at == count { try nextBlock() } else { load() }
        }

        @inline(__always)
        private mutating func load() {
            id = DuplicateRun.id(start, at)
            bytes = DuplicateRun.secondHalf(start, at)
        }

        private mutating func nextBlock() throws {
            block += 1
            at = 0
            guard block < run.fences.count else {
                isAtEnd = true
                return
            }
            count = run.header.keys(inBlock: block)
            start = run.blockStart(block)
            try run.verify(block)
            load()
        }
    }
}
