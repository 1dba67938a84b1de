internal import Cryptography

/// One signature line of a signed note.
public struct NoteSignature: Hashable, Sendable {
    /// Name of the key.
    public let name: String
    /// Four bytes of the key's hash.
    public let keyID: UInt32
    /// What follows the id: for Ed25519 64 bytes, for a cosignature 8 bytes of time and 64 bytes.
    public let bytes: [UInt8]

    init(name: String, keyID: UInt32, bytes: [UInt8]) {
        self.name = name
        self.keyID = keyID
        self.bytes = bytes
    }

    /// Em dash and space, with which a signature line begins.
    private static let mark: [UInt8] = [0xe2, 0x80, 0x94, 0x20]

    /// Reads a line without its newline; nil when it is no signature line.
    init?(line: ArraySlice<UInt8>) {
        guard line.starts(with: Self.mark) else { return nil }
        let rest = line.dropFirst(Self.mark.count)
        guard let space = rest.firstIndex(of: 0x20),
            let name = String(validating: rest[..<space], as: UTF8.self), NoteKey.isValid(name: name),
            let text = String(validating: rest[(space + 1)...], as: UTF8.self),
            let blob = Base64.decode(text), blob.count >= 5
        else { return nil }
        self.name = name
        keyID = blob[..<4].reduce(0) { $0 << 8 | UInt32($1) }
        bytes = Array(blob[4...])
    }

    /// The line, with its newline.
    var line: [UInt8] {
        let blob = withUnsafeBytes(of: keyID.bigEndian) { Array($0) } + bytes
        return Self.mark + Array("\(name) \(Base64.encode(blob))\n".utf8)
    }

    /// Seconds since 1970-01-01 that a cosignature carries; nil when this has not the length of one.
    public var cosignatureTime: UInt64? {
        guard bytes.count == 72 else { return nil }
        let time = bytes[..<8].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return time <= UInt64(Int64.max) ? time : nil
    }

    /// What a cosignature signs (c2sp.org/tlog-cosignature, "Ed25519 signed message").
    static func cosignedMessage(_ text: [UInt8], time: UInt64) -> [UInt8] {
        Array("cosignature/v1\ntime \(time)\n".utf8) + text
    }
}
