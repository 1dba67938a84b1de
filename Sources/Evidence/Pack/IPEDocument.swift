import AuditModel
import Cryptography
import Timeline
import TransparencyLog

/// `ipe.json`: what a report was made from, so that an auditor can judge whether it is complete and accurate.
struct IPEDocument {
    let result: ReportResult
    let scan: PopulationScan
    let checkpoint: EvidenceCheckpoint
    let generator: GeneratorStamp

    /// - Throws: ``EvidenceError`` with code `integrity` where the counts do not add up.
    func json() throws(EvidenceError) -> JSONValue {
        let accounts = result.sources.accounts
        try checkInvariants(accounts)
        let definition = result.definition
        var members: [String: JSONValue] = [
            "reportId": .string(definition.id), "definitionVersion": .integer(Int64(definition.revision)),
            "definitionSha256": .string(definition.sha256.hex),
            "queryText": .string(QueryText(definition: definition).text), "parameters": .object(result.parameters.mapValues { .string($0) }),
            "timezone": "UTC",
            "period": ["start": .string(result.period.start.description), "endExclusive": .string(result.period.end.description)],
            "outcome": .string(result.outcome.rawValue), "outcomeReasons": .array(result.reasons.map { .string($0) }),
            "population": .integer(Int64(result.populationCount)), "exceptions": .integer(Int64(result.exceptionCount)),
            "undecided": .integer(Int64(result.undecidedCount)), "notApplicable": .integer(Int64(result.notApplicable)),
            "exceptionIds": .array(result.exceptions.map { .string($0.id) }),
            "sources": .array(accounts.map(source)), "reconciliation": .array(accounts.map(reconciliation)),
            "gaps": .array(result.gaps.map(Self.gap)),
            "lateArrivals": .array(
                accounts.filter { $0.lateArrivals > 0 }.map {
                    [
                        "source": .string($0.source.id), "count": .integer($0.lateArrivals),
                        "maxSeconds": .integer($0.latestArrivalMicroseconds / 1_000_000),
                    ]
                }),
            "generatedBy": .string(generator.name), "toolVersion": .string(generator.version), "checkpoint": checkpoint.json,
            "inputBatches": .array(inputBatches(accounts)), "missingSources": .array(result.sources.missing.map { .string($0) }),
        ]
        if let from = accounts.compactMap(\.sealedFrom).min(), let to = accounts.compactMap(\.sealedTo).max() {
            members["custody"] = ["sealedFrom": .string(from.description), "sealedTo": .string(to.description)]
        }
        let explained = result.items.flatMap(\.findings).filter { $0.explanation != nil }
        if !explained.isEmpty { members["explanations"] = .array(explained.compactMap(explanation)) }
        if let bound = result.usedRows.compactMap(\.event.timeBoundMicroseconds).max() {
            members["clockBoundMicroseconds"] = .integer(bound)
        }
        return .object(members)
    }

    /// The same for a customer: what the report is and how it ended, nothing about items, batches or people.
    func customerJSON() throws(EvidenceError) -> JSONValue {
        let kept = [
            "reportId", "definitionVersion", "definitionSha256", "queryText", "timezone", "period", "outcome", "generatedBy", "toolVersion",
            "checkpoint", "custody",
        ]
        var members = (try json().object ?? [:]).filter { kept.contains($0.key) }
        members["population"] = CustomerCount.json(result.populationCount, .customer)
        members["exceptions"] = CustomerCount.json(result.exceptionCount, .customer)
        members["undecided"] = CustomerCount.json(result.undecidedCount, .customer)
        return .object(members)
    }

    // MARK: Parts

    private func explanation(_ finding: TestItem.Finding) -> JSONValue? {
        guard let said = finding.explanation else { return nil }
        return [
            "exception": .string(finding.id), "ticket": .string(said.ticket), "owner": .string(said.owner), "by": .string(said.author),
            "approvedBy": .string(said.approver), "reason": .string(said.reason), "expires": .string(said.expires.description),
            "holds": .bool(said.holds(for: result.period)), "logIndex": .integer(Int64(said.row.logIndex)), "index": .integer(Int64(said.row.index)),
        ]
    }

