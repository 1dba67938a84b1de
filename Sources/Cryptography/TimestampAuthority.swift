internal import COpenSSL

/// A timestamp authority (RFC 3161) in this process: for demos, tests, and machines without a network.
///
/// Its clock is whatever the caller says, so its word is worth what the holder of its key is worth. In production ask an authority that
/// someone else runs.
public struct TimestampAuthority: Sendable {
    /// Object identifier of the policy that answers name: under the arc for examples (RFC 5612's sibling 2.999).
    public static let policy = "2.999.3161.1"

    public let certificate: X509Certificate
    private let key: P256PrivateKey

    /// - Parameter certificate: One issued for ``CertificateAuthority/Purpose/timestamping``.
    /// - Throws: ``CryptographyError`` with code `invalidKey` when key and certificate do not belong together.
    public init(certificate: X509Certificate, key: P256PrivateKey) throws {
        guard certificate.spki == key.publicKey.spki else {
            throw CryptographyError(.invalidKey, "the key is not that of the certificate \(certificate.subject)")
        }
        self.certificate = certificate
        self.key = key
    }

    /// Answers a request.
    ///
    /// - Parameters:
    ///   - request: The request's DER.
    ///   - time: Seconds since 1970-01-01 to state.
    /// - Returns: The response's DER. A request that is refused gets an answer too, one that says so.
    public func respond(to request: [UInt8], time: Int64) throws -> [UInt8] {
        let refusal = { CryptographyError.openSSL(.libraryFailure, "OpenSSL could not make the timestamp response") }
        guard let context = TS_RESP_CTX_new(), let signer = X509Certificate.handle(certificate.der) else { throw refusal() }
        defer {
            TS_RESP_CTX_free(context)
            X509_free(signer)
        }
        guard let policy = OBJ_txt2obj(Self.policy, 1) else { throw refusal() }
        defer { ASN1_OBJECT_free(policy) }
        guard TS_RESP_CTX_set_signer_cert(context, signer) == 1, TS_RESP_CTX_set_signer_key(context, key.handle) == 1,
            TS_RESP_CTX_set_signer_digest(context, EVP_sha256()) == 1, TS_RESP_CTX_set_def_policy(context, policy) == 1,
            TS_RESP_CTX_add_md(context, EVP_sha256()) == 1,
            TS_RESP_CTX_set_ess_cert_id_digest(context, EVP_sha256()) == 1,
            TS_RESP_CTX_set_accuracy(context, 1, 0, 0) == 1
        else { throw refusal() }
        return try withUnsafePointer(to: time) { seconds in
            proofline_ts_configure(context, seconds)
            return try MemoryBIO.reading(request) { bio in
                guard let response = TS_RESP_create_response(context, bio) else { throw refusal() }
                defer { TS_RESP_free(response) }
                ERR_clear_error()
                return DERElement.sortingSignedAttributes(of: try MemoryBIO.der { i2d_TS_RESP(response, $0) })
            }
        }
    }
}

extension DERElement {
    /// The timestamp response with its signed attributes in DER's order.
    ///
    /// OpenSSL signs them in that order but writes them in the order they were added; strict readers, rfc3161-client among them,
    /// refuse that. Sorting moves bytes and leaves every length, and the signature, as it was.
    static func sortingSignedAttributes(of response: [UInt8]) -> [UInt8] {
        // TimeStampResp, ContentInfo, [0], SignedData, signerInfos, SignerInfo, signedAttrs.
        let path: [(index: Int?, tag: UInt8)] = [
            (0, sequence), (1, sequence), (1, context(0)), (0, sequence), (nil, set), (0, sequence), (3, context(0)),
        ]
        var range = 0..<response.count
        for step in path {
            guard let children = elements(response, in: range) else { return response }
            guard let next = step.index.map({ children.indices.contains($0) ? children[$0] : nil }) ?? children.last,
                next.tag == step.tag
            else { return response }
            range = next.content
        }
        guard let attributes = elements(response, in: range) else { return response }
        let sorted = attributes.map { Array(response[$0.range]) }.sorted { $0.lexicographicallyPrecedes($1) }
        var result = response
        result.replaceSubrange(range, with: sorted.flatMap(\.self))
        return result
    }
}
