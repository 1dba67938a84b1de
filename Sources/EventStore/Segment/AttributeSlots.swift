import AuditModel
import Parquet

/// Attributes of a row group that many rows have: each gets a column of its own values, and its name is said once.
///
/// In the map values of all names stand side by side, and zstd finds little in them. Owns the buffers that its ``rest`` and ``values(_:)`` lend.
///
/// Invariant: `codes` holds `rowCount` slots for each name, one behind the other; the rest has room for all elements.
final class AttributeSlots {
    /// The names, ascending by bytes.
    let names: [[UInt8]]
    private let list: ListColumn
    private let rowCount: Int
    private let codes: UnsafeMutableBufferPointer<UInt32>
    private var restOffsets: [UInt32]
    private var restPresence: [UInt8]
    private var restCodes: [[UInt32]]

    /// A name gets a column where one row in so many has it.
    private static let leastShare = 16
    /// Longest name in bytes: bounds of chunks hold it whole.
    static let nameBytes = 64

    /// - Returns: nil where no name is frequent.
    init?(_ list: ListColumn, _ rows: Range<Int>) {
        let (keys, offsets) = (list.members[0], list.offsets)
        let elements = Int(offsets[rows.lowerBound])..<Int(offsets[rows.upperBound])
        guard keys.isDistinct, !elements.isEmpty else { return nil }
        var counts = [Int](repeating: 0, count: keys.entryCount)
        for element in elements { counts[Int(keys.codes[element])] += 1 }
        let frequent = counts.indices.filter { counts[$0] * Self.leastShare >= rows.count && Self.mayStand(keys.entry(UInt32($0))) }
            .sorted { counts[$0] != counts[$1] ? counts[$0] > counts[$1] : $0 < $1 }
            .prefix(SegmentSchema.attributeSlots)
        guard !frequent.isEmpty else { return nil }
        let named = frequent.map { (code: $0, name: Array(keys.entry(UInt32($0)))) }.sorted { $0.name.lexicographicallyPrecedes($1.name) }
        names = named.map(\.name)
        self.list = list
        rowCount = rows.count
        codes = .allocate(capacity: names.count * rowCount)
        codes.initialize(repeating: TextColumn.absent)
        restOffsets = [0]
        restPresence = []
        restCodes = [[], []]
        var places = [Int](repeating: -1, count: counts.count)
        for (place, one) in named.enumerated() { places[one.code] = place }
        fill(rows, places)
    }

    deinit { codes.deallocate() }

    /// ASCII alone: such names have the same order by bytes and in canonical JSON, among one another and with any other name.
    private static func mayStand(_ name: UnsafeRawBufferPointer) -> Bool { !name.isEmpty && name.count <= nameBytes && name.allSatisfy { $0 < 0x80 } }

    private func fill(_ rows: Range<Int>, _ places: [Int]) {
        let (keys, values, offsets) = (list.members[0].codes, list.members[1].codes, list.offsets)
        restOffsets.reserveCapacity(rowCount + 1)
        restPresence.reserveCapacity(rowCount)
        var row = 0
        while row < rowCount {
            var element = Int(offsets[rows.lowerBound &+ row])
            let end = Int(offsets[rows.lowerBound &+ row &+ 1])
            let before = restCodes[0].count
            while element < end {
                let place = places[Int(keys[element])]
                if place >= 0, values[element] != TextColumn.absent {
                    codes[place &* rowCount &+ row] = values[element]
                } else {
                    restCodes[0].append(keys[element])
                    restCodes[1].append(values[element])
                }
                element &+= 1
            }
            restOffsets.append(UInt32(truncatingIfNeeded: restCodes[0].count))
            restPresence.append(restCodes[0].count > before ? 1 : 0)
            row &+= 1
        }
    }

    /// Encodes the columns of all names, those that are not used too, and the map of what is left.
    func encode(_ encoder: ParquetChunkEncoder) throws -> [ParquetEncodedChunk] {
        var chunks: [ParquetEncodedChunk] = []
        for place in 0..<SegmentSchema.attributeSlots {
            chunks += try place < names.count ? encode(place, encoder) : Self.absent(place, rowCount, encoder)
        }
        let leaves = SegmentColumn.leaves(of: .attributes)
        return try restOffsets.withUnsafeBufferPointer { offsets throws in
            try restPresence.withUnsafeBufferPointer { presence throws in
                let lists = ParquetListInput(offsets: offsets, presence: presence)
                for (member, texts) in list.members.enumerated() {
                    chunks += try restCodes[member].withUnsafeBufferPointer { codes throws in
                        let slots = TextSlots(codes: codes, bytes: texts.entryBytes, offsets: texts.entryOffsets, isDistinct: texts.isDistinct)
                        return try TextEncoding(slots, rowOffsets: offsets).encode(
                            leaf: leaves.lowerBound + member, siblings: [], lists: lists, encoder)
                    }
                }
                return chunks
            }
        }
    }

    private func encode(_ place: Int, _ encoder: ParquetChunkEncoder) throws -> [ParquetEncodedChunk] {
        let texts = list.members[1]
        let own = UnsafeBufferPointer(rebasing: codes[place * rowCount..<(place + 1) * rowCount])
        let slots = TextSlots(codes: own, bytes: texts.entryBytes, offsets: texts.entryOffsets, isDistinct: texts.isDistinct)
        let name = TextColumn()
        let code = names[place].withUnsafeBytes { name.code(of: $0) }
        for _ in 0..<rowCount { name.append(code: code) }
        let told = ParquetLeafInput.bytes(
            codes: UnsafeBufferPointer(name.codes), entryBytes: name.entryBytes, entryOffsets: name.entryOffsets, entries: .distinct)
        return try withExtendedLifetime(name) {
            try [encoder.encode(leaf: SegmentColumn.attributeName(place), told)]
                + TextEncoding(slots, rowOffsets: nil).encode(leaf: SegmentColumn.attributeValue(place), siblings: [], lists: nil, encoder)
        }
    }

    /// The chunks of a place that no name has.
    static func absent(_ place: Int, _ rowCount: Int, _ encoder: ParquetChunkEncoder) throws -> [ParquetEncodedChunk] {
        try [SegmentColumn.attributeName(place), SegmentColumn.attributeValue(place)].map { try encoder.encode(leaf: $0, .absent(count: rowCount)) }
    }
}
