import AuditModel
import DurableIO
import Synchronization

/// The runs of duplicate keys that the catalogue names, opened as they are needed.
///
/// Safe to share: everything is touched under its lock, which a commit that changes the runs holds too, so that a look-up sees a key
/// either in the table or in a run, never in neither.
final class DuplicateRuns: @unchecked Sendable {
    private let layout: StoreLayout
    private let fileSystem: any FileSystem
    private let lock = Mutex(())
    private var records: [DuplicateRunRecord] = []
    private var open: [Int64: DuplicateRun] = [:]
    /// Runs that this process wrote.
    private var own: Set<Int64> = []
    private(set) var nextID: Int64 = 1
    /// The keys of the catalogue's table in order; nil when they must be read again.
    private var table: [OrderedDuplicateKey]?
    /// At most this many keys are in the table.
    private(set) var tableCount = 0
    private var isMerging = false

    init(layout: StoreLayout, fileSystem: any FileSystem) {
        self.layout = layout
        self.fileSystem = fileSystem
    }

    /// Runs something under the lock.
    func locked<R>(_ body: () throws -> R) rethrows -> R {
        try lock.withLock { _ in
            nonisolated(unsafe) let body = body
            nonisolated(unsafe) let result = try body()
            return result
        }
    }

    // MARK: State; call under the lock

    /// Takes over what the catalogue says.
    func load(from catalogue: Catalogue) throws {
        records = try catalogue.duplicateRuns()
        nextID = try catalogue.nextDuplicateRun()
        tableCount = try catalogue.duplicateTableCount()
        open = [:]
        own = []
        table = nil
    }

    /// The runs as the catalogue has them.
    var all: [DuplicateRunRecord] { records }

    /// A number for a new run.
    func takeID() -> Int64 {
        defer { nextID += 1 }
        return nextID
    }

    /// Takes over what a transaction has recorded.
    func didCommit(_ change: CatalogueChange) {
        if change.emptiesDuplicateTable {
            table = []
            tableCount = 0
        }
        if !change.duplicateKeys.isEmpty {
            table = nil
            tableCount += change.duplicateKeys.count
        }
        for id in change.duplicateRunsRemoved {
            records.removeAll { $0.id == id }
            open[id] = nil
            own.remove(id)
        }
        for record in change.duplicateRunsAdded {
            records.append(record)
            own.insert(record.id)
        }
    }

    /// The open run of a record.
    func run(_ record: DuplicateRunRecord) throws -> DuplicateRun {
        if let run = open[record.id] { return run }
        let run = try DuplicateRun(record, layout: layout, fileSystem: fileSystem, isTrusted: own.contains(record.id))
        open[record.id] = run
        return run
    }

    /// The table's keys, which ``StoreLimits/duplicateTableKeys`` bounds, in order.
    func tableKeys(_ catalogue: Catalogue) throws -> [OrderedDuplicateKey] {
        if let table { return table }
        let keys = DuplicateKeyOrder.sorted(try catalogue.duplicateTable())
        table = keys
        return keys
    }

    /// Begins a merge unless one is going on.
    func beginMerge(today: UInt16) -> DuplicateMerge? {
        guard !isMerging, let merge = DuplicateMerge.next(among: records, today: today) else { return nil }
        isMerging = true
        return merge
    }

    /// Ends a merge, however it went.
    func endMerge() { isMerging = false }

    // MARK: Look-up

    /// Raises the marks of keys by what the table and the runs know.
    ///
    /// - Complexity: O(log of the distance between neighbours) for each key and run.
    func raise(_ marks: inout [UInt8], of keys: SortedDuplicateKeys, _ catalogue: Catalogue) throws {
        try locked {
            if keys.ordered.count < Self.fewKeys, table == nil {
                for (key, mark) in zip(keys.ordered, try catalogue.duplicateMarks(keys.ordered)) {
                    marks[Int(key.place)] = max(marks[Int(key.place)], mark)
                }
            } else {
                SortedDuplicateKeys.raise(&marks, of: keys.ordered, by: try tableKeys(catalogue))
            }
            try keys.ordered.withUnsafeBufferPointer { ordered in
                try marks.withUnsafeMutableBufferPointer { marks in
                    guard let marks = marks.baseAddress else { return }
                    for record in records { try run(record).find(ordered, marks) }
                }
            }
        }
    }

    /// Fewer keys than this are asked for one by one, rather than reading the table.
    private static let fewKeys = 512
}
