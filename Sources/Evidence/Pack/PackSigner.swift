public import Cryptography

/// The two signatures under a pack and the timestamp over them.
public struct PackSigner {
    let pack: PackFolder

    public init(_ pack: PackFolder) { self.pack = pack }

    /// Signs as the preparer.
    ///
    /// - Throws: ``EvidenceError``: `separation` where somebody signed already, `key` for a certificate that is not for signing or not the key's.
    public func prepare(_ identity: SigningIdentity) throws {
        guard !pack.has(PackFolder.preparer) else {
            throw EvidenceError(.separation, "the pack is signed already; a change needs a new revision", path: pack.path)
        }
        guard pack.has(PackFolder.builder) else {
            throw EvidenceError(
                .separation, "sig/builder.json is missing: the pack was not built by `proofline pack build`", path: pack.path)
        }
        try identity.check()
        var statement = try PackStatement(pack)
        try statement.sign(with: identity.key)
        try pack.write(PackFolder.preparer, try identity.cms(pack.sums))
        try pack.write(PackFolder.envelope, statement.bytes)
    }

    /// Signs as the approver: another person with another key.
    ///
    /// - Parameter roots: Certificates of the authority, to hold the preparer's signature against.
    /// - Throws: ``EvidenceError``: `separation` where nobody prepared, somebody approved, or the approver is the preparer; `integrity` where
    ///   the preparer's signature does not hold.
    public func approve(_ identity: SigningIdentity, roots: [X509Certificate]) throws {
        guard pack.has(PackFolder.preparer) else {
            throw EvidenceError(
                .separation, "nobody has signed the pack as preparer yet: `proofline pack sign` comes first", path: pack.path)
        }
        guard !pack.has(PackFolder.approver) else { throw EvidenceError(.separation, "the pack is approved already", path: pack.path) }
        try identity.check()
        let preparer: X509Certificate
        do {
            preparer = try CMS.verifyDetached(try pack.read(PackFolder.preparer), content: pack.sums, roots: roots).certificate
        } catch let error as CryptographyError {
            throw EvidenceError(
                .integrity, "the preparer's signature does not hold; nobody may approve this pack", path: pack.path, cause: error)
        }
        guard preparer.spki != identity.certificate.spki else {
            throw EvidenceError(.separation, "this is the preparer's own key; another person approves, with a key of their own")
        }
        guard preparer.subject != identity.certificate.subject else {
            throw EvidenceError(.separation, "\(preparer.subject) prepared the pack and cannot approve it; another person must")
        }
        var statement = try PackStatement.read(pack)
        try statement.sign(with: identity.key)
        try pack.write(PackFolder.approver, try identity.cms(pack.sums))
        try pack.write(PackFolder.envelope, statement.bytes)
    }

    /// Asks an authority when the approver's signature existed.
    ///
    /// - Throws: ``EvidenceError``: `separation` where nobody approved or a timestamp is there, `external` where the authority gives no answer
    ///   that holds against `roots`.
    /// - Returns: The time that the authority states, seconds since 1970-01-01.
    @discardableResult
    public func timestamp(_ authority: TimestampSource, roots: [X509Certificate]) throws -> Int64 {
        guard pack.has(PackFolder.approver) else {
            throw EvidenceError(
                .separation, "the timestamp covers the approver's signature: `proofline pack approve` comes first", path: pack.path)
        }
        guard !pack.has(PackFolder.timestamp) else { throw EvidenceError(.separation, "the pack has a timestamp already", path: pack.path) }
        let signature = try pack.read(PackFolder.approver)
        let request = try TimestampRequest(data: signature)
        let answer = try authority.answer(request.der)
        let response: TimestampResponse
        do { response = try TimestampResponse(verifying: answer, data: signature, nonce: request.nonce, roots: roots) } catch {
            throw EvidenceError(.external, "the timestamp authority's answer does not hold; check --root and the authority", cause: error)
        }
        try pack.write(PackFolder.timestamp, answer)
        return response.time
    }
}

/// A person's key with their certificate.
public struct SigningIdentity: Sendable {
    public let certificate: X509Certificate
    public let key: P256PrivateKey
    /// Certificates between theirs and the root.
    public let chain: [X509Certificate]

    public init(certificate: X509Certificate, key: P256PrivateKey, chain: [X509Certificate] = []) {
        self.certificate = certificate
        self.key = key
        self.chain = chain
    }

    func check() throws(EvidenceError) {
        guard certificate.spki == key.publicKey.spki else {
            throw EvidenceError(.key, "the key is not that of the certificate \(certificate.subject); give the pair that belongs together")
        }
        guard certificate.isForSigning else {
            throw EvidenceError(
                .key, "the certificate \(certificate.subject) is not for signing documents; issue one with `proofline key issue`")
        }
    }

    func cms(_ content: [UInt8]) throws -> [UInt8] { try CMS.signDetached(content, certificate: certificate, key: key, chain: chain) }
}
