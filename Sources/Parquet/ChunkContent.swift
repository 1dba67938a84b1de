/// The values of a leaf made ready for encoding, by kind. Valid during one encode call.
enum ChunkContent {
    /// No slot holds a value.
    case absent(slotCount: Int)
    case int64(IntegerLeaf)
    /// 0 false, 1 true, anything else absent.
    case boolean(UnsafePointer<UInt8>, slotCount: Int, presentCount: Int)
    case bytes(ByteLeaf)

    /// How many slots there are.
    var slotCount: Int {
        switch self {
        case .absent(let count): count
        case .int64(let leaf): leaf.slotCount
        case .boolean(_, let count, _): count
        case .bytes(let leaf): leaf.slotCount
        }
    }

    /// How many slots hold a value.
    var presentCount: Int {
        switch self {
        case .absent: 0
        case .int64(let leaf): leaf.presentCount
        case .boolean(_, _, let count): count
        case .bytes(let leaf): leaf.presentCount
        }
    }

    /// Whether all slots are equal.
    var isUniform: Bool {
        switch self {
        case .absent: true
        case .int64(let leaf): leaf.isUniform
        case .boolean(_, _, let count): count == 0
        case .bytes(let leaf): leaf.isUniform
        }
    }

    /// The byte strings, if it holds such.
    var byteLeaf: ByteLeaf? {
        if case .bytes(let leaf) = self { leaf } else { nil }
    }

    /// How values are laid out in data pages.
    func encoding(isFixed: Bool, entries: ParquetLeafInput.Entries?) -> ParquetEncoding {
        guard presentCount > 0 else { return .plain }
        switch self {
        case .absent, .boolean: return .plain
        case .int64(let leaf): return leaf.dictionary == nil ? .deltaBinaryPacked : .runLengthDictionary
        case .bytes(let leaf):
            let isDictionary =
                switch entries {
                case _ where leaf.isUniform: true
                case .oneBySlot: false
                case .dictionary: leaf.distinctBytes <= ByteLeaf.maximumDictionaryBytes
                case .distinct, .mayRepeat, nil: leaf.isDictionarySmaller(isFixed: isFixed)
                }
            return isDictionary ? .runLengthDictionary : isFixed ? .plain : .deltaLengthByteArray
        }
    }

    /// How many entries a dictionary of all values has.
    var distinctCount: Int {
        switch self {
        case .absent, .boolean: 0
        case .int64(let leaf): leaf.dictionary?.count ?? 0
        case .bytes(let leaf): leaf.distinctCount
        }
    }
}
