import Cryptography

/// Identities on their way into the vault, as bytes: what ``Identity`` says of a value, without a string per value.
///
/// Holds the values of one person (or one value) at a time: ``reset()``, then ``add(_:_:role:namespace:)`` for each. A value's key, `kind byte ‖
/// normalized value`, for numbers followed by `0x00 ‖ namespace`, is what the vault's look-up authenticates. Plain ASCII is normalized here; what
/// lies beyond goes through ``Identity``, whose answers are the measure (a test compares the two).
///
/// Not thread-safe: one per owner.
public final class IdentityScratch {
    /// One normalized value.
    struct Value {
        let kind: IdentityKind
        let role: Identity.Role
        let isShared: Bool
        let isDistinctive: Bool
        /// Where its key lies in the scratch.
        let start: Int
        /// Bytes of the key.
        let count: Int
        /// Bytes of the normalized value: the key without kind and namespace.
        let valueCount: Int
    }

    @exclusivity(unchecked) private(set) var values: [Value] = []
    /// The source whose numbers these are; nil where none was given.
    @exclusivity(unchecked) private(set) var scopes: [String?] = []
    /// Keys, one behind the other. Invariant: every ``Value`` lies within `bytes.count`.
    @exclusivity(unchecked) private var bytes: [UInt8] = []

    public init() {
        bytes.reserveCapacity(1_024)
    }

    /// Number of values.
    public var count: Int { values.count }

    /// Begins the next person.
    public func reset() {
        values.removeAll(keepingCapacity: true)
        scopes.removeAll(keepingCapacity: true)
        bytes.removeAll(keepingCapacity: true)
    }

    /// Whether a value stands for no particular person (``Identity/isShared``).
    public func isShared(_ place: Int) -> Bool { values[place].isShared }

    /// The kind of a value: that of an address may differ from the one it was added under.
    public func kind(_ place: Int) -> IdentityKind { values[place].kind }

    func withKey<R>(_ place: Int, _ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        let value = values[place]
        return try bytes.withUnsafeBytes { try body(UnsafeRawBufferPointer(rebasing: $0[value.start..<(value.start + value.count)])) }
    }

    /// Whether two values are the same identity in the same role.
    func areSame(_ first: Int, _ second: Int) -> Bool {
        let (one, other) = (values[first], values[second])
        return one.role == other.role && one.count == other.count
            && bytes[one.start..<(one.start + one.count)].elementsEqual(bytes[other.start..<(other.start + other.count)])
    }

    /// Adds a value as ``Identity`` already normalized it.
    public func add(_ identity: Identity) {
        let start = bytes.count
        bytes.append(UInt8(identity.kind.rawValue))
        bytes.append(contentsOf: identity.value.utf8)
        close(
            start, identity.kind, identity.role, isShared: identity.isShared, isDistinctive: identity.isDistinctive,
            scope: identity.namespace)
    }

    /// Adds a value as a source wrote it.
    ///
    /// - Parameters:
    ///   - role: What it is to its subject; an e-mail address is one whatever was said.
    ///   - namespace: The source's name; kept for numbers alone.
    public func add(_ kind: IdentityKind, _ raw: UnsafeRawBufferPointer, role: Identity.Role = .login, namespace: String?) {
        guard kind != .address, let trimmed = Self.plain(raw) else {
            add(Identity(kind, String(decoding: raw, as: UTF8.self), role: role, namespace: namespace))
            return
        }
        let start = bytes.count
        bytes.append(UInt8(kind.rawValue))
        bytes.append(contentsOf: trimmed)
        let from = start + 1
        var digits = 0
        var place = 0
        while place < trimmed.count {
            if trimmed[place] &- 0x30 <= 9 { digits &+= 1 }
            place &+= 1
        }
        let isNumber = digits > 0 && digits == trimmed.count
        let isEmail = Self.looksLikeEmail(trimmed)
        var actual = role
        if isEmail {
            actual = .email
            for place in from..<bytes.count where bytes[place] &- 0x41 <= 25 { bytes[place] |= 0x20 }
        } else if role == .name, Self.looksLikeLogin(trimmed) {
            actual = .login
        }
        let isShared = (trimmed.count < 3 && actual != .id) || SharedNames.holds(trimmed)
        close(start, kind, actual, isShared: isShared, isDistinctive: digits >= 3 && !isNumber, scope: isNumber ? namespace : nil)
    }

