internal import COpenSSL

/// A small company's own certificate authority: one self-signed root that issues certificates for the people who sign packs.
///
/// A company that has a PKI uses that instead; nothing downstream knows the difference.
public struct CertificateAuthority: Sendable {
    /// What an issued certificate is for.
    public enum Purpose: Sendable {
        /// A person who signs packs. No extended key usage: `openssl cms -verify` refuses most of them for plain documents.
        case documentSigning
        /// A timestamp authority: extended key usage timeStamping, critical, and nothing else (RFC 3161 §2.3).
        case timestamping
    }

    public let certificate: X509Certificate
    private let key: P256PrivateKey

    /// The authority of an existing root.
    ///
    /// - Throws: ``CryptographyError`` with code `invalidKey` when key and certificate do not belong together or it is no authority.
    public init(certificate: X509Certificate, key: P256PrivateKey) throws {
        guard certificate.spki == key.publicKey.spki else {
            throw CryptographyError(.invalidKey, "the key is not that of the certificate \(certificate.subject)")
        }
        guard certificate.isAuthority else {
            throw CryptographyError(.invalidKey, "the certificate \(certificate.subject) is not that of an authority")
        }
        self.certificate = certificate
        self.key = key
    }

    /// Makes a new self-signed root.
    ///
    /// - Parameters:
    ///   - notBefore, notAfter: Seconds since 1970-01-01.
    public static func create(name: X509Name, key: P256PrivateKey, notBefore: Int64, notAfter: Int64) throws -> CertificateAuthority {
        let certificate = try build(
            subject: name, spki: key.publicKey.spki, notBefore: notBefore, notAfter: notAfter, issuer: nil, signingKey: key,
            extensions: [
                (NID_basic_constraints, "critical,CA:TRUE,pathlen:0"), (NID_key_usage, "critical,keyCertSign,cRLSign"),
                (NID_subject_key_identifier, "hash"),
            ])
        return try CertificateAuthority(certificate: certificate, key: key)
    }

    /// Issues a certificate for someone's public key.
    public func issue(
        to name: X509Name, publicKey: P256PublicKey, for purpose: Purpose = .documentSigning, notBefore: Int64, notAfter: Int64
    ) throws -> X509Certificate {
        var extensions: [(Int32, String)] = [
            (NID_basic_constraints, "critical,CA:FALSE"), (NID_subject_key_identifier, "hash"),
            (NID_authority_key_identifier, "keyid:always"),
        ]
        switch purpose {
        case .documentSigning:
            extensions.append((NID_key_usage, "critical,digitalSignature,nonRepudiation"))
        case .timestamping:
            extensions.append((NID_key_usage, "critical,digitalSignature"))
            extensions.append((NID_ext_key_usage, "critical,timeStamping"))
        }
        return try Self.build(
            subject: name, spki: publicKey.spki, notBefore: notBefore, notAfter: notAfter, issuer: certificate,
            signingKey: key, extensions: extensions)
    }

    private static func build(
        subject: X509Name, spki: [UInt8], notBefore: Int64, notAfter: Int64, issuer: X509Certificate?,
        signingKey: P256PrivateKey, extensions: [(Int32, String)]
    ) throws -> X509Certificate {
        let refusal = { CryptographyError.openSSL(.libraryFailure, "OpenSSL could not make the certificate") }
        guard let handle = X509_new() else { throw refusal() }
        defer { X509_free(handle) }
        guard let holder = MemoryBIO.parse(spki, { d2i_PUBKEY(nil, $0, $1) }, free: { EVP_PKEY_free($0) }) else {
            throw refusal()
        }
        defer { EVP_PKEY_free(holder) }
        let issuerHandle = try issuer.map { issuer -> OpaquePointer in
            guard let handle = X509Certificate.handle(issuer.der) else { throw refusal() }
            return handle
        }
        defer { X509_free(issuerHandle) }

        // Positive, and never 21 bytes long (RFC 5280 §4.1.2.2).
        var serial = SecureRandom.bytes(19)
        serial[0] = serial[0] & 0x7f | 0x40
        guard X509_set_version(handle, 2) == 1,
            let number = BN_bin2bn(serial, Int32(serial.count), nil)
        else { throw refusal() }
        defer { BN_free(number) }
        guard BN_to_ASN1_INTEGER(number, X509_get_serialNumber(handle)) != nil,
            ASN1_TIME_set(X509_getm_notBefore(handle), time_t(notBefore)) != nil,
            ASN1_TIME_set(X509_getm_notAfter(handle), time_t(notAfter)) != nil,
            X509_set_pubkey(handle, holder) == 1
        else { throw refusal() }
        try subject.write(to: X509_get_subject_name(handle))
        guard X509_set_issuer_name(handle, X509_get_subject_name(issuerHandle ?? handle)) == 1 else { throw refusal() }
        for (nid, value) in extensions {
            guard proofline_add_extension(handle, issuerHandle ?? handle, nid, value) == 1 else { throw refusal() }
        }
        guard X509_sign(handle, signingKey.handle, EVP_sha256()) > 0 else { throw refusal() }
        return try X509Certificate(handle: handle)
    }
}
