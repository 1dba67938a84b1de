import AuditModel

/// The names of a definition and the slots behind them.
///
/// A name is declared by a pattern field, a column, a syslog part, `let`, or the `into` of an extraction; where a format is
/// JSON, every other path is a path of the record.
struct NameSpace {
    /// What stands behind a declared head.
    enum Provider {
        /// A single text that a format gives, or a `let`: where a format is JSON, a key of that name gives it too.
        case text
        /// A field of a pattern in an extraction or a rule: it hides a key of that name.
        case field
        /// A JSON text inside the record: document number.
        case document(Int)
        /// Pairs of a key=value text.
        case keyValue(Int)
        /// Names that no JSON record can give itself: elements {name, value} of a list, members of an XML text.
        case pairs(Int)
        /// Columns of a CSV text.
        case columns(Set<String>)
        /// Lines of one kind of a joined record, each with pairs of its own: for `each`.
        case lines(keys: Int)
    }

    private(set) var slots: [String: Int32] = [:]
    private(set) var slotCount = 0
    var providers: [String: Provider] = [:]
    /// Whether some format is JSON, so that every path may be one of the record.
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

    /// Declares a field of a pattern that is not a format's: a format's name stays what it is.
    mutating func declareField(_ name: String) {
        if case .text = providers[name] { return }
        providers[name] = .field
    }

    private mutating func slot(of name: String) -> Int32 {
        if let known = slots[name] { return known }
        let slot = newSlot()
        slots[name] = slot
        return slot
    }

    /// The slot behind a path, or nil where nothing provides it.
    mutating func resolve(_ path: FieldPath) -> Int32? {
        let isPlain = path.steps.count == 1
        switch providers[path.head] {
        case .field where isPlain: return slot(of: path.head)
        case .text where isPlain:
            let slot = slot(of: path.canonical)
            if hasJSONFormat { documents[0].setSlot(slot, at: path) }
            return slot
        case .document where isPlain && parts.contains(path.head), .keyValue where isPlain && parts.contains(path.head):
            return slot(of: path.head)
        case .lines: return isPlain ? slot(of: path.head) : nil
        case .document(let number):
            let slot = slot(of: path.canonical)
            documents[number].setSlot(slot, at: path.tail)
            return slot
        case .keyValue(let table):
            guard !isPlain, let key = path.tail.dottedKey else { return nil }
            let slot = slot(of: path.canonical)
            // The same names may be members of an object in a JSON format.
            if hasJSONFormat { documents[0].setSlot(slot, at: path) }
            return keySlot(slot, key, table)
        case .pairs(let table):
            guard !isPlain, let key = path.tail.dottedKey else { return nil }
            return keySlot(slot(of: path.canonical), key, table)
        case .columns(let names):
            guard path.steps.count == 2, names.contains(path.tail.head) else { return nil }
            return slot(of: path.canonical)
        case .text, .field, nil:
            let key = path.dottedKey
            guard hasJSONFormat || keyValueFormat != nil && key != nil else { return nil }
            let slot = slot(of: path.canonical)
            if hasJSONFormat { documents[0].setSlot(slot, at: path) }
            if let keyValueFormat, let key, isPlain || !hasJSONFormat { _ = keySlot(slot, key, keyValueFormat) }
            return slot
        }
    }

    private mutating func keySlot(_ slot: Int32, _ key: String, _ table: Int) -> Int32 {
        // `a."b.c"` and `a.b.c` are one key of a text: both spellings have one slot.
        if let known = keyTables[table].first(where: { $0.key == key && $0.slot >= 0 }) { return known.slot }
        keyTables[table].append((key, slot))
        return slot
    }

    /// The names to offer for one that is not there.
    var known: [String] { providers.keys.sorted() }
}
