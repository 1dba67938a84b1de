/// Names of the files of a store: the one place that knows them (docs/formats/store.md).
public struct StoreLayout: Hashable, Sendable {
    /// The store's directory, without a trailing slash.
    public let directory: String

    /// The layout of a store in `directory`.
    public init(directory: String) {
        var path = directory
        while path.utf8.count > 1, path.hasSuffix("/") { path.removeLast() }
        self.directory = path
    }

    /// Format and identity of the store.
    public var manifest: String { "\(directory)/store.json" }
    /// The writer's lock.
    public var lock: String { "\(directory)/lock" }
    /// The catalogue, an SQLite database.
    public var catalogue: String { "\(directory)/catalogue.sqlite" }
    /// What the catalogue says and neither log nor segments do, line by line.
    public var catalogueLines: String { "\(directory)/catalogue.jsonl" }
    /// Segments and their index files.
    public var segments: String { "\(directory)/segments" }
    /// Commitments of new tokens, one file per batch that has any.
    public var bindings: String { "\(directory)/bindings" }
    /// The transparency log: tiles and checkpoint, servable as they are.
    public var log: String { "\(directory)/log" }
    /// The log's keys.
    public var keys: String { "\(directory)/keys" }
    /// The log's private key, an encoded C2SP signer key, mode 0600.
    public var logKey: String { "\(keys)/log.key" }
    /// The log's public key, a C2SP vkey line.
    public var logVerifierKey: String { "\(keys)/log.vkey" }
    /// Identities behind tokens; the vault's own.
    public var vault: String { "\(directory)/vault" }
    /// Runs of duplicate keys.
    public var duplicates: String { "\(directory)/duplicates" }
    /// Acts of other processes that wait for the writer to seal them.
    public var spool: String { "\(directory)/spool" }

    /// A segment's Parquet file.
    public func segment(_ id: Int64) -> String { "\(segments)/\(Self.name(id)).parquet" }
    /// A segment's index file.
    public func index(_ id: Int64) -> String { "\(segments)/\(Self.name(id)).idx" }
    /// The bindings of the batch whose first event has this position.
    public func bindings(firstSeq: Int64) -> String { "\(bindings)/\(Self.digits(firstSeq, 16)).jsonl" }

    /// A run of duplicate keys.
    public func duplicateRun(_ id: Int64) -> String { "\(duplicates)/\(Self.name(id)).keys" }

    /// Whether a name in ``duplicates`` is that of a run.
    static func isDuplicateRun(_ name: String) -> Bool {
        name.hasSuffix(".keys") && Int64(name.dropLast(5)) != nil
    }

    /// Eight digits, more when they are needed.
    static func name(_ id: Int64) -> String { digits(id, 8) }

    private static func digits(_ number: Int64, _ width: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
    }
}
