/// Taking names out of a record and of texts inside it.
extension RecordEvaluator {
    func read(_ record: ByteSlice, _ format: FormatPlan) throws(Rejection) {
        if case .json = format.reading {
            try readJSON(record, document: 0, isRecord: true)
            return
        }
        guard isValidUTF8(record) else { throw Rejection(reason: JSONFault.invalidUTF8.rawValue) }
        guard record.firstIndex(of: 0) == nil else { throw Rejection(reason: "the record holds a NUL byte") }
        switch format.reading {
        case .json: break
        case .syslog(let names):
            guard let header = SyslogHeader(record) else { throw Rejection(reason: "no syslog header") }
            set(names.priority, header.priority)
            set(names.timestamp, header.timestamp)
            set(names.host, header.host)
            set(names.program, header.program)
            set(names.processID, header.processID)
            set(names.messageID, header.messageID)
            set(names.structuredData, header.structuredData)
            set(names.message, header.message)
        case .csv(let delimiter, let columns, let hasHeader, let minimum):
            try readRow(record, delimiter: delimiter, columns: columns, order: hasHeader ? columnOrder ?? [] : nil, minimum: minimum)
        case .patterns(let patterns, let slot):
            set(slot, record)
            guard matchFirst(patterns, record) else { throw Rejection(reason: "the line does not have the shape of format \(format.name)") }
        case .keyValue(let reader, let keys): readPairs(record, reader, keys: keys)
        case .line(let slot): set(slot, record)
        }
    }

    func set(_ slot: Int32, _ text: ByteSlice?) {
        guard slot >= 0, let text, !text.isEmpty else { return }
        slots[Int(slot)] = Value(text: text)
    }

    func matchFirst(_ patterns: [Int32], _ text: ByteSlice) -> Bool {
        for number in patterns {
            var matcher = PatternMatcher(plan.patterns[Int(number)], text, slots: slots, arena: arena)
            if matcher.match() { return true }
        }
        return false
    }

    private func readJSON(_ text: ByteSlice, document: Int, isRecord: Bool) throws(Rejection) {
        let index = indexes[document]
        if let fault = index.index(text) { throw Rejection(reason: fault.rawValue, isFraming: isRecord) }
        guard
            var walker = JSONWalker(
                index, document: Int16(document), trie: plan.documents[document], slots: slots, dropped: dropped, arena: arena)
        else { throw Rejection(reason: JSONFault.endsEarly.rawValue, isFraming: isRecord) }
        do {
            try walker.walkDocument()
        } catch {
            throw Rejection(reason: error.rawValue, isFraming: isRecord)
        }
        if isRecord, text.isEmpty || text[0] != UInt8(ascii: "{") { throw Rejection(reason: "the record is not a JSON object") }
    }

    private func readRow(_ row: ByteSlice, delimiter: UInt8, columns: [CSVColumn], order: [Int]?, minimum: Int) throws(Rejection) {
        var found = 0
        let known = order?.count ?? columns.count
        let isWhole = CSVRow.columns(row, delimiter: delimiter, arena: arena) { position, text in
            found = position + 1
            guard position < known else { return }
            let number = order?[position] ?? position
            guard number >= 0 else {
                if !text.isEmpty { dropped[0] += 1 }
                return
            }
            let column = columns[number]
            set(column.slot, text)
            if column.slot < 0, !text.isEmpty { dropped[Int(column.dropped)] += 1 }
        }
        guard isWhole else { throw Rejection(reason: "CSV: a quoted column is not closed") }
        guard found >= (order?.count ?? minimum) else { throw Rejection(reason: "CSV: too few columns") }
        guard found <= known else { throw Rejection(reason: "CSV: too many columns") }
    }

