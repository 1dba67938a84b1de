import AuditModel
import DurableIO
import Parquet

/// What the lines of `catalogue.jsonl` come to, read in order up to a size of the log.
struct CatalogueLineState {
    /// A content of a source.
    struct Content: Hashable {
        var source: String
        var contentID: String
    }

    /// Both halves of a duplicate key.
    struct Halves: Hashable {
        var id: UInt64
        var bytes: UInt64
    }

    /// Where the last line taken stands; nil before the first.
    private(set) var position: CatalogueLine.Position?
    private(set) var ledger: [LedgerRow] = []
    private(set) var cursors: [Content: CatalogueLine.Cursor] = [:]
    private(set) var keys: [Halves: Int64] = [:]
    private(set) var runs: [Int64: DuplicateRunRecord] = [:]
    private(set) var removed: [UInt64: RemovedRows] = [:]
    /// Whether a line after the limit began the whole again, so that what was before is not to be had.
    private(set) var isBeyondLimit = false

    /// Takes a line; one that stands beyond the limit is passed over.
    mutating func take(_ line: CatalogueLine, limit: UInt64) {
        guard line.position.size <= limit else {
            if line.isStart { isBeyondLimit = true }
            return
        }
        if line.isStart { self = CatalogueLineState() }
        position = line.position
        ledger += line.ledger
        for cursor in line.cursors { cursors[Content(source: cursor.row.source, contentID: cursor.row.contentID)] = cursor }
        if line.emptiesKeys { keys = [:] }
        for key in line.keys { keys[Halves(id: key.id, bytes: key.bytes)] = key.expires }
        for run in line.runsAdded { runs[run.id] = run }
        for id in line.runsRemoved { runs[id] = nil }
        for item in line.removed { removed[item.logIndex] = item.rows }
    }
}

/// The layout of `catalogue.jsonl`: each line is the XXH64 of its JSON in 16 hex digits, a space, the JSON in canonical form, a line feed. The first
/// names the format and the store.
enum CatalogueLineFile {
    static let format = "proofline-catalogue-lines"
    static let version: Int64 = 1

    /// A line's bytes.
    static func line(_ json: JSONValue) -> [UInt8] {
        var bytes = [UInt8](repeating: 0x20, count: 17)
        json.writeCanonical(to: &bytes)
        let check = bytes.withUnsafeBytes { XXH64.hash(UnsafeRawBufferPointer(rebasing: $0[17...])) }
        bytes.replaceSubrange(0..<16, with: CatalogueLine.hex(check).utf8)
        bytes.append(0x0A)
        return bytes
    }

    /// The first line.
    static func header(storeID: String) -> [UInt8] {
        line(["format": .string(format), "version": .integer(version), "storeId": .string(storeID)])
    }

    /// How the lines of a file end.
    enum End: Equatable {
        /// With a whole line.
        case whole
        /// With the beginning of a line that was being written.
        case torn
        /// At this byte, with something that no writer leaves.
        case damaged(at: Int)
    }

    /// Gives the JSON of each line whose checksum is right, in order, up to the first that is not.
    static func scan(_ bytes: [UInt8], _ body: (_ json: ArraySlice<UInt8>) throws -> Void) rethrows -> End {
        var start = 0
        while start < bytes.count {
            guard let end = bytes[start...].firstIndex(of: 0x0A) else {
                // A whole line with another byte at its end was not torn.
                return json(of: bytes[start..<(bytes.count - 1)]) == nil ? .torn : .damaged(at: start)
            }
            guard let json = json(of: bytes[start..<end]) else { return .damaged(at: start) }
            try body(json)
            start = end + 1
        }
        return .whole
    }

    /// The JSON of a line without its line feed; nil where the checksum is not its own.
    private static func json(of line: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        guard line.count > 17, line[line.startIndex + 16] == 0x20 else { return nil }
        let json = line.dropFirst(17)
        return line.prefix(16).elementsEqual(CatalogueLine.hex(json.withUnsafeBytes { XXH64.hash($0) }).utf8) ? json : nil
    }

    /// Whether the first line is the header of this store's file.
    static func isHeader(_ json: ArraySlice<UInt8>, storeID: String) -> Bool {
        guard let json = try? JSONValue(parsing: json) else { return false }
        return json["format"]?.string == format && json["version"]?.integer == version && json["storeId"]?.string == storeID
    }

    /// What the file says, and what is wrong with it; nil where it is missing. A torn last line is a line that is missing.
    static func state(
        _ path: String, _ files: any FileSystem, storeID: String, limit: UInt64
    ) throws -> (state: CatalogueLineState, fault: String?)? {
        guard try files.exists(path) else { return nil }
        let bytes = try files.readFile(path)
        var state = CatalogueLineState()
        var number = 0
        var fault: String?
        let end = scan(bytes) { json in
            number += 1
            guard fault == nil else { return }
            if number == 1 {
                if !isHeader(json, storeID: storeID) { fault = "its first line is not that of this store's file" }
            } else if let line = (try? JSONValue(parsing: json)).flatMap({ CatalogueLine(json: $0) }) {
                state.take(line, limit: limit)
            } else {
                fault = "line \(number) cannot be understood"
            }
        }
        if number == 0, fault == nil { fault = "it has no first line" }
        if case .damaged(let at) = end, fault == nil { fault = "line \(number + 1), at byte \(at), does not have its checksum" }
        return (state, fault)
    }
}
