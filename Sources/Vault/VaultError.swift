/// A failure of the vault or the quarantine store.
public struct VaultError: Error, Sendable, CustomStringConvertible {
    /// What kind of failure it is.
    public enum Code: String, Hashable, Sendable {
        /// There is no vault in this folder.
        case notFound
        /// There is a vault already where one was to be made.
        case alreadyExists
        /// The master key file is missing, damaged, or readable by others.
        case keyUnusable
        /// The key does not belong to this vault, or the passphrase is wrong.
        case wrongKey
        /// A newer build wrote this vault.
        case newerFormat
        /// Stored bytes do not open: damage or tampering.
        case damaged
        /// SQLite failed: disk full, no permission, locked.
        case storage
        /// A token that this vault never gave.
        case unknownToken
        /// The identity behind the token was erased.
        case erased
        /// A reveal without what it needs: reason, second person, expiry.
        case revealRefused
        /// An erasure without what it needs: reason, second person.
        case eraseRefused
        /// Tokens that are about to be committed were taken back or erased.
        case tokensLost
        /// A change was asked of a vault that is open for reading.
        case readOnly
    }

    public let code: Code
    /// What failed and how to remedy it.
    public let message: String
    public let cause: (any Error)?
    public let path: String?

    public init(_ code: Code, _ message: String, cause: (any Error)? = nil, path: String? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
        self.path = path
    }

    public var description: String {
        var text = message
        if let path { text = "\(path): \(text)" }
        if let cause { text += " (\(cause))" }
        return text
    }
}
