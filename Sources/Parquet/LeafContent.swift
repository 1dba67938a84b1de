/// The values of a leaf made ready for writing: pages are cut from it.
struct LeafContent {
    /// The values by kind.
    enum Values {
        case int64([Int64])
        case boolean([Bool])
        case bytes(PreparedBytes)
    }

    let leaf: ParquetLeaf
    let values: Values

    /// For each slot whether it holds a value; nil where all do.
    let presence: [Bool]?

    /// How values are laid out in data pages.
    let encoding: ParquetEncoding

    /// - Throws: ``ParquetError`` with `.invalidColumn` if text is not UTF-8.
    init(leaf: ParquetLeaf, values: LeafValues) throws(ParquetError) {
        self.leaf = leaf
        switch values {
        case .int64(let column):
            self.values = .int64(column.values)
            presence = column.present
            encoding = .deltaBinaryPacked
        case .boolean(let column):
            self.values = .boolean(column.values)
            presence = column.present
            encoding = .plain
        case .bytes(let column):
            let prepared = PreparedBytes(column)
            if leaf.type == .string, let bad = prepared.firstMalformedText() {
                throw ParquetError(
                    .invalidColumn, "A value of \(leaf.dottedPath) is not UTF-8 (dictionary entry \(bad)); use the type binary for such")
            }
            self.values = .bytes(prepared)
            let presentCount = column.codes.reduce(0) { $1 == ByteValues.absent ? $0 : $0 &+ 1 }
            presence = presentCount == column.codes.count ? nil : column.codes.map { $0 != ByteValues.absent }
            encoding = Self.encoding(of: prepared, type: leaf.type, presentCount: presentCount)
        }
    }

    private static func encoding(of bytes: PreparedBytes, type: ParquetPrimitive, presentCount: Int) -> ParquetEncoding {
        let plain: ParquetEncoding = type.fixedLength == nil ? .deltaLengthByteArray : .plain
        guard presentCount > 0 else { return .plain }
        return bytes.isDictionarySmaller(fixedLength: type.fixedLength, presentCount: presentCount) ? .runLengthDictionary : plain
    }

    /// The byte strings, if it holds such.
    var bytes: PreparedBytes? {
        if case .bytes(let prepared) = values { prepared } else { nil }
    }

    /// Roughly how many bytes a slot takes in a page; only used to cut pages.
    func byteCount(slot: Int) -> Int {
        switch values {
        case .int64: return 8
        case .boolean: return 1
        case .bytes(let prepared):
            let code = prepared.codes[slot]
            guard encoding != .runLengthDictionary, code != ByteValues.absent else { return 4 }
            return 4 + prepared.source.byteCount(Int(prepared.order[Int(code)]))
        }
    }

    /// Appends the present values of `slots` in their encoding.
    ///
    /// - Returns: How many values there were.
    func append(slots: Range<Int>, to output: inout [UInt8]) -> Int {
        switch values {
        case .int64(let all):
            let present = gather(all, slots)
            present.withUnsafeBufferPointer { DeltaBinaryPacked.encode($0, into: &output) }
            return present.count
        case .boolean(let all):
            let bits = gather(all, slots).map { $0 ? 1 as UInt32 : 0 }
            bits.withUnsafeBufferPointer { BitPacking.pack($0, width: 1, into: &output) }
            return bits.count
        case .bytes(let prepared):
            let codes = gather(prepared.codes, slots)
            append(codes, of: prepared, to: &output)
            return codes.count
        }
    }

    private func append(_ codes: [UInt32], of prepared: PreparedBytes, to output: inout [UInt8]) {
        if encoding == .runLengthDictionary {
            let width = max(1, BitPacking.width(of: UInt64(prepared.order.count - 1)))
            output.append(UInt8(width))
            codes.withUnsafeBufferPointer { RunLengthHybrid.encode($0, width: width, into: &output) }
            return
        }
        if encoding == .deltaLengthByteArray {
            let lengths = codes.map { Int64(prepared.source.byteCount(Int(prepared.order[Int($0)]))) }
            lengths.withUnsafeBufferPointer { DeltaBinaryPacked.encode($0, into: &output) }
        }
        prepared.source.bytes.withUnsafeBytes { bytes in
            for code in codes {
                let index = Int(prepared.order[Int(code)])
                output.append(contentsOf: bytes[Int(prepared.source.offsets[index])..<Int(prepared.source.offsets[index + 1])])
            }
        }
    }

    private func gather<Value>(_ all: [Value], _ slots: Range<Int>) -> [Value] {
        guard let presence else { return slots.count == all.count ? all : Array(all[slots]) }
        var present: [Value] = []
        present.reserveCapacity(slots.count)
        for slot in slots where presence[slot] { present.append(all[slot]) }
        return present
    }

    /// The smallest and largest value among `slots`.
    func extremes(slots: Range<Int>) -> PageExtremes {
        var result = PageExtremes.none
        switch values {
        case .int64(let all):
            var low = Int64.max
            var high = Int64.min
            var isAny = false
            for slot in slots where presence?[slot] ?? true {
                low = min(low, all[slot])
                high = max(high, all[slot])
                isAny = true
            }
            if isAny { result = .int64(low, high) }
        case .boolean(let all):
            for slot in slots where presence?[slot] ?? true {
                result = result.merged(with: .boolean(all[slot], all[slot]), bytes: nil)
            }
        case .bytes(let prepared):
            var extremes: (low: UInt32, high: UInt32)?
            for slot in slots {
                let code = prepared.codes[slot]
                if code == ByteValues.absent { continue }
                guard let found = extremes else {
                    extremes = (code, code)
                    continue
                }
                if prepared.isBefore(code, found.low) { extremes?.low = code }
                if prepared.isBefore(found.high, code) { extremes?.high = code }
            }
            if let extremes { result = .codes(extremes.low, extremes.high) }
        }
        return result
    }
}
