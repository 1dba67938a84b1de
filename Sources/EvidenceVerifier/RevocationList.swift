import AuditModel
public import Cryptography

/// Packs that whoever issued them takes back, signed by a person (docs/formats/pack.md, "Revocation").
///
/// It comes from outside the pack, like policy and roots. A list that is withheld cannot be noticed by its absence: who relies on it asks for the
/// newest and compares its number.
public struct RevocationList: Sendable {
    static let schema = "proofline.revocations/1"
    /// The largest list that is read, in bytes.
    public static let maximumSizeBytes = 16 << 20

    struct Entry: Sendable {
        let packID: String
        let sums: String?
        let reason: String
        let at: String
    }

    /// Counts from 1; each change is one more.
    public let number: Int64
    let at: String
    let signer: String
    let entries: [Entry]

    /// Why a list is not used.
    public struct Rejection: Error, Sendable {
        public let message: String
    }

    /// Reads a list that somebody signed whose certificate leads to one of `roots`.
    public init(verifying bytes: [UInt8], roots: [X509Certificate]) throws(Rejection) {
        guard bytes.count <= Self.maximumSizeBytes, let file = try? JSONValue(parsing: bytes, maximumDepth: 8), file["schema"]?.string == Self.schema,
            let payload = file["list"]?.string.flatMap({ Base64.decode($0) }), let signature = file["signature"]?.string.flatMap({ Base64.decode($0) }),
            file.canonicalBytes + [0x0a] == bytes
        else { throw Rejection(message: "it is no list of revocations, \(Self.schema)") }
        let person: CMS.Signer
        do { person = try CMS.verifyDetached(signature, content: payload, roots: roots) } catch {
            throw Rejection(message: "its signature does not hold: \(error)")
        }
        signer = person.certificate.subject
        do throws(Fault) {
            guard let json = try? JSONValue(parsing: payload, maximumDepth: 8), json.canonicalBytes == payload else { throw Fault("it is no canonical JSON") }
            let reader = MemberReader(json)
            guard try reader.text("schema") == Self.schema else { throw Fault("its schema is not \(Self.schema)") }
            number = try reader.count("number")
            at = try reader.text("at")
            entries = try reader.list("revoked") { (item: MemberReader) throws(Fault) in
                Entry(packID: try item.text("packId"), sums: item.json["sha256sums"]?.string, reason: try item.text("reason"), at: try item.text("at"))
            }
        } catch { throw Rejection(message: "what was signed cannot be used: \(error.message)") }
    }

    /// The entry about a pack: by its id, or by the hash of its SHA256SUMS, which two people signed.
    func entry(packID: String?, sums: String?) -> Entry? {
        entries.first { $0.packID == packID || $0.sums != nil && $0.sums == sums }
    }
}

/// Step 11, where a list was given: the pack was not taken back.
struct RevocationCheck {
    private(set) var step = VerificationReport.Step(number: 11, title: "the pack was not revoked")

    init(_ list: RevocationList, _ claims: PackClaims, _ sums: SHA256Digest?) {
        if let entry = list.entry(packID: claims.manifest?.packID, sums: sums?.hex) {
            step.refuse(.packRevoked, "\(list.signer) revoked the pack at \(entry.at): \(entry.reason)")
        } else {
            step.note("list \(list.number) of \(list.at), signed by \(list.signer), does not name it")
        }
    }
}
