#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Taking names out of a record and of texts inside it.
extension RecordEvaluator {
    /// Takes the names out of a record; the number of the body that then holds.
    func read(_ record: ByteSlice, _ number: Int) throws(Rejection) -> Int {
        let kind = plan.flatFormats[number]
        if kind.isJSON {
            try readRecord(record)
            return kind.body
        }
        let format = plan.formats[number]
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
        return format.body
    }

    func set(_ slot: Int32, _ text: ByteSlice?) {
        guard slot >= 0, let text, !text.isEmpty else { return }
        slots[Int(slot)] = Value(text: text)
    }

    func matchFirst(_ patterns: [Int32], _ text: ByteSlice) -> Bool {
        for number in patterns {
            var matcher = PatternMatcher(plan.patterns[number], text, slots: slots, arena: arena)
            if matcher.match() { return true }
        }
        return false
    }

    func matchFirst(_ patterns: FlatList<Int32>, _ text: ByteSlice) -> Bool {
        var number = 0
        while number < patterns.count {
            let pattern = plan.patterns.base + Int(patterns[number])
            number &+= 1
            if pattern.pointee.cannotBegin(text) { continue }
            var matcher = PatternMatcher(pattern.pointee, text, slots: slots, arena: arena)
            if matcher.match() { return true }
        }
        return false
    }

    /// Reads a record that is JSON: out of the indexed window where it lies in one, else by itself.
    private func readRecord(_ record: ByteSlice) throws(Rejection) {
        if let start = window.start(of: record) {
            let escape = memchr(record.base, 92, record.count)
            views[0] = window.view(escapes: escape.map { UnsafePointer($0.assumingMemoryBound(to: UInt8.self)) } ?? record.base + record.count)
            let next = JSONWalker(views[0], document: 0, documentTargets[0]).walk(from: start)
            if window.ends(record, at: next) {
                guard record[0] == UInt8(ascii: "{") else { throw Rejection(reason: "the record is not a JSON object") }
                return
            }
            // By itself it tells what is wrong with it.
            startAgain()
        }
        try readJSON(record, document: 0, isRecord: true)
    }

    private func readJSON(_ text: ByteSlice, document: Int, isRecord: Bool) throws(Rejection) {
        let index = indexes[document]
        if let fault = index.index(text) { throw Rejection(reason: fault.rawValue, isFraming: isRecord) }
        guard let view = index.view else { throw Rejection(reason: JSONFault.endsEarly.rawValue, isFraming: isRecord) }
        views[document] = view
        let next = JSONWalker(view, document: Int16(document), documentTargets[document]).walk(from: 0)
        if let fault = JSONWalker.fault(of: next) ?? (next == view.structurals ? nil : .trailing) {
            throw Rejection(reason: fault.rawValue, isFraming: isRecord)
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
}
