public import AuditModel
import TransparencyLog

/// A comparison as JSON, `proofline.pack-diff/1`.
public struct ComparisonDocument {
    let comparison: PackComparison

    public init(_ comparison: PackComparison) { self.comparison = comparison }

    public var json: JSONValue {
        [
            "schema": "proofline.pack-diff/1", "old": Self.pack(comparison.old), "new": Self.pack(comparison.new), "periods": periods,
            "growth": growth, "reports": .array(comparison.reports.map(Self.report)), "reportsAdded": Self.texts(comparison.added.map(\.id)),
            "reportsGone": Self.texts(comparison.gone.map(\.id)), "sourcesNew": Self.texts(comparison.newSources),
            "sourcesLost": Self.texts(comparison.lostSources), "worse": Self.texts(comparison.worse), "notes": Self.texts(comparison.notes),
        ]
    }

    private static func texts(_ texts: [String]) -> JSONValue { .array(texts.map { .string($0) }) }

    private static func pack(_ pack: ReadPack) -> JSONValue {
        [
            "packId": .string(pack.packID), "name": .string(pack.name), "framework": .string(pack.framework), "level": .string(pack.level),
            "period": ["start": .string(pack.start.description), "endExclusive": .string(pack.end.description)],
            "checkpointEnd": [
                "origin": .string(pack.checkpointEnd.origin), "size": .integer(Int64(clamping: pack.checkpointEnd.size)),
                "root": .string(pack.checkpointEnd.root.base64),
            ],
        ]
    }

    private var periods: JSONValue {
        switch comparison.periods {
        case .same: ["state": "same"]
        case .contiguous: ["state": "contiguous"]
        case .overlapping(let from, let to): ["state": "overlapping", "from": .string(from.description), "to": .string(to.description)]
        case .gap(let from, let to): ["state": "gap", "from": .string(from.description), "to": .string(to.description)]
        }
    }

    private var growth: JSONValue {
        let text = JSONValue.string(ComparisonWords.growth(comparison.growth))
        switch comparison.growth {
        case .sameCheckpoint: return ["state": "same", "text": text]
        case .proven(let prover, _, _): return ["state": "proven", "by": .string(prover.rawValue), "text": text]
        case .unproven: return ["state": "unproven", "text": text]
        case .inconsistent: return ["state": "inconsistent", "text": text]
        }
    }

    private static func report(_ change: PackComparison.ReportChange) -> JSONValue {
        var members: [String: JSONValue] = [
            "id": .string(change.new.id), "title": .string(change.new.title),
            "outcome": ["old": .string(change.old.outcome), "new": .string(change.new.outcome), "worse": .bool(change.outcomeIsWorse)],
            "population": ["old": .integer(change.old.population), "new": .integer(change.new.population), "change": .integer(change.populationChange)],
            "exceptions": ["old": .integer(change.old.exceptionCount), "new": .integer(change.new.exceptionCount)],
            "definition": [
                "changed": .bool(change.definitionChanged),
                "old": ["version": .integer(change.old.version), "sha256": .string(change.old.definitionSHA256)],
                "new": ["version": .integer(change.new.version), "sha256": .string(change.new.definitionSHA256)],
            ],
            "inventories": .array(change.inventories.map(inventory)),
        ]
        if change.hasLists {
            members["exceptionsNew"] = .array(change.opened.map(exception))
            members["exceptionsClosed"] = .array(change.closed.map(exception))
            members["exceptionsRepeated"] = .array(change.repeated.map(exception))
        }
        members["query"] = change.query.map { .array($0.lines.map { ["mark": .string($0.mark.rawValue), "text": .string($0.text)] }) }
        return .object(members)
    }

    private static func exception(_ exception: ReadPack.Exception) -> JSONValue {
        [
            "key": .string(exception.key), "id": .string(exception.id), "rule": .string(exception.rule), "severity": .string(exception.severity),
            "text": .string(exception.text),
        ]
    }

    private static func inventory(_ change: PackComparison.InventoryChange) -> JSONValue {
        func file(_ file: ReadPack.Inventory) -> JSONValue {
            ["sha256": .string(file.sha256), "owner": .string(file.owner), "asOf": .string(file.asOf)]
        }
        var members: [String: JSONValue] = ["name": .string(change.name)]
        members["old"] = change.old.map(file)
        members["new"] = change.new.map(file)
        return .object(members)
    }
}
