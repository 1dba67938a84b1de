import AuditModel

/// The names of a definition and the slots behind them.
///
/// A name is declared by a pattern field, a column, a syslog part, `let`, or the `into` of an extraction; where a format is
/// JSON, every other path is a path of the record.
struct NameSpace {
    /// What stands behind a declared head.
    enum Provider {
        /// A single text: a pattern field, a column, a syslog part, a `let`.
        case text
        /// A JSON text inside the record: document number.
        case document(Int)
        /// Pairs of a key=value text.
        case keyValue(Int)
        /// Columns of a CSV text.
        case columns(Set<String>)
        /// Lines of one kind of a joined record, each with pairs of its own: for `each`.
        case lines(keys: Int)
    }

    private(set) var slots: [String: Int32] = [:]
    private(set) var slotCount = 0
    var providers: [String: Provider] = [:]
    /// Names that a CSV, key=value or pattern format declares although it has no use for them.
    var hasJSONFormat = false
    /// Whether a key=value format takes any name.
    var keyValueFormat: Int?
    var documents: [PathTrie] = []
    var keyTables: [[(key: String, slot: Int32)]] = []
    /// Names of parts of joined records: they stand for the text of a part too.
    var parts: Set<String> = []
    /// Tries of array elements with their slots.
    var elementTries: [PathTrie] = []

    mutating func newSlot() -> Int32 {
        slotCount += 1
        return Int32(slotCount - 1)
    }

    /// Declares a name that holds one text.
    mutating func declare(_ name: String) -> Int32 {
        if providers[name] == nil { providers[name] = .text }
        return slot(of: name)
    }

    private mutating func slot(of name: String) -> Int32 {
        if let known = slots[name] { return known }
        let slot = newSlot()
        slots[name] = slot
        return slot
    }

    /// The slot behind a path, or nil where nothing provides it.
    mutating func resolve(_ path: FieldPath, spelled: String) -> Int32? {
        let isPlain = path.steps.count == 1
        switch providers[path.head] {
        case .text where isPlain:
            let slot = slot(of: path.head)
            if hasJSONFormat { documents[0].setSlot(slot, at: path) }
            return slot
        case .document where isPlain && parts.contains(path.head), .keyValue where isPlain && parts.contains(path.head):
            return slot(of: path.head)
        case .lines: return isPlain ? slot(of: path.head) : nil
        case .document(let number):
            guard !isPlain else { return nil }
            let slot = slot(of: spelled)
            documents[number].setSlot(slot, at: path.tail)
            return slot
        case .keyValue(let table):
            guard !isPlain else { return nil }
            // The same names may be members of an object in a JSON format.
            if hasJSONFormat { documents[0].setSlot(slot(of: spelled), at: path) }
            return keySlot(spelled, key: String(spelled.dropFirst(path.head.count + 1)), table: table)
        case .columns(let names):
            guard path.steps.count == 2, names.contains(path.tail.head) else { return nil }
            return slot(of: spelled)
        case .text, nil:
            if hasJSONFormat {
                let slot = slot(of: spelled)
                documents[0].setSlot(slot, at: path)
                if let keyValueFormat, isPlain { _ = keySlot(spelled, key: spelled, table: keyValueFormat) }
                return slot
            }
            if let keyValueFormat { return keySlot(spelled, key: spelled, table: keyValueFormat) }
            return nil
        }
    }

    private mutating func keySlot(_ name: String, key: String, table: Int) -> Int32 {
        let slot = slot(of: name)
        if !keyTables[table].contains(where: { $0.key == key }) { keyTables[table].append((key, slot)) }
        return slot
    }

    /// The names to offer for one that is not there.
    var known: [String] { providers.keys.sorted() }
}
