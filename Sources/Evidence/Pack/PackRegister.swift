public import AuditModel
import Cryptography
import Foundation

/// Who got which pack: a file of lines, each naming the hash of the one before, so that a line changed or taken out of the middle shows.
///
/// It lies with whoever issues packs and travels with none of them. The end can be cut off unseen; the newest line's hash, kept elsewhere, shows that too.
public struct PackRegister {
    /// One pack given to one reader.
    public struct Entry: Sendable {
        public let json: JSONValue
        public func text(_ member: String) -> String { json[member]?.string ?? "" }
        public var revision: Int64 { json["revision"]?.integer ?? 0 }
    }

    static let schema = "proofline.register/1"
    /// The largest register that is read, in bytes.
    static let maximumSizeBytes = 64 << 20

    let path: String
    public private(set) var entries: [Entry] = []
    /// Hash of the last line.
    public private(set) var head = String(repeating: "0", count: 64)

    /// Reads a register, an empty one where there is no file yet.
    ///
    /// - Throws: ``EvidenceError`` with code `integrity` naming the first line that does not follow the one before it.
    public init(path: String) throws(EvidenceError) {
        self.path = path
        guard FileManager.default.fileExists(atPath: path) else { return }
        guard let data = FileManager.default.contents(atPath: path), data.count <= Self.maximumSizeBytes else {
            throw EvidenceError(.file, "the register cannot be read, or has over \(Self.maximumSizeBytes) bytes", path: path)
        }
        let bytes = Array(data)
        guard bytes.isEmpty || bytes.last == 10 else {
            throw EvidenceError(.integrity, "the register's last line was cut; bring the file back from a backup", path: path)
        }
        for (number, line) in bytes.split(separator: 10, omittingEmptySubsequences: false).dropLast().enumerated() {
            guard let json = try? JSONValue(parsing: line, maximumDepth: 4), json.canonicalBytes.elementsEqual(line), json["schema"]?.string == Self.schema,
                json["prev"]?.string == head
            else {
                throw EvidenceError(
                    .integrity, "the line does not follow the one before it: the register was changed; bring the file back from a backup", path: path,
                    line: number + 1)
            }
            entries.append(Entry(json: json))
            head = SHA256.hash(Array(line)).hex
        }
    }

    /// Writes down that a pack goes to a reader.
    ///
    /// - Parameter recipient: Who gets it; nil: whom the pack names.
    /// - Throws: ``EvidenceError``: `separation` for a pack that nobody approved or that the reader has already, `usage` without a reader, or with
    ///   another one than a customer's pack names.
    public mutating func add(_ pack: PackFolder, to recipient: String?, at now: Timestamp) throws(EvidenceError) {
        guard pack.has(PackFolder.approver) else {
            throw EvidenceError(.separation, "the pack is not approved; only an approved pack is given to anybody", path: pack.path)
        }
        let named = pack.manifest["recipient"]?.string
        let level = pack.manifest["level"]?.string ?? ""
        guard let reader = recipient ?? named, !reader.isEmpty else {
            throw EvidenceError(.usage, "the pack names no recipient; say who gets it with --recipient", path: pack.path)
        }
        if level == "customer", let named, named != reader {
            throw EvidenceError(.usage, "every page of this pack says that it is for \(named); build one for \(reader)", path: pack.path)
        }
        guard !entries.contains(where: { $0.text("sha256sums") == pack.sumsSHA256 && $0.text("recipient") == reader }) else {
            throw EvidenceError(.separation, "the register has this pack for \(reader) already", path: path)
        }
        var members: [String: JSONValue] = [
            "schema": .string(Self.schema), "prev": .string(head), "at": .string(now.description), "packId": .string(pack.packID),
            "name": .string(pack.name), "revision": .integer(pack.revision), "level": .string(level), "recipient": .string(reader),
            "sha256sums": .string(pack.sumsSHA256),
        ]
        members["expires"] = pack.manifest["expires"]
        let json = JSONValue.object(members)
        var text: [UInt8] = []
        for line in entries.map(\.json) + [json] { text += line.canonicalBytes + [10] }
        do { try Data(text).write(to: URL(fileURLWithPath: path), options: .atomic) } catch {
            throw EvidenceError(.file, "the register could not be written", path: path, cause: error)
        }
        entries.append(Entry(json: json))
        head = SHA256.hash(json.canonicalBytes).hex
    }
}
