import AuditModel
import Cryptography

/// Holds each report's ipe.json and tables against the seals, the definitions and the manifest.
struct ReportCheck {
    private(set) var findings: [Finding] = []
    private(set) var facts: [String] = []

    private static let tableLimitBytes = 1 << 27
    private let folder: PackFolder
    private let sealByIndex: [UInt64: LogEntry.Seal]
    private let totals: [String: Totals]
    private let level: String
    private let rows: Set<InclusionCheck.Row>

    /// What the seals of a source add up to.
    private struct Totals {
        var values: [String: Int64] = ["received": 0, "parsed": 0, "accepted": 0, "duplicates": 0, "quarantined": 0, "skipped": 0]
        /// Records among the quarantined that later seals resolve.
        var resolved: Int64 = 0

        /// Sums cannot overflow: a pack holds far fewer than 2^10 times 2^53.
        mutating func add(_ seal: LogEntry.Seal) {
            let parts = [
                "received": seal.received, "parsed": seal.parsed, "accepted": seal.count, "duplicates": seal.duplicates,
                "quarantined": seal.quarantined, "skipped": seal.skipped,
            ]
            resolved = resolved.addingReportingOverflow(seal.resolved).partialValue
            values.merge(parts) { $0.addingReportingOverflow($1).partialValue }
        }
    }

    init(_ folder: PackFolder, _ claims: PackClaims, _ manifest: PackManifest, _ log: InclusionCheck) {
        self.folder = folder
        level = manifest.level
        rows = Set(log.rows)
        let seals = log.entries.compactMap { entry in entry.seal.map { (entry.logIndex, $0) } }
        sealByIndex = Dictionary(seals, uniquingKeysWith: { first, _ in first })
        var totals: [String: Totals] = [:]
        for source in manifest.sources { totals[source] = Totals() }
        for (_, seal) in seals { totals[seal.source, default: Totals()].add(seal) }
        self.totals = totals
        for report in manifest.reports {
            guard let statement = claims.statements[report.id] else { continue }
            do throws(Fault) {
                try check(statement, report)
            } catch { refuse(error.rule ?? .reportStatementMalformed, error.message, PackLayout.ipe(report.id)) }
            if manifest.level != "customer" { checkTables(statement, report) }
        }
        if findings.isEmpty { facts.append("the sums of \(manifest.reports.count) reports are those of the seals") }
    }

    private mutating func refuse(_ rule: Finding.Rule, _ message: String, _ path: String) {
        findings.append(Finding(rule, message, path: path))
    }

    private mutating func check(_ statement: JSONValue, _ report: PackManifest.Report) throws(Fault) {
        let path = PackLayout.ipe(report.id)
        let reader = MemberReader(statement)
        guard try reader.text("reportId") == report.id else { throw Fault(.reportStatementOther, "it is about another report") }
        guard try reader.text("outcome") == report.outcome, try reader.statedCount("population", level) == report.population,
            try reader.statedCount("exceptions", level) == report.exceptions
        else { throw Fault(.reportStatementOther, "outcome and counts are not those of the manifest") }
        guard let definition = folder.read(PackLayout.definition(report.id), limitBytes: 1 << 24),
            try reader.text("definitionSha256") == SHA256.hash(definition).hex
        else { throw Fault(.definitionOther, "the report was made by another definition than the one in the pack") }
        // A customer's statement names no batches; what it may hold is judged with the level.
        if level == "customer" { return }
        let used = try checkBatches(reader, path)
        for item in try reader.list("sources", { $0 }) { try checkSource(item, used, path) }
    }

    /// Events in the report by source, from `inputBatches`, each held against its seal.
    private mutating func checkBatches(_ reader: MemberReader, _ path: String) throws(Fault) -> [String: Int64] {
        var used: [String: Int64] = [:]
        for item in try reader.list("inputBatches", { $0 }) {
            let logIndex = UInt64(try item.count("logIndex"))
            let source = try item.text("source")
            guard let seal = sealByIndex[logIndex], seal.source == source, try item.count("firstSeq") == seal.firstSeq,
                try item.count("count") == seal.count
            else {
                refuse(.inputBatchOther, "the input batch of log entry \(logIndex) is not the one that was sealed", path)
                continue
            }
            let inReport = try item.count("inReport")
            if inReport > seal.count { refuse(.inputBatchOther, "log entry \(logIndex): more events are in the report than were sealed", path) }
            used[source] = (used[source] ?? 0).addingReportingOverflow(inReport).partialValue
        }
        return used
    }