    /// Adds an IPv4 address in canonical spelling.
    package func addPlainAddress(_ text: UnsafeRawBufferPointer) {
        let start = bytes.count
        bytes.append(UInt8(IdentityKind.address.rawValue))
        bytes.append(contentsOf: text)
        close(start, .address, .login, isShared: true, isDistinctive: text.count { $0 &- 0x30 <= 9 } >= 3, scope: nil)
    }

    private func close(
        _ start: Int, _ kind: IdentityKind, _ role: Identity.Role, isShared: Bool, isDistinctive: Bool, scope: String?
    ) {
        let valueCount = bytes.count - start - 1
        if let scope {
            bytes.append(0)
            bytes.append(contentsOf: scope.utf8)
        }
        scopes.append(scope)
        values.append(
            Value(
                kind: kind, role: role, isShared: isShared, isDistinctive: isDistinctive, start: start, count: bytes.count - start,
                valueCount: valueCount))
    }

    // MARK: Shapes of plain ASCII

    /// The bytes without blanks at either end where all are printable ASCII, else nil: then Unicode has a say.
    private static func plain(_ raw: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        var place = 0
        while place < raw.count {
            guard raw[place] &- 0x20 < 0x5f else { return nil }
            place &+= 1
        }
        var (start, end) = (0, raw.count)
        while start < end, raw[start] == 0x20 { start &+= 1 }
        while end > start, raw[end &- 1] == 0x20 { end &-= 1 }
        return UnsafeRawBufferPointer(rebasing: raw[start..<end])
    }

    /// One `@` with text on both sides, a dot inside what follows, no blank, colon or slash.
    private static func looksLikeEmail(_ text: UnsafeRawBufferPointer) -> Bool {
        var at = -1
        var place = 0
        while place < text.count {
            let byte = text[place]
            if byte == 0x40 {
                guard at < 0 else { return false }
                at = place
            } else if byte == 0x20 || byte == 0x3a || byte == 0x2f {
                return false
            }
            place &+= 1
        }
        guard at > 0 else { return false }
        place = at &+ 2
        while place < text.count &- 1 {
            if text[place] == 0x2e { return true }
            place &+= 1
        }
        return false
    }

    private static func looksLikeLogin(_ text: UnsafeRawBufferPointer) -> Bool {
        guard text.count > 0 else { return false }
        var hasMark = text[0] &- 0x61 <= 25
        var place = 0
        while place < text.count {
            let byte = text[place]
            guard byte != 0x20 else { return false }
            hasMark = hasMark || byte &- 0x30 <= 9 || byte == 0x5f || byte == 0x2d || byte == 0x2e
            place &+= 1
        }
        return hasMark
    }
}

/// ``Identity/sharedValues`` for bytes.
private enum SharedNames {
    private static let longest = Identity.sharedValues.map(\.utf8.count).max() ?? 0
    private static let byLength: [[[UInt8]]] = (0...longest).map { length in
        Identity.sharedValues.map { Array($0.utf8) }.filter { $0.count == length }
    }

    /// Whether ASCII text is a name of nobody, in any case of letters, or ends in `[bot]`.
    static func holds(_ text: UnsafeRawBufferPointer) -> Bool {
        let count = text.count
        if count >= 5, text[count - 1] == 0x5d, text[count - 2] == 0x74, text[count - 3] == 0x6f, text[count - 4] == 0x62,
            text[count - 5] == 0x5b
        {
            return true
        }
        guard count <= longest, count > 0 else { return false }
        let first = lower(text[0])
        for name in byLength[count] where name[0] == first {
            var place = 1
            while place < count, lower(text[place]) == name[place] { place &+= 1 }
            if place == count { return true }
        }
        return false
    }

    @inline(__always)
    private static func lower(_ byte: UInt8) -> UInt8 { byte &- 0x41 <= 25 ? byte | 0x20 : byte }
}
