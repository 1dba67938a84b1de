import AuditModel
import Vault

/// What one source's identities became, by their bytes: ``IdentityCache`` for blocks.
///
/// Holds what a source wrote, in memory only. Not thread-safe: one per minimizer and source.
final class IdentityMemory {
    /// Bytes in the memory's store; nil where the value was not there.
    struct Stretch {
        let start: Int
        let count: Int
    }

    /// Tokens in the place of a person's values.
    struct Person {
        var id: Stretch?
        var email: Stretch?
        var name: Stretch?
        var span: LiteralStore.Span
    }

    /// A value's token and prefix.
    struct Single {
        let token: Stretch
        /// The truncated prefix of an address.
        let prefix: Stretch?
        let span: LiteralStore.Span
    }

    /// How many persons or single values are remembered from block to block.
    static let limit = 1 << 16

    let namespace: String
    private let policy: MinimizationPolicy
    private let vault: Vault
    private let literals: LiteralStore
    private let scratch = IdentityScratch()
    private let personKeys = ByteTable()
    @exclusivity(unchecked) private var personRecords: [Person] = []
    private let singleKeys = ByteTable()
    @exclusivity(unchecked) private var singleRecords: [Single] = []
    @exclusivity(unchecked) private(set) var bytes: [UInt8] = []
    private let key = KeyBytes()
    @exclusivity(unchecked) private var bits: [UInt64] = []

    init(namespace: String, policy: MinimizationPolicy, vault: Vault, literals: LiteralStore) {
        self.namespace = namespace
        self.policy = policy
        self.vault = vault
        self.literals = literals
    }

    var isFull: Bool { personRecords.count >= Self.limit || singleRecords.count >= Self.limit }

    func withBytes<R>(_ stretch: Stretch, _ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        try bytes.withUnsafeBytes { try body(UnsafeRawBufferPointer(rebasing: $0[stretch.start..<(stretch.start + stretch.count)])) }
    }

    // MARK: Persons

    /// The tokens of a person's values, linked in the vault. A value without a base address is not there.
    func person(
        _ kind: IdentityKind, id: UnsafeRawBufferPointer?, email: UnsafeRawBufferPointer?, name: UnsafeRawBufferPointer?
    ) throws -> Person {
        key.begin(UInt8(kind.rawValue))
        key.append(id)
        key.append(email)
        key.append(name)
        let known = personKeys.find(key.bytes)
        if known >= 0 { return personRecords[known] }
        let made = try make(kind, id, email, name)
        personKeys.insert(key.bytes)
        personRecords.append(made)
        return made
    }

    private func make(
        _ kind: IdentityKind, _ id: UnsafeRawBufferPointer?, _ email: UnsafeRawBufferPointer?, _ name: UnsafeRawBufferPointer?
    ) throws -> Person {
        scratch.reset()
        let places = (load(kind, id, .id), load(kind, email, .email), load(kind, name, .name))
        if scratch.count > 0 { try vault.tokens(ofPerson: scratch, namespace: namespace, into: &bits) }
        var person = Person(span: literals.begin())
        person.id = keep(id, places.0, &person.span)
        person.email = keep(email, places.1, &person.span)
        person.name = keep(name, places.2, &person.span)
        return person
    }

    /// Loads a person's value into the scratch; gives its place there, -1 for one that stays.
    private func load(_ kind: IdentityKind, _ text: UnsafeRawBufferPointer?, _ role: Identity.Role) -> Int {
        guard let text, text.count > 0, !policy.isServer(text) else { return -1 }
        scratch.add(kind, text, role: role, namespace: namespace)
        return scratch.count - 1
    }

    /// Keeps what stands in the place of a person's value.
    private func keep(_ text: UnsafeRawBufferPointer?, _ place: Int, _ span: inout LiteralStore.Span) -> Stretch? {
        guard let text else { return nil }
        guard place >= 0 else { return keep(text) }
        let stretch = keep(Token(kind: scratch.kind(place), bits: bits[place]))
        if !scratch.isShared(place) { withBytes(stretch) { literals.add(text, token: $0, to: &span) } }
        return stretch
    }

    // MARK: Single values

    /// The token of a login, host or address; a server's name stays as it is.
    func single(_ kind: IdentityKind, _ text: UnsafeRawBufferPointer) throws -> Single {
        key.begin(UInt8(kind.rawValue))
        key.append(text)
        let known = singleKeys.find(key.bytes)
        if known >= 0 { return singleRecords[known] }
        let made = try make(kind, text)
        singleKeys.insert(key.bytes)
        singleRecords.append(made)
        return made
    }

    private func make(_ kind: IdentityKind, _ text: UnsafeRawBufferPointer) throws -> Single {
        guard text.count > 0, !policy.isServer(text) else { return Single(token: keep(text), prefix: nil, span: literals.begin()) }
        scratch.reset()
        let prefix = addIdentity(kind, text)
        let bits = try vault.token(of: scratch)
        let token = keep(Token(kind: scratch.kind(0), bits: bits))
        var span = literals.begin()
        // Names of nobody, such as root, stay in texts.
        if scratch.kind(0) == .address || !scratch.isShared(0) { withBytes(token) { literals.add(text, token: $0, to: &span) } }
        return Single(token: token, prefix: prefix, span: span)
    }

    /// Loads the identity into the scratch; gives the prefix of an address.
    private func addIdentity(_ kind: IdentityKind, _ text: UnsafeRawBufferPointer) -> Stretch? {
        if kind == .address || kind == .host {
            if let length = PlainAddress.prefixLength(text) {
                scratch.addPlainAddress(text)
                let start = bytes.count
                bytes.append(contentsOf: text[..<length])
                bytes.append(contentsOf: "0/24".utf8)
                return Stretch(start: start, count: bytes.count - start)
            }
            let string = String(decoding: text, as: UTF8.self)
            let bare = kind == .address ? IdentityCache.bareAddress(string) : string
            if let address = NetworkAddress(bare) {
                scratch.add(Identity(.address, address.description))
                return keep(Array(address.prefix.utf8))
            }
            if kind == .address {
                scratch.add(Identity(.address, bare))
                return nil
            }
        }
        scratch.add(kind, text, role: .login, namespace: namespace)
        return nil
    }

    // MARK: Store

    private func keep(_ text: some Sequence<UInt8>) -> Stretch {
        let start = bytes.count
        bytes.append(contentsOf: text)
        return Stretch(start: start, count: bytes.count - start)
    }

    private func keep(_ token: Token) -> Stretch {
        withUnsafeTemporaryAllocation(byteCount: Token.longestBytes, alignment: 1) { buffer in
            let count = token.write(to: buffer.baseAddress!)
            return keep(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer)[..<count]))
        }
    }
}

/// IPv4 addresses in their canonical spelling: what nearly every source writes.
enum PlainAddress {
    /// The bytes up to and with the third dot where the text is four numbers without leading zeros, else nil.
    static func prefixLength(_ text: UnsafeRawBufferPointer) -> Int? {
        guard text.count >= 7, text.count <= 15 else { return nil }
        var (dots, value, digits, third) = (0, 0, 0, 0)
        for (place, byte) in text.enumerated() {
            if byte == 0x2e {
                guard digits > 0, dots < 3 else { return nil }
                dots += 1
                if dots == 3 { third = place + 1 }
                (value, digits) = (0, 0)
            } else {
                guard Byte.isDigit(byte), digits == 0 || value > 0 else { return nil }
                value = value * 10 + Int(byte &- 0x30)
                digits += 1
                guard value <= 255 else { return nil }
            }
        }
        return dots == 3 && digits > 0 ? third : nil
    }
}
