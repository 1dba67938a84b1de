import Cryptography
import Foundation
import Mustache

/// The files in `reports/templates/`: pages, style sheet, and the scripts that go into every pack.
public struct TemplateSet {
    /// Names of the files that must be there.
    static let names = [
        "report.mustache", "report-customer.mustache", "index.mustache", "controls.mustache", "README.md.mustache", "VERIFY.md.mustache", "report.css",
    ]
    /// Scripts copied into a pack as they are.
    static let scripts = ["verify.sh", "verify-inclusion.sh"]

    private let library: MustacheLibrary
    let css: String
    /// Scripts by name; those that exist.
    let scripts: [String: [UInt8]]
    /// Hash over names and contents of all files, sorted by name.
    let sha256: SHA256Digest

    /// Loads the templates.
    ///
    /// - Throws: ``EvidenceError``: `file` for a missing file, `definition` for a template that does not parse.
    public init(folder: String) throws {
        var templates: [String: MustacheTemplate] = [:]
        var hasher = SHA256()
        var css = ""
        var scripts: [String: [UInt8]] = [:]
        for name in (Self.names + Self.scripts).sorted() {
            let path = "\(folder)/\(name)"
            guard let data = FileManager.default.contents(atPath: path) else {
                if Self.scripts.contains(name) { continue }
                throw EvidenceError(.file, "a template is missing; reinstall proofline or set PROOFLINE_HOME", path: path)
            }
            hasher.update(Array("\(name)\n\(data.count)\n".utf8))
            hasher.update(Array(data))
            if Self.scripts.contains(name) {
                scripts[name] = Array(data)
            } else if name.hasSuffix(".css") {
                css = String(decoding: data, as: UTF8.self)
            } else {
                do {
                    templates[String(name.dropLast(".mustache".count))] = try MustacheTemplate(
                        string: String(decoding: data, as: UTF8.self))
                } catch {
                    throw EvidenceError(.definition, "the template cannot be read", path: path, cause: error)
                }
            }
        }
        library = MustacheLibrary(templates: templates)
        self.css = css
        self.scripts = scripts
        sha256 = hasher.finalize()
    }

    func render(_ template: String, _ context: [String: Any]) throws(EvidenceError) -> String {
        guard let text = library.render(context, withTemplate: template) else {
            throw EvidenceError(.definition, "there is no template `\(template)`")
        }
        return text
    }
}
