public import Cryptography
import Foundation

/// Keys and certificates as files: `<name>.key` (PKCS #8, mode 0600) and `<name>.pem`.
///
/// Two years for people, ten for the authority: long enough for an audit period, and a pack keeps its timestamp besides.
public struct KeyFiles: Sendable {
    private static let day: Int64 = 86_400

    public let directory: String
    /// Encrypts the keys; nil writes them plain, for demos.
    public let passphrase: String?

    public init(directory: String, passphrase: String?) {
        self.directory = directory
        self.passphrase = passphrase
    }

    /// Makes an authority: `ca.key`, `ca.pem`.
    public func createAuthority(_ name: X509Name, now: Int64) throws -> X509Certificate {
        let key = try P256PrivateKey.generate()
        let authority = try CertificateAuthority.create(name: name, key: key, notBefore: now - 60, notAfter: now + 3_650 * Self.day)
        try write("ca", key, [authority.certificate])
        return authority.certificate
    }

    /// Issues a key and certificate from the authority in `authority`.
    ///
    /// - Parameter file: Name of the files, without ending.
    public func issue(_ name: X509Name, file: String, for purpose: CertificateAuthority.Purpose, from authority: KeyFiles, now: Int64)
        throws -> X509Certificate
    {
        let root = try authority.identity("ca")
        let issuer = try CertificateAuthority(certificate: root.certificate, key: root.key)
        let key = try P256PrivateKey.generate()
        let certificate = try issuer.issue(
            to: name, publicKey: key.publicKey, for: purpose, notBefore: now - 60, notAfter: now + 730 * Self.day)
        try write(file, key, [certificate])
        return certificate
    }

    /// Reads a pair.
    ///
    /// - Throws: ``EvidenceError``: `file` where a file is missing, `key` where it cannot be used.
    public func identity(_ file: String) throws(EvidenceError) -> SigningIdentity {
        try Self.identity(key: "\(directory)/\(file).key", certificate: "\(directory)/\(file).pem", passphrase: passphrase)
    }

    /// Reads a pair from two files; further certificates in the second are the chain.
    public static func identity(key: String, certificate: String, passphrase: String?) throws(EvidenceError) -> SigningIdentity {
        let certificates = try Self.certificates(certificate)
        let text = try text(key)
        do {
            return SigningIdentity(
                certificate: certificates[0], key: try P256PrivateKey.read(pem: text, passphrase: passphrase),
                chain: Array(certificates.dropFirst()))
        } catch {
            throw EvidenceError(.key, "the key cannot be used", path: key, cause: error)
        }
    }

    /// Reads a local timestamp authority.
    public static func timestampAuthority(key: String, certificate: String, passphrase: String?) throws -> TimestampAuthority {
        let pair = try identity(key: key, certificate: certificate, passphrase: passphrase)
        return try TimestampAuthority(certificate: pair.certificate, key: pair.key)
    }

    /// Every certificate of a PEM file; at least one.
    public static func certificates(_ path: String) throws(EvidenceError) -> [X509Certificate] {
        let text = try text(path)
        let certificates: [X509Certificate]
        do { certificates = try X509Certificate.read(pem: text) } catch {
            throw EvidenceError(.key, "the certificate cannot be read", path: path, cause: error)
        }
        guard !certificates.isEmpty else { throw EvidenceError(.key, "there is no certificate in this file", path: path) }
        return certificates
    }

    private static func text(_ path: String) throws(EvidenceError) -> String {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw EvidenceError(.file, "the file is missing or cannot be read; make keys with `proofline key`", path: path)
        }
        return String(decoding: data, as: UTF8.self)
    }

    private func write(_ file: String, _ key: P256PrivateKey, _ certificates: [X509Certificate]) throws {
        let keyPath = "\(directory)/\(file).key"
        guard !FileManager.default.fileExists(atPath: keyPath) else {
            throw EvidenceError(.usage, "there is a key of this name already; a key is never overwritten", path: keyPath)
        }
        let pem = try passphrase.map { try key.pem(passphrase: $0) } ?? key.unencryptedPEM()
        do {
            try FileManager.default.createDirectory(
                atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            guard FileManager.default.createFile(atPath: keyPath, contents: Data(pem.utf8), attributes: [.posixPermissions: 0o600]) else {
                throw EvidenceError(.file, "the key could not be written", path: keyPath)
            }
            try Data(certificates.map(\.pem).joined().utf8).write(to: URL(fileURLWithPath: "\(directory)/\(file).pem"), options: .atomic)
        } catch let error as EvidenceError {
            throw error
        } catch {
            throw EvidenceError(.file, "the key could not be written", path: keyPath, cause: error)
        }
    }
}
