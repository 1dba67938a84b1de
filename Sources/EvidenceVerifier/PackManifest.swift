import AuditModel
import TransparencyLog

/// `manifest.json`: what the pack claims about itself. Every claim is checked elsewhere.
struct PackManifest {
    static let schema = "proofline.pack/1"

    struct Report {
        let id: String
        let title: String
        let outcome: String
        /// Nil where a customer's pack says `<5`.
        let population: Int64?
        let exceptions: Int64?
    }

    /// What stands for a count from 1 to 4 in a customer's pack.
    static let suppressedCount = "<5"

    struct Seal {
        let logIndex: UInt64
        let source: String
        let count: Int64
        let inPack: Int64
    }

    struct ShownRow: Hashable {
        let logIndex: UInt64
        let index: Int64
    }

    let packID: String
    let name: String
    let revision: Int64
    let level: String
    let recipient: String?
    let expires: String?
    let sources: [String]
    let periodStart: Timestamp
    let periodEnd: Timestamp
    let reports: [Report]
    let checkpointEnd: JSONValue
    let checkpointStart: JSONValue?
    let removedCount: Int64
    let seals: [Seal]
    let sampleNonce: String?
    let sampleSeed: String?
    let shown: [ShownRow]
    let limitations: [String]
    let generator: String

    /// Reads the file.
    ///
    /// - Throws: ``Fault`` naming the first member that is not as specified.
    init(_ bytes: [UInt8]) throws(Fault) {
        let json: JSONValue
        do { json = try JSONValue(parsing: bytes, maximumDepth: 32) } catch { throw Fault("it is no JSON: \(error)") }
        guard Array((json.prettyText() + "\n").utf8) == bytes else { throw Fault("it is not in the form that proofline writes") }
        let reader = MemberReader(json)
        guard try reader.text("schema") == Self.schema else { throw Fault("its schema is not \(Self.schema)") }
        packID = try reader.text("packId")
        name = try reader.text("name")
        revision = try reader.count("revision")
        level = try reader.text("level")
        guard ["internal", "auditor", "customer"].contains(level) else { throw Fault("the level is internal, auditor or customer") }
        sources = try reader.inner("scope").texts("sources")
        let period = try reader.inner("period")
        periodStart = try period.time("start")
        periodEnd = try period.time("endExclusive")
        let level = level
        recipient = json["recipient"]?.string
        expires = json["expires"]?.string
        reports = try reader.list("reports") { (item: MemberReader) throws(Fault) in
            Report(
                id: try item.text("id"), title: try item.text("title"), outcome: try item.text("outcome"),
                population: try item.statedCount("population", level), exceptions: try item.statedCount("exceptions", level))
        }
        guard reports.allSatisfy({ PackPath.isValid(Array($0.id.utf8)[...]) && !$0.id.contains("/") }) else {
            throw Fault("a report's id is not one that can be a folder")
        }
        checkpointEnd = try reader.member("checkpointEnd")
        checkpointStart = json["checkpointStart"]
        removedCount = try reader.inner("redaction").count("count")
        seals = try reader.list("seals") { (item: MemberReader) throws(Fault) in
            Seal(
                logIndex: UInt64(try item.count("logIndex")), source: try item.text("source"), count: try item.count("count"),
                inPack: try item.count("inPack"))
        }
        let sample = json["sample"] == nil ? nil : try reader.inner("sample")
        sampleNonce = try sample?.text("nonce")
        sampleSeed = try sample?.text("seed")
        shown = try reader.list("shown") { (item: MemberReader) throws(Fault) in
            ShownRow(logIndex: UInt64(try item.count("logIndex")), index: try item.count("index"))
        }
        limitations = try reader.texts("limitations")
        let maker = try reader.inner("generator")
        generator = "\(try maker.text("name")) \(try maker.text("version"))"
    }

    /// Whether a checkpoint object of manifest or IPE is this checkpoint.
    static func matches(_ json: JSONValue?, _ checkpoint: Checkpoint) -> Bool {
        guard let json, let size = json["size"]?.integer, let origin = json["origin"]?.string, let root = json["root"]?.string else {
            return false
        }
        return UInt64(exactly: size) == checkpoint.size && root == checkpoint.root.base64
            && origin.utf8.elementsEqual(checkpoint.origin.utf8)
    }
}

/// Why a document is not as specified.
struct Fault: Error {
    /// What exactly is wrong; nil where who reads the document knows better.
    let rule: Finding.Rule?
    let message: String

    init(_ message: String) { (rule, self.message) = (nil, message) }
    init(_ rule: Finding.Rule, _ message: String) { (self.rule, self.message) = (rule, message) }
}

/// Takes members of a JSON object that must have them, of the kind that they must be.
struct MemberReader {
    let json: JSONValue
    init(_ json: JSONValue) { self.json = json }

    func member(_ name: String) throws(Fault) -> JSONValue {
        guard let value = json[name] else { throw Fault("the member \(name) is missing") }
        return value
    }

    func inner(_ name: String) throws(Fault) -> MemberReader {
        let value = try member(name)
        guard value.object != nil else { throw Fault("the member \(name) is no object") }
        return MemberReader(value)
    }

    func text(_ name: String) throws(Fault) -> String {
        guard let text = try member(name).string else { throw Fault("the member \(name) is no text") }
        return text
    }

    /// An integer from 0 to 2^53 − 1.
    func count(_ name: String) throws(Fault) -> Int64 {
        guard let count = try member(name).integer, (0...CanonicalJSON.largestInteger).contains(count) else {
            throw Fault("the member \(name) is no count")
        }
        return count
    }

    /// A count, or nil for one that a customer's pack suppresses.
    func statedCount(_ name: String, _ level: String) throws(Fault) -> Int64? {
        if level == "customer", try member(name).string == PackManifest.suppressedCount { return nil }
        return try count(name)
    }

    func optionalCount(_ name: String) throws(Fault) -> Int64? {
        json[name] == nil ? nil : try count(name)
    }

    func time(_ name: String) throws(Fault) -> Timestamp {
        guard let time = Timestamp(rfc3339: try text(name)) else { throw Fault("the member \(name) is no time") }
        return time
    }

    func texts(_ name: String) throws(Fault) -> [String] {
        guard let items = try member(name).array else { throw Fault("the member \(name) is no list") }
        var texts: [String] = []
        for item in items {
            guard let text = item.string else { throw Fault("the list \(name) holds something that is no text") }
            texts.append(text)
        }
        return texts
    }

    func list<Element>(_ name: String, _ read: (MemberReader) throws(Fault) -> Element) throws(Fault) -> [Element] {
        guard let items = try member(name).array else { throw Fault("the member \(name) is no list") }
        var elements: [Element] = []
        elements.reserveCapacity(items.count)
        for item in items { elements.append(try read(MemberReader(item))) }
        return elements
    }
}
