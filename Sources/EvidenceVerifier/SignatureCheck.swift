import AuditModel
import Cryptography

/// Steps 3 and 4: two people signed SHA256SUMS, each with a key of their own.
struct SignatureCheck {
    private(set) var signatures = VerificationReport.Step(number: 3, title: "signatures hold")
    private(set) var approval = VerificationReport.Step(number: 4, title: "somebody else approved")
    private(set) var preparer: CMS.Signer?
    private(set) var approver: CMS.Signer?
    /// Of SHA256SUMS as it lies there.
    let sums: SHA256Digest?

    private static let limitBytes = 1 << 20
    private let folder: PackFolder
    private let trust: PackVerifier.Trust
    private let completeness: PackVerifier.Completeness
    private let time: Int64?

    /// - Parameter time: When certificates must have been valid, from the timestamp; nil means now.
    init(
        _ folder: PackFolder, _ trust: PackVerifier.Trust, _ completeness: PackVerifier.Completeness,
        certificatesValidAt time: Int64?
    ) {
        self.folder = folder
        self.trust = trust
        self.completeness = completeness
        self.time = time
        let content = folder.read(SumsFile.name, limitBytes: SumsFile.maximumSizeBytes)
        sums = content.map { SHA256.hash($0) }
        preparer = check(PackLayout.preparer, "preparer", content)
        approver = check(PackLayout.approver, "approver", content)
        checkPresence()
        checkBuilder()
        checkEnvelope(content)
        checkPeople()
    }

    /// Says for the page why large files are not read.
    mutating func noteDistrust() {
        signatures.note("nobody that you trust signed all of this: files over \(PackFolder.maximumUnsignedReadBytes >> 20) MiB are not read further")
    }

    private mutating func check(_ path: String, _ who: String, _ content: [UInt8]?) -> CMS.Signer? {
        guard folder.contains(path) else { return nil }
        guard let content, let signature = folder.read(path, limitBytes: Self.limitBytes) else {
            signatures.refuse(.signatureUnreadable, "the signature or what it signs cannot be read", path: path)
            return nil
        }
        do {
            let signer = try CMS.verifyDetached(signature, content: content, roots: trust.roots, at: time)
            signatures.note("\(who): \(signer.certificate.subject), certificate \(signer.certificate.serial) by \(signer.certificate.issuer)")
            return signer
        } catch {
            signatures.refuse(Self.rule(error), "the \(who)'s signature: \(error)", path: path)
            return nil
        }
    }

    private static func rule(_ error: any Error) -> Finding.Rule {
        switch (error as? CryptographyError)?.code {
        case .signatureInvalid: .signatureInvalid
        case .certificateRejected: .certificateRejected
        default: .signatureMalformed
        }
    }

    private mutating func checkPresence() {
        let isDraft = completeness == .draft
        if !folder.contains(PackLayout.preparer) {
            if isDraft, !folder.contains(PackLayout.approver), !folder.contains(PackLayout.envelope) {
                signatures.state = .absent
            } else {
                signatures.refuse(.preparerMissing, "nobody signed this pack: it is a draft", path: PackLayout.preparer)
            }
        }
        if !folder.contains(PackLayout.approver) {
            if isDraft {
                approval.state = .absent
            } else {
                approval.refuse(.approverMissing, "nobody approved this pack", path: PackLayout.approver)
            }
        }
    }

    private mutating func checkBuilder() {
        let path = PackLayout.builder
        guard folder.contains(path) else {
            return signatures.refuse(.builderMissing, "the file that says who built the pack is missing", path: path)
        }
        guard let json = folder.read(path, limitBytes: Self.limitBytes).flatMap(Self.canonicalDocument) else {
            return signatures.refuse(.builderMalformed, "the file is no canonical JSON with a final newline", path: path)
        }
        guard json["schema"]?.string == "proofline.builder/1" else {
            return signatures.refuse(.builderMalformed, "its schema is not proofline.builder/1", path: path)
        }
    }

    /// A document that is RFC 8785 followed by a newline.
    static func canonicalDocument(_ bytes: [UInt8]) -> JSONValue? {
        guard let json = try? JSONValue(parsing: bytes, maximumDepth: 32), json.canonicalBytes + [0x0a] == bytes else { return nil }
        return json
    }

    // MARK: DSSE

