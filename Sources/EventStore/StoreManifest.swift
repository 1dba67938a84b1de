import AuditModel
import DurableIO

/// `store.json`: which format the store has and which log it keeps. Written last when a store is created.
public struct StoreManifest: Hashable, Sendable {
    /// The newest format that this build reads and writes.
    public static let currentVersion = 1
    static let format = "proofline-store"

    /// Version of the store's format.
    public var version = StoreManifest.currentVersion
    /// Name of the log in its checkpoints, as `example.com/audit`.
    public var origin: String
    /// 32 hex digits, drawn when the store was created.
    public var storeID: String
    /// When the store was created.
    public var created: Timestamp

    var bytes: [UInt8] {
        let json: JSONValue = [
            "format": .string(Self.format), "version": .integer(Int64(version)), "origin": .string(origin),
            "storeId": .string(storeID), "created": .string(created.description),
        ]
        return Array((json.prettyText() + "\n").utf8)
    }

    init(origin: String, storeID: String, created: Timestamp) {
        self.origin = origin
        self.storeID = storeID
        self.created = created
    }

    /// Reads the manifest of a store.
    ///
    /// - Throws: ``StoreError`` with `noStore`, `newerFormat` or `damaged`.
    public init(reading layout: StoreLayout, fileSystem: any FileSystem = RealFileSystem()) throws {
        let path = layout.manifest
        let bytes: [UInt8]
        do {
            bytes = try fileSystem.readFile(path, limitBytes: 65_536)
        } catch where error.code == .notFound || error.code == .wrongKind {
            throw StoreError(
                .noStore, "there is no proofline store here: check the path, or make one with `proofline init`",
                path: layout.directory)
        } catch {
            throw StoreError(.ioFailure, "cannot read the store's manifest", path: path, cause: error)
        }
        guard let json = try? JSONValue(parsing: bytes), json["format"]?.string == Self.format,
            let version = json["version"]?.integer
        else { throw StoreError(.damaged, "is not a store's manifest: restore the file from a backup", path: path) }
        guard version <= Self.currentVersion else {
            throw StoreError(
                .newerFormat(found: Int(clamping: version), known: Self.currentVersion),
                "the store has format \(version), this program reads up to \(Self.currentVersion): use a newer proofline; nothing was changed",
                path: layout.directory)
        }
        guard let origin = json["origin"]?.string, let storeID = json["storeId"]?.string,
            let created = json["created"]?.string.flatMap({ Timestamp(rfc3339: $0) })
        else { throw StoreError(.damaged, "lacks origin, storeId or created: restore the file from a backup", path: path) }
        self.init(origin: origin, storeID: storeID, created: created)
        self.version = Int(version)
    }
}
