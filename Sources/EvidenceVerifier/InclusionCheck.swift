import AuditModel
import Cryptography
import TransparencyLog

/// Step 7: every entry leads to the checkpoint, and every event line to the seal of its batch.
struct InclusionCheck {
    /// An event line that is proven.
    struct Row: Hashable {
        let logIndex: UInt64
        let index: Int64
    }

    private(set) var step = VerificationReport.Step(number: 7, title: "every event leads to its seal, every seal to the checkpoint")
    /// Entries in the file's order, ascending by place in the log.
    private(set) var entries: [LogEntry] = []
    /// Rows in the file's order.
    private(set) var rows: [Row] = []
    /// Whether the pack has event lines at all.
    private(set) var hasRows = false

    init(_ folder: PackFolder, _ claims: PackClaims, _ heads: CheckpointCheck) {
        readEntries(folder, heads)
        readRows(folder, claims)
        if step.state == .holds {
            step.note("\(entries.count) log entries, \(entries.count { $0.seal != nil }) of them seals; \(rows.count) event lines")
        }
    }

    // MARK: Seals

    private mutating func readEntries(_ folder: PackFolder, _ heads: CheckpointCheck) {
        guard let bytes = folder.read(PackLayout.seals) else {
            return step.refuse(.entriesMissing, "the entries are missing or cannot be read", path: PackLayout.seals)
        }
        guard let lines = Lines.split(bytes) else {
            return step.refuse(.entriesMissing, "the last line has no newline: the file was cut", path: PackLayout.seals)
        }
        let indexes = folder.files(below: PackLayout.sealProofs).compactMap(PackLayout.sealIndex).sorted()
        guard indexes.count == lines.count else {
            return step.refuse(.entryProofsMissing, "there are \(lines.count) entries and \(indexes.count) proofs", path: PackLayout.seals)
        }
        guard let end = heads.end else {
            return step.refuse(.entriesUnproven, "without an accepted checkpoint no entry can be proven", path: PackLayout.checkpointEnd)
        }
        for (number, (line, logIndex)) in zip(lines, indexes).enumerated() {
            do throws(Fault) {
                let entry = try LogEntry(logIndex: logIndex, bytes: line)
                entries.append(entry)
                try prove(entry, folder, end)
            } catch {
                step.refuse(error.rule ?? .entryMalformed, error.message, path: PackLayout.seals, line: number + 1)
            }
        }
    }

    private func prove(_ entry: LogEntry, _ folder: PackFolder, _ end: CheckpointCheck.Head) throws(Fault) {
        let path = "\(PackLayout.sealProofs)\(entry.logIndex).tlog-proof"
        guard let bytes = folder.read(path, limitBytes: TLogProof.maximumSizeBytes) else { throw Fault(.entryProofMalformed, "\(path) cannot be read") }
        let proof: TLogProof
        do throws(TransparencyLogError) { proof = try TLogProof(parsing: bytes) } catch { throw Fault(.entryProofMalformed, "\(path): \(error)") }
        guard proof.index == entry.logIndex else { throw Fault(.entryProofOfOther, "\(path) is about entry \(proof.index)") }
        guard proof.checkpoint.bytes == end.bytes else { throw Fault(.entryProofCheckpointOther, "\(path) leads to another checkpoint than checkpoint-end.txt") }
        do throws(InclusionProof.Rejection) {
            try proof.verify(leaf: .leaf(Array(entry.bytes)), checkpoint: end.checkpoint)
        } catch { throw Fault(.entryNotIncluded, "\(path): \(Self.explain(error))") }
    }

    // MARK: Event lines

