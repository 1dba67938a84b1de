/// An operation of this module that failed, or an input from outside that it refuses.
public struct TransparencyLogError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of failure it is; tests and callers switch on this, people read ``message``.
    public enum Code: String, Hashable, Sendable {
        /// Text is not a C2SP signed note.
        case malformedNote
        /// A signature by a known key does not hold: the whole note is refused.
        case signatureInvalid
        /// No known key signed the note.
        case unsigned
        /// A verifier or signer key string cannot be read.
        case malformedKey
        /// A signed note is no checkpoint, or has extension lines.
        case malformedCheckpoint
        /// A checkpoint comes from a log that the policy does not name.
        case unknownLog
        /// Fewer witnesses than the policy asks for have cosigned.
        case quorumMissed
        /// A policy file breaks the rules of its format.
        case malformedPolicy
        /// Text is not a C2SP tlog-proof.
        case malformedProof
        /// An entry is longer than a bundle can hold.
        case entryTooLarge
        /// A tile or bundle is missing.
        case tileMissing
        /// A tile or bundle does not fit the rest of the tree: it was changed or cut.
        case tileDamaged
    }

    public let code: Code
    /// What went wrong and how to remedy it, in one sentence.
    public let message: String
    /// The file it is about, where there is one.
    public let path: String?
    /// The line in that file, counted from one, where there is one.
    public let line: Int?

    public init(_ code: Code, _ message: String, path: String? = nil, line: Int? = nil) {
        self.code = code
        self.message = message
        self.path = path
        self.line = line
    }

    public var description: String {
        var place = path ?? ""
        if let line { place += place.isEmpty ? "line \(line)" : ":\(line)" }
        return place.isEmpty ? message : "\(place): \(message)"
    }
}
