import AuditModel
import Cryptography

/// `oscal/assessment-plan.json` and `oscal/assessment-results.json` of a pack, in OSCAL 1.1.2.
///
/// One observation per report, by method TEST, with the pack's files as relevant evidence and their hashes in the back matter. No
/// findings: judging is the assessor's. Identifiers are UUIDv5 over the pack's, times are those of the data; no clock enters.
struct OSCALDocuments {
    static let version = "1.1.2"
    static let planPath = "oscal/assessment-plan.json"
    static let resultsPath = "oscal/assessment-results.json"
    private static let namespaceURI = "urn:proofline:oscal:1"

    let manifest: PackManifest
    /// The body so far: evidence is what is in it.
    let files: [String: [UInt8]]

    var assessmentPlan: JSONValue {
        [
            "assessment-plan": [
                "uuid": uuid("plan"), "metadata": metadata("Assessment plan of \(manifest.name)"),
                "import-ssp": ["href": .string("#\(id("ssp"))")],
                "local-definitions": ["activities": .array(manifest.results.map(activity))],
                "reviewed-controls": reviewedControls,
                "back-matter": ["resources": .array([systemPlan] + manifest.results.map { resource("definitions/\($0.definition.id)/report.yaml") })],
            ]
        ]
    }

    var assessmentResults: JSONValue {
        let evidence = manifest.results.flatMap { Self.evidence(of: $0.definition.id, in: files).map(\.path) } + shared.map(\.path)
        return [
            "assessment-results": [
                "uuid": uuid("results"), "metadata": metadata("Results of the tests in \(manifest.name)"),
                "import-ap": ["href": "assessment-plan.json"],
                "results": [
                    [
                        "uuid": uuid("result"), "title": .string("Tests of \(manifest.period.description)"),
                        "description": "Every item of each population was tested. These are observations; whether a control is effective is for the assessor to judge.",
                        "start": .string(manifest.period.start.description), "end": .string(manifest.period.end.description),
                        "reviewed-controls": reviewedControls, "observations": .array(manifest.results.map(observation)),
                        "remarks": .string(Self.line(manifest.limitations.joined(separator: " "))),
                    ]
                ],
                "back-matter": ["resources": .array(evidence.map(resource))],
            ]
        ]
    }

    // MARK: Parts

    private func metadata(_ title: String) -> JSONValue {
        [
            "title": .string(title), "last-modified": .string(collected.description), "version": .string("\(manifest.request.revision)"),
            "oscal-version": .string(Self.version),
            "props": [
                property("pack-id", manifest.packID), property("generator", manifest.generator.text), property("level", manifest.request.level.rawValue),
            ],
        ]
    }

    /// When the newest data of the pack came under seal: the latest moment that the evidence itself states.
    private var collected: Timestamp { manifest.results.flatMap(\.sources.accounts).compactMap(\.sealedTo).max() ?? manifest.period.end }

    private var systemPlan: JSONValue {
        [
            "uuid": uuid("ssp"), "title": "System security plan",
            "description": "The plan of the audited system is not part of this pack; its owner gives it to the assessor.",
        ]
    }

    private func activity(_ result: ReportResult) -> JSONValue {
        let definition = result.definition
        var members: [String: JSONValue] = [
            "uuid": uuid("activity/\(definition.id)"), "title": .string(Self.line("\(definition.id) \(definition.title)")),
            "description": .string(Self.line("\(definition.question) \(definition.method)")),
            "props": [
                property("method", "TEST"), property("report", definition.id), property("definition-revision", "\(definition.revision)"),
                property("definition-sha256", definition.sha256.hex),
            ],
            "links": [["href": .string("#\(id("file/definitions/\(definition.id)/report.yaml"))"), "rel": "reference"]],
        ]
        let controls = controls(of: definition)
        if !controls.isEmpty { members["related-controls"] = Self.selection(controls) }
        return .object(members)
    }

    private func observation(_ result: ReportResult) -> JSONValue {
        let definition = result.definition
        var props = [
            property("report", definition.id), property("outcome", result.outcome.rawValue),
            property("population", "\(result.populationCount)"), property("exceptions", "\(result.exceptionCount)"),
            property("undecided", "\(result.undecidedCount)"), property("gaps", "\(result.gaps.count)"),
        ]
        props += controls(of: definition).map { property("control", $0) }
        return [
            "uuid": uuid("observation/\(definition.id)"), "title": .string(Self.line("\(definition.id) \(definition.title)")),
            "description": .string(Self.line("\(definition.question) \(result.outcome.title): \(result.reasons.joined(separator: " "))")),
            "props": .array(props), "methods": ["TEST"], "collected": .string(collected.description),
            "relevant-evidence": .array((Self.evidence(of: definition.id, in: files) + shared).map(evidence)),
            "remarks": .string(Self.line((["Limits:"] + definition.limitations).joined(separator: " "))),
        ]
    }

