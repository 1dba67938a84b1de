/// Finds where a JSON value ends, byte by byte, for framing: values over several lines, several values on a line,
/// elements of an array. Full validation comes later; this refuses what would make it run into the next record.
struct JSONValueScanner {
    /// What a scan found.
    enum Outcome: Equatable {
        /// The value ends before this offset.
        case end(Int)
        /// The bytes end inside the value.
        case more
        /// The text cannot be JSON; framing goes on at the next line.
        case broken
        /// A container opened at a wanted path: offset after its bracket, how many containers are open, itself included, and whether it is an
        /// object.
        case records(offset: Int, depth: Int, isObject: Bool)
    }

    /// Array paths whose elements are the records; empty for none.
    let recordPaths: [[String]]

    /// Scans a value that starts at `start` (no blanks before it).
    func scan(_ text: ByteSlice, from start: Int) -> Outcome {
        guard start < text.count else { return .more }
        guard text[start] == UInt8(ascii: "{") || text[start] == UInt8(ascii: "[") else { return scalar(text, from: start) }
        var state = State()
        var at = start
        while at < text.count {
            let byte = text[at]
            switch byte {
            case 32, 9, 10, 13: at += 1
            case UInt8(ascii: "\""):
                guard state.allowsValueOrKey else { return .broken }
                switch Self.stringEnd(text, from: at) {
                case .end(let end):
                    state.afterString(text.sub(at + 1, end - 1), wantsKeys: !recordPaths.isEmpty)
                    at = end
                case let other: return other
                }
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                guard state.allowsContainer else { return .broken }
                let isObject = byte == UInt8(ascii: "{")
                if !recordPaths.isEmpty, recordPaths.contains(where: { state.isAt($0, isObject: isObject) }) {
                    return .records(offset: at + 1, depth: state.depth + 1, isObject: isObject)
                }
                guard state.open(isObject: byte == UInt8(ascii: "{")) else { return .broken }
                at += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                guard state.close(isObject: byte == UInt8(ascii: "}")) else { return .broken }
                at += 1
                if state.depth == 0 { return .end(at) }
            case UInt8(ascii: ","):
                guard state.comma() else { return .broken }
                at += 1
            case UInt8(ascii: ":"):
                guard state.colon() else { return .broken }
                at += 1
            default:
                guard state.allowsScalar else { return .broken }
                while at < text.count, !Self.endsScalar(text[at]) { at += 1 }
                state.afterScalar()
            }
        }
        return .more
    }

    private func scalar(_ text: ByteSlice, from start: Int) -> Outcome {
        if text[start] == UInt8(ascii: "\"") { return Self.stringEnd(text, from: start) }
        guard text[start].isLetter || text[start].isDigit || text[start] == UInt8(ascii: "-") else { return .broken }
        var at = start
        while at < text.count, !Self.endsScalar(text[at]) { at += 1 }
        return at == text.count ? .more : .end(at)
    }

    static func stringEnd(_ text: ByteSlice, from open: Int) -> Outcome {
        var at = open + 1
        while at < text.count {
            let byte = text[at]
            if byte == UInt8(ascii: "\"") { return .end(at + 1) }
            if byte < 32 { return .broken }
            at += byte == UInt8(ascii: "\\") ? 2 : 1
        }
        return .more
    }

    private static func endsScalar(_ byte: UInt8) -> Bool {
        byte.isBlank || byte == UInt8(ascii: ",") || byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]") || byte == UInt8(ascii: ":")
            || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[")
    }

    /// Where in the grammar the scan stands.
    private struct State {
        private enum Expecting { case value, valueOrEnd, key, keyOrEnd, colon, commaOrEnd }
        private var expecting = Expecting.value
        private var isObject: [Bool] = []
        private var keys: [String] = []
        private var lastKey = ""

        var depth: Int { isObject.count }
        var allowsValueOrKey: Bool { expecting != .colon && expecting != .commaOrEnd }
        var allowsContainer: Bool { expecting == .value || expecting == .valueOrEnd }
        var allowsScalar: Bool { allowsContainer }

        /// Whether a container opening now lies at this path of keys: an array, or an object where the path ends in `*`.
        func isAt(_ path: [String], isObject opens: Bool) -> Bool {
            guard (path.last == "*") == opens else { return false }
            let keysOfPath = opens ? path.dropLast() : path[...]
            guard !isObject.contains(false), depth == keysOfPath.count else { return false }
            return keysOfPath.isEmpty || (keys + [lastKey]).elementsEqual(keysOfPath)
        }

        mutating func open(isObject object: Bool) -> Bool {
            guard depth <= JSONWalker.maximumDepth else { return false }
            if depth > 0 { keys.append(lastKey) }
            isObject.append(object)
            expecting = object ? .keyOrEnd : .valueOrEnd
            lastKey = ""
            return true
        }

        mutating func close(isObject object: Bool) -> Bool {
            guard isObject.last == object, expecting == .commaOrEnd || expecting == (object ? .keyOrEnd : .valueOrEnd) else { return false }
            isObject.removeLast()
            if !keys.isEmpty { lastKey = keys.removeLast() }
            expecting = .commaOrEnd
            return true
        }

        mutating func afterString(_ inside: ByteSlice, wantsKeys: Bool) {
            if expecting == .key || expecting == .keyOrEnd {
                if wantsKeys { lastKey = inside.text }
                expecting = .colon
            } else {
                expecting = .commaOrEnd
            }
        }

        mutating func afterScalar() { expecting = .commaOrEnd }

        mutating func comma() -> Bool {
            guard expecting == .commaOrEnd, let object = isObject.last else { return false }
            expecting = object ? .key : .value
            return true
        }

        mutating func colon() -> Bool {
            guard expecting == .colon else { return false }
            expecting = .value
            return true
        }
    }
}