    private mutating func checkEnvelope(_ content: [UInt8]?) {
        let path = PackLayout.envelope
        guard folder.contains(path) else {
            if folder.contains(PackLayout.preparer) {
                signatures.refuse(.statementMissing, "the signed statement is missing", path: path)
            }
            return
        }
        guard let json = folder.read(path, limitBytes: Self.limitBytes).flatMap(Self.canonicalDocument),
            json.object?.count == 3, let payloadType = json["payloadType"]?.string,
            payloadType == "application/vnd.in-toto+json",
            let payload = json["payload"]?.string.flatMap({ Base64.decode($0) }), let lines = json["signatures"]?.array
        else { return signatures.refuse(.statementMalformed, "the file is no DSSE envelope in canonical form", path: path) }
        if let fault = statementFault(payload, content) { signatures.refuse(fault.rule, fault.message, path: path) }

        let people = [("preparer", preparer, PackLayout.preparer), ("approver", approver, PackLayout.approver)]
        let expected = folder.contains(PackLayout.approver) ? 2 : 1
        guard lines.count == expected else {
            return signatures.refuse(.statementSignatures, "the envelope has \(lines.count) signatures, \(expected) are due", path: path)
        }
        let message = Self.preAuthenticationEncoding(payloadType, payload)
        for (line, person) in zip(lines, people) {
            // A signer that did not verify was refused above.
            guard let signer = person.1 else { continue }
            guard line.object?.count == 2, line["keyid"]?.string == SHA256.hash(signer.certificate.spki).hex,
                let signature = line["sig"]?.string.flatMap({ Base64.decode($0) }),
                let key = try? signer.certificate.publicKey(), key.isValid(signature: signature, for: message)
            else {
                signatures.refuse(.statementSignatureInvalid, "the \(person.0)'s signature in the envelope does not hold, or is by another key", path: path)
                continue
            }
        }
    }

    /// DSSE's PAE: lengths are in decimal, so that no two messages encode alike.
    static func preAuthenticationEncoding(_ type: String, _ payload: [UInt8]) -> [UInt8] {
        Array("DSSEv1 \(type.utf8.count) \(type) \(payload.count) ".utf8) + payload
    }

    /// Why the in-toto statement does not speak of this pack; nil when it does.
    private func statementFault(_ payload: [UInt8], _ content: [UInt8]?) -> (rule: Finding.Rule, message: String)? {
        guard let json = try? JSONValue(parsing: payload, maximumDepth: 16), json.canonicalBytes == payload,
            json["_type"]?.string == "https://in-toto.io/Statement/v1", json["predicateType"]?.string == "urn:proofline:pack:1",
            let subjects = json["subject"]?.array, let predicate = json["predicate"]
        else { return (.statementMalformed, "the signed statement is no in-toto statement about a pack") }
        let expected = [(SumsFile.name, content), (PackLayout.builder, folder.read(PackLayout.builder, limitBytes: Self.limitBytes))]
        guard subjects.count == expected.count else { return (.statementOfOther, "the signed statement is about \(subjects.count) files, not 2") }
        for (subject, file) in zip(subjects, expected) {
            guard subject["name"]?.string == file.0, let bytes = file.1,
                subject["digest"]?["sha256"]?.string == SHA256.hash(bytes).hex
            else { return (.statementOfOther, "the signed statement is about another \(file.0)") }
        }
        if let bytes = folder.read(PackLayout.manifest), let manifest = try? JSONValue(parsing: bytes, maximumDepth: 32) {
            for name in ["name", "packId", "revision"] where predicate[name] != manifest[name] {
                return (.statementOfOther, "the signed statement names another \(name) than the manifest")
            }
        }
        return nil
    }

    // MARK: Two people

    private mutating func checkPeople() {
        guard let preparer, let approver else { return }
        if preparer.certificate.spki == approver.certificate.spki {
            approval.refuse(.sameKey, "preparer and approver used the same key", path: PackLayout.approver)
        }
        if preparer.certificate.subject.lowercased() == approver.certificate.subject.lowercased() {
            approval.refuse(.samePerson, "preparer and approver are the same person: \(approver.certificate.subject)", path: PackLayout.approver)
        }
        if approval.state == .holds {
            approval.note("\(approver.certificate.commonName) approved what \(preparer.certificate.commonName) prepared")
        }
    }
}