    private func evidence(_ file: (path: String, about: String)) -> JSONValue {
        [
            "href": .string("../\(file.path)"), "description": .string(file.about),
            "props": [property("sha256", SHA256.hash(files[file.path] ?? []).hex)],
            "links": [["href": .string("#\(id("file/\(file.path)"))"), "rel": "reference"]],
        ]
    }

    private func resource(_ path: String) -> JSONValue {
        [
            "uuid": uuid("file/\(path)"), "title": .string(path),
            "rlinks": [
                [
                    "href": .string("../\(path)"), "media-type": .string(Self.mediaType(path)),
                    "hashes": [["algorithm": "SHA-256", "value": .string(SHA256.hash(files[path] ?? []).hex)]],
                ]
            ],
        ]
    }

    private static func evidence(of report: String, in files: [String: [UInt8]]) -> [(path: String, about: String)] {
        [
            ("report.html", "The report, for people"), ("ipe.json", "What the report was made from"),
            ("population.csv", "Every item tested"), ("exceptions.csv", "The items that fail"), ("sample.csv", "The items that the auditor's nonce drew"),
        ].map { ("reports/\(report)/\($0.0)", $0.1) }.filter { files[$0.0] != nil }
    }

    private var shared: [(path: String, about: String)] {
        [
            ("data/events.jsonl", "The event lines that are proven"), ("proofs/checkpoint-end.txt", "The signed tree head that every line leads to"),
        ].filter { files[$0.0] != nil }
    }

    // MARK: Controls

    private func controls(of definition: ReportDefinition) -> [String] {
        let framework = manifest.request.framework
        return (definition.controls.first { $0.framework == framework }?.ids ?? []).map { Self.controlID($0, framework: framework) }
    }

    private var reviewedControls: JSONValue {
        var seen: Set<String> = []
        return Self.selection(manifest.results.flatMap { controls(of: $0.definition) }.filter { seen.insert($0).inserted }.sorted())
    }

    private static func selection(_ controls: [String]) -> JSONValue {
        // A selection may not be empty; a pack whose reports name no control of its framework selects none by name.
        guard !controls.isEmpty else { return ["control-selections": [["description": "No report of this pack names a control of its framework."]]] }
        return ["control-selections": [["include-controls": .array(controls.map { ["control-id": .string($0)] })]]]
    }

    /// An identifier as OSCAL's catalogs write it: a letter first, then letters, digits, dots and hyphens: `AC-2(3)` is `ac-2.3`.
    static func controlID(_ text: String, framework: String) -> String {
        var out = ""
        for scalar in (framework == "nist80053" ? text.lowercased() : text).unicodeScalars {
            switch scalar {
            case "a"..."z", "A"..."Z", "0"..."9", "-", "_": out.unicodeScalars.append(scalar)
            case "(", ".", " ", "/": if !out.isEmpty, out.last != "." { out += "." }
            default: break
            }
        }
        while out.last == "." { out.removeLast() }
        guard let first = out.first, first.isLetter || first == "_" else {
            let prefix = ["iso27001": "a.", "pci": "req-", "hipaa": "s"][framework] ?? "c-"
            return prefix + out
        }
        return out
    }

    // MARK: Small things

    private func id(_ name: String) -> String { UUIDv5.make(namespace: UUIDv5.packNamespace, name: "\(manifest.packID)/oscal/\(name)") }
    private func uuid(_ name: String) -> JSONValue { .string(id(name)) }

    private func property(_ name: String, _ value: String) -> JSONValue {
        ["name": .string(name), "ns": .string(Self.namespaceURI), "value": .string(Self.line(value))]
    }

    /// One line without space at its ends, as OSCAL's strings are; a dash for nothing.
    static func line(_ text: String) -> String {
        let line = ValueText.visible(text).split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return line.isEmpty ? "–" : line
    }

    private static func mediaType(_ path: String) -> String {
        switch path.split(separator: ".").last {
        case "html": "text/html"
        case "json": "application/json"
        case "jsonl": "application/jsonl"
        case "csv": "text/csv"
        case "yaml": "application/yaml"
        default: "text/plain"
        }
    }
}
