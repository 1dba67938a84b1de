internal import COpenSSL

/// Detached signatures in CMS (RFC 5652) with the CAdES attributes that bind the signer's certificate (RFC 5126, CAdES-BES):
/// signing-certificate-v2, signing time, message digest.
///
/// `openssl cms -verify -binary -inform DER -purpose any` accepts them.
public enum CMS {
    /// What a verified signature says.
    public struct Signer: Hashable, Sendable {
        /// The signer's certificate, from the signature; it chains to one of the roots.
        public let certificate: X509Certificate
        /// When the signer says to have signed, seconds since 1970-01-01. Nobody else vouches for it.
        public let claimedTime: Int64?
    }

    /// Signs `content`.
    ///
    /// - Parameters:
    ///   - chain: Certificates between the signer's and the root, to travel along. The root itself is of no use there.
    ///   - time: Seconds since 1970-01-01 to state as signing time; nil means now.
    /// - Returns: The signature in DER, content not included.
    /// - Throws: ``CryptographyError`` with code `invalidKey` when key and certificate do not belong together.
    public static func signDetached(
        _ content: [UInt8], certificate: X509Certificate, key: P256PrivateKey, chain: [X509Certificate] = [], time: Int64? = nil
    ) throws -> [UInt8] {
        guard certificate.spki == key.publicKey.spki else {
            throw CryptographyError(.invalidKey, "the key is not that of the certificate \(certificate.subject)")
        }
        let refusal = { CryptographyError.openSSL(.libraryFailure, "OpenSSL could not make the signature") }
        guard let signer = X509Certificate.handle(certificate.der) else { throw refusal() }
        defer { X509_free(signer) }
        let others = try CertificateStack(chain)
        let flags = UInt32(CMS_DETACHED | CMS_BINARY | CMS_PARTIAL)
        guard let cms = CMS_sign(nil, nil, others.handle, nil, flags) else { throw refusal() }
        defer { CMS_ContentInfo_free(cms) }
        let signerFlags = UInt32(CMS_BINARY | CMS_CADES | CMS_NOSMIMECAP | CMS_PARTIAL)
        guard let info = CMS_add1_signer(cms, signer, key.handle, EVP_sha256(), signerFlags) else { throw refusal() }
        if let time { try state(time, in: info) }
        return try MemoryBIO.reading(content) { bio in
            guard CMS_final(cms, bio, nil, flags & ~UInt32(CMS_PARTIAL)) == 1 else { throw refusal() }
            return try MemoryBIO.der { i2d_CMS_ContentInfo(cms, $0) }
        }
    }

    private static func state(_ time: Int64, in info: OpaquePointer) throws {
        guard let stamp = ASN1_TIME_set(nil, time_t(time)) else {
            throw CryptographyError.openSSL(.malformed, "the signing time is out of range")
        }
        defer { ASN1_STRING_free(stamp) }
        guard
            CMS_signed_add1_attr_by_NID(info, NID_pkcs9_signingTime, ASN1_STRING_type(stamp), stamp, -1) == 1
        else { throw CryptographyError.openSSL(.libraryFailure, "OpenSSL refused the signing time") }
    }

    /// Checks a detached signature: exactly one signer, whose certificate may sign documents and chains to a root, over
    /// exactly these bytes.
    ///
    /// Stricter than CMS asks for, so that no byte of a signature can change unnoticed: definite-length DER with nothing behind it, SHA-256
    /// and P-256 only, the signing-certificate attribute present, nothing unsigned but certificates.
    ///
    /// - Parameters:
    ///   - roots: Certificates that the caller trusts; never taken from the signature.
    ///   - time: Seconds since 1970-01-01 at which the certificates must be valid, from a timestamp; nil means now.
    /// - Throws: ``CryptographyError`` with code `malformed`, `signatureInvalid` or `certificateRejected`.
    public static func verifyDetached(
        _ signature: [UInt8], content: [UInt8], roots: [X509Certificate], at time: Int64? = nil
    ) throws -> Signer {
        try SignedDataShape.check(signature, contentType: SignedDataShape.dataType)
        guard let cms = MemoryBIO.parse(signature, { d2i_CMS_ContentInfo(nil, $0, $1) }, free: { CMS_ContentInfo_free($0) })
        else { throw CryptographyError(.malformed, "this is no CMS signature in DER") }
        defer { CMS_ContentInfo_free(cms) }
        // OpenSSL hashes the attributes as it would write them, whatever it read.
        guard try MemoryBIO.der({ i2d_CMS_ContentInfo(cms, $0) }) == signature, proofline_signer_count(cms) == 1 else {
            throw CryptographyError(.malformed, "this is no CMS signature in DER")
        }
        let store = try TrustStore(roots: roots, purpose: X509_PURPOSE_ANY, time: time)
        let verified = try MemoryBIO.reading(content) { bio in
            CMS_verify(cms, nil, store.handle, bio, nil, UInt32(CMS_BINARY | CMS_CADES)) == 1
        }
        guard verified else {
            let reason = CryptographyError.takeOpenSSLReason()
            if let reason, reason.contains("certificate verify") {
                throw CryptographyError(
                    .certificateRejected, "the signer's certificate does not chain to a trusted root, or was not valid then", cause: reason)
            }
            throw CryptographyError(.signatureInvalid, "the signature does not hold for this content", cause: reason)
        }
        return try signer(of: cms)
    }

    private static func signer(of cms: OpaquePointer) throws -> Signer {
        guard let signers = CMS_get0_signers(cms) else {
            throw CryptographyError.openSSL(.malformed, "the signature names no signer")
        }
        defer { OPENSSL_sk_free(signers) }
        guard let handle = proofline_certificate_at(signers, 0) else {
            throw CryptographyError(.malformed, "the signature names no signer")
        }
        let certificate = try X509Certificate(handle: handle)
        guard certificate.isForSigning else {
            throw CryptographyError(
                .certificateRejected,
                "the certificate \(certificate.subject) is not for signing: its key usage lacks digitalSignature or nonRepudiation")
        }
        var time: Int64 = 0
        var claimed: Int64?
        if let attribute = CMS_signed_get0_data_by_OBJ(
            proofline_signer_at(cms, 0), OBJ_nid2obj(NID_pkcs9_signingTime), -3, V_ASN1_UTCTIME)
            ?? CMS_signed_get0_data_by_OBJ(
                proofline_signer_at(cms, 0), OBJ_nid2obj(NID_pkcs9_signingTime), -3, V_ASN1_GENERALIZEDTIME)
        {
            if proofline_asn1_seconds(attribute.assumingMemoryBound(to: ASN1_STRING.self), &time) == 1 { claimed = time }
        }
        ERR_clear_error()
        return Signer(certificate: certificate, claimedTime: claimed)
    }
}

/// A list of certificates as OpenSSL wants it.
final class CertificateStack {
    let handle: OpaquePointer

    init(_ certificates: [X509Certificate]) throws {
        guard let stack = proofline_new_certificates() else {
            throw CryptographyError.openSSL(.libraryFailure, "OpenSSL gave no list")
        }
        handle = stack
        for certificate in certificates {
            guard let object = X509Certificate.handle(certificate.der) else {
                throw CryptographyError(.malformed, "the certificate \(certificate.subject) cannot be read")
            }
            defer { X509_free(object) }
            guard proofline_push_certificate(stack, object) == 1 else {
                throw CryptographyError.openSSL(.libraryFailure, "OpenSSL refused a certificate")
            }
        }
    }

    deinit { proofline_free_certificates(handle) }
}
