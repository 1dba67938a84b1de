import AuditModel
import Timeline

/// Which sources a report draws on, what is missing of them, and which gaps lie in its period.
struct SourceCheck: Sendable {
    /// What proofline's own acts are read by: they are no source of the company's, so `*` does not mean them.
    static let ownParser = "proofline"

    /// Accounts by role, in the definition's order; a source may play several roles.
    let byRole: [(role: String, accounts: [SourceAccount])]
    /// Sentences: what the report needs and the store does not have.
    let missing: [String]
    /// Gaps of needed sources that overlap the period, ascending by source and start.
    let gaps: [Gap]

    init(_ definition: ReportDefinition, accounts: [String: SourceAccount], gaps all: [Gap], period: Period) {
        var byRole: [(String, [SourceAccount])] = []
        var missing: [String] = []
        var needed: Set<String> = []
        let ordered = accounts.values.sorted { $0.source.id < $1.source.id }
        for need in definition.sources {
            let found = ordered.filter {
                need.parsers.contains("*") && $0.source.parser != Self.ownParser || need.parsers.contains($0.source.parser)
            }
            byRole.append((need.role, found))
            if need.need != .optional { needed.formUnion(found.map(\.source.id)) }
            switch need.need {
            case .all:
                for parser in need.parsers where parser != "*" && !found.contains(where: { $0.source.parser == parser }) {
                    missing.append("There is no source read by \(parser), which the report needs as \(need.role): \(need.why)")
                }
                if found.isEmpty, need.parsers.contains("*") { missing.append("There is no source at all.") }
            case .any where found.isEmpty:
                missing.append("There is no source for \(need.role) (any of \(need.parsers.joined(separator: ", "))): \(need.why)")
            case .any, .optional: break
            }
            if need.need != .optional {
                for account in found where account.accepted == 0 {
                    missing.append("The source \(account.source.id) has no events in the store.")
                }
            }
        }
        self.byRole = byRole
        self.missing = missing
        self.gaps = all.filter { needed.contains($0.source) && $0.overlaps(from: period.start, until: period.end) }
            .sorted { ($0.source, $0.from, $0.until) < ($1.source, $1.from, $1.until) }
    }

    /// The sources of a role.
    func accounts(_ role: String) -> [SourceAccount] { byRole.first { $0.role == role }?.accounts ?? [] }

    /// Every source that plays a role, once, by id.
    var accounts: [SourceAccount] {
        var seen: Set<String> = []
        return byRole.flatMap(\.accounts).filter { seen.insert($0.source.id).inserted }.sorted { $0.source.id < $1.source.id }
    }

    /// How far the sources were seen at best: their last event, at most the end of the period where they announce the future.
    func asOf(_ period: Period) -> Timestamp { min(accounts.compactMap(\.contentTo).max() ?? period.end, period.end) }

    /// Each source's last event: how far it was seen.
    var seenUntil: [String: Timestamp] {
        Dictionary(
            accounts.compactMap { account in account.contentTo.map { (account.source.id, $0) } }, uniquingKeysWith: { first, _ in first })
    }
}

extension Gap {
    /// Length in microseconds.
    var microseconds: Int64 { until.microseconds - from.microseconds }
}
