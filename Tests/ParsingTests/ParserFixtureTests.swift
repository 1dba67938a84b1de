import AuditModel
import Foundation
import Testing

@testable import Parsing

/// The shipped parsers, read from the package.
enum ShippedParsers {
    static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("parsers").path

    static let library = Result { try ParserLibrary.load(folders: [folder]) }

    static func cases() throws -> [(definition: ParserDefinition, fixture: ParserFixture)] {
        let library = try library.get()
        return library.ids.flatMap { id in
            let definition = library[id]!
            return ParserLibrary.fixtures(of: definition).map { (definition, $0) }
        }
    }
}

@Suite struct ParserFixtureTests {
    @Test func `every shipped parser gives the expected events for its fixtures`() throws {
        for (definition, fixture) in try ShippedParsers.cases() {
            let differences = try FixtureRun(fixture, of: definition).differences(from: fixture)
            #expect(differences.isEmpty, "\(definition.id)/\(fixture.name): \(differences.map(\.description).joined(separator: "\n"))")
        }
    }

    @Test func `the parsers that the first release needs are shipped`() throws {
        let wanted: Set = [
            "okta", "product_audit", "github_audit", "aws_cloudtrail", "linux_auth", "postgresql", "pgaudit", "sidekiq", "hr_csv",
        ]
        #expect(wanted.isSubset(of: try ShippedParsers.library.get().ids))
    }

    @Test func `fixtures read the same however their bytes are cut`() throws {
        for (definition, fixture) in try ShippedParsers.cases() {
            let bytes = [UInt8](try #require(FileManager.default.contents(atPath: fixture.logPath)))
            let whole = try TestParser.read(bytes, definition)
            for size in [1, 7, 64, 1_000] {
                #expect(
                    try TestParser.read(bytes, definition, pieces: size) == whole, "\(definition.id)/\(fixture.name) in pieces of \(size)")
            }
        }
    }

    @Test func `a parser that goes on from a saved state reads what is left`() throws {
        for (definition, fixture) in try ShippedParsers.cases() {
            let bytes = [UInt8](try #require(FileManager.default.contents(atPath: fixture.logPath)))
            let whole = try TestParser.read(bytes, definition)
            for cut in stride(from: 0, through: bytes.count, by: max(1, bytes.count / 12)) {
                var lines: [String] = []
                let add: (ParsedRecord) -> Void = { record in lines += record.shownJSON.map(\.canonicalText) }
                let first = try RecordParser(definition, options: TestParser.options)
                first.feed(Array(bytes[..<cut]), emit: add)
                let second = try RecordParser(definition, options: TestParser.options)
                try second.restore(first.saveState())
                second.feed(Array(bytes[Int(second.consumedOffset)...]), emit: add)
                second.finish(emit: add)
                #expect(lines == whole.lines, "\(definition.id)/\(fixture.name) cut at \(cut)")
            }
        }
    }

    @Test func `fixtures hold no address outside the documentation ranges`() throws {
        for (definition, fixture) in try ShippedParsers.cases() {
            let text = String(decoding: try #require(FileManager.default.contents(atPath: fixture.expectedPath)), as: UTF8.self)
            for part in text.components(separatedBy: "\"ip\":\"").dropFirst() {
                let address = String(part.prefix { $0 != "\"" })
                // The loopback address is nobody's.
                let isDocumentation = ["192.0.2.", "198.51.100.", "203.0.113.", "2001:db8:", "127.0.0.1", "::1"].contains { address.hasPrefix($0) }
                #expect(isDocumentation, "\(definition.id)/\(fixture.name): \(address)")
            }
        }
    }
}
