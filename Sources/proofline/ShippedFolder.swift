import Foundation

/// Finds the folders of data that come with the program.
enum ShippedFolder {
    /// The first place that has what is looked for: beside the executable's prefix (`share/proofline`), `$PROOFLINE_HOME`, the root of the package that
    /// the executable was built in.
    ///
    /// - Parameters:
    ///   - name: For example `parsers`.
    ///   - witness: A folder within it that must be there; empty: itself.
    static func named(_ name: String, with witness: String = "") -> String? {
        let executable = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
        var above = URL(fileURLWithPath: executable).deletingLastPathComponent()
        var places = [above.deletingLastPathComponent().appendingPathComponent("share/proofline").path]
        if let home = ProcessInfo.processInfo.environment["PROOFLINE_HOME"] { places.append(home) }
        // The root of a package lies above the folder of its build.
        for _ in 0..<6 {
            above = above.deletingLastPathComponent()
            if FileManager.default.fileExists(atPath: above.appendingPathComponent("Package.swift").path) { places.append(above.path) }
        }
        return places.map { "\($0)/\(name)" }.first { isFolder("\($0)/\(witness)") }
    }

    private static func isFolder(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
    }
}
