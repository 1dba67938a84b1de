public import AuditModel
import Cryptography
import Foundation

/// The inventories of a folder: facts that no log knows (who may administer, which job runs when), each a CSV file with an
/// owner and a date, listed in `inventories.yaml` (docs/reports.md).
///
/// Files come from people: they are read strictly and refused with file, line and column. Cells that name people stay in
/// memory; what leaves it are tokens and pseudonyms.
public struct Inventories: Sendable {
    /// One file as it was read.
    public struct File: Sendable {
        public let name: String
        /// Who answers for it: a role, such as `Head of platform`.
        public let owner: String
        /// The moment that the file describes.
        public let asOf: Timestamp
        public let about: String
        /// Hash of the file as it was read.
        public let sha256: SHA256Digest
        let path: String
        let header: [String]
        let rows: [(line: Int, cells: [String])]
        /// The first row (from 1) that says a text, whatever its case: what an unknown person is called by.
        let firstRow: [String: Int]
    }

    /// No inventory at all.
    public static let none = Inventories(files: [:])

    /// Largest file, in bytes.
    static let fileLimitBytes = 64 << 20

    /// By name.
    let files: [String: File]

    /// Names, ascending.
    public var names: [String] { files.keys.sorted() }

    /// Loads `<folder>/inventories.yaml` and the files that it names.
    ///
    /// - Throws: ``EvidenceError``: `file` where one cannot be read, `definition` where one does not hold together, with file and line.
    public static func load(folder: String) throws(EvidenceError) -> Inventories {
        let listPath = "\(folder)/inventories.yaml"
        guard let data = FileManager.default.contents(atPath: listPath), let text = String(data: data, encoding: .utf8) else {
            throw EvidenceError(.file, "the list of inventories cannot be read; --inventories names the folder that holds it", path: listPath)
        }
        let top = try StrictYAML(document: text, path: listPath)
        try top.allow(["version", "inventories"])
        guard try top.integer("version") == 1 else { throw top.error("version", "this build reads version 1 of the list of inventories") }
        var files: [String: File] = [:]
        for (name, map) in try top.namedMappings("inventories") {
            try map.allow(["file", "owner", "as_of", "about"])
            let fileName = try map.text("file")
            guard !fileName.hasPrefix("/"), !fileName.split(separator: "/").contains("..") else {
                throw map.error("file", "must lie in the folder of inventories.yaml")
            }
            let asOfText = try map.text("as_of")
            guard let asOf = Timestamp(dateOrTime: asOfText) else { throw map.error("as_of", "`\(asOfText)` is not a date such as 2026-09-30") }
            files[name] = try file(
                name, path: "\(folder)/\(fileName)", owner: try map.text("owner"), asOf: asOf, about: try map.optionalText("about") ?? "")
        }
        return Inventories(files: files)
    }

    private static func file(_ name: String, path: String, owner: String, asOf: Timestamp, about: String) throws(EvidenceError) -> File {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw EvidenceError(.file, "the inventory `\(name)` cannot be read", path: path)
        }
        guard data.count <= fileLimitBytes else {
            throw EvidenceError(.definition, "an inventory has at most \(fileLimitBytes >> 20) MiB", path: path)
        }
        let bytes = Array(data)
        var rows = try CSVReader.rows(bytes, path: path)
        guard !rows.isEmpty else { throw EvidenceError(.definition, "the file is empty; its first line names the columns", path: path) }
        let header = rows.removeFirst().cells
        for (column, title) in header.enumerated() where header[..<column].contains(title) {
            throw EvidenceError(.definition, "the column `\(title)` stands twice", path: path, line: 1)
        }
        for row in rows where row.cells.count != header.count {
            throw EvidenceError(
                .definition, "the line has \(row.cells.count) cells, the first one names \(header.count) columns", path: path, line: row.line)
        }
        var firstRow: [String: Int] = [:]
        for (number, row) in rows.enumerated() {
            for cell in row.cells where firstRow[cell.lowercased()] == nil { firstRow[cell.lowercased()] = number + 1 }
        }
        return File(
            name: name, owner: owner, asOf: asOf, about: about, sha256: SHA256.hash(bytes), path: path, header: header, rows: rows,
            firstRow: firstRow)
    }
}
