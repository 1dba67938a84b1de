internal import COpenSSL

/// A question to a timestamp authority (RFC 3161 §2.4.1): "you saw this digest, say when".
public struct TimestampRequest: Hashable, Sendable {
    /// SHA-256 of the data to be timestamped.
    public let imprint: SHA256Digest
    /// A random number that the answer repeats, so that an old answer cannot be given again.
    public let nonce: UInt64
    /// The request's bytes, to be posted as `application/timestamp-query`.
    public let der: [UInt8]

    /// Asks for a timestamp over the SHA-256 of `data`, with the authority's certificate in the answer.
    public init(data: [UInt8]) throws {
        // Not zero, and positive as a signed number.
        try self.init(imprint: SHA256.hash(data), nonce: SecureRandom.uint64() >> 1 | 1)
    }

    init(imprint: SHA256Digest, nonce: UInt64) throws {
        self.imprint = imprint
        self.nonce = nonce
        let refusal = { CryptographyError.openSSL(.libraryFailure, "OpenSSL could not make the timestamp request") }
        guard let request = TS_REQ_new(), let message = TS_MSG_IMPRINT_new(), let algorithm = X509_ALGOR_new(),
            let number = ASN1_INTEGER_new()
        else { throw refusal() }
        defer {
            TS_REQ_free(request)
            TS_MSG_IMPRINT_free(message)
            X509_ALGOR_free(algorithm)
            ASN1_INTEGER_free(number)
        }
        var digest = imprint.bytes
        guard X509_ALGOR_set0(algorithm, OBJ_nid2obj(NID_sha256), V_ASN1_NULL, nil) == 1,
            TS_MSG_IMPRINT_set_algo(message, algorithm) == 1,
            TS_MSG_IMPRINT_set_msg(message, &digest, Int32(digest.count)) == 1,
            ASN1_INTEGER_set_uint64(number, nonce) == 1,
            TS_REQ_set_version(request, 1) == 1, TS_REQ_set_msg_imprint(request, message) == 1,
            TS_REQ_set_nonce(request, number) == 1, TS_REQ_set_cert_req(request, 1) == 1
        else { throw refusal() }
        der = try MemoryBIO.der { i2d_TS_REQ(request, $0) }
    }
}