    private var usedBySource: [String: Int] { Dictionary(grouping: result.usedRows) { $0.event[.source] ?? "" }.mapValues(\.count) }

    private func source(_ account: SourceAccount) -> JSONValue {
        let used = Int64(usedBySource[account.source.id] ?? 0)
        var members: [String: JSONValue] = [
            "source": .string(account.source.id), "parser": .string(account.source.parser),
            "role": .string(
                result.sources.byRole.filter { $0.accounts.contains { $0.source.id == account.source.id } }.map(\.role).joined(
                    separator: ",")),
            "received": .integer(account.received), "parsed": .integer(account.parsed), "accepted": .integer(account.accepted),
            "duplicates": .integer(account.duplicates), "quarantined": .integer(account.quarantined), "skipped": .integer(account.skipped),
            "filteredOut": .integer(account.accepted - used), "inReport": .integer(used),
        ]
        // Part of quarantined: read again by a newer definition, their events are accepted.
        if account.resolved > 0 { members["resolved"] = .integer(account.resolved) }
        // Part of filteredOut: sealed, and no longer there.
        if account.deleted > 0 { members["deletedByRetention"] = .integer(account.deleted) }
        members["firstSeq"] = account.firstSeq.map { .integer($0) }
        members["lastSeq"] = account.lastSeq.map { .integer($0) }
        members["contentFrom"] = account.contentFrom.map { .string($0.description) }
        members["contentTo"] = account.contentTo.map { .string($0.description) }
        return .object(members)
    }

    /// No source of this version says how many records it wrote, and a count of our own is not held against itself.
    private func reconciliation(_ account: SourceAccount) -> JSONValue {
        [
            "source": .string(account.source.id), "method": "none", "ourCount": .integer(account.received),
            "explanation":
                "The source states no count of its own, so records that it never delivered cannot be seen here. Sealed events and rows read by full scan agree.",
        ]
    }

    private static func gap(_ gap: Gap) -> JSONValue {
        [
            "source": .string(gap.source), "from": .string(gap.from.description), "to": .string(gap.until.description),
            "cause": .string(gap.cause.rawValue),
            "seconds": .integer(gap.microseconds / 1_000_000), "explanation": .string(gap.explanation),
        ]
    }

    private func inputBatches(_ accounts: [SourceAccount]) -> [JSONValue] {
        let ids = Set(accounts.map(\.source.id))
        let used = Dictionary(grouping: result.usedRows, by: \.logIndex).mapValues(\.count)
        return scan.seals.filter { ids.contains($0.source) }.map {
            [
                "logIndex": .integer(Int64($0.logIndex)), "source": .string($0.source), "firstSeq": .integer($0.firstSeq),
                "count": .integer(Int64($0.count)),
                "inReport": .integer(Int64(used[$0.logIndex] ?? 0)),
            ]
        }
    }

    /// Records received = parsed + duplicates + quarantined + skipped; events accepted = in the report + filtered out.
    private func checkInvariants(_ accounts: [SourceAccount]) throws(EvidenceError) {
        for account in accounts {
            guard account.eventsByDay.values.reduce(0, +) + account.deleted == account.accepted else {
                throw EvidenceError(
                    .integrity, "the scan of \(account.source.id) did not see as many events as its seals count; run `proofline fsck`")
            }
            guard account.unexplained == 0 || result.definition.showsLedger else {
                throw EvidenceError(
                    .integrity,
                    "\(account.unexplained) records of \(account.source.id) are not accounted for by its seals; EP-01 shows them, no other report may be built over them"
                )
            }
        }
    }
}

/// What made a report or a pack.
public struct GeneratorStamp: Hashable, Sendable {
    public let name: String
    public let version: String

    public init(name: String = "proofline", version: String) {
        self.name = name
        self.version = version
    }

    var text: String { "\(name) \(version)" }
}
