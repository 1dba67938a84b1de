import AuditModel
import Cryptography

/// `manifest.json` of a pack.
struct PackManifest {
    static let schema = "proofline.pack/1"

    let name: String
    let packID: String
    let request: PackRequest
    let period: Period
    let results: [ReportResult]
    let scope: Set<String>
    let proofs: PackProofs
    let selection: PackSelection
    let draw: SampleDraw?
    let checkpoint: EvidenceCheckpoint
    let generator: GeneratorStamp
    let renderer: String
    let templatesSHA256: SHA256Digest

    var json: JSONValue {
        var members: [String: JSONValue] = [
            "schema": .string(Self.schema), "packId": .string(packID), "name": .string(name), "revision": .integer(Int64(request.revision)),
            "framework": .string(request.framework), "scope": ["sources": .array(scope.sorted().map { .string($0) })],
            "period": ["start": .string(period.start.description), "endExclusive": .string(period.end.description)], "timezone": "UTC",
            "level": .string(request.level.rawValue), "reports": .array(results.map(report)), "checkpointEnd": checkpoint.json,
            "generator": [
                "name": .string(generator.name), "version": .string(generator.version), "renderer": .string(renderer),
                "templatesSha256": .string(templatesSHA256.hex),
            ],
            "redaction": [
                "policyId": .string("level-\(request.level.rawValue)/1"), "removedPaths": [],
                "count": .integer(Int64(proofs.leftOutCount)),
            ],
            "seals": proofs.manifestSeals,
            "shown": .array(selection.shown.map { ["logIndex": .integer(Int64($0.logIndex)), "index": .integer(Int64($0.index))] }),
            "limitations": .array(limitations.map { .string($0) }),
        ]
        members["supersedes"] = request.supersedes.map { .string($0) }
        members["recipient"] = request.recipient.map { .string($0) }
        members["expires"] = request.expires.map { .string($0) }
        members["checkpointStart"] = request.checkpointStart?.json
        members["previousPack"] = request.previousPack.map { ["packId": .string($0.packID), "sha256sums": .string($0.sha256Sums)] }
        members["sample"] = draw.map { ["nonce": .string($0.nonce), "seed": .string($0.seed)] }
        return .object(members)
    }

    private func report(_ result: ReportResult) -> JSONValue {
        [
            "id": .string(result.definition.id), "version": .integer(Int64(result.definition.revision)),
            "title": .string(result.definition.title),
            "outcome": .string(result.outcome.rawValue), "population": CustomerCount.json(result.populationCount, request.level),
            "exceptions": CustomerCount.json(result.exceptionCount, request.level),
            "undecided": CustomerCount.json(result.undecidedCount, request.level),
        ]
    }

    /// What no proof covers: first what holds for every pack, then what the reports say of themselves.
    var limitations: [String] {
        var all = [
            "A source that never logged, or that nobody configured, cannot be seen by any proof.",
            "Proofs begin with the first seal of a source. Until its data was sealed, the source itself had it in its hands.",
            "Seals prove that nothing was changed after it was sealed, not that a source told the truth.",
        ]
        all.append(
            "Tokens stand for people, devices and addresses. This pack discloses no identity behind them; disclosures for named items are not part of this version."
        )
        if request.level == .auditor {
            all.append(
                "Rows that no report uses are left out: \(ValueText.grouped(Int64(proofs.leftOutCount))). Their number is proven by the seals, their content is not shown."
            )
        }
        if request.level == .customer {
            all.append("No row is in this pack. Counts of a report from 1 to 4 are given as <5; the seals state how many records each batch of a source has.")
        }
        for result in results {
            for limitation in result.definition.limitations where !all.contains(limitation) { all.append(limitation) }
        }
        return all
    }
}
