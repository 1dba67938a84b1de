public import AuditModel
import DurableIO

/// Acts of processes that read beside the writer, such as a query that names a token: durable before the reader shows its
/// first row, sealed by the writer later. No act, no answer.
///
/// One file an act, `<microseconds>-<16 hex digits>.json`, holding the canonical line of an event without a salt. Its name
/// is what the act is known by, so that a writer that dies between sealing and removing it does not seal it twice. A file
/// that is not an event stays where it is and is reported: the spool is written by us alone.
public struct ActSpool: Sendable {
    /// An act that waits to be sealed.
    public struct Act: Sendable {
        /// File name, unique.
        public let name: String
        public let event: Event
        /// The file's bytes.
        public let bytes: [UInt8]
    }

    /// Most acts taken at once.
    public static let batchLimit = 10_000

    private let directory: String
    private let fileSystem: any FileSystem

    /// The spool of a store.
    public init(layout: StoreLayout, fileSystem: any FileSystem = RealFileSystem()) {
        directory = layout.spool
        self.fileSystem = fileSystem
    }

    /// Writes an act durably.
    ///
    /// - Parameter nonce: 16 random hex digits.
    /// - Throws: `DurableIOError`; then the caller must not answer.
    public func append(_ event: Event, at now: Timestamp, nonce: String) throws {
        try fileSystem.createDirectories(directory)
        let path = "\(directory)/\(now.microseconds)-\(nonce).json"
        try fileSystem.atomicReplace(path, event.canonicalLine())
    }

    /// The acts that wait, oldest first, and the names of files that are no acts.
    public func waiting() throws -> (acts: [Act], unreadable: [String]) {
        guard try fileSystem.exists(directory) else { return ([], []) }
        var acts: [Act] = []
        var unreadable: [String] = []
        for name in try fileSystem.list(directory).sorted() where name.hasSuffix(".json") {
            if acts.count == Self.batchLimit { break }
            let bytes = try fileSystem.readFile("\(directory)/\(name)")
            if let json = try? JSONValue(parsing: bytes), let event = try? Event(json: json) {
                acts.append(Act(name: name, event: event, bytes: bytes))
            } else {
                unreadable.append(name)
            }
        }
        return (acts, unreadable)
    }

    /// Removes acts that are sealed.
    public func remove(_ acts: [Act]) throws {
        for act in acts { try fileSystem.remove("\(directory)/\(act.name)") }
    }
}
