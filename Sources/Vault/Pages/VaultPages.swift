import Cryptography
import GRDB

/// Which table of `vault.sqlite` a page lies in (docs/formats/vault.md).
enum PageTable: UInt8, CaseIterable {
    /// Persons' chunks: tokens and sealed values.
    case heap = 1
    /// Keys of subjects.
    case keys = 2
    /// Places of tokens by the beginning of their look-up.
    case look = 3
    /// Places of tokens by their bits.
    case bits = 4
    /// Chunks of a subject beyond its first.
    case more = 5

    var name: String {
        switch self {
        case .heap: "heap"
        case .keys: "subject_keys"
        case .look: "by_lookup"
        case .bits: "by_bits"
        case .more: "by_subject"
        }
    }

    /// Those that are indexes of runs.
    static let indexes: [PageTable] = [.look, .bits, .more]
}

/// Pages of bytes in the vault's file, each a row under an authentication code of its own.
///
/// Trusts nothing in the file: a page whose code does not fit its table, number and bytes is ``VaultError`` `damaged`. A page that was read once is
/// not authenticated again by this process. Used under the vault's lock alone, on the connection of its queue.
final class VaultPages {
    /// Most bytes of a page, so that its row fills one page of SQLite.
    static let sizeBytes = 4_000
    /// Pages remembered as authenticated.
    private static let mostChecked = 1 << 16

    private let connection: OpaquePointer
    private let codes: GMAC
    private let directory: String
    private var reads = [VaultStatement?](repeating: nil, count: PageTable.allCases.count + 1)
    private var writes: [PageTable: VaultStatement] = [:]
    private var checked: Set<UInt64> = []
    private var buffer: [UInt8] = []

    /// - Parameter connection: That of the vault's queue; it outlives this object.
    init(_ connection: OpaquePointer, key: [UInt8], directory: String) throws {
        self.connection = connection
        self.directory = directory
        codes = try GMAC(key: key)
    }

    /// Prepares a statement on the same connection.
    func statement(_ sql: String) throws -> VaultStatement { try VaultStatement(connection, sql) }

    /// Forgets which pages were authenticated: others may have changed them.
    func forget() { checked.removeAll(keepingCapacity: true) }

    /// The bytes of a page without its code.
    ///
    /// - Throws: ``VaultError`` `damaged` where it is missing or not authentic.
    func read(_ table: PageTable, _ number: Int64) throws -> [UInt8] { try withPage(table, number) { [UInt8]($0) } }

    /// Lends the bytes of a page without its code. `body` asks for no other page of this table.
    ///
    /// - Throws: ``VaultError`` `damaged` where it is missing or not authentic.
    func withPage<R>(_ table: PageTable, _ number: Int64, _ body: (UnsafeRawBufferPointer) throws -> R) throws -> R {
        let statement = try reads[Int(table.rawValue)] ?? self.statement("SELECT body FROM \(table.name) WHERE id = ?")
        reads[Int(table.rawValue)] = statement
        statement.bind(1, number)
        guard try statement.next() else { throw damaged(table, number) }
        defer { statement.reset() }
        let row = statement.blob(0)
        guard row.count >= GMAC.sealSizeBytes else { throw damaged(table, number) }
        let bytes = UnsafeRawBufferPointer(rebasing: row[..<(row.count - GMAC.sealSizeBytes)])
        let mark = UInt64(table.rawValue) << 56 | UInt64(truncatingIfNeeded: number)
        if !checked.contains(mark) {
            guard try isGenuine(table.rawValue, number, bytes, row.baseAddress! + bytes.count) else { throw damaged(table, number) }
            if checked.count >= Self.mostChecked { forget() }
            checked.insert(mark)
        }
        return try body(bytes)
    }

