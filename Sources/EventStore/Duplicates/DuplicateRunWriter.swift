import Cryptography
import DurableIO

/// Writes keys, given in order, into a run file: block by block, so that memory does not grow with the run.
///
/// The file is durable under its final name when ``finish()`` returns, but for the name itself: the caller syncs the directory.
final class DuplicateRunWriter {
    private let id: Int64
    private let path: String
    private let fileSystem: any FileSystem
    private let file: any OpenFile
    private let days: ClosedRange<UInt16>
    private var header: DuplicateRunFormat.Header
    /// The open block: keys first, days moved behind them when it is full.
    private let block: UnsafeMutableRawBufferPointer
    private let blockDays: UnsafeMutableRawBufferPointer
    private let hasDays: Bool
    private var directory: [UInt8] = []
    private var offset = UInt64(DuplicateRunFormat.headerBytes)
    private var keysInBlock = 0

    /// - Parameter days: All days that will be given lie in this range; where it is one day, keys take 16 bytes each, else 18.
    /// - Throws: `DurableIOError`.
    init(_ id: Int64, days: ClosedRange<UInt16>, layout: StoreLayout, fileSystem: any FileSystem) throws {
        self.id = id
        self.days = days
        self.fileSystem = fileSystem
        path = layout.duplicateRun(id)
        header = DuplicateRunFormat.Header(count: 0, minDay: days.lowerBound, maxDay: days.upperBound)
        hasDays = header.hasDays
        file = try fileSystem.open(path + ".tmp", .readWriteCreating)
        let dayBytes = DuplicateRunFormat.blockKeys * DuplicateRunFormat.dayBytes
        block = .allocate(byteCount: DuplicateRunFormat.blockKeys * DuplicateRunFormat.keyBytes + dayBytes, alignment: 64)
        blockDays = .allocate(byteCount: dayBytes, alignment: 64)
        try file.truncate(to: 0)
    }

    deinit {
        block.deallocate()
        blockDays.deallocate()
    }

    /// Adds a key that is not below the one before it.
    /// - Throws: `DurableIOError`.
    @inline(__always)
    func append(id: UInt64, bytes: UInt64, day: UInt16) throws {
        let place = block.baseAddress! + keysInBlock &* DuplicateRunFormat.keyBytes
        place.storeBytes(of: id.littleEndian, as: UInt64.self)
        (place + 8).storeBytes(of: bytes.littleEndian, as: UInt64.self)
        if hasDays {
            (blockDays.baseAddress! + keysInBlock &* DuplicateRunFormat.dayBytes).storeBytes(of: day.littleEndian, as: UInt16.self)
        }
        keysInBlock &+= 1
        if keysInBlock == DuplicateRunFormat.blockKeys { try writeBlock() }
    }

    private func writeBlock() throws {
        var count = keysInBlock * DuplicateRunFormat.keyBytes
        if hasDays {
            let dayBytes = keysInBlock * DuplicateRunFormat.dayBytes
            (block.baseAddress! + count).copyMemory(from: blockDays.baseAddress!, byteCount: dayBytes)
            count += dayBytes
        }
        let bytes = UnsafeRawBufferPointer(rebasing: block[..<count])
        try file.write(bytes, at: offset)
        directory += bytes[..<8]
        withUnsafeBytes(of: DuplicateRunFormat.sum(bytes)) { directory += $0 }
        offset += UInt64(count)
        header.count += keysInBlock
        keysInBlock = 0
    }

    /// Writes directory and header, makes the file durable, and gives it its name.
    ///
    /// - Returns: what the catalogue is to record; nil when no key was given, and then there is no file.
    /// - Throws: `DurableIOError`.
    func finish() throws -> DuplicateRunRecord? {
        if keysInBlock > 0 { try writeBlock() }
        guard header.count > 0 else {
            abandon()
            return nil
        }
        let head = header.bytes
        let digest = SHA256.hash(head + directory)
        try file.writeAll(directory + digest.bytes, at: offset)
        try file.writeAll(head, at: 0)
        try file.sync()
        file.close()
        try fileSystem.rename(path + ".tmp", to: path)
        return DuplicateRunRecord(
            id: id, count: header.count, minDay: days.lowerBound, maxDay: days.upperBound, sizeBytes: Int64(header.fileBytes), sha256: digest)
    }

    /// Takes the unfinished file away, as far as possible.
    func abandon() {
        file.close()
        try? fileSystem.remove(path + ".tmp")
    }
}
