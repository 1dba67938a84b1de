import Foundation
import Testing

/// Small rules that keep the house easy to walk through.
struct TidyTests {
    @Test func `no file holds a leftover`() throws {
        let words = ["FIX" + "ME", "TO" + "DO", "XX" + "X:", "not " + "implemented", "_Place" + "holder"]
        for file in try ArrowsTests.swiftFiles(under: "Sources") + ArrowsTests.swiftFiles(under: "Tests") {
            let text = try String(contentsOf: file, encoding: .utf8)
            for word in words where text.contains(word) { Issue.record("\(file.lastPathComponent) holds \(word)") }
            if file.lastPathComponent.hasPrefix("_") { Issue.record("\(file.path) is a leftover") }
        }
    }

    @Test func `a source file over 500 lines says why in its first comment`() throws {
        for file in try ArrowsTests.swiftFiles(under: "Sources") {
            let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n", omittingEmptySubsequences: false)
            guard lines.count > 500 else { continue }
            let opening = lines.prefix(12).joined(separator: "\n")
            #expect(opening.contains("One file because"), "\(file.lastPathComponent) has \(lines.count) lines")
        }
    }

    @Test func `the median source file is short`() throws {
        let counts = try ArrowsTests.swiftFiles(under: "Sources").map {
            try String(contentsOf: $0, encoding: .utf8).split(separator: "\n", omittingEmptySubsequences: false).count
        }.sorted()
        #expect(counts[counts.count / 2] <= 150)
    }

    @Test func `no name hides what a thing is`() throws {
        let vague = try Regex("(Manager|Helper|Utils|Utilities|Common|Misc)\\.swift$")
        for file in try ArrowsTests.swiftFiles(under: "Sources") where file.lastPathComponent.contains(vague) {
            Issue.record("\(file.lastPathComponent) has a name that says nothing")
        }
    }

    @Test func `every parser and report has its README`() throws {
        for folder in ["parsers", "reports"] {
            let base = ArrowsTests.root.appending(path: folder)
            for name in try FileManager.default.contentsOfDirectory(atPath: base.path) where name != "templates" {
                var isFolder: ObjCBool = false
                let path = base.appending(path: name).path
                guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue else { continue }
                #expect(FileManager.default.fileExists(atPath: path + "/README.md"), "\(folder)/\(name) has no README.md")
            }
        }
    }

    @Test func `make targets that the README names exist`() throws {
        let readme = try String(contentsOf: ArrowsTests.root.appending(path: "README.md"), encoding: .utf8)
        let makefile = try String(contentsOf: ArrowsTests.root.appending(path: "Makefile"), encoding: .utf8)
        for match in readme.matches(of: /(?m)(?:^|`)make ([a-z][a-z-]*)/) {
            #expect(makefile.contains("\n\(match.1):"), "README names make \(match.1)")
        }
    }
}
