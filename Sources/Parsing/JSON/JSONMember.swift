/// Finds one member of a JSON object by its path, without an index: for telling what a line belongs to before it is read.
///
/// The line may be anything; what is found in one that turns out not to be JSON is of no consequence, because the line is quarantined then.
enum JSONMember {
    /// The inside of a text, or the spelling of a number, at `path`; nil where there is none. The first of two equal keys counts.
    static func text(_ line: ByteSlice, at path: [ByteSlice]) -> ByteSlice? {
        var at = skipBlanks(line, 0)
        var level = 0
        while level < path.count {
            guard let value = member(line, at, path[level]) else { return nil }
            at = value
            level += 1
        }
        guard at < line.count else { return nil }
        if line[at] == UInt8(ascii: "\"") {
            guard case .end(let end) = JSONValueScanner.stringEnd(line, from: at) else { return nil }
            return line.sub(at + 1, end - 1)
        }
        guard line[at] != UInt8(ascii: "{"), line[at] != UInt8(ascii: "["), let end = valueEnd(line, at), end > at else { return nil }
        return line.sub(at, end)
    }

    /// Where the value of a key begins in the object that opens at `open`.
    private static func member(_ line: ByteSlice, _ open: Int, _ key: ByteSlice) -> Int? {
        guard open < line.count, line[open] == UInt8(ascii: "{") else { return nil }
        var at = skipBlanks(line, open + 1)
        while at < line.count, line[at] == UInt8(ascii: "\"") {
            guard case .end(let end) = JSONValueScanner.stringEnd(line, from: at) else { return nil }
            let isWanted = line.sub(at + 1, end - 1).equals(key)
            at = skipBlanks(line, end)
            guard at < line.count, line[at] == UInt8(ascii: ":") else { return nil }
            at = skipBlanks(line, at + 1)
            if isWanted { return at }
            guard let next = valueEnd(line, at) else { return nil }
            at = skipBlanks(line, next)
            guard at < line.count, line[at] == UInt8(ascii: ",") else { return nil }
            at = skipBlanks(line, at + 1)
        }
        return nil
    }

    /// The offset after the value that begins at `start`.
    private static func valueEnd(_ line: ByteSlice, _ start: Int) -> Int? {
        var at = start
        var depth = 0
        while at < line.count {
            switch line[at] {
            case UInt8(ascii: "\""):
                guard case .end(let end) = JSONValueScanner.stringEnd(line, from: at) else { return nil }
                at = end
                if depth == 0 { return at }
                continue
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                if depth == 0 { return at }
                depth -= 1
                if depth == 0 { return at + 1 }
            case UInt8(ascii: ","): if depth == 0 { return at }
            default: if depth == 0, line[at].isBlank { return at }
            }
            at += 1
        }
        return depth == 0 ? at : nil
    }

    private static func skipBlanks(_ line: ByteSlice, _ start: Int) -> Int {
        var at = start
        while at < line.count, line[at].isBlank { at += 1 }
        return at
    }
}