    private mutating func checkSource(_ item: MemberReader, _ used: [String: Int64], _ path: String) throws(Fault) {
        let source = try item.text("source")
        guard let totals = totals[source] else { throw Fault(.sourceOutsideScope, "the source \(source) is not in the pack's scope") }
        for (name, sealed) in totals.values.sorted(by: { $0.key < $1.key }) {
            let stated = try item.count(name)
            if stated != sealed { refuse(.recordsMiscounted, "\(source): \(name) is \(stated), the seals add up to \(sealed)", path) }
        }
        if try item.optionalCount("resolved") ?? 0 != totals.resolved {
            refuse(.recordsMiscounted, "\(source): resolved is not the \(totals.resolved) records that the seals add up to", path)
        }
        let records = try item.count("parsed") + item.count("duplicates") + item.count("quarantined") + item.count("skipped")
        if try item.count("received") != records {
            refuse(.recordsMiscounted, "\(source): records received are not those parsed, duplicates, quarantined and skipped", path)
        }
        let inReport = try item.count("inReport")
        if try item.count("accepted") != inReport + item.count("filteredOut") {
            refuse(.recordsMiscounted, "\(source): events accepted are not those in the report and those filtered out", path)
        }
        if used[source] ?? 0 != inReport { refuse(.recordsMiscounted, "\(source): the input batches hold \(used[source] ?? 0) events, \(inReport) are stated", path) }
    }

    // MARK: Tables

    private mutating func checkTables(_ statement: JSONValue, _ report: PackManifest.Report) {
        let populationPath = PackLayout.population(report.id)
        guard let population = folder.read(populationPath, limitBytes: Self.tableLimitBytes).flatMap({ CSVTable($0) }),
            population.header.prefix(3) == ["item", "log_entry", "index"]
        else { return refuse(.tableMissing, "the table is missing or cannot be read", populationPath) }
        if Int64(population.rows.count) != report.population {
            refuse(.populationMiscounted, "the table has \(population.rows.count) items, the report counts \(report.population ?? 0)", populationPath)
        }
        for (number, row) in population.rows.enumerated() { checkItem(row, number + 2, populationPath) }
        checkExceptions(statement, report, Set(population.rows.map { $0[0] }))
    }

    /// An item that is an event names one whose line is in the pack, by its sequence number.
    private mutating func checkItem(_ row: [String], _ line: Int, _ path: String) {
        guard !(row[1].isEmpty && row[2].isEmpty) else { return }
        guard let logIndex = UInt64(row[1]), let index = Int64(row[2]), let seal = sealByIndex[logIndex],
            rows.contains(InclusionCheck.Row(logIndex: logIndex, index: index))
        else {
            findings.append(Finding(.itemUnproven, "the item's event is not in events.jsonl", path: path, line: line))
            return
        }
        // `seq:<n>`, or `seq:<n>/<system>` where a report tests one item per system.
        let name = row[0].split(separator: "/", maxSplits: 1).first ?? ""
        if name.hasPrefix("seq:"), name != "seq:\(seal.firstSeq + index)" {
            findings.append(Finding(.itemMisnamed, "the item's name is not that of its event", path: path, line: line))
        }
    }

    private mutating func checkExceptions(_ statement: JSONValue, _ report: PackManifest.Report, _ items: Set<String>) {
        let path = PackLayout.exceptions(report.id)
        guard let table = folder.read(path, limitBytes: Self.tableLimitBytes).flatMap({ CSVTable($0) }),
            table.header.prefix(3) == ["exception", "item", "rule"]
        else { return refuse(.tableMissing, "the table is missing or cannot be read", path) }
        let failed = Set(table.rows.map { $0[1] })
        if Int64(failed.count) != report.exceptions {
            refuse(.exceptionsMiscounted, "\(failed.count) items fail in the table, the report counts \(report.exceptions ?? 0)", path)
        }
        if !failed.isSubset(of: items) { refuse(.exceptionOutsidePopulation, "an item fails that is not in the population", path) }
        if statement["exceptionIds"]?.array?.map(\.string) != table.rows.map({ $0[0] }) {
            refuse(.exceptionsOther, "the exceptions are not those of ipe.json", path)
        }
        for (number, row) in table.rows.enumerated() {
            let name = SHA256.hash("\(report.id)\n\(CSVTable.unescaped(row[2]))\n\(CSVTable.unescaped(row[1]))").hex.prefix(12)
            if row[0] != "X-\(name)" {
                findings.append(Finding(.exceptionMisnamed, "the exception's id is not that of its report, rule and item", path: path, line: number + 2))
            }
        }
    }
}
