/// How names are taken from the records of a format, laid out for running.
struct FlatFormat: BitwiseCopyable {
    enum Kind: UInt8 { case json, xml, journalExport, syslog, csv, patterns, keyValue, line }

    struct Column: BitwiseCopyable {
        /// Slot, or -1.
        let slot: Int32
        /// Counter when the column is dropped.
        let dropped: Int32
    }

    let kind: Kind
    let body: Int
    var syslog = SyslogSlots()
    var delimiter: UInt8 = 0
    var hasHeader = false
    var minimum = 0
    var columns: FlatList<Column>
    var patterns: FlatList<Int32>
    var pairs = KeyValueText(separator: 32, assign: 61)
    var keys: Int32 = 0
    /// The slot of the whole record.
    var slot: Int32 = -1

    init(_ format: FormatPlan, _ memory: PlanMemory) {
        body = format.body
        columns = memory.list([])
        patterns = memory.list([])
        switch format.reading {
        case .json: kind = .json
        case .xml: kind = .xml
        case .journalExport(let keys):
            kind = .journalExport
            self.keys = keys
        case .syslog(let names):
            kind = .syslog
            syslog = names
        case .csv(let delimiter, let columns, let hasHeader, let minimum):
            kind = .csv
            self.delimiter = delimiter
            self.hasHeader = hasHeader
            self.minimum = minimum
            self.columns = memory.list(columns.map { Column(slot: $0.slot, dropped: $0.dropped) })
        case .patterns(let patterns, let slot):
            kind = .patterns
            self.patterns = memory.list(patterns)
            self.slot = slot
        case .keyValue(let reader, let keys):
            kind = .keyValue
            pairs = reader
            self.keys = keys
        case .line(let slot):
            kind = .line
            self.slot = slot
        }
    }
}

/// A step that takes names out of a value, laid out for running.
struct FlatStep: BitwiseCopyable {
    enum Kind: UInt8 { case pattern, json, xml, keyValue, csv, pairs, let_ }

    let kind: Kind
    let from: Expression
    var isRequired = false
    var patterns: FlatList<Int32>
    /// Document, key table or slot.
    var number: Int32 = 0
    var pairs = KeyValueText(separator: 32, assign: 61)
    var delimiter: UInt8 = 0
    /// Slots of columns; of pairs those of an element's key and values.
    var slots: FlatList<Int32>
    /// Slots of the lists that pairs come from, and the trie of their elements.
    var sources: FlatList<Int32>
    var trie: Int32 = 0

    init(_ step: ExtractionStep, _ memory: PlanMemory) {
        patterns = memory.list([])
        slots = memory.list([])
        sources = memory.list([])
        switch step {
        case .pattern(let from, let patterns, let isRequired):
            (kind, self.from, self.isRequired) = (.pattern, from, isRequired)
            self.patterns = memory.list(patterns)
        case .json(let from, let document, let isRequired):
            (kind, self.from, self.isRequired, number) = (.json, from, isRequired, Int32(document))
        case .xml(let from, let document, let isRequired):
            (kind, self.from, self.isRequired, number) = (.xml, from, isRequired, Int32(document))
        case .pairs(let lists, let trie, let slots, let keys, let isRequired):
            (kind, from, self.isRequired, number) = (.pairs, Expression(start: 0, end: 0), isRequired, keys)
            self.trie = Int32(trie)
            self.slots = memory.list(slots)
            sources = memory.list(lists)
        case .keyValue(let from, let reader, let keys): (kind, self.from, pairs, number) = (.keyValue, from, reader, keys)
        case .csv(let from, let delimiter, let slots, let isRequired):
            (kind, self.from, self.delimiter, self.isRequired) = (.csv, from, delimiter, isRequired)
            self.slots = memory.list(slots)
        case .let_(let from, let slot): (kind, self.from, number) = (.let_, from, slot)
        }
    }
}

/// A way to write times, laid out for running.
struct FlatTimeFormat: BitwiseCopyable {
    enum Kind: UInt8 { case iso, epoch, syslog, pattern }

    let kind: Kind
    var perSecond: Int64 = 0

    init(_ format: TimeFormat) {
        switch format {
        case .iso: kind = .iso
        case .epoch(let perSecond):
            kind = .epoch
            self.perSecond = perSecond
        case .syslog: kind = .syslog
        case .pattern: kind = .pattern
        }
    }
}
