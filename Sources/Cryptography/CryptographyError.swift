internal import COpenSSL

/// An operation of this module that failed, or an input that it refuses.
public struct CryptographyError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of failure it is; tests and callers switch on this, people read ``message``.
    public enum Code: String, Hashable, Sendable {
        /// A key, nonce, digest or signature has the wrong length.
        case wrongSize
        /// An authenticated decryption failed: wrong key, wrong context, or changed bytes.
        case authenticationFailed
        /// A key could not be read: damaged, or of another kind.
        case invalidKey
        /// A key file is encrypted and the passphrase is missing or wrong.
        case wrongPassphrase
        /// Text is not the PEM, DER, base64 or hex that it should be.
        case malformed
        /// A signature does not hold.
        case signatureInvalid
        /// A certificate does not chain to a trusted root, or may not be used for this.
        case certificateRejected
        /// A timestamp answer does not fit its query or the data it should cover.
        case timestampRejected
        /// OpenSSL refused an operation that should not fail; the message carries its own words.
        case libraryFailure
    }

    public let code: Code
    /// What went wrong and how to remedy it, in one sentence.
    public let message: String
    /// OpenSSL's own words, where there are any.
    public let cause: String?

    public init(_ code: Code, _ message: String, cause: String? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }

    public var description: String {
        cause.map { "\(message) (\($0))" } ?? message
    }

    /// An error of this module with the first entry of OpenSSL's error queue as its cause; the queue is emptied.
    static func openSSL(_ code: Code, _ message: String) -> CryptographyError {
        CryptographyError(code, message, cause: takeOpenSSLReason())
    }

    /// The reason of the oldest entry in this thread's OpenSSL error queue, which is emptied.
    static func takeOpenSSLReason() -> String? {
        let first = ERR_get_error()
        ERR_clear_error()
        guard first != 0, let reason = ERR_reason_error_string(first) else { return nil }
        return String(cString: reason)
    }
}
