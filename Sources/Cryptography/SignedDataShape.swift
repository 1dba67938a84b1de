/// The one shape of CMS SignedData (RFC 5652 §5.1) that this product makes and accepts.
///
/// CMS leaves room around what is signed: algorithm lists, versions, spare certificates, unsigned attributes. A changed byte there would
/// not break the signature. So everything outside the signed attributes must be exactly what it has to be.
enum SignedDataShape {
    static let dataType: [UInt8] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01]
    static let timestampInfoType: [UInt8] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x01, 0x04]
    private static let signedDataType: [UInt8] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02]
    private static let sha256: [UInt8] = [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01]
    private static let signerTags = [
        DERElement.integer, DERElement.sequence, DERElement.sequence, DERElement.context(0), DERElement.sequence,
        DERElement.octetString,
    ]
    private static let ecdsaWithSHA256: [UInt8] = [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02]

    /// Who made the signature.
    enum Strictness {
        /// This product: SHA-256 with P-256 and nothing else.
        case own
        /// Anybody's timestamp authority: its choice of algorithms, and unsigned attributes behind the signature.
        case foreignAuthority
    }

    /// - Throws: ``CryptographyError`` with code `malformed` naming the part that is not as it has to be.
    static func check(_ der: [UInt8], contentType: [UInt8], strictness: Strictness = .own) throws {
        let walker = Walker(der)
        let outer = try walker.only(walker.whole, "the signature", DERElement.sequence)
        let parts = try walker.children(outer, "the signature", [DERElement.objectIdentifier, DERElement.context(0)])
        try walker.expect(parts[0], signedDataType, "the content type")
        let signedData = try walker.only(parts[1].content, "the signed data", DERElement.sequence)
        let members = try walker.children(
            signedData, "the signed data",
            [DERElement.integer, DERElement.set, DERElement.sequence, DERElement.context(0), DERElement.set])
        try walker.expect(members[0], [contentType == dataType ? 1 : 3], "the version of the signed data")
        let digests = try walker.only(members[1].content, "the digest algorithms", DERElement.sequence)
        let content = try walker.children(members[2], "the content", nil)
        guard let type = content.first, content.count == (contentType == dataType ? 1 : 2) else {
            throw walker.refuse("the content")
        }
        try walker.expect(type, contentType, "the content's type")
        let signer = try walker.only(members[4].content, "the signers", DERElement.sequence)
        var fields = try walker.children(signer, "the signer", nil)
        if strictness == .foreignAuthority, fields.count == 7, fields[6].tag == DERElement.context(1) { fields.removeLast() }
        guard fields.map(\.tag) == signerTags else { throw walker.refuse("the signer") }
        try walker.expect(fields[0], [1], "the version of the signer")
        try walker.checkIdentifier(fields[1], among: members[3])
        switch strictness {
        case .own:
            try walker.checkAlgorithm(digests, sha256)
            try walker.checkAlgorithm(fields[2], sha256)
            try walker.checkAlgorithm(fields[4], ecdsaWithSHA256)
            try walker.checkSorted(fields[3], "the signed attributes")
        case .foreignAuthority:
            guard walker.bytes[digests.content].elementsEqual(walker.bytes[fields[2].content]) else {
                throw walker.refuse("the digest algorithms")
            }
            try walker.checkSignatureAlgorithm(fields[4], digest: fields[2])
        }
    }

    private static let nistHashes: [UInt8] = [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02]
    private static let ecdsaWithSHA2: [UInt8] = [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03]
    private static let pkcs1: [UInt8] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01]

    /// The signature algorithms that go with SHA-256, SHA-384 and SHA-512. OpenSSL's PKCS #7 does not look at the field at all.
    private static let signatureAlgorithms: [[UInt8]: [[UInt8]]] = [
        nistHashes + [1]: [ecdsaWithSHA2 + [2], pkcs1 + [1], pkcs1 + [11], pkcs1 + [10]],
        nistHashes + [2]: [ecdsaWithSHA2 + [3], pkcs1 + [1], pkcs1 + [12], pkcs1 + [10]],
        nistHashes + [3]: [ecdsaWithSHA2 + [4], pkcs1 + [1], pkcs1 + [13], pkcs1 + [10]],
    ]

    private struct Walker {
        let bytes: [UInt8]
        init(_ bytes: [UInt8]) { self.bytes = bytes }

        var whole: Range<Int> { 0..<bytes.count }

        func refuse(_ part: String) -> CryptographyError {
            CryptographyError(.malformed, "\(part) of the CMS structure is not in the form that signatures here have")
        }

        func only(_ range: Range<Int>, _ part: String, _ tag: UInt8) throws -> DERElement {
            guard let elements = DERElement.elements(bytes, in: range), elements.count == 1, elements[0].tag == tag else {
                throw refuse(part)
            }
            return elements[0]
        }

        func children(_ element: DERElement, _ part: String, _ tags: [UInt8]?) throws -> [DERElement] {
            guard let elements = DERElement.elements(bytes, in: element.content),
                tags == nil || elements.map(\.tag) == tags
            else { throw refuse(part) }
            return elements
        }

        func expect(_ element: DERElement, _ content: [UInt8], _ part: String) throws {
            guard bytes[element.content].elementsEqual(content) else { throw refuse(part) }
        }

        /// An algorithm identifier with this OID and no parameters, or NULL ones.
        func checkAlgorithm(_ element: DERElement, _ identifier: [UInt8]) throws {
            let parts = try children(element, "an algorithm", nil)
            guard let first = parts.first, first.tag == DERElement.objectIdentifier else { throw refuse("an algorithm") }
            try expect(first, identifier, "an algorithm")
            guard parts.count == 1 || parts.count == 2 && parts[1].tag == DERElement.null && parts[1].content.isEmpty else {
                throw refuse("an algorithm")
            }
        }

        func checkSignatureAlgorithm(_ element: DERElement, digest: DERElement) throws {
            guard let hash = try children(digest, "an algorithm", nil).first,
                let signature = try children(element, "an algorithm", nil).first,
                let allowed = SignedDataShape.signatureAlgorithms[Array(bytes[hash.content])],
                allowed.contains(Array(bytes[signature.content]))
            else { throw refuse("the signature algorithm") }
        }

        /// Issuer and serial number of one of the certificates, byte for byte: OpenSSL compares names without regard to case.
        func checkIdentifier(_ identifier: DERElement, among certificates: DERElement) throws {
            for certificate in try children(certificates, "the certificates", nil) {
                guard certificate.tag == DERElement.sequence else { throw refuse("the certificates") }
                let body = try children(certificate, "a certificate", nil).first ?? certificate
                // Version, serial number, signature algorithm, issuer (RFC 5280 §4.1).
                let fields = try children(body, "a certificate", nil)
                guard fields.count >= 4, fields[0].tag == DERElement.context(0) else { throw refuse("a certificate") }
                if bytes[identifier.content].elementsEqual(bytes[fields[3].range] + bytes[fields[1].range]) { return }
            }
            throw refuse("the signer's identifier")
        }

        /// A SET OF in the order that DER demands (X.690 §11.6).
        func checkSorted(_ element: DERElement, _ part: String) throws {
            let encodings = try children(element, part, nil).map { bytes[$0.range] }
            for (a, b) in zip(encodings, encodings.dropFirst()) {
                guard a.lexicographicallyPrecedes(b) else { throw refuse(part) }
            }
        }
    }
}
