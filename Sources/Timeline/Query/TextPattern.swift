/// What a value is compared with: the whole value, with `*` for any run of characters. ASCII letters match in either case.
public struct TextPattern: Hashable, Sendable {
    /// The pattern as it was written.
    public let text: String

    /// The literal pieces between stars, ASCII letters in lower case.
    let pieces: [[UInt8]]

    /// - Parameter isLiteral: Whether a star stands for itself (a quoted value).
    public init(_ text: String, isLiteral: Bool = false) {
        self.text = text
        let lower = text.utf8.map(Self.lowercased)
        pieces = isLiteral ? [lower] : lower.split(separator: UInt8(ascii: "*"), omittingEmptySubsequences: false).map(Array.init)
    }

    /// Whether the pattern holds a star.
    public var hasWildcard: Bool { pieces.count > 1 }

    /// The text that a value must equal, ASCII letters in lower case; nil where the pattern holds a star.
    var exact: [UInt8]? { pieces.count == 1 ? pieces[0] : nil }

    /// The text that must stand somewhere in a value, where that is all that the pattern asks (`*text*`).
    var substring: [UInt8]? {
        pieces.count == 3 && pieces[0].isEmpty && pieces[2].isEmpty && !pieces[1].isEmpty ? pieces[1] : nil
    }

    /// Whether any value at all matches: the pattern is a star.
    public var matchesAnything: Bool { pieces.count > 1 && pieces.allSatisfy(\.isEmpty) }

    /// Whether the whole of `value` matches.
    ///
    /// - Complexity: The length of `value` times that of the longest piece.
    public func matches(_ value: String) -> Bool {
        var value = value
        return value.withUTF8 { matches($0) }
    }

    /// Whether the whole of a UTF-8 value matches.
    public func matches(_ value: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let first = pieces.first, let last = pieces.last else { return false }
        if pieces.count == 1 { return value.count == first.count && Self.stands(first, in: value, at: 0) }
        guard value.count >= first.count + last.count, Self.stands(first, in: value, at: 0),
            Self.stands(last, in: value, at: value.count - last.count)
        else { return false }
        var at = first.count
        let end = value.count - last.count
        for piece in pieces.dropFirst().dropLast() where !piece.isEmpty {
            guard let found = Self.find(piece, in: value, from: at, to: end) else { return false }
            at = found + piece.count
        }
        return true
    }

    /// Whether `word`, ASCII letters in lower case, stands anywhere in `value`.
    static func contains(_ word: [UInt8], in value: String) -> Bool {
        var value = value
        return value.withUTF8 { find(word, in: $0, from: 0, to: $0.count) != nil }
    }

    static func lowercased(_ byte: UInt8) -> UInt8 { (65...90).contains(byte) ? byte | 32 : byte }

    static func stands(_ piece: [UInt8], in value: UnsafeBufferPointer<UInt8>, at start: Int) -> Bool {
        var i = 0
        while i < piece.count {
            if lowercased(value[start + i]) != piece[i] { return false }
            i += 1
        }
        return true
    }

    static func find(_ piece: [UInt8], in value: UnsafeBufferPointer<UInt8>, from: Int, to end: Int) -> Int? {
        var at = from
        let last = end - piece.count
        while at <= last {
            if stands(piece, in: value, at: at) { return at }
            at += 1
        }
        return nil
    }
}
