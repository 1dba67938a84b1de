internal import COpenSSL

/// An authority's answer (RFC 3161 §2.4.2), checked: this digest existed at this time.
///
/// `openssl ts -verify` accepts the same bytes.
public struct TimestampResponse: Hashable, Sendable {
    /// When the authority saw the digest, seconds since 1970-01-01, floored.
    public let time: Int64
    /// The authority's policy, dotted.
    public let policy: String
    /// Serial number of the token, hex.
    public let serial: String
    /// The authority's certificate, which chains to one of the roots.
    public let authority: X509Certificate

    /// Checks an answer over the SHA-256 of `data`.
    ///
    /// The authority's certificate must have been valid at the time that it states, not now: an archive outlives certificates.
    /// Stricter than the RFC, so that no byte can change unnoticed: DER only, status "granted" without remarks, SHA-256.
    ///
    /// - Parameters:
    ///   - der: The response as it came, `TimeStampResp`.
    ///   - nonce: The request's, when the answer is fresh; nil when it comes from an archive.
    ///   - roots: Certificates that the caller trusts for timestamps; never taken from the answer.
    /// - Throws: ``CryptographyError`` with code `malformed`, `timestampRejected` or `certificateRejected`.
    public init(verifying der: [UInt8], data: [UInt8], nonce: UInt64? = nil, roots: [X509Certificate]) throws {
        try Self.checkShape(der)
        guard let response = MemoryBIO.parse(der, { d2i_TS_RESP(nil, $0, $1) }, free: { TS_RESP_free($0) }) else {
            throw CryptographyError(.malformed, "this is no timestamp response in DER")
        }
        defer { TS_RESP_free(response) }
        guard try MemoryBIO.der({ i2d_TS_RESP(response, $0) }) == der, let info = TS_RESP_get_tst_info(response),
            let token = TS_RESP_get_token(response)
        else { throw CryptographyError(.malformed, "this is no timestamp response in DER with a token") }
        try Self.checkImprint(info, data: data)
        if let nonce { try Self.checkNonce(info, nonce) }
        var seconds: Int64 = 0
        guard let stated = TS_TST_INFO_get_time(info), proofline_asn1_seconds(stated, &seconds) == 1 else {
            throw CryptographyError.openSSL(.malformed, "the timestamp states no readable time")
        }
        time = seconds
        try Self.checkSignature(token, roots: roots, at: seconds)
        authority = try Self.signer(of: token)
        policy = Self.dotted(TS_TST_INFO_get_policy_id(info))
        serial = Self.hex(TS_TST_INFO_get_serial(info))
        ERR_clear_error()
    }

    /// A status of exactly "granted" (0), and a token of the shape that ``SignedDataShape`` asks for.
    private static func checkShape(_ der: [UInt8]) throws {
        let refusal = CryptographyError(.malformed, "this is no timestamp response in DER")
        guard let outer = DERElement.read(der, at: 0, end: der.count), outer.range.upperBound == der.count,
            outer.tag == DERElement.sequence,
            let parts = DERElement.elements(der, in: outer.content), let status = parts.first, status.tag == DERElement.sequence
        else { throw refusal }
        guard der[status.content].elementsEqual([DERElement.integer, 1, 0]), parts.count == 2 else {
            throw CryptographyError(
                .timestampRejected, "the authority did not grant the timestamp without remarks; ask again, or ask another one")
        }
        try SignedDataShape.check(
            Array(der[parts[1].range]), contentType: SignedDataShape.timestampInfoType, strictness: .foreignAuthority)
    }

    private static func checkImprint(_ info: OpaquePointer, data: [UInt8]) throws {
        guard let imprint = TS_TST_INFO_get_msg_imprint(info), let algorithm = TS_MSG_IMPRINT_get_algo(imprint),
            let message = TS_MSG_IMPRINT_get_msg(imprint), OBJ_obj2nid(algorithm.pointee.algorithm) == NID_sha256,
            let bytes = ASN1_STRING_get0_data(message)
        else { throw CryptographyError.openSSL(.timestampRejected, "the timestamp is not over a SHA-256 digest") }
        let stated = UnsafeBufferPointer(start: bytes, count: Int(ASN1_STRING_length(message)))
        guard stated.elementsEqual(SHA256.hash(data).bytes) else {
            throw CryptographyError(.timestampRejected, "the timestamp is over other data")
        }
    }

    private static func checkNonce(_ info: OpaquePointer, _ nonce: UInt64) throws {
        var stated: UInt64 = 0
        guard let number = TS_TST_INFO_get_nonce(info), ASN1_INTEGER_get_uint64(&stated, number) == 1, stated == nonce else {
            ERR_clear_error()
            throw CryptographyError(.timestampRejected, "the timestamp answers another request: its nonce differs")
        }
    }

    private static func checkSignature(_ token: UnsafeMutablePointer<PKCS7>, roots: [X509Certificate], at time: Int64) throws {
        let store = try TrustStore(roots: roots, purpose: X509_PURPOSE_TIMESTAMP_SIGN, time: time)
        guard TS_RESP_verify_signature(token, nil, store.handle, nil) == 1 else {
            let reason = CryptographyError.takeOpenSSLReason()
            if let reason, reason.contains("certificate") {
                throw CryptographyError(
                    .certificateRejected,
                    "the timestamp authority's certificate does not chain to a trusted root, was not valid then, or is not for timestamps",
                    cause: reason)
            }
            throw CryptographyError(.timestampRejected, "the timestamp's signature does not hold", cause: reason)
        }
    }

    private static func signer(of token: UnsafeMutablePointer<PKCS7>) throws -> X509Certificate {
        guard let signers = PKCS7_get0_signers(token, nil, 0) else {
            throw CryptographyError.openSSL(.malformed, "the timestamp names no signer")
        }
        defer { OPENSSL_sk_free(signers) }
        guard let handle = proofline_certificate_at(signers, 0) else {
            throw CryptographyError(.malformed, "the timestamp names no signer")
        }
        return try X509Certificate(handle: handle)
    }

    private static func dotted(_ object: OpaquePointer?) -> String {
        var text = [CChar](repeating: 0, count: 256)
        let size = OBJ_obj2txt(&text, Int32(text.count), object, 1)
        guard size > 0, size < text.count else { return "" }
        return String(decoding: text.prefix(Int(size)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static func hex(_ integer: UnsafePointer<ASN1_INTEGER>?) -> String {
        guard let integer, let number = ASN1_INTEGER_to_BN(integer, nil) else { return "" }
        defer { BN_free(number) }
        var magnitude = [UInt8](repeating: 0, count: Int(BN_num_bits(number) + 7) / 8)
        BN_bn2bin(number, &magnitude)
        return Hex.encode(magnitude)
    }
}
