import Glibc

/// Looks for one text in many bytes, ASCII letters in either case.
///
/// The C library's `memchr` runs over the bytes for the text's rarest letter, in both cases; only where it stands is the rest compared.
struct SubstringSearch: Sendable {
    /// The text, ASCII letters in lower case, not empty.
    let text: [UInt8]
    /// Place of the byte that is looked for.
    private let anchor: Int
    private let lower: UInt8
    private let upper: UInt8

    init(_ text: [UInt8]) {
        precondition(!text.isEmpty, "a text to look for")
        self.text = text
        var best = 0
        for at in text.indices where Self.frequency(text[at]) < Self.frequency(text[best]) { best = at }
        anchor = best
        lower = text[best]
        upper = (97...122).contains(lower) ? lower - 32 : lower
    }

    /// How common a byte is in log lines, roughly: letters by their share in English, digits and spaces high.
    private static func frequency(_ byte: UInt8) -> Int {
        let common = Array(" etaoinsrhldcumfpgwybvk".utf8)
        if let place = common.firstIndex(of: byte) { return 60 - 2 * place }
        if (48...57).contains(byte) { return 35 }
        return byte == 95 || byte == 46 || byte == 45 ? 30 : 5
    }

    /// Whether the text stands in `bytes`.
    func isIn(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var found = false
        forEachPlace(in: bytes) { _ in
            found = true
            return false
        }
        return found
    }

    /// Calls `body` with each place where the text begins, ascending, until it returns false.
    func forEachPlace(in bytes: UnsafeRawBufferPointer, _ body: (Int) -> Bool) {
        guard let base = bytes.baseAddress, bytes.count >= text.count else { return }
        let values = bytes.bindMemory(to: UInt8.self)
        // The anchor may stand from `anchor` to here.
        let end = bytes.count - (text.count - 1 - anchor)
        var nextLower = Self.find(lower, base, from: anchor, to: end)
        var nextUpper = upper == lower ? end : Self.find(upper, base, from: anchor, to: end)
        while true {
            let hit = min(nextLower, nextUpper)
            guard hit < end else { return }
            if TextPattern.stands(text, in: values, at: hit - anchor), !body(hit - anchor) { return }
            if hit == nextLower {
                nextLower = Self.find(lower, base, from: hit + 1, to: end)
            } else {
                nextUpper = Self.find(upper, base, from: hit + 1, to: end)
            }
        }
    }

    /// The first place of a byte in `from ..< to`, or `to`.
    private static func find(_ byte: UInt8, _ base: UnsafeRawPointer, from: Int, to end: Int) -> Int {
        guard from < end, let hit = memchr(base + from, Int32(byte), end - from) else { return end }
        return UnsafeRawPointer(hit) - base
    }
}
