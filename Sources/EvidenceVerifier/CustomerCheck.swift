import AuditModel

/// What a pack of level `customer` may say: outcomes, counts from 5 on, for whom it is and until when, and nothing of single items.
///
/// Pages are free text: what can be recognized there are the names that items and exceptions have. Somebody who writes rows into a page in
/// other words is not found here, but has signed it.
struct CustomerCheck {
    private(set) var findings: [Finding] = []

    /// Members of ipe.json that hold no item, batch or person.
    private static let statementMembers: Set<String> = [
        "reportId", "definitionVersion", "definitionSha256", "queryText", "timezone", "period", "outcome", "generatedBy", "toolVersion", "checkpoint",
        "custody", "population", "exceptions", "undecided",
    ]
    private static let counts = ["population", "exceptions", "undecided"]
    private static let pageLimitBytes = 1 << 24

    init(_ folder: PackFolder, _ claims: PackClaims, _ manifest: PackManifest) {
        checkTerms(manifest)
        for report in manifest.reports {
            checkCounts([("population", report.population), ("exceptions", report.exceptions)], report.id, PackLayout.manifest)
            guard let members = claims.statements[report.id]?.object else { continue }
            let path = PackLayout.ipe(report.id)
            for name in Set(members.keys).subtracting(Self.statementMembers).sorted() {
                refuse(.customerDetailsPresent, "the member \(name) has no place in a customer's pack", path)
            }
            checkCounts(Self.counts.map { ($0, members[$0]?.integer) }, report.id, path)
        }
        for file in folder.files where file.hasPrefix("reports/") || file.hasSuffix(".html") { checkPage(file, folder, manifest) }
    }

    private mutating func refuse(_ rule: Finding.Rule, _ message: String, _ path: String) { findings.append(Finding(rule, message, path: path)) }

    private mutating func checkTerms(_ manifest: PackManifest) {
        if manifest.recipient?.isEmpty ?? true { refuse(.customerTermsMissing, "the manifest names no recipient", PackLayout.manifest) }
        if manifest.expires?.isEmpty ?? true { refuse(.customerTermsMissing, "the manifest names no last day", PackLayout.manifest) }
    }

    private mutating func checkCounts(_ counts: [(name: String, count: Int64?)], _ report: String, _ path: String) {
        for (name, count) in counts {
            if let count, (1..<5).contains(count) {
                refuse(.customerCountShown, "\(report): \(name) is \(count), which is to be given as \(PackManifest.suppressedCount)", path)
            }
        }
    }

    private mutating func checkPage(_ file: String, _ folder: PackFolder, _ manifest: PackManifest) {
        guard !file.hasSuffix(".pdf"), !file.hasSuffix(".csv") else { return }
        guard let bytes = folder.read(file, limitBytes: Self.pageLimitBytes) else {
            return refuse(.customerDetailsPresent, "the file cannot be read, or is larger than a page without rows can be", file)
        }
        if Self.namesItem(bytes) { refuse(.customerDetailsPresent, "it names an item or an exception", file) }
        guard file.hasSuffix(".html"), let recipient = manifest.recipient, let expires = manifest.expires else { return }
        // As the page escapes it; the mark stands in the text of every page.
        let mark = "For \(Self.escaped(recipient)) only · until \(Self.escaped(expires))"
        if !String(decoding: bytes, as: UTF8.self).utf8Contains(mark) {
            refuse(.customerTermsMissing, "the page does not say for whom it is and until when", file)
        }
    }

    /// Whether `seq:` and a digit, or `X-` or `K-` and twelve hex digits, stand somewhere.
    private static func namesItem(_ bytes: [UInt8]) -> Bool {
        func isHex(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte) }
        let sequence = Array("seq:".utf8)
        for start in bytes.indices {
            switch bytes[start] {
            case 0x73 where bytes[start...].starts(with: sequence):
                if start + 4 < bytes.count, (0x30...0x39).contains(bytes[start + 4]) { return true }
            case 0x58, 0x4b:
                guard start + 14 <= bytes.count, bytes[start + 1] == 0x2d else { continue }
                if bytes[(start + 2)..<(start + 14)].allSatisfy(isHex) { return true }
            default: continue
            }
        }
        return false
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;").replacing("\"", with: "&quot;")
    }
}

extension String {
    fileprivate func utf8Contains(_ other: String) -> Bool {
        let (whole, part) = (Array(utf8), Array(other.utf8))
        guard !part.isEmpty, whole.count >= part.count else { return part.isEmpty }
        return (0...(whole.count - part.count)).contains { whole[$0] == part[0] && whole[$0...].starts(with: part) }
    }
}