    private func readPairs(_ text: ByteSlice, _ reader: KeyValueText, keys: Int32) {
        let table = plan.keyTables[Int(keys)]
        reader.pairs(text, arena: arena) { key, value in
            guard let entry = table.first(where: { $0.key.equals(key) }) else {
                if !value.isEmpty { dropped[0] += 1 }
                return
            }
            if entry.slot >= 0 {
                // The first of two equal keys is the program's own; what follows may come from a user's text.
                if slots[Int(entry.slot)].kind == .absent { set(entry.slot, value) }
            } else if !value.isEmpty {
                dropped[Int(-1 - entry.slot)] += 1
            }
        }
    }

    func perform(_ step: ExtractionStep) throws(Rejection) {
        switch step {
        case .pattern(let from, let patterns, let isRequired):
            let isMatched = value(from).map { matchFirst(patterns, $0) } ?? false
            if isRequired, !isMatched { throw Rejection(reason: "a text does not have its required shape") }
        case .json(let from, let document, let isRequired):
            guard let text = value(from), text[0] == UInt8(ascii: "{") || text[0] == UInt8(ascii: "[") else {
                if isRequired { throw Rejection(reason: "a text that must hold JSON does not") }
                return
            }
            try readJSON(text, document: document, isRecord: false)
        case .keyValue(let from, let reader, let keys):
            if let text = value(from) { readPairs(text, reader, keys: keys) }
        case .csv(let from, let delimiter, let columns, let isRequired):
            guard let text = value(from) else {
                if isRequired { throw Rejection(reason: "a text that must hold CSV is not there") }
                return
            }
            var found = 0
            let isWhole = CSVRow.columns(text, delimiter: delimiter, arena: arena) { position, column in
                found = position + 1
                if position < columns.count { set(columns[position], column) }
            }
            guard isWhole, found == columns.count || !isRequired else {
                throw Rejection(reason: "CSV inside a text: not the expected columns")
            }
        case .let_(let from, let slot):
            if let text = value(from) { set(slot, text) }
        }
    }

    /// Calls `body` once per element, with the element's names in their slots.
    func forEach(_ each: EachPlan, _ body: () throws(Rejection) -> Void) throws(Rejection) {
        switch each.source {
        case .text(let text, let separator): try forEachPart(of: text, plan.constants[Int(separator)], each, body)
        case .array(let slot):
            let container = slots[Int(slot)]
            switch container.kind {
            case .array:
                for start in try elements(of: container, each) { try withElement(start, of: container, each, body) }
            case .object, .text, .number, .boolean: try withElement(Int(container.structural), of: container, each, body)
            case .absent, .null: return
            }
        }
        clear(each)
    }

    private func forEachPart(
        of text: Expression, _ separator: ByteSlice, _ each: EachPlan, _ body: () throws(Rejection) -> Void
    ) throws(Rejection) {
        guard let whole = value(text) else { return }
        var at = 0
        while at <= whole.count {
            let end = whole.firstRange(of: separator, from: at) ?? whole.count
            let part = whole.sub(at, end).trimmed
            clear(each)
            set(each.itemSlot, part)
            if !part.isEmpty { try body() }
            at = end + max(1, separator.count)
        }
    }

    private func clear(_ each: EachPlan) {
        for slot in each.slots { slots[Int(slot)] = Value() }
    }

    private func walker(of container: Value, _ each: EachPlan, from start: Int) -> JSONWalker? {
        JSONWalker(
            indexes[Int(container.document)], document: container.document, from: start, trie: plan.elements[each.trie], slots: slots,
            dropped: dropped,
            arena: arena)
    }

    private func elements(of container: Value, _ each: EachPlan) throws(Rejection) -> [Int] {
        do {
            guard var walker = walker(of: container, each, from: 0) else { return [] }
            return try walker.elements(of: Int(container.structural))
        } catch {
            throw Rejection(reason: JSONFault.grammar.rawValue)
        }
    }

    private func withElement(_ start: Int, of container: Value, _ each: EachPlan, _ body: () throws(Rejection) -> Void) throws(Rejection) {
        clear(each)
        do {
            guard var walker = walker(of: container, each, from: start) else { return }
            _ = try walker.walkValue()
        } catch {
            throw Rejection(reason: error.rawValue)
        }
        try body()
    }
}
