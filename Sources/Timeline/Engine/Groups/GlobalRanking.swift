import Synchronization

/// The texts of a column in the order of their bytes: what groups are numbered by, so that keys lie in the order of the answer.
///
/// Made once for as many texts as the column has, and kept from query to query with what is written out of them.
final class GlobalRanking: Sendable {
    /// For each number of a text its place in the order of bytes; place 0 is the absent value.
    let ranks: [UInt32]
    /// The texts by place.
    let texts: GlobalTexts
    private let fragments = Mutex<[[UInt8]: GroupFragments]>([:])

    init(ranks: [UInt32], texts: GlobalTexts) {
        self.ranks = ranks
        self.texts = texts
    }

    /// The texts as members of JSON objects of this name.
    ///
    /// - Parameter name: `,"name":`
    func fragments(_ name: [UInt8]) -> GroupFragments {
        if let known = fragments.withLock({ $0[name] }) { return known }
        let made = GroupFragments(texts, name: name)
        fragments.withLock { $0[name] = made }
        return made
    }

    /// About how much memory it takes.
    var byteCount: Int { ranks.count * 8 + texts.byteCount + fragments.withLock { $0.values.reduce(0) { $0 + $1.bytes.count + 4 * $1.ends.count } } }
}

/// `,"name":"text"` for each number of a column; nothing for 0.
final class GroupFragments: Sendable {
    let bytes: [UInt8]
    /// One more than there are numbers.
    let ends: [UInt32]
    let longest: Int

    init(_ texts: GlobalTexts, name: [UInt8]) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(texts.byteCount + (name.count + 2) * texts.count)
        var ends: [UInt32] = [0, 0]
        ends.reserveCapacity(texts.count + 2)
        var longest = 0
        var number: UInt32 = 1
        while number < texts.count {
            let begin = bytes.count
            bytes.append(contentsOf: name)
            texts.appendJSON(number, to: &bytes)
            longest = max(longest, bytes.count - begin)
            ends.append(UInt32(truncatingIfNeeded: bytes.count))
            number += 1
        }
        self.bytes = bytes
        self.ends = ends
        self.longest = longest
    }
}