    private mutating func readRows(_ folder: PackFolder, _ claims: PackClaims) {
        hasRows = folder.contains(PackLayout.events) || folder.contains(PackLayout.inner)
        guard hasRows else { return }
        guard let events = folder.read(PackLayout.events), let inner = folder.read(PackLayout.inner) else {
            return step.refuse(.rowsMissing, "events or their proofs are missing or cannot be read", path: PackLayout.events)
        }
        guard let lines = Lines.split(events), let proofs = Lines.split(inner) else {
            return step.refuse(.rowsMissing, "the last line has no newline: the file was cut", path: PackLayout.events)
        }
        guard lines.count == proofs.count else {
            return step.refuse(.rowProofsMissing, "there are \(lines.count) event lines and \(proofs.count) proofs", path: PackLayout.inner)
        }
        rows.reserveCapacity(lines.count)
        for (number, (line, proof)) in zip(lines, proofs).enumerated() {
            do throws(Fault) {
                let row = try proveRow(line, proof)
                if let last = rows.last, (last.logIndex, last.index) >= (row.logIndex, row.index) {
                    throw Fault(.rowOrder, "the lines are not in the order of the log, or an event is there twice")
                }
                rows.append(row)
            } catch {
                step.refuse(error.rule ?? .rowProofMalformed, error.message, path: PackLayout.events, line: number + 1)
            }
        }
    }

    private func proveRow(_ line: ArraySlice<UInt8>, _ proof: ArraySlice<UInt8>) throws(Fault) -> Row {
        guard let json = try? JSONValue(parsing: proof, maximumDepth: 4), json.canonicalBytes.elementsEqual(proof),
            json.object?.count == 4
        else { throw Fault("its line of inner.jsonl is no canonical JSON") }
        let reader = MemberReader(json)
        let number = try reader.count("seal")
        let index = try reader.count("index")
        guard number < entries.count, let seal = entries[Int(number)].seal, let rowsRoot = seal.rowsRoot else {
            throw Fault(.rowSealOther, "its line of inner.jsonl names a seal that is not in the pack")
        }
        let entry = entries[Int(number)]
        guard UInt64(try reader.count("logIndex")) == entry.logIndex else { throw Fault(.rowSealOther, "its line of inner.jsonl names another entry than its seal") }
        var siblings: [MerkleHash] = []
        for text in try reader.texts("path") {
            guard siblings.count < UInt64.bitWidth, let hash = MerkleHash(base64: text) else { throw Fault("its path holds something that is no hash") }
            siblings.append(hash)
        }
        let inclusion = InclusionProof(leafIndex: UInt64(index), treeSize: UInt64(seal.count), siblings: siblings)
        do throws(InclusionProof.Rejection) {
            try inclusion.verify(line.withUnsafeBytes { .leaf($0) }, root: rowsRoot)
        } catch { throw Fault(.rowNotIncluded, "the event is not in its batch: \(Self.explain(error))") }
        try checkContent(line, seal)
        return Row(logIndex: entry.logIndex, index: index)
    }

    /// A proven line is what was sealed; that it is well formed is the sealer's promise, and cheap to check.
    private func checkContent(_ line: ArraySlice<UInt8>, _ seal: LogEntry.Seal) throws(Fault) {
        guard let event = try? JSONValue(parsing: line, maximumDepth: 16), event.canonicalBytes.elementsEqual(line) else {
            throw Fault(.rowMalformed, "the event is no canonical JSON")
        }
        guard let salt = event["salt"]?.string, salt.utf8.count == 32, Hex.decode(salt) != nil else { throw Fault(.rowMalformed, "the event has no salt of 16 bytes") }
        guard event["source"]?.string == seal.source else { throw Fault(.rowMalformed, "the event is of another source than its seal") }
    }

    static func explain(_ rejection: InclusionProof.Rejection) -> String {
        switch rejection {
        case .leafOutsideTree: "its index lies outside the tree"
        case .siblingCount(let expected, let found): "the path has \(found) hashes, \(expected) are due"
        case .rootMismatch(let computed): "the path leads to another root (\(computed.hex))"
        }
    }
}

/// Lines of a file, each ended by a newline.
enum Lines {
    /// The lines without their newlines, or nil when the last one has none. No bytes are no lines.
    static func split(_ bytes: [UInt8]) -> [ArraySlice<UInt8>]? {
        guard let last = bytes.last else { return [] }
        guard last == 0x0a else { return nil }
        return bytes.dropLast().split(separator: 0x0a, omittingEmptySubsequences: false)
    }
}
