import AuditModel

/// Groups as JSON lines where what repeats is made once: each text with its member's name and escapes, and each bucket's time.
///
/// Safe because a line's room is the sum of the longest that each of its parts can be; fragments and buffers are written before they are
/// shared, and nobody writes them then.
struct GroupLines: Sendable {
    /// A member of every line, in canonical order.
    private enum Member: Sendable {
        case time(GroupKey.Part, TimeBucket, name: [UInt8])
        case text(GroupKey.Part, GroupFragments)
        case value(name: [UInt8])
    }

    private let members: [Member]
    private let keys: [UInt64]
    private let values: [Int64]
    private let firstBucket: Int64
    private let longestLine: Int

    /// A column's texts are written out ahead where they take at most so many bytes.
    private static let mostBytes = 64 << 20

    /// - Parameters:
    ///   - names: Of the columns: the time where there are buckets, the keys, the value.
    ///   - texts: By key.
    ///   - rankings: By key, where texts are those of a ranking, which keeps what is written out.
    /// - Returns: nil where texts are too many to be written out ahead for so few groups.
    init?(_ layout: GroupKey, bucket: TimeBucket?, names: [String], texts: [GlobalTexts], rankings: [GlobalRanking] = [], keys: [UInt64], values: [Int64]) {
        let fields = texts.prefix(layout.fields.count)
        guard fields.allSatisfy({ $0.byteCount + 32 * $0.count < Self.mostBytes && $0.count < 2 * keys.count + 1_024 }) else { return nil }
        let labels = names.map { name in
            var bytes: [UInt8] = [UInt8(ascii: ",")]
            CanonicalJSON.writeString(name, to: &bytes)
            return bytes + [UInt8(ascii: ":")]
        }
        let firstField = layout.bucket == nil ? 0 : 1
        var longest = 8
        members = names.indices.sorted { CanonicalJSON.keyPrecedes(names[$0], names[$1]) }.compactMap { place in
            if place == names.count - 1 {
                longest += labels[place].count + 20
                return .value(name: labels[place])
            }
            if place < firstField {
                guard let part = layout.bucket, let bucket else { return nil }
                longest += labels[place].count + 64
                return .time(part, bucket, name: labels[place])
            }
            let field = place - firstField
            let fragments = field < rankings.count ? rankings[field].fragments(labels[place]) : GroupFragments(texts[field], name: labels[place])
            longest += fragments.longest
            return .text(layout.fields[place - firstField], fragments)
        }
        longestLine = longest
        self.keys = keys
        self.values = values
        firstBucket = layout.firstBucket
    }

    /// The lines of some groups. May be called on several threads.
    func lines(_ rows: Range<Int>) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: rows.count * longestLine) { room, count in
            guard let base = room.baseAddress else { return }
            var out = UnsafeMutableRawPointer(base)
            var bucketNumber = UInt64.max
            var bucketText: [UInt8] = []
            for row in rows {
                let begin = out
                let key = keys[row]
                for member in members {
                    switch member {
                    case .time(let part, let bucket, let name):
                        let number = part.value(key)
                        if number != bucketNumber {
                            bucketNumber = number
                            bucketText = number == 0 ? [] : Self.time(bucket.begin(Int64(number) - 1 + firstBucket), name)
                        }
                        Self.copy(bucketText, 0, bucketText.count, &out)
                    case .text(let part, let fragments):
                        let number = Int(truncatingIfNeeded: part.value(key))
                        let start = Int(fragments.ends[number])
                        Self.copy(fragments.bytes, start, Int(fragments.ends[number + 1]) - start, &out)
                    case .value(let name):
                        Self.copy(name, 0, name.count, &out)
                        Self.write(values[row], &out)
                    }
                }
                begin.storeBytes(of: UInt8(ascii: "{"), as: UInt8.self)
                out.storeBytes(of: UInt8(ascii: "}"), as: UInt8.self)
                out.storeBytes(of: 0x0A, toByteOffset: 1, as: UInt8.self)
                out += 2
            }
            count = out - UnsafeMutableRawPointer(base)
        }
    }

    private static func time(_ microseconds: Int64, _ name: [UInt8]) -> [UInt8] {
        var text = name + [34]
        Timestamp(microseconds: microseconds).write(to: &text)
        text.append(34)
        return text
    }

    @inline(__always)
    private static func copy(_ bytes: [UInt8], _ start: Int, _ count: Int, _ out: inout UnsafeMutableRawPointer) {
        bytes.withUnsafeBytes { all in
            if let base = all.baseAddress, count > 0 { out.copyMemory(from: base + start, byteCount: count) }
        }
        out += count
    }

    /// Decimal digits, from behind.
    @inline(__always)
    private static func write(_ number: Int64, _ out: inout UnsafeMutableRawPointer) {
        var rest = number.magnitude
        var digits = 1
        var power: UInt64 = 10
        while digits < 19, rest >= power {
            digits &+= 1
            power = power &* 10
        }
        if digits == 19, rest >= 10_000_000_000_000_000_000 { digits = 20 }
        if number < 0 {
            out.storeBytes(of: UInt8(ascii: "-"), as: UInt8.self)
            out += 1
        }
        var place = digits
        while place > 0 {
            place &-= 1
            out.storeBytes(of: UInt8(truncatingIfNeeded: rest % 10) &+ 48, toByteOffset: place, as: UInt8.self)
            rest /= 10
        }
        out += digits
    }
}
