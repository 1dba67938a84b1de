import AuditModel
import Cryptography
import Foundation

/// A framework as we name it: `reports/frameworks/<id>.yaml`. Identifiers with our own wording; the standards' texts are not here.
public struct Framework: Sendable {
    /// `soc2`.
    public let id: String
    public let title: String
    /// What of the framework is listed.
    public let about: String
    /// In the order of the file.
    public let controls: [Control]
    /// Hash of the file.
    let sha256: SHA256Digest

    /// A requirement.
    public struct Control: Hashable, Sendable {
        /// As the framework writes it: `CC6.1`, `8.15`, `AC-2(3)`.
        public let id: String
        /// What it asks, in our words.
        public let about: String
        /// Only a document can answer it; no log says whether it is met.
        public let needsDocument: Bool
    }

    /// Loads every `frameworks/*.yaml` of a folder of reports, by id; none where there is no such folder.
    ///
    /// - Throws: ``EvidenceError``: `definition` with file and line.
    static func load(reportsFolder: String) throws(EvidenceError) -> [Framework] {
        let folder = "\(reportsFolder)/frameworks"
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else { return [] }
        var result: [Framework] = []
        for name in names.sorted() where name.hasSuffix(".yaml") { result.append(try load(file: "\(folder)/\(name)")) }
        return result
    }

    /// Loads one framework.
    static func load(file path: String) throws(EvidenceError) -> Framework {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw EvidenceError(.file, "the framework cannot be read", path: path)
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw EvidenceError(.definition, "the file is not UTF-8", path: path)
        }
        let top = try StrictYAML(document: text, path: path)
        try top.allow(["version", "id", "title", "about", "policy", "controls"])
        guard try top.integer("version") == 1 else { throw top.error("version", "this build reads version 1 of frameworks") }
        let id = try top.text("id")
        let known = ReportDefinition.Control.titles.map(\.id)
        guard known.contains(id) else {
            throw top.error("id", "there is no framework `\(id)`\(NearestName.hint(id, among: known)); there are: \(known.joined(separator: ", "))")
        }
        guard let map = try top.mapping("controls"), !map.keys.isEmpty else {
            throw EvidenceError(.definition, "`controls` is missing: identifiers with a wording each", path: path, line: top.line)
        }
        let ids = map.keys.map(\.name)
        let documents = try top.textsWithLines("policy")
        for (document, line) in documents where !ids.contains(document) {
            throw EvidenceError(
                .definition, "`policy` names `\(document)`, which is no control here\(NearestName.hint(document, among: ids))", path: path, line: line)
        }
        let needsDocument = Set(documents.map(\.text))
        var controls: [Control] = []
        for control in ids { controls.append(.init(id: control, about: try map.text(control), needsDocument: needsDocument.contains(control))) }
        return Framework(
            id: id, title: try top.text("title"), about: try top.text("about"), controls: controls, sha256: SHA256.hash(Array(data)))
    }
}

extension ReportDefinition {
    /// Refuses a control that its framework does not have. A framework that is not listed is not judged.
    func checkControls(_ frameworks: [Framework]) throws(EvidenceError) {
        for named in controls {
            guard let framework = frameworks.first(where: { $0.id == named.framework }) else { continue }
            let known = framework.controls.map(\.id)
            for control in named.ids where !known.contains(control) {
                throw EvidenceError(
                    .definition, "\(framework.title) has no control `\(control)`\(NearestName.hint(control, among: known))", path: path,
                    line: line(ofControl: control, framework: named.framework))
            }
        }
    }

    /// The line that names a control, found again in the file.
    private func line(ofControl control: String, framework: String) -> Int? {
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        guard let section = lines.firstIndex(where: { $0.hasPrefix("controls:") }),
            let start = lines[section...].firstIndex(where: { $0.contains("\(framework):") })
        else { return nil }
        return (lines[start...].firstIndex { $0.contains(control) } ?? start) + 1
    }
}
