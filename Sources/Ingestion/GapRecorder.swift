import AuditModel
import Collection
import EventStore
import Synchronization

/// Writes what collectors say beside the bytes to the log and to people.
final class GapRecorder: Sendable {
    private let store: EventStore
    private let report: IngestReport
    /// One gap at a time: it is written once.
    private let turn = Mutex(())

    init(store: EventStore, report: IngestReport) {
        self.store = store
        self.report = report
    }

    /// Takes a source's notes.
    func take(_ notes: [SourceReader.SourceNote], of source: String) throws {
        for item in notes {
            report.mention(source)
            try turn.withLock { _ in try record(item) }
            if case .unreadable = item.note.kind { store.setState(.unreachable, of: item.note.source) }
            report.found(Self.line(item.note))
        }
    }

    /// Writes lost and damaged stretches to the log, once each.
    private func record(_ item: SourceReader.SourceNote) throws {
        let what: String
        var fields: [String: JSONValue] = ["source": .string(item.note.source), "cause": "cursor"]
        switch item.note.kind {
        case .lost(let bytes):
            what = "bytes were lost before they could be read: the file was truncated, replaced or removed"
            fields["bytes"] = .integer(Int64(clamping: bytes))
        case .damaged:
            what = "a compressed file is damaged or ends early; what could be decoded was taken"
        case .unreadable, .shorterCopy, .noMatch: return
        }
        fields["explanation"] = .string(what)
        fields["content"] = item.note.contentID.map { .string($0) }
        fields["offset"] = item.note.offset.map { .integer(Int64(clamping: $0)) }
        let known = try store.snapshot().entries([.gap]).contains { entry in
            fields.allSatisfy { entry.json[$0.key] == $0.value }
        }
        guard !known else { return }
        fields["from"] = .string(min(item.from ?? item.to, item.to).description)
        fields["to"] = .string(item.to.description)
        try store.appendEntry(.gap, fields)
    }

    /// A finding in one line for people. Paths are the operator's own; nothing of a record is in it.
    private static func line(_ note: CollectionNote) -> String {
        let place = "\(note.source): \(note.name)"
        switch note.kind {
        case .lost(let bytes):
            return "\(place): at least \(bytes) bytes were lost before they could be read; recorded as a gap"
        case .damaged(let reason):
            return "\(place): \(reason); what could be read was taken, the rest is recorded as a gap"
        case .unreadable(let reason): return "\(place): \(reason)"
        case .shorterCopy(let bytes):
            return "\(place): a shorter copy of what was read already; its last \(bytes) bytes could not be compared and were left out"
        case .noMatch: return "\(place): no file matches; check the path"
        }
    }
}
