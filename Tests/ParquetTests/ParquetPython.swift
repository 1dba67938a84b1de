import Foundation
import Testing

/// The Python side of the interop tests: Tests/interop/parquet_lines.py.
enum ParquetPython {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static var executable: String? {
        let path = ProcessInfo.processInfo.environment["PROOFLINE_PYTHON"] ?? root.appending(path: ".venv/bin/python").path
        return FileManager.default.isExecutableFile(atPath: path) ? path : nil
    }

    /// Runs the Python side and gives its output by lines.
    static func run(_ arguments: String...) throws -> [String] {
        let process = Process()
        process.executableURL = URL(filePath: try #require(executable))
        process.arguments = [root.appending(path: "Tests/interop/parquet_lines.py").path] + arguments
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "parquet_lines.py \(arguments) failed; its message is above")
        return String(decoding: data, as: UTF8.self).split(separator: "\n").map(String.init)
    }
}
