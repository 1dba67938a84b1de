extension ParquetChunkEncoder {
    /// Encodes one leaf of a column that was checked against its field.
    func encode(leaf: Int, _ values: LeafValues, of column: ParquetColumn) throws(ParquetError) -> ParquetEncodedChunk {
        let presence = column.present.map { $0.map { $0 ? 1 as UInt8 : 0 } }
        // Typed throws do not pass through the standard library's closures of several errors: the outcome is carried out by hand.
        var outcome: Result<ParquetEncodedChunk, ParquetError>?
        func run(_ input: ParquetLeafInput) {
            do throws(ParquetError) {
                guard let offsets = column.offsets else {
                    outcome = .success(try encode(leaf: leaf, input))
                    return
                }
                outcome = try offsets.withUnsafeBufferPointer { offsets throws(ParquetError) in
                    guard let presence else {
                        return .success(try encode(leaf: leaf, input, lists: ParquetListInput(offsets: offsets)))
                    }
                    return try presence.withUnsafeBufferPointer { presence throws(ParquetError) in
                        .success(try encode(leaf: leaf, input, lists: ParquetListInput(offsets: offsets, presence: presence)))
                    }
                }
            } catch {
                outcome = .failure(error)
            }
        }
        switch values {
        case .int64(let integers):
            let (all, absent) = Self.marked(integers)
            all.withUnsafeBufferPointer { run(.int64($0, absent: absent)) }
        case .boolean(let booleans):
            let all = booleans.values.indices.map { slot in booleans[slot].map { $0 ? 1 as UInt8 : 0 } ?? 2 }
            all.withUnsafeBufferPointer { run(.boolean($0)) }
        case .bytes(let strings):
            strings.codes.withUnsafeBufferPointer { codes in
                strings.dictionary.offsets.withUnsafeBufferPointer { offsets in
                    strings.dictionary.bytes.withUnsafeBytes { bytes in
                        run(
                            .bytes(
                                codes: codes, entryBytes: bytes, entryOffsets: offsets,
                                entries: strings.isDictionaryDistinct ? .distinct : .mayRepeat))
                    }
                }
            }
        }
        guard let outcome else { preconditionFailure("every kind of values is encoded") }
        return try outcome.get()
    }

    /// The integers with a mark in absent slots that no value is equal to; nil where no slot is absent.
    private static func marked(_ integers: Int64Values) -> (values: [Int64], absent: Int64?) {
        guard let present = integers.present, present.contains(false) else { return (integers.values, nil) }
        var mark = Int64.min
        var used: Set<Int64> = []
        for slot in integers.values.indices where present[slot] && integers.values[slot] < Int64.min + (1 << 25) {
            used.insert(integers.values[slot])
        }
        while used.contains(mark) { mark += 1 }
        return (integers.values.indices.map { present[$0] ? integers.values[$0] : mark }, mark)
    }
}
