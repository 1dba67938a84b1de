import Cryptography
import Foundation
import Glibc

/// The 32 bytes that everything in the vault hangs on.
///
/// Lies in a file of its own (`master.key`, mode 0600): as it is, or sealed under a passphrase with scrypt. A file that others may read
/// is refused. Whoever loses it loses every identity behind a token, and no proof: tokens, leaves and seals need no key.
public struct MasterKey: Sendable {
    let bytes: [UInt8]

    /// The default file in a vault's folder.
    public static let fileName = "master.key"
    /// Names another key file, such as one on a mounted secret.
    public static let fileVariable = "PROOFLINE_VAULT_KEY_FILE"
    /// Holds the passphrase of a sealed key file.
    public static let passphraseVariable = "PROOFLINE_VAULT_PASSPHRASE"

    init(bytes: [UInt8]) {
        precondition(bytes.count == 32, "a master key has 32 bytes")
        self.bytes = bytes
    }

    /// A new random key that lies nowhere yet; for tests and for ``write(to:passphrase:)``.
    public static func random() -> MasterKey { MasterKey(bytes: SecureRandom.bytes(32)) }

    /// Where the key of a vault in `directory` lies: the environment's choice, else `master.key` in it.
    public static func path(directory: String, environment: [String: String] = ProcessInfo.processInfo.environment) -> String {
        environment[fileVariable].flatMap { $0.isEmpty ? nil : $0 } ?? directory + "/" + fileName
    }

    /// Reads a key file.
    ///
    /// - Throws: ``VaultError`` `keyUnusable` when the file is missing, damaged or open to others, or when it is sealed and no passphrase
    ///   is given; `wrongKey` when the passphrase is wrong.
    public static func load(path: String, passphrase: String? = nil) throws -> MasterKey {
        var status = stat()
        guard stat(path, &status) == 0 else {
            throw VaultError(.keyUnusable, "the vault's master key cannot be read; restore it, or name it in \(fileVariable)", path: path)
        }
        guard status.st_mode & 0o077 == 0 else {
            throw VaultError(.keyUnusable, "others may read the master key; run chmod 600 on it", path: path)
        }
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw VaultError(.keyUnusable, "the vault's master key cannot be read; check its owner and permissions", path: path)
        }
        let words = text.split(whereSeparator: \.isWhitespace).map(String.init)
        guard words.count >= 4, words[0] == magic, words[1] == "v1" else { throw damaged(path) }
        if words[2] == "plain", words.count == 4, let key = Hex.decode(words[3]), key.count == 32 {
            return MasterKey(bytes: key)
        }
        guard words[2] == "scrypt", words.count == 6, let cost = UInt64(words[3]), (10...22).contains(cost),
            let salt = Hex.decode(words[4]), let box = Hex.decode(words[5])
        else { throw damaged(path) }
        guard let passphrase else {
            throw VaultError(.keyUnusable, "the master key is sealed; give its passphrase in \(passphraseVariable)", path: path)
        }
        let wrap = try Scrypt.derive(passphrase: passphrase, salt: salt, cost: 1 << cost)
        guard let key = try? AESGCM.open(box, key: wrap, aad: Array(magic.utf8)), key.count == 32 else {
            throw VaultError(.wrongKey, "the passphrase does not open the master key", path: path)
        }
        return MasterKey(bytes: key)
    }

    /// Writes the key to a new file of mode 0600 and makes it durable.
    ///
    /// - Parameter passphrase: Seals the key; without one the file's mode is its only guard.
    /// - Throws: ``VaultError`` `alreadyExists` rather than overwrite a key.
    public func write(to path: String, passphrase: String? = nil) throws {
        var text = "\(Self.magic) v1 "
        if let passphrase {
            let cost: UInt64 = 15
            let salt = SecureRandom.bytes(16)
            let wrap = try Scrypt.derive(passphrase: passphrase, salt: salt, cost: 1 << cost)
            let box = try AESGCM.seal(bytes, key: wrap, aad: Array(Self.magic.utf8))
            text += "scrypt \(cost) \(Hex.encode(salt)) \(Hex.encode(box))\n"
        } else {
            text += "plain \(Hex.encode(bytes))\n"
        }
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            let reason = errno
            throw VaultError(
                reason == EEXIST ? .alreadyExists : .storage, "cannot write the master key: \(String(cString: strerror(reason)))",
                path: path)
        }
        defer { close(descriptor) }
        let data = Array(text.utf8)
        guard Glibc.write(descriptor, data, data.count) == data.count, fsync(descriptor) == 0 else {
            throw VaultError(.storage, "cannot write the master key: \(String(cString: strerror(errno)))", path: path)
        }
    }

    private static let magic = "proofline-vault-key"

    private static func damaged(_ path: String) -> VaultError {
        VaultError(.keyUnusable, "this is no master key of a vault, or it is damaged; restore it from its backup", path: path)
    }
}
