import AuditModel
import DurableIO
import Foundation
import GRDB
import TransparencyLog

/// Checks a whole store: every checksum, root, chain, sum and signature, by code of its own.
///
/// It shares with the rest of the store the decoding of Parquet, hashes and signatures, and nothing that decides what is right: it
/// reads the catalogue's tables itself and compares everything with the bytes of the log's entries. It changes nothing, needs no
/// lock, and runs beside a writer, on what one transaction shows.
public struct StoreCheck {
    /// Something that is not as it was sealed.
    public struct Finding: Hashable, Sendable, CustomStringConvertible {
        /// What kind of thing is wrong.
        public enum Kind: String, CaseIterable, Hashable, Sendable {
            /// The catalogue is damaged or disagrees with the log.
            case catalogue
            /// An entry is missing, not canonical, too long, or leads to another root.
            case entry
            /// The checkpoint is missing, not signed by the log's key, or of another tree.
            case checkpoint
            /// A tile or entry bundle is missing or changed.
            case tile
            /// A source's seals do not follow one another.
            case chain
            /// Counts do not add up, or a stretch of content is accounted for twice or not at all.
            case ledger
            /// An epoch has no heartbeat, or several, or one that counts wrong.
            case epoch
            /// A segment is missing, changed or quarantined.
            case segment
            /// Rows do not lead to the root in their seal.
            case rows
            /// An index file is missing or not the one that the rows give. It can be rebuilt.
            case index
            /// Rows are gone that no retention entry names, or what stands for deleted rows is wrong.
            case retention
            /// Commitments of tokens are missing or changed.
            case bindings
            /// A run of duplicate keys is missing or changed: a second copy of a record could come in unnoticed.
            case duplicates
            /// `catalogue.jsonl` is damaged, or says something else than the catalogue.
            case lines
        }

        /// What kind of thing is wrong.
        public let kind: Kind
        /// One line for a person.
        public let message: String
        /// The file it is about.
        public let path: String?

        /// Kind, path and message.
        public var description: String { "\(kind.rawValue): \(path.map { "\($0): " } ?? "")\(message)" }
    }

    /// What was looked at and what was found.
    public struct Report: Sendable {
        /// Everything that is wrong, in the order of checking.
        public internal(set) var findings: [Finding] = []
        /// Log entries read.
        public internal(set) var entries = 0
        /// Batches read.
        public internal(set) var batches = 0
        /// Segments read.
        public internal(set) var segments = 0
        /// Rows in them.
        public internal(set) var rows = 0
        /// Rows whose root could not be recomputed because their batch's salt was not given or is destroyed.
        public internal(set) var rowsWithoutSalt = 0
        /// The log entry at which `catalogue.jsonl` ends, where it does not stand where the catalogue does: the next start makes up for it.
        public internal(set) var linesEndAt: UInt64?
        /// Files that no transaction names; opening for writing removes them.
        public internal(set) var leftovers: [String] = []
    }

    /// Gives the 32-byte salt of a batch by the position of its first event; nil when it is not at hand.
    public typealias SaltProvider = (_ firstSeq: Int64) throws -> [UInt8]?

    let layout: StoreLayout
    let files: any FileSystem
    let salts: SaltProvider
    let progress: (_ done: Int, _ all: Int) -> Void
    var report = Report()
    /// Parsed seals by log index.
    var seals: [UInt64: JSONValue] = [:]
    /// What retention deleted, by the log index of its batch.
    var removed: [UInt64: RemovedRows] = [:]
    /// Hashes of the entries, in log order.
    var leaves: [MerkleHash] = []
    /// Parsed heartbeats by log index.
    var heartbeats: [(logIndex: UInt64, json: JSONValue)] = []

    /// Checks the store in a directory.
    ///
    /// - Parameters:
    ///   - salts: Without salts every file is checked by its checksum, and rows cannot be led to their roots.
    ///   - progress: Called after each segment.
    /// - Throws: ``StoreError`` when there is nothing to check: no store, a newer format, no permission.
    public static func run(
        directory: String, options: StoreOptions = StoreOptions(), salts: @escaping SaltProvider = { _ in nil },
        progress: @escaping (_ done: Int, _ all: Int) -> Void = { _, _ in }
    ) throws -> Report {
        let layout = StoreLayout(directory: directory)
        let manifest = try StoreManifest(reading: layout, fileSystem: options.fileSystem)
        var check = StoreCheck(layout: layout, files: options.fileSystem, salts: salts, progress: progress)
        do {
            let vkey = try check.files.readFile(layout.logVerifierKey, limitBytes: 4_096)
            let verifier = try NoteVerifier(vkey: String(decoding: vkey.prefix { $0 != 0x0A }, as: UTF8.self))
            // The checkpoint is read before the catalogue: it then never covers more than the transaction shows.
            let note = try LogTileWriter.published(fileSystem: check.files, directory: layout.log)
            guard FileManager.default.fileExists(atPath: layout.catalogue) else {
                check.find(.catalogue, "the file is missing", layout.catalogue)
                return check.report
            }
            let catalogue = try Catalogue(path: layout.catalogue, access: .reader)
            defer { catalogue.close() }
            try catalogue.read { db in
                try check.checkCatalogue(db)
                let roots = try check.checkEntries(db, sizes: check.keptCheckpoints(db, manifest, verifier, note))
                try check.checkCheckpoint(db, note, manifest, verifier, roots)
                try check.checkBatches(db)
                try check.checkLedger(db)
                try check.checkCorrections(db)
                try check.checkEpochs(db)
                try check.checkCopies(db)
                try check.checkRetention(db)
                try check.checkSegments(db)
                try check.checkDuplicateKeys(db)
                try check.checkLines(db, manifest, now: options.clock())
            }
        } catch let error as StoreError where error.code == .damaged {
            check.find(.catalogue, error.message, error.path)
        } catch let error as StoreError {
            throw error
        } catch let error as TransparencyLogError {
            check.find(.checkpoint, error.message, error.path)
        } catch {
            throw EventStore.ioError(error, "the store cannot be checked", layout.directory)
        }
        return check.report
    }

    mutating func find(_ kind: Finding.Kind, _ message: String, _ path: String? = nil) {
        // A damaged file can break thousands of rows; the first hundred of a kind say enough.
        guard report.findings.count(where: { $0.kind == kind }) < 100 else { return }
        report.findings.append(Finding(kind: kind, message: message, path: path))
    }
}