    /// Writes a page anew or in place of the one with its number.
    func write(_ table: PageTable, _ number: Int64, _ bytes: UnsafeRawBufferPointer) throws {
        let statement = try writes[table] ?? self.statement("INSERT OR REPLACE INTO \(table.name) VALUES (?, ?)")
        writes[table] = statement
        let size = try seal(table.rawValue, number, bytes)
        try buffer.withUnsafeBytes { buffer in
            statement.bind(1, number)
            statement.bind(2, blob: buffer.baseAddress!, count: size)
            try statement.run()
        }
    }

    func write(_ table: PageTable, _ number: Int64, _ bytes: [UInt8]) throws {
        try bytes.withUnsafeBytes { try write(table, number, $0) }
    }

    /// Removes the pages with these numbers.
    func remove(_ table: PageTable, _ numbers: ClosedRange<Int64>) throws {
        let statement = try self.statement("DELETE FROM \(table.name) WHERE id BETWEEN ? AND ?")
        statement.bind(1, numbers.lowerBound)
        statement.bind(2, numbers.upperBound)
        try statement.run()
    }

    // MARK: The root

    /// The bytes of the root, authenticated every time.
    func readRoot() throws -> [UInt8] {
        let statement = try rootStatement()
        guard try statement.next() else { throw damaged(nil, 0) }
        defer { statement.reset() }
        let body = statement.blob(0)
        guard body.count >= GMAC.sealSizeBytes else { throw damaged(nil, 0) }
        let bytes = UnsafeRawBufferPointer(rebasing: body[..<(body.count - GMAC.sealSizeBytes)])
        guard try isGenuine(0, 0, bytes, body.baseAddress! + bytes.count) else { throw damaged(nil, 0) }
        return [UInt8](bytes)
    }

    func writeRoot(_ bytes: [UInt8]) throws {
        let statement = try self.statement("INSERT OR REPLACE INTO meta VALUES ('root', ?)")
        let size = try bytes.withUnsafeBytes { try seal(0, 0, $0) }
        try buffer.withUnsafeBytes { buffer in
            statement.bind(1, blob: buffer.baseAddress!, count: size)
            try statement.run()
        }
    }

    private var root: VaultStatement?

    private func rootStatement() throws -> VaultStatement {
        if let root { return root }
        let made = try statement("SELECT value FROM meta WHERE key = 'root'")
        root = made
        return made
    }

    // MARK: Codes

    /// Puts the bytes and their code into the buffer; returns how many they are.
    private func seal(_ table: UInt8, _ number: Int64, _ bytes: UnsafeRawBufferPointer) throws -> Int {
        let size = bytes.count + GMAC.sealSizeBytes
        if buffer.count < size { buffer = [UInt8](repeating: 0, count: max(size, Self.sizeBytes + GMAC.sealSizeBytes)) }
        try buffer.withUnsafeMutableBytes { buffer in
            if bytes.count > 0 { buffer.baseAddress!.copyMemory(from: bytes.baseAddress!, byteCount: bytes.count) }
            try Self.withPlace(table, number) { place in
                try codes.seal(bytes, place: place, into: buffer.baseAddress! + bytes.count)
            }
        }
        return size
    }

    private func isGenuine(_ table: UInt8, _ number: Int64, _ bytes: UnsafeRawBufferPointer, _ seal: UnsafeRawPointer) throws -> Bool {
        try Self.withPlace(table, number) { try codes.isGenuine(bytes, place: $0, seal: seal) }
    }

    /// What a code covers before the bytes: table (1 byte) ‖ number (8 bytes, big-endian).
    private static func withPlace<R>(_ table: UInt8, _ number: Int64, _ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        try withUnsafeTemporaryAllocation(byteCount: 9, alignment: 1) { place in
            place[0] = table
            place.storeBytes(of: number.bigEndian, toByteOffset: 1, as: Int64.self)
            return try body(UnsafeRawBufferPointer(place))
        }
    }

    func damaged(_ table: PageTable?, _ number: Int64) -> VaultError {
        let what = table.map { "page \(number) of \($0.name)" } ?? "the root of the pages"
        return VaultError(.damaged, "\(what) is missing or not what was written; restore the vault from its backup", path: directory)
    }
}
