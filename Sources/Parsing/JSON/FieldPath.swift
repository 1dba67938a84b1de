/// A name in a definition: keys separated by dots, `[n]` for an array's element, `"…"` around a key that holds dots.
struct FieldPath: Hashable, Sendable {
    enum Step: Hashable, Sendable {
        case key(String)
        case position(Int)
    }

    let steps: [Step]

    init(steps: [Step]) { self.steps = steps }

    /// Reads a path; nil where it is not one.
    init?(_ text: String) {
        // Nearly all paths are plain keys with dots between them.
        if text.utf8.allSatisfy({ $0 != UInt8(ascii: "[") && $0 != UInt8(ascii: "]") && $0 != UInt8(ascii: "\"") }) {
            let keys = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
            guard keys.allSatisfy({ !$0.isEmpty }) else { return nil }
            steps = keys.map { .key(String($0) ?? "") }
            return
        }
        var steps: [Step] = []
        var rest = Substring(text)
        var wantsKey = true
        while let character = rest.first {
            if character == "[" {
                guard !wantsKey || steps.isEmpty, let close = rest.firstIndex(of: "]"),
                    let position = Int(rest[rest.index(after: rest.startIndex)..<close]),
                    position >= 0
                else { return nil }
                steps.append(.position(position))
                rest = rest[rest.index(after: close)...]
                wantsKey = false
            } else if character == "." {
                guard !wantsKey else { return nil }
                rest = rest.dropFirst()
                wantsKey = true
                guard !rest.isEmpty else { return nil }
            } else {
                guard wantsKey, let key = Self.takeKey(&rest) else { return nil }
                steps.append(.key(key))
                wantsKey = false
            }
        }
        guard !steps.isEmpty else { return nil }
        self.steps = steps
    }

    private static func takeKey(_ rest: inout Substring) -> String? {
        if rest.first == "\"" {
            rest = rest.dropFirst()
            guard let close = rest.firstIndex(of: "\"") else { return nil }
            let key = String(rest[..<close])
            rest = rest[rest.index(after: close)...]
            return key.isEmpty ? nil : key
        }
        let end = rest.firstIndex { $0 == "." || $0 == "[" } ?? rest.endIndex
        let key = String(rest[..<end])
        rest = rest[end...]
        return key.isEmpty || key.contains("\"") || key.contains("]") ? nil : key
    }

    /// The first key, by which captures and columns are declared.
    var head: String {
        if case .key(let key) = steps.first { return key }
        return ""
    }

    /// One spelling for all ways to write the path.
    var canonical: String {
        var text = ""
        for step in steps {
            switch step {
            case .position(let position): text += "[\(position)]"
            case .key(let key):
                if !text.isEmpty { text += "." }
                text += key.contains(where: { ".[]".contains($0) }) ? "\"\(key)\"" : key
            }
        }
        return text
    }

    /// The keys with dots between them, nil where a position is among them: how a path spells one key that holds dots.
    var dottedKey: String? {
        var keys: [String] = []
        for step in steps {
            guard case .key(let key) = step else { return nil }
            keys.append(key)
        }
        return keys.joined(separator: ".")
    }

    /// The path without its first step.
    var tail: FieldPath { FieldPath(steps: Array(steps.dropFirst())) }
}
