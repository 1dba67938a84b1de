public import AuditModel
public import Cryptography
import Foundation

/// The signed list of packs that are taken back: a file that its readers get by another way than the packs.
public struct PackRevocations {
    static let schema = "proofline.revocations/1"

    let path: String
    private var number: Int64 = 0
    private var revoked: [JSONValue] = []

    /// Opens the list, an empty one where there is no file yet.
    ///
    /// - Throws: ``EvidenceError`` with code `integrity` where the file is not one that somebody under `roots` signed: nobody may sign on top of it.
    public init(path: String, roots: [X509Certificate]) throws(EvidenceError) {
        self.path = path
        guard FileManager.default.fileExists(atPath: path) else { return }
        guard let data = FileManager.default.contents(atPath: path), let file = try? JSONValue(parsing: Array(data)),
            let payload = file["list"]?.string.flatMap({ Base64.decode($0) }), let signature = file["signature"]?.string.flatMap({ Base64.decode($0) }),
            (try? CMS.verifyDetached(signature, content: payload, roots: roots)) != nil, let list = try? JSONValue(parsing: payload),
            let number = list["number"]?.integer, let revoked = list["revoked"]?.array
        else {
            throw EvidenceError(.integrity, "this is no list of revocations that somebody under --root signed; find the right one, or begin a new file", path: path)
        }
        (self.number, self.revoked) = (number, revoked)
    }

    /// Adds a pack, signs and writes the list.
    ///
    /// - Parameter sums: Hash of the pack's SHA256SUMS, where the pack is at hand.
    /// - Returns: The list's new number.
    public mutating func revoke(packID: String, sums: String?, reason: String, at now: Timestamp, by identity: SigningIdentity) throws -> Int64 {
        guard !revoked.contains(where: { $0["packId"]?.string == packID }) else {
            throw EvidenceError(.separation, "the pack \(packID) is on the list already", path: path)
        }
        try identity.check()
        var entry: [String: JSONValue] = ["packId": .string(packID), "reason": .string(reason), "at": .string(now.description)]
        entry["sha256sums"] = sums.map { .string($0) }
        revoked.append(.object(entry))
        number += 1
        let payload: JSONValue = [
            "schema": .string(Self.schema), "number": .integer(number), "at": .string(now.description), "revoked": .array(revoked),
        ]
        let bytes = payload.canonicalBytes
        let file: JSONValue = [
            "schema": .string(Self.schema), "list": .string(Base64.encode(bytes)), "signature": .string(Base64.encode(try identity.cms(bytes))),
        ]
        do { try Data(file.canonicalBytes + [10]).write(to: URL(fileURLWithPath: path), options: .atomic) } catch {
            throw EvidenceError(.file, "the list could not be written", path: path, cause: error)
        }
        return number
    }
}
