/// The identities of one event as they are written, with their tokens: their occurrences in the same event's texts go too.
struct LiteralTable {
    /// One spelling with the token that takes its place.
    struct Literal {
        /// ASCII letters in lower case unless `isExact`.
        let bytes: [UInt8]
        let token: String
        let isExact: Bool
    }

    /// Longer ones first, so that a whole address goes before its local part.
    private var literals: [Literal] = []
    /// Which bytes, letters in lower case, a literal begins with.
    private var firsts: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
    private(set) var shortestBytes = Int.max

    var isEmpty: Bool { literals.isEmpty }

    /// Adds what ``literals(of:token:)`` made.
    mutating func add(_ more: [Literal]) {
        for literal in more {
            guard !literals.contains(where: { $0.bytes == literal.bytes }) else { continue }
            let place = literals.firstIndex { $0.bytes.count < literal.bytes.count } ?? literals.count
            literals.insert(literal, at: place)
            shortestBytes = min(shortestBytes, literal.bytes.count)
            note(Byte.lower(literal.bytes[0]))
        }
    }

    /// A value as it is written, and what people make of it: the local part of an address, the words of a name, the end of a path.
    static func literals(of value: String, token: String) -> [Literal] {
        var literals: [Literal] = []
        func add(_ bytes: [UInt8], isExact: Bool) {
            // A short number in the same event is a port or a count sooner than the actor's id.
            guard bytes.count >= 3, bytes.count >= 5 || !bytes.allSatisfy(Byte.isDigit) else { return }
            guard !bytes.withUnsafeBytes({ isCommonWord($0) }) else { return }
            literals.append(Literal(bytes: isExact ? bytes : bytes.map(Byte.lower), token: token, isExact: isExact))
        }
        add(Array(value.utf8), isExact: false)
        if let at = value.utf8.lastIndex(of: UInt8(ascii: "@")) {
            if value.utf8.distance(from: value.utf8.startIndex, to: at) >= 4 { add(Array(value.utf8[..<at]), isExact: false) }
        } else if value.utf8.contains(UInt8(ascii: " ")) {
            for part in value.utf8.split(separator: UInt8(ascii: " ")) where part.count >= 4 {
                // A word of a name counts only as it is written: "Grant" is a person, "grant" is not.
                guard let first = part.first, Byte.isUpper(first) || first >= 0x80 else { continue }
                add(Array(part), isExact: true)
            }
        } else if let last = value.utf8.split(whereSeparator: { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "\\") }).last,
            last.count < value.utf8.count
        {
            // The last component of an ARN or of DOMAIN\user.
            add(Array(last), isExact: false)
        }
        return literals
    }

    private mutating func note(_ byte: UInt8) {
        let bit = UInt64(1) << UInt64(byte & 63)
        switch byte >> 6 {
        case 0: firsts.0 |= bit
        case 1: firsts.1 |= bit
        case 2: firsts.2 |= bit
        default: firsts.3 |= bit
        }
    }

    @inline(__always)
    private func mayBegin(_ byte: UInt8) -> Bool {
        let word = byte < 128 ? (byte < 64 ? firsts.0 : firsts.1) : (byte < 192 ? firsts.2 : firsts.3)
        return word >> UInt64(byte & 63) & 1 == 1
    }

    /// The first occurrence at or after `start` and before `end` that stands between word boundaries.
    func next(in text: ScrubText, from start: Int, to end: Int) -> (start: Int, end: Int, token: String)? {
        guard !literals.isEmpty else { return nil }
        var position = start
        while position < end {
            if mayBegin(Byte.lower(text[position])), position == 0 || !Byte.isWord(text[position - 1]) || isEscape(text, position) {
                for literal in literals where position + literal.bytes.count <= end {
                    if matches(literal, text, at: position) { return (position, position + literal.bytes.count, literal.token) }
                }
            }
            position &+= 1
        }
        return nil
    }

    private func isEscape(_ text: ScrubText, _ position: Int) -> Bool {
        text[position - 2] == 0x5c && [0x6e, 0x74, 0x72].contains(text[position - 1])
    }

    private func matches(_ literal: Literal, _ text: ScrubText, at position: Int) -> Bool {
        for (place, byte) in literal.bytes.enumerated() {
            let other = text[position + place]
            guard other == byte || (!literal.isExact && Byte.lower(other) == byte) else { return false }
        }
        return !Byte.isWord(text[position + literal.bytes.count])
    }

    /// Whether this is a word of every log, in any case of letters.
    static func isCommonWord(_ text: UnsafeRawBufferPointer) -> Bool {
        guard text.allSatisfy({ $0 < 0x80 }) else { return commonWords.contains(String(decoding: text, as: UTF8.self).lowercased()) }
        guard text.count <= longestCommonWord, text.count > 0 else { return false }
        let first = Byte.lower(text[0])
        for word in commonWordsByLength[text.count] where word[0] == first {
            var place = 1
            while place < text.count, Byte.lower(text[place]) == word[place] { place &+= 1 }
            if place == text.count { return true }
        }
        return false
    }

    private static let longestCommonWord = commonWords.map(\.utf8.count).max() ?? 0
    private static let commonWordsByLength: [[[UInt8]]] = (0...longestCommonWord).map { length in
        commonWords.map { Array($0.utf8) }.filter { $0.count == length }
    }

    /// Local parts and logins that are words of every log.
    private static let commonWords: Set<String> = [
        "admin", "administrator", "root", "system", "user", "users", "unknown", "service", "support", "info", "deploy", "build", "jenkins",
        "security", "billing", "sales", "team", "noreply", "no-reply", "notifications", "bot", "backup", "monitor", "test", "dev", "ops",
        "api", "app", "web", "mail", "help", "helpdesk", "postgres", "github", "git", "okta", "aws", "null", "none", "default", "guest",
        "daemon", "sidekiq", "worker", "cron", "data", "sql", "export", "import", "login", "account", "job", "jobs", "release", "internal",
        "public", "anonymous", "nobody", "ubuntu", "ec2-user", "terraform", "argocd", "scheduler", "true", "false",
    ]
}
