/// Keys of records that are to be committed together, in the order in which they are looked up.
///
/// Made on any thread, before the store is asked (``EventStore/verdicts(_:before:)``).
public struct SortedDuplicateKeys: Sendable {
    let ordered: [OrderedDuplicateKey]
    private let expires: [Int64]

    /// Sorts keys that were given in the order of their records.
    public init(_ keys: [DuplicateKey]) {
        ordered = DuplicateKeyOrder.sorted(keys)
        expires = keys.map(\.expires)
    }

    /// How many there are.
    public var count: Int { ordered.count }

    /// The keys whose verdict is not ``DuplicateKey/Verdict/duplicate``, sorted: for ``BatchDraft/duplicateKeys``.
    ///
    /// - Parameter verdicts: One for each key in the order in which they were given.
    public func kept(_ verdicts: [DuplicateKey.Verdict]) -> [DuplicateKey] {
        var kept: [DuplicateKey] = []
        kept.reserveCapacity(ordered.count)
        for key in ordered where verdicts[Int(key.place)] != .duplicate {
            kept.append(DuplicateKey(id: key.id, bytes: key.bytes, expires: expires[Int(key.place)]))
        }
        return kept
    }

    /// Raises marks where a key came before among these.
    func raiseRepeated(_ marks: inout [UInt8]) {
        var first = 0
        while first < ordered.count {
            var end = first &+ 1
            while end < ordered.count, ordered[end].id == ordered[first].id { end &+= 1 }
            if end &- first > 1 { raiseRepeated(first..<end, &marks) }
            first = end
        }
    }

    /// Keys of one id: whoever comes later repeats the id, and perhaps the bytes too.
    private func raiseRepeated(_ group: Range<Int>, _ marks: inout [UInt8]) {
        let earliest = ordered[group].map(\.place).min() ?? 0
        var firstOfBytes: [UInt64: UInt32] = [:]
        for key in ordered[group] { firstOfBytes[key.bytes] = min(firstOfBytes[key.bytes] ?? .max, key.place) }
        for key in ordered[group] where key.place != earliest {
            let mark = firstOfBytes[key.bytes] == key.place ? DuplicateRun.Mark.idReused : DuplicateRun.Mark.duplicate
            marks[Int(key.place)] = max(marks[Int(key.place)], mark)
        }
    }

    /// Raises marks of keys by other keys, walking through both.
    static func raise(_ marks: inout [UInt8], of keys: [OrderedDuplicateKey], by known: [OrderedDuplicateKey]) {
        guard !known.isEmpty else { return }
        var first = 0
        for key in keys {
            while first < known.count, known[first].id < key.id { first &+= 1 }
            var at = first
            while at < known.count, known[at].id == key.id {
                let mark = known[at].bytes == key.bytes ? DuplicateRun.Mark.duplicate : DuplicateRun.Mark.idReused
                marks[Int(key.place)] = max(marks[Int(key.place)], mark)
                at &+= 1
            }
        }
    }
}
