/// Taking names out of a record and of texts inside it.
extension RecordEvaluator {
    /// Takes the names out of a record; the number of the body that then holds.
    func read(_ record: ByteSlice, _ number: Int) throws(Rejection) -> Int {
        let format = plan.flatFormats.base + number
        if format.pointee.kind == .json {
            try readRecord(record)
            return format.pointee.body
        }
        if format.pointee.kind == .journalExport {
            try readJournalEntry(record, keys: format.pointee.keys)
            return format.pointee.body
        }
        guard isValidUTF8(record) else { throw Rejection(reason: JSONFault.invalidUTF8.rawValue) }
        guard record.firstIndex(of: 0) == nil else { throw Rejection(reason: "the record holds a NUL byte") }
        switch format.pointee.kind {
        case .json, .journalExport: break
        case .xml: try readXML(record, document: 0, isRequired: true)
        case .syslog:
            guard let header = SyslogHeader(record) else { throw Rejection(reason: "no syslog header") }
            let names = format.pointee.syslog
            set(names.priority, header.priority)
            set(names.timestamp, header.timestamp)
            set(names.host, header.host)
            set(names.program, header.program)
            set(names.processID, header.processID)
            set(names.messageID, header.messageID)
            set(names.structuredData, header.structuredData)
            set(names.message, header.message)
        case .csv: try readRow(record, format)
        case .patterns:
            set(format.pointee.slot, record)
            guard matchFirst(format.pointee.patterns, record) else {
                throw Rejection(reason: "the line does not have the shape of format \(plan.formats[number].name)")
            }
        case .keyValue: readPairs(record, format.pointee.pairs, keys: format.pointee.keys)
        case .line: set(format.pointee.slot, record)
        }
        return format.pointee.body
    }

    @inline(__always)
    func set(_ slot: Int32, _ text: ByteSlice?) {
        guard slot >= 0, let text, !text.isEmpty else { return }
        slots[Int(slot)] = Value(text: text)
    }

    func matchFirst(_ patterns: FlatList<Int32>, _ text: ByteSlice) -> Bool {
        var number = 0
        while number < patterns.count {
            if matches(patterns[number], text) { return true }
            number &+= 1
        }
        return false
    }

    /// The same for patterns that stand in a row.
    func matchFirst(_ first: Int32, _ count: Int32, _ text: ByteSlice) -> Bool {
        var number = first
        while number < first &+ count {
            if matches(number, text) { return true }
            number &+= 1
        }
        return false
    }

    @inline(__always)
    private func matches(_ number: Int32, _ text: ByteSlice) -> Bool {
        let pattern = plan.patterns.base + Int(number)
        if pattern.pointee.cannotBegin(text) { return false }
        var matcher = PatternMatcher(pattern.pointee, text, slots: slots, arena: arena)
        return matcher.match()
    }

    /// Reads a record that is JSON: out of the indexed window where it lies in one, else by itself.
    private func readRecord(_ record: ByteSlice) throws(Rejection) {
        if let start = window.start(of: record) {
            views[0] = window.view(of: record)
            let isTried = routes.isWorthTrying
            if isTried {
                if window.ends(record, at: routes.follow(views[0], from: start, document: 0, slots: slots, dropped: dropped)) { return }
                routes.noteMiss()
                startAgain()
            }
            let next = JSONWalker(views[0], document: 0, documentTargets[0]).walk(from: start)
            if window.ends(record, at: next) {
                guard record[0] == UInt8(ascii: "{") else { throw Rejection(reason: "the record is not a JSON object") }
                if isTried { routes.learn(views[0], from: start, plan.documents[0]) }
                return
            }
            // By itself it tells what is wrong with it.
            startAgain()
        }
        try readJSON(record, document: 0, isRecord: true)
    }

    func readJSON(_ text: ByteSlice, document: Int, isRecord: Bool) throws(Rejection) {
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

    private func readRow(_ row: ByteSlice, _ format: UnsafePointer<FlatFormat>) throws(Rejection) {
        var found = 0
        let hasHeader = format.pointee.hasHeader
        let order = order.list
        let known = hasHeader ? order.count : format.pointee.columns.count
        let isWhole = CSVRow.columns(row, delimiter: format.pointee.delimiter, arena: arena) { position, text in
            found = position &+ 1
            guard position < known else { return }
            let number = hasHeader ? order[position] : position
            guard number >= 0 else {
                if !text.isEmpty { dropped[0] &+= 1 }
                return
            }
            let column = format.pointee.columns[number]
            set(column.slot, text)
            if column.slot < 0, !text.isEmpty { dropped[Int(column.dropped)] &+= 1 }
        }
        guard isWhole else { throw Rejection(reason: "CSV: a quoted column is not closed") }
        guard found >= (hasHeader ? known : format.pointee.minimum) else { throw Rejection(reason: "CSV: too few columns") }
        guard found <= known else { throw Rejection(reason: "CSV: too many columns") }
    }

    func readPairs(_ text: ByteSlice, _ reader: KeyValueText, keys: Int32) {
        let table = plan.keyTables[keys]
        reader.quotedPairs(text, arena: arena) { key, written, isQuoted in
            var value = written
            if reader.hexKeys >= 0, !isQuoted, plan.tables[reader.hexKeys].find(key) >= 0, let decoded = decodeHex(written) { value = decoded }
            let slot = table.find(key)
            if slot < 0 {
                if !value.isEmpty { dropped[Int(-1 &- slot)] &+= 1 }
            } else if slots[Int(slot)].kind == .absent {
                // The first of two equal keys is the program's own; what follows may come from a user's text.
                set(slot, value)
            }
        }
    }

    func perform(_ step: UnsafePointer<FlatStep>) throws(Rejection) {
        let found = text(step.pointee.from)
        let isRequired = step.pointee.isRequired
        switch step.pointee.kind {
        case .pattern:
            let isMatched = !found.isAbsent && matchFirst(step.pointee.patterns, found.slice)
            if isRequired, !isMatched { throw Rejection(reason: "a text does not have its required shape") }
        case .json:
            guard let first = found.base?.pointee, first == UInt8(ascii: "{") || first == UInt8(ascii: "[") else {
                if isRequired { throw Rejection(reason: "a text that must hold JSON does not") }
                return
            }
            try readJSON(found.slice, document: Int(step.pointee.number), isRecord: false)
        case .keyValue: if !found.isAbsent { readPairs(found.slice, step.pointee.pairs, keys: step.pointee.number) }
        case .csv:
            guard !found.isAbsent else {
                if isRequired { throw Rejection(reason: "a text that must hold CSV is not there") }
                return
            }
            var count = 0
            let columns = step.pointee.slots
            let isWhole = CSVRow.columns(found.slice, delimiter: step.pointee.delimiter, arena: arena) { position, column in
                count = position &+ 1
                if position < columns.count { set(columns[position], column) }
            }
            guard isWhole, count == columns.count || !isRequired else {
                throw Rejection(reason: "CSV inside a text: not the expected columns")
            }
        case .pairs:
            let isThere = try readPairs(step)
            if isRequired, !isThere { throw Rejection(reason: "a list that must be there is not") }
        case .xml:
            guard !found.isAbsent else {
                if isRequired { throw Rejection(reason: "a text that must hold XML is not there") }
                return
            }
            try readXML(found.slice, document: Int(step.pointee.number), isRequired: isRequired)
        // What had the name before is hidden: a key of the record, a column.
        case .let_: slots[Int(step.pointee.number)] = found.isAbsent ? Value() : Value(text: found.slice)
        }
    }
}
