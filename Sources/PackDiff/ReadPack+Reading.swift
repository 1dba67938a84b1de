import AuditModel
public import EvidenceVerifier

extension ReadPack {
    /// Reads a pack whose files were checked.
    ///
    /// - Throws: ``CheckedPack/Refusal`` for a document that is not as specified.
    public init(_ pack: CheckedPack) throws {
        // The verifier's reader accepted the manifest, so its members are there.
        let manifest = pack.manifest
        func text(_ value: JSONValue?) -> String { value?.string ?? "" }
        guard let start = Timestamp(rfc3339: text(manifest["period"]?["start"])), let end = Timestamp(rfc3339: text(manifest["period"]?["endExclusive"]))
        else { throw CheckedPack.Refusal(malformed: "the period is no time", path: "manifest.json") }
        var reports: [Report] = []
        for item in manifest["reports"]?.array ?? [] { reports.append(try Self.report(item, pack)) }
        guard Set(reports.map(\.id)).count == reports.count else {
            throw CheckedPack.Refusal(malformed: "a report is there twice", path: "manifest.json")
        }
        self.init(
            packID: text(manifest["packId"]), name: text(manifest["name"]), framework: text(manifest["framework"]), level: text(manifest["level"]),
            start: start, end: end, sources: (manifest["scope"]?["sources"]?.array ?? []).compactMap(\.string), reports: reports,
            checkpointEnd: try pack.checkpointEnd(), growth: try pack.growth())
    }

    private static func report(_ item: JSONValue, _ pack: CheckedPack) throws(CheckedPack.Refusal) -> Report {
        let id = item["id"]?.string ?? ""
        let path = "reports/\(id)/ipe.json"
        guard let statement = try pack.json(path) else { throw CheckedPack.Refusal(malformed: "the report's ipe.json is missing", path: path) }
        let query = try pack.read("reports/\(id)/query.txt").map { String(decoding: $0, as: UTF8.self) } ?? statement["queryText"]?.string ?? ""
        return Report(
            id: id, title: item["title"]?.string ?? "", version: item["version"]?.integer ?? 0, outcome: item["outcome"]?.string ?? "",
            population: item["population"]?.integer ?? 0, exceptionCount: item["exceptions"]?.integer ?? 0,
            exceptions: try exceptions(id, pack), definitionSHA256: statement["definitionSha256"]?.string ?? "", query: query,
            inventories: inventories(statement))
    }

    private static func exceptions(_ report: String, _ pack: CheckedPack) throws(CheckedPack.Refusal) -> [Exception]? {
        let path = "reports/\(report)/exceptions.csv"
        guard let table = try pack.table(path) else { return nil }
        guard table.header.prefix(5) == ["exception", "item", "rule", "severity", "what"] else {
            throw CheckedPack.Refusal(malformed: "the table does not have the columns of exceptions", path: path)
        }
        let keyColumn = table.header.firstIndex(of: "key")
        let identities = ExceptionKey.Identities(try pack.table("reports/\(report)/population.csv"))
        return table.rows.map { row in
            Exception(
                givenKey: keyColumn.map { row[$0] }, derivedKey: ExceptionKey.derived(report: report, rule: row[2], same: identities.of(row[1])),
                id: row[0], rule: row[2], severity: row[3], text: row[4])
        }
    }

    private static func inventories(_ statement: JSONValue) -> [Inventory] {
        (statement["inventories"]?.array ?? []).compactMap { item in
            guard let name = item["name"]?.string else { return nil }
            return Inventory(
                name: name, sha256: item["sha256"]?.string ?? "", owner: item["owner"]?.string ?? "", asOf: item["asOf"]?.string ?? "")
        }
    }
}

extension CheckedPack.Refusal {
    init(malformed message: String, path: String) { self.init(.manifestMalformed, message, path: path) }
}
