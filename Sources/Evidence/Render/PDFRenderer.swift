import Foundation

/// Makes PDFs of pages with weasyprint, the same bytes for the same page.
public struct PDFRenderer: Sendable {
    /// `WeasyPrint version 57.2`.
    public let version: String
    private let executable: String

    /// Finds weasyprint on the path; nil when it is not installed.
    public static func find() -> PDFRenderer? {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin").split(separator: ":")
        guard let path = folders.map({ "\($0)/weasyprint" }).first(where: { FileManager.default.isExecutableFile(atPath: $0) }),
            let answer = try? run(path, ["--version"]), answer.status == 0
        else { return nil }
        return PDFRenderer(version: String(decoding: answer.output, as: UTF8.self).trimmed, executable: path)
    }

    /// Renders a page.
    ///
    /// - Parameter identifier: Goes into the file as its id; ASCII.
    /// - Throws: ``EvidenceError`` with code `external`.
    func render(_ html: String, identifier: String) throws(EvidenceError) -> [UInt8] {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("proofline-pdf-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            try Data(html.utf8).write(to: URL(fileURLWithPath: "\(folder)/page.html"))
            let result = try Self.run(
                executable, ["--quiet", "--encoding", "utf-8", "--pdf-identifier", identifier, "\(folder)/page.html", "\(folder)/page.pdf"])
            guard result.status == 0, let data = FileManager.default.contents(atPath: "\(folder)/page.pdf"), !data.isEmpty else {
                throw EvidenceError(
                    .external, "weasyprint made no PDF; see what it says, or leave PDFs out with --no-pdf: \(result.complaint.prefix(400))")
            }
            return Array(data)
        } catch let error as EvidenceError {
            throw error
        } catch {
            throw EvidenceError(.external, "weasyprint could not be run; leave PDFs out with --no-pdf", path: executable, cause: error)
        }
    }

    private static func run(_ path: String, _ arguments: [String]) throws(EvidenceError) -> ChildProgram {
        // Nothing of the caller's surroundings may show in the file.
        var environment = ["SOURCE_DATE_EPOCH": "315532800", "TZ": "UTC", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "0"]
        for name in ["PATH", "HOME", "XDG_CACHE_HOME", "FONTCONFIG_PATH", "FONTCONFIG_FILE"] {
            environment[name] = ProcessInfo.processInfo.environment[name]
        }
        return try ChildProgram(path, arguments, environment: environment)
    }
}
