import AuditModel
import Synchronization

/// Numbers for texts over all segments, and the translations from each row group's dictionary, kept from query to query.
///
/// Segments never change, so a translation made once stays true for as long as the segment's id means the same content.
public final class GlobalCodes: Sendable {
    private struct Key: Hashable {
        let segment: Int64
        let rowGroup: Int
    }

    /// One column.
    final class Column: Sendable {
        let dictionary = GlobalDictionary()
        private let translations = Mutex<[Key: [UInt32]]>([:])
        /// The same with places in the order of a ranking.
        private let ranked = Mutex<(ranking: GlobalRanking?, tables: [Key: [UInt32]])>((nil, [:]))

        /// The numbers of a row group's dictionary entries; nil where each page has entries of its own.
        func translation(_ segment: any SegmentColumns, rowGroup: Int, _ field: EventField, _ tally: WorkerTally) throws -> [UInt32]? {
            let key = Key(segment: segment.id, rowGroup: rowGroup)
            if let known = translations.withLock({ $0[key] }) { return known }
            guard segment.mayHoldValues(.field(field), rowGroup: rowGroup) else { return [] }
            guard let entries = try segment.dictionary(.field(field), rowGroup: rowGroup) else { return nil }
            tally.effort.bytesRead += entries.bytes.count
            let codes = try dictionary.codes(of: entries)
            translations.withLock { $0[key] = codes }
            return codes
        }

        /// A translation with places in the order of bytes for numbers.
        ///
        /// - Precondition: The ranking was made after the translation.
        func places(_ numbers: [UInt32], _ ranking: GlobalRanking, segment: Int64, rowGroup: Int) -> [UInt32] {
            if numbers.isEmpty { return [] }
            let key = Key(segment: segment, rowGroup: rowGroup)
            let known = ranked.withLock { state -> [UInt32]? in
                if state.ranking !== ranking { state = (ranking, [:]) }
                return state.tables[key]
            }
            if let known { return known }
            let ranks = ranking.ranks
            let made = numbers.map { ranks[Int($0)] }
            ranked.withLock { if $0.ranking === ranking { $0.tables[key] = made } }
            return made
        }

        var byteCount: Int {
            dictionary.byteCount + translations.withLock { $0.values.reduce(0) { $0 + $1.count * 4 + 64 } }
                + ranked.withLock { $0.tables.values.reduce(0) { $0 + $1.count * 4 + 64 } }
        }
    }

    private let columns = Mutex<[EventField: Column]>([:])
    private let memoryBytes: Int

    /// - Parameter memoryBytes: What it may keep between queries; beyond that it forgets all.
    public init(memoryBytes: Int = 256 << 20) { self.memoryBytes = memoryBytes }

    func column(_ field: EventField) -> Column {
        columns.withLock { columns in
            if let known = columns[field] { return known }
            let column = Column()
            columns[field] = column
            return column
        }
    }

    /// Forgets all when it holds more than it may. Called between queries.
    func trim() {
        columns.withLock { columns in
            if columns.values.reduce(0, { $0 + $1.byteCount }) > memoryBytes { columns.removeAll() }
        }
    }
}
