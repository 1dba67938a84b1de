import Vault

/// What stands in texts instead of findings: the token of an identity, else the kind's label. Remembered by bytes.
final class FindingMemory {
    private static let limit = 1 << 16

    private let vault: Vault
    private let scratch = IdentityScratch()
    private let keys = ByteTable()
    /// Where each replacement lies in `bytes`; empty where the finding stays.
    @exclusivity(unchecked) private var records: [(start: Int, count: Int)] = []
    /// The literals of records that are logins, once they were asked for.
    @exclusivity(unchecked) private var spans: [Int: LiteralStore.Span] = [:]
    @exclusivity(unchecked) private var bytes: [UInt8] = []
    private let key = KeyBytes()

    init(vault: Vault) { self.vault = vault }

    var isFull: Bool { records.count >= Self.limit }

    /// Appends what stands instead of a finding to `out`, or says that it stays: the name is nobody's.
    func append(_ kind: ScrubKind, _ raw: UnsafeRawBufferPointer, to out: inout [UInt8]) throws -> Bool {
        guard kind == .email || kind == .address || kind == .login else {
            out.append(contentsOf: kind.label.utf8)
            return true
        }
        let record = try record(kind, raw)
        out.append(contentsOf: bytes[record.start..<(record.start + record.count)])
        return record.count > 0
    }

    /// The literals of a user name that a text gives away; nil where it is nobody's.
    func login(_ raw: UnsafeRawBufferPointer, _ literals: LiteralStore) throws -> LiteralStore.Span? {
        let record = try record(.login, raw)
        guard record.count > 0 else { return nil }
        if let known = spans[record.start] { return known }
        var span = literals.begin()
        bytes.withUnsafeBytes { bytes in
            literals.add(raw, token: UnsafeRawBufferPointer(rebasing: bytes[record.start..<(record.start + record.count)]), to: &span)
        }
        spans[record.start] = span
        return span
    }

    private func record(_ kind: ScrubKind, _ raw: UnsafeRawBufferPointer) throws -> (start: Int, count: Int) {
        key.begin(kind == .email ? 1 : kind == .address ? 2 : 3)
        key.append(raw)
        let known = keys.find(key.bytes)
        if known >= 0 { return records[known] }
        let start = bytes.count
        if let token = try token(kind, raw) { bytes.append(contentsOf: token.description.utf8) }
        keys.insert(key.bytes)
        records.append((start, bytes.count - start))
        return records[records.count - 1]
    }

    private func token(_ kind: ScrubKind, _ raw: UnsafeRawBufferPointer) throws -> Token? {
        scratch.reset()
        switch kind {
        case .email where Self.isPlainEmail(raw): scratch.add(.user, raw, role: .email, namespace: nil)
        case .email: scratch.add(Identity(.user, EmailDetector.value(Array(raw)), role: .email))
        case .address where PlainAddress.prefixLength(raw) != nil: scratch.addPlainAddress(raw)
        case .address: scratch.add(Identity(.address, AddressDetector.value(Array(raw))))
        default:
            let text = String(decoding: raw, as: UTF8.self)
            // A source may quote a token of ours, such as in a query text.
            guard Token(text) == nil else { return nil }
            let identity = Identity(.user, text, role: .login)
            guard !identity.isShared else { return nil }
            scratch.add(identity)
        }
        return Token(kind: scratch.kind(0), bits: try vault.token(of: scratch))
    }

    /// Letters in lower case, digits, `.`, `_`, `-` and `@` alone: nothing of it is encoded.
    private static func isPlainEmail(_ raw: UnsafeRawBufferPointer) -> Bool {
        raw.allSatisfy { (Byte.isAlnum($0) && !Byte.isUpper($0)) || $0 == 0x2e || $0 == 0x5f || $0 == 0x2d || $0 == 0x40 }
    }
}
