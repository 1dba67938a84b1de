import AuditModel
import Cryptography

/// `sig/pack.dsse.json`: an in-toto statement about the pack in a DSSE envelope, signed by preparer and approver.
struct PackStatement {
    static let payloadType = "application/vnd.in-toto+json"

    /// JCS of the statement.
    let payload: [UInt8]
    private(set) var signatures: [(keyID: String, signature: [UInt8])] = []

    /// A statement about a pack as it lies on the disk.
    init(_ pack: PackFolder) throws(EvidenceError) {
        func subject(_ name: String, _ bytes: [UInt8]) -> JSONValue {
            ["name": .string(name), "digest": ["sha256": .string(SHA256.hash(bytes).hex)]]
        }
        let statement: JSONValue = [
            "_type": "https://in-toto.io/Statement/v1", "predicateType": "urn:proofline:pack:1",
            "predicate": ["name": .string(pack.name), "packId": .string(pack.packID), "revision": .integer(pack.revision)],
            "subject": [subject(PackFolder.sumsName, pack.sums), subject(PackFolder.builder, try pack.read(PackFolder.builder))],
        ]
        payload = statement.canonicalBytes
    }

    /// Reads the envelope of a pack and holds its statement against the pack.
    static func read(_ pack: PackFolder) throws(EvidenceError) -> PackStatement {
        var statement = try PackStatement(pack)
        let json = try? JSONValue(parsing: try pack.read(PackFolder.envelope))
        guard json?["payloadType"]?.string == payloadType, json?["payload"]?.string == Base64.encode(statement.payload) else {
            throw EvidenceError(
                .integrity, "the signed statement is not about this pack; sign it again", path: "\(pack.path)/\(PackFolder.envelope)")
        }
        for signature in json?["signatures"]?.array ?? [] {
            guard let id = signature["keyid"]?.string, let bytes = signature["sig"]?.string.flatMap({ Base64.decode($0) }) else { continue }
            statement.signatures.append((id, bytes))
        }
        return statement
    }

    mutating func sign(with key: P256PrivateKey) throws {
        signatures.append((key.publicKey.keyID, try key.sign(preAuthenticationEncoding)))
    }

    /// DSSE's PAE: lengths in decimal, so that no two messages encode alike.
    private var preAuthenticationEncoding: [UInt8] {
        Array("DSSEv1 \(Self.payloadType.utf8.count) \(Self.payloadType) \(payload.count) ".utf8) + payload
    }

    var bytes: [UInt8] {
        let json: JSONValue = [
            "payload": .string(Base64.encode(payload)), "payloadType": .string(Self.payloadType),
            "signatures": .array(signatures.map { ["keyid": .string($0.keyID), "sig": .string(Base64.encode($0.signature))] }),
        ]
        return json.canonicalBytes + [10]
    }
}
