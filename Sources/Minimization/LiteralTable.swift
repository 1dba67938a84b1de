/// The identities of one event as they are written, with their tokens: their occurrences in the same event's texts go too.
struct LiteralTable {
    private struct Literal {
        /// ASCII letters in lower case unless `isExact`.
        let bytes: [UInt8]
        let token: String
        let isExact: Bool
    }

    private var literals: [Literal] = []

    var isEmpty: Bool { literals.isEmpty }

    /// Adds a value, and what people make of it: the local part of an address, the words of a name.
    mutating func add(_ value: String, token: String) {
        add(bytes: Array(value.utf8), token: token, isExact: false)
        if let at = value.utf8.lastIndex(of: UInt8(ascii: "@")) {
            let local = Array(value.utf8[..<at])
            if local.count >= 4, !Self.commonWords.contains(String(decoding: local, as: UTF8.self).lowercased()) {
                add(bytes: local, token: token, isExact: false)
            }
        } else if value.utf8.contains(UInt8(ascii: " ")) {
            for part in value.utf8.split(separator: UInt8(ascii: " ")) where part.count >= 4 {
                // A word of a name counts only as it is written: "Grant" is a person, "grant" is not.
                guard let first = part.first, Byte.isUpper(first) || first >= 0x80 else { continue }
                add(bytes: Array(part), token: token, isExact: true)
            }
        } else if let last = value.utf8.split(whereSeparator: { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "\\") }).last,
            last.count < value.utf8.count
        {
            // The last component of an ARN or of DOMAIN\user.
            add(bytes: Array(last), token: token, isExact: false)
        }
    }

    private mutating func add(bytes: [UInt8], token: String, isExact: Bool) {
        guard bytes.count >= 3, bytes.count >= 9 || !bytes.allSatisfy(Byte.isDigit) else { return }
        let folded = isExact ? bytes : bytes.map(Byte.lower)
        guard !Self.commonWords.contains(String(decoding: bytes, as: UTF8.self).lowercased()) else { return }
        guard !literals.contains(where: { $0.bytes == folded }) else { return }
        // Longer ones first, so that a whole address goes before its local part.
        let place = literals.firstIndex { $0.bytes.count < folded.count } ?? literals.count
        literals.insert(Literal(bytes: folded, token: token, isExact: isExact), at: place)
    }

    /// The first occurrence at or after `start` and before `end` that stands between word boundaries.
    func next(in text: ScrubText, from start: Int, to end: Int) -> (start: Int, end: Int, token: String)? {
        guard !literals.isEmpty else { return nil }
        var position = start
        while position < end {
            if position == 0 || !Byte.isWord(text[position - 1]) || isEscape(text, position) {
                for literal in literals where position + literal.bytes.count <= end {
                    if matches(literal, text, at: position) { return (position, position + literal.bytes.count, literal.token) }
                }
            }
            position += 1
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

    /// Local parts and logins that are words of every log.
    private static let commonWords: Set<String> = [
        "admin", "administrator", "root", "system", "user", "users", "unknown", "service", "support", "info", "deploy", "build", "jenkins",
        "security", "billing", "sales", "team", "noreply", "no-reply", "notifications", "bot", "backup", "monitor", "test", "dev", "ops",
        "api", "app", "web", "mail", "help", "helpdesk", "postgres", "github", "git", "okta", "aws", "null", "none", "default", "guest",
        "daemon", "sidekiq", "worker", "cron", "data", "sql", "export", "import", "login", "account", "job", "jobs", "release", "internal",
        "public", "anonymous", "nobody", "ubuntu", "ec2-user", "terraform", "argocd", "scheduler", "true", "false",
    ]
}
