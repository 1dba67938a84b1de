import Vault

/// Scrubs texts of one event: what the scrubber finds, then the event's own identities in what is left.
struct TextTreatment {
    /// What a text is searched for.
    enum Guarding {
        case everything
        /// Ids of requests and sessions: long numbers in them are no cards and no phones.
        case identifiersOnly

        func covers(_ kind: ScrubKind) -> Bool {
            guard self == .identifiersOnly else { return true }
            switch kind {
            case .card, .phone, .iban, .socialSecurityNumber, .hardwareAddress: return false
            default: return true
            }
        }
    }

    let session: VaultSession
    let memory: ScrubMemory
    let limitBytes: Int
    /// The event's own identities, as far as they are known.
    var literals = LiteralTable()
    /// Whether any text lost its end.
    private(set) var isCut = false

    init(session: VaultSession, memory: ScrubMemory, limitBytes: Int) {
        self.session = session
        self.memory = memory
        self.limitBytes = limitBytes
    }

    /// The text without what must not stay, or nil where it stays as it is.
    ///
    /// - Parameter holdsNames: Whether occurrences of the event's own identities are looked for.
    mutating func scrubbed(
        _ text: String, guarding: Guarding = .everything, limitBytes: Int? = nil, holdsNames: Bool = true, _ counts: inout ScrubCounts
    ) throws -> String? {
        let limit = limitBytes ?? self.limitBytes
        let size = text.utf8.count
        var findings = memory.findings(in: text)
        if guarding == .identifiersOnly, !findings.isEmpty { findings = findings.filter { guarding.covers($0.kind) } }
        let mayHoldName = holdsNames && size >= literals.shortestBytes
        guard !findings.isEmpty || mayHoldName || size > limit else { return nil }
        var copy = text
        let changed = try replace(&copy, findings, mayHoldName ? literals : LiteralTable(), &counts)
        guard (changed ?? text).utf8.count > limit else { return changed }
        counts.truncated += 1
        isCut = true
        return Self.cut(changed ?? text, limit)
    }

    /// Learns the user names that a text's structure gives away, so that they go from the event's other fields too.
    mutating func learnLogins(in text: String) throws {
        let findings = memory.findings(in: text)
        guard findings.contains(where: { $0.kind == .login }) else { return }
        let bytes = Array(text.utf8)
        for finding in findings where finding.kind == .login {
            let raw = Array(bytes[finding.start..<finding.end])
            if let token = try replacement(.login, raw) {
                literals.add(LiteralTable.literals(of: String(decoding: raw, as: UTF8.self), token: token))
            }
        }
    }

    /// The text with findings and literals replaced, or nil when there are none.
    private func replace(
        _ text: inout String, _ findings: [ScrubFinding], _ literals: LiteralTable, _ counts: inout ScrubCounts
    ) throws -> String? {
        var out: [UInt8] = []
        var kept = 0
        try text.withUTF8 { buffer in
            let view = ScrubText(buffer)
            var position = 0
            for index in 0...findings.count {
                let gapEnd = index < findings.count ? findings[index].start : buffer.count
                while let hit = literals.next(in: view, from: position, to: gapEnd) {
                    out += buffer[kept..<hit.start]
                    out += Array(hit.token.utf8)
                    counts.literals += 1
                    kept = hit.end
                    position = hit.end
                }
                guard index < findings.count else { break }
                let finding = findings[index]
                let raw = view.bytes(finding.start..<finding.end)
                guard let replacement = try replacement(finding.kind, raw) else {
                    position = finding.end
                    continue
                }
                out += buffer[kept..<finding.start]
                out += Array(replacement.utf8)
                counts.add(finding.kind)
                kept = finding.end
                position = finding.end
            }
            if kept > 0 { out += buffer[kept...] }
        }
        return kept > 0 ? String(decoding: out, as: UTF8.self) : nil
    }

    /// What stands in the text instead: the token of an identity, else the kind's label. Nil leaves a name that is nobody's.
    private func replacement(_ kind: ScrubKind, _ raw: [UInt8]) throws -> String? {
        switch kind {
        case .email: return try session.token(for: Identity(.user, EmailDetector.value(raw), role: .email))
        case .address: return try session.token(for: Identity(.address, AddressDetector.value(raw)))
        case .login:
            let text = String(decoding: raw, as: UTF8.self)
            // A source may quote a token of ours, such as in a query text.
            if Token(text) != nil { return nil }
            let identity = Identity(.user, text, role: .login)
            return identity.isShared ? nil : try session.token(for: identity)
        default: return kind.label
        }
    }

    /// At most `limit` bytes, cut between characters.
    static func cut(_ text: String, _ limit: Int) -> String {
        let bytes = Array(text.utf8.prefix(limit + 1))
        guard bytes.count > limit else { return text }
        var end = limit
        while end > 0, bytes[end] & 0xc0 == 0x80 { end -= 1 }
        return String(decoding: bytes[..<end], as: UTF8.self)
    }
}
