import Foundation
import Testing

@testable import Parsing

struct ParserLibraryTests {
    @Test func `only the parsers asked for are loaded, with those that they hand over to`() throws {
        let all = try ParserLibrary.load(folders: [ShippedParsers.folder], requireFixtures: false)
        let one = try ParserLibrary.load(folders: [ShippedParsers.folder], only: ["okta"], requireFixtures: false)
        #expect(one["okta"]?.id == "okta")
        #expect(one["github_audit"] == nil)
        #expect(one.ids == all.ids)
        let several = try ParserLibrary.load(folders: [ShippedParsers.folder], only: ["okta+sidekiq"], requireFixtures: false)
        #expect(try several.definition("okta+sidekiq").id == all.definition("okta+sidekiq").id)
        let handing = try #require(all.ids.first { all[$0].map { !$0.handOverNames.isEmpty } ?? false })
        let some = try ParserLibrary.load(folders: [ShippedParsers.folder], only: [handing], requireFixtures: false)
        for name in all[handing]?.handOverNames ?? [] { #expect(some[name] != nil) }
    }

    @Test func `a parser that is not there is missing, not an error`() throws {
        let library = try ParserLibrary.load(folders: [ShippedParsers.folder], only: ["no_such_parser"], requireFixtures: false)
        #expect(library["no_such_parser"] == nil)
        #expect(throws: ParsingError.self) { _ = try library.definition("no_such_parser") }
    }
}
