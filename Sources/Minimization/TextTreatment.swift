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
    var literals: LiteralTable
    let limitBytes: Int

    /// The text without what must not stay; `isCut` says that its end is missing.
    mutating func scrub(_ text: String, guarding: Guarding, limitBytes: Int? = nil, _ counts: inout ScrubCounts) throws -> (
        text: String, isCut: Bool
    ) {
        let limit = limitBytes ?? self.limitBytes
        let findings = memory.findings(in: text).filter { guarding.covers($0.kind) }
        var text = text
        if !findings.isEmpty || !literals.isEmpty, let changed = try replace(&text, findings, &counts) { text = changed }
        guard text.utf8.count > limit else { return (text, false) }
        counts.truncated += 1
        return (Self.cut(text, limit), true)
    }

    /// Learns the user names that a text's structure gives away, so that they go from the event's other fields too.
    mutating func learnLogins(in text: String) throws {
        let findings = memory.findings(in: text).filter { $0.kind == .login }
        guard !findings.isEmpty else { return }
        let bytes = Array(text.utf8)
        for finding in findings {
            let raw = Array(bytes[finding.start..<finding.end])
            if let token = try replacement(.login, raw) { literals.add(String(decoding: raw, as: UTF8.self), token: token) }
        }
    }

    /// The text with findings and literals replaced, or nil when there are none.
    private func replace(_ text: inout String, _ findings: [ScrubFinding], _ counts: inout ScrubCounts) throws -> String? {
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
