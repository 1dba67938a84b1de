internal import COpenSSL

/// A certificate (RFC 5280), as its DER bytes and what they say.
///
/// Parsing trusts nothing: whether a certificate is to be believed is decided where it is used, against roots from outside.
public struct X509Certificate: Hashable, Sendable {
    /// The certificate's bytes.
    public let der: [UInt8]
    /// Subject in the order of RFC 2253, for people and for comparison: `emailAddress=…,CN=…,O=…`.
    public let subject: String
    /// Issuer in the same form.
    public let issuer: String
    /// First common name of the subject, or an empty string.
    public let commonName: String
    /// Serial number, hex.
    public let serial: String
    /// Seconds since 1970-01-01 between which it is valid.
    public let notBefore: Int64
    public let notAfter: Int64
    /// SubjectPublicKeyInfo in DER.
    public let spki: [UInt8]
    /// Whether it may issue certificates.
    public let isAuthority: Bool
    /// Whether its key usage has digitalSignature and nonRepudiation, as a signer of packs needs.
    public let isForSigning: Bool

    /// - Throws: ``CryptographyError`` with code `malformed`.
    public init(der: [UInt8]) throws {
        guard let handle = Self.handle(der) else {
            throw CryptographyError(.malformed, "this is no X.509 certificate")
        }
        defer { X509_free(handle) }
        try self.init(handle: handle, der: der)
    }

    /// Reads OpenSSL's object, which stays the caller's.
    init(handle: OpaquePointer, der: [UInt8]? = nil) throws {
        guard let key = X509_get_X509_PUBKEY(handle) else {
            throw CryptographyError.openSSL(.malformed, "the certificate holds no public key")
        }
        self.der = try der ?? MemoryBIO.der { i2d_X509(handle, $0) }
        subject = try Self.text(X509_get_subject_name(handle))
        issuer = try Self.text(X509_get_issuer_name(handle))
        commonName = Self.commonName(X509_get_subject_name(handle))
        spki = try MemoryBIO.der { i2d_X509_PUBKEY(key, $0) }
        var seconds: (Int64, Int64) = (0, 0)
        guard proofline_asn1_seconds(X509_get0_notBefore(handle), &seconds.0) == 1,
            proofline_asn1_seconds(X509_get0_notAfter(handle), &seconds.1) == 1,
            let number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(handle), nil)
        else { throw CryptographyError.openSSL(.malformed, "the certificate has no valid times or serial number") }
        (notBefore, notAfter) = seconds
        defer { BN_free(number) }
        var magnitude = [UInt8](repeating: 0, count: Int(BN_num_bits(number) + 7) / 8)
        BN_bn2bin(number, &magnitude)
        serial = Hex.encode(magnitude)
        isAuthority = X509_check_ca(handle) == 1
        let usage = X509_get_key_usage(handle)
        let needed = UInt32(KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION)
        isForSigning = usage != UInt32.max && usage & needed == needed
        ERR_clear_error()
    }

    /// Every certificate of a PEM text, in order.
    ///
    /// - Throws: ``CryptographyError`` with code `malformed` when there is none, or one cannot be read.
    public static func read(pem: String) throws -> [X509Certificate] {
        let blocks = try PEM.decode(pem, label: "CERTIFICATE")
        guard !blocks.isEmpty else { throw CryptographyError(.malformed, "the file holds no certificate in PEM") }
        return try blocks.map { try X509Certificate(der: $0) }
    }

    /// The certificate as a PEM block.
    public var pem: String { PEM.encode(der, label: "CERTIFICATE") }

    /// SHA-256 of ``der``.
    public var fingerprint: SHA256Digest { SHA256.hash(der) }

    /// The certificate's key, when it is on P-256.
    public func publicKey() throws -> P256PublicKey { try P256PublicKey(spki: spki) }

    /// OpenSSL's object for DER bytes, to be freed by the caller; nil when they are no certificate.
    static func handle(_ der: [UInt8]) -> OpaquePointer? {
        MemoryBIO.parse(der, { d2i_X509(nil, $0, $1) }, free: { X509_free($0) })
    }

    private static func text(_ name: OpaquePointer?) throws -> String {
        let bytes = try MemoryBIO.written { bio in
            guard let name, proofline_print_name(bio, name) >= 0 else {
                throw CryptographyError.openSSL(.malformed, "a name in the certificate cannot be read")
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func commonName(_ name: OpaquePointer?) -> String {
        let place = X509_NAME_get_index_by_NID(name, NID_commonName, -1)
        guard place >= 0, let entry = X509_NAME_get_entry(name, place), let value = X509_NAME_ENTRY_get_data(entry)
        else { return "" }
        var utf8: UnsafeMutablePointer<UInt8>?
        let size = ASN1_STRING_to_UTF8(&utf8, value)
        guard size >= 0, let utf8 else { return "" }
        defer { proofline_free(utf8) }
        return String(decoding: UnsafeBufferPointer(start: utf8, count: Int(size)), as: UTF8.self)
    }
}
