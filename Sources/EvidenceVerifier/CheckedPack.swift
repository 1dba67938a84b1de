public import AuditModel
import Cryptography
public import TransparencyLog

/// A pack whose files are those of its SHA256SUMS, for programs that read packs and must not read a damaged one.
///
/// Hashes and file set are checked (steps 1 and 2 of docs/formats/pack.md); signatures, checkpoints and proofs are not: that is ``PackVerifier``'s.
/// Each file is hashed again when it is read, so nothing that changed in between gets through.
public struct CheckedPack: Sendable {
    /// The folder is not what its SHA256SUMS lists, or a document in it is not as specified.
    public struct Refusal: Error, Sendable {
        /// In the order of the steps; never empty.
        public let findings: [Finding]

        init(findings: [Finding]) { self.findings = findings }

        /// A refusal for one reason, by a reader of what the pack says.
        public init(_ rule: Finding.Rule, _ message: String, path: String) { findings = [Finding(rule, message, path: path)] }

        /// That of the first finding.
        public var exitCode: Int32 { findings.first?.kind.rawValue ?? Finding.Kind.hash.rawValue }
    }

    /// The largest document that is read, in bytes.
    public static let maximumDocumentBytes = 64 << 20

    public let path: String
    /// `manifest.json`, in the form that proofline writes.
    public let manifest: JSONValue
    private let folder: PackFolder
    private let sums: SumsFile

    /// - Throws: ``PackVerifier/Failure`` where there is no folder to look at, ``Refusal`` where files are not those that are listed.
    public init(path: String) throws {
        self.path = path
        do throws(PackFolder.Failure) { folder = try PackFolder(path: path) } catch { throw PackVerifier.Failure(message: error.message) }
        let body = BodyCheck(folder)
        let findings = body.hashes.findings + body.fileSet.findings
        guard findings.isEmpty, let bytes = folder.read(SumsFile.name, limitBytes: SumsFile.maximumSizeBytes) else {
            throw Refusal(findings: findings)
        }
        sums = SumsFile(bytes)
        guard let document = folder.read(PackLayout.manifest, limitBytes: Self.maximumDocumentBytes) else {
            throw Refusal(findings: [Finding(.manifestMalformed, "the manifest cannot be read", path: PackLayout.manifest)])
        }
        do throws(Fault) { _ = try PackManifest(document) } catch {
            throw Refusal(findings: [Finding(.manifestMalformed, "the manifest cannot be used: \(error.message)", path: PackLayout.manifest)])
        }
        manifest = (try? JSONValue(parsing: document, maximumDepth: 32)) ?? .null
    }

    /// A listed file's bytes; nil where the pack has no such file.
    ///
    /// - Throws: ``Refusal`` where it is too large, cannot be read, or was changed since the pack was opened.
    public func read(_ file: String) throws(Refusal) -> [UInt8]? {
        guard let listed = sums.entries.first(where: { $0.path == file }) else { return nil }
        guard let bytes = folder.read(file, limitBytes: Self.maximumDocumentBytes) else {
            throw Refusal(findings: [Finding(.fileUnreadable, "the file cannot be read, or has over \(Self.maximumDocumentBytes) bytes", path: file)])
        }
        guard SHA256.hash(bytes) == listed.digest else {
            throw Refusal(findings: [Finding(.fileChanged, "the file was changed while the pack was read", path: file)])
        }
        return bytes
    }

    /// A CSV file's header and rows, without the apostrophes that keep spreadsheets from running a cell.
    public func table(_ file: String) throws(Refusal) -> (header: [String], rows: [[String]])? {
        guard let bytes = try read(file) else { return nil }
        guard let table = CSVTable(bytes) else { throw Refusal(findings: [Finding(.tableMissing, "the table cannot be read", path: file)]) }
        return (table.header.map(CSVTable.unescaped), table.rows.map { $0.map(CSVTable.unescaped) })
    }

    /// A JSON file.
    public func json(_ file: String) throws(Refusal) -> JSONValue? {
        guard let bytes = try read(file) else { return nil }
        guard let json = try? JSONValue(parsing: bytes, maximumDepth: 32), json.object != nil else {
            throw Refusal(findings: [Finding(.reportStatementMalformed, "it is no JSON object", path: file)])
        }
        return json
    }

    /// The tree head that the pack was built at.
    public func checkpointEnd() throws(Refusal) -> Checkpoint { try checkpoint(PackLayout.checkpointEnd) }

    /// The tree head that the pack's proof of growth begins at, with the proof; nil where the pack has none.
    public func growth() throws(Refusal) -> (start: Checkpoint, proof: ConsistencyProof)? {
        guard let bytes = try read(PackLayout.consistency) else { return nil }
        guard let proof = try? ConsistencyFile.parse(bytes) else {
            throw Refusal(findings: [Finding(.growthProofMalformed, "the consistency proof is not as specified", path: PackLayout.consistency)])
        }
        return (try checkpoint(PackLayout.checkpointStart), proof)
    }

    private func checkpoint(_ file: String) throws(Refusal) -> Checkpoint {
        guard let bytes = try read(file) else {
            throw Refusal(findings: [Finding(.checkpointMissing, "the checkpoint is missing", path: file)])
        }
        do { return try Checkpoint(note: try SignedNote(parsing: bytes)) } catch {
            throw Refusal(findings: [Finding(.checkpointMalformed, "it is no checkpoint", path: file)])
        }
    }
}
