import AuditModel

/// Items that are entries of the transparency log.
struct LogItems {
    let period: Period

    /// Entries of these types whose time lies in the period, in log order.
    func items(_ scan: PopulationScan, types: Set<String>) throws(EvidenceError) -> [TestItem] {
        var items: [TestItem] = []
        for (index, type) in scan.entryTypes.enumerated() where types.contains(type) {
            guard let entry = try? JSONValue(parsing: scan.entries[index]), let time = Self.time(of: entry), period.contains(time) else { continue }
            var item = TestItem(id: "log:\(index)", row: nil, time: time, timeBound: 0, people: [], system: nil)
            item.fields = Self.fields(entry)
            item.fields["index"] = .number(Int64(index))
            items.append(item)
        }
        return items
    }

    /// When the entry was committed.
    static func time(of entry: JSONValue) -> Timestamp? {
        (entry["committed"]?.string ?? entry["at"]?.string).flatMap { Timestamp(rfc3339: $0) }
    }

    /// The entry's scalar members by name, those of an object behind a dot; of a list of objects how many there are.
    static func fields(_ entry: JSONValue) -> [String: Value] {
        var fields: [String: Value] = [:]
        for name in FieldNames.ofLogEntry {
            var value: JSONValue? = entry
            for part in name.split(separator: ".") { value = value?[String(part)] }
            guard let value else { continue }
            if let text = value.string {
                fields[name] = Timestamp(rfc3339: text).map { .time($0, bound: 0) } ?? .text(text)
            } else if let number = value.integer {
                fields[name] = .number(number)
            } else if let list = value.array {
                let texts = list.compactMap(\.string)
                fields[name] = texts.count == list.count ? .list(texts) : .number(Int64(list.count))
            }
        }
        return fields
    }
}
