import Foundation
import Testing

@testable import Evidence

@Suite struct ChartTests {
    private func charts(_ id: String) throws -> [Chart] {
        let definition = try Shipped.library().definition(id)
        let result = try ReportEngine(store: QuarterStory.make(), definitions: [definition], period: QuarterStory.period).run(definition)
        return try definition.charts.map { try Chart.draw($0, result) }
    }

    @Test(arguments: ["EP-01", "EP-03", "EP-17"])
    func `every chart is well-formed XML with a title and a description`(id: String) throws {
        for chart in try charts(id) {
            let parser = XMLCheck()
            #expect(parser.isWellFormed(chart.svg), "\(chart.id)")
            #expect(chart.svg.contains("<title id=\"chart-\(chart.id)-t\">"))
        }
    }

    @Test func `the histogram counts accounts by their lag and shows those never closed`() throws {
        let table = try #require(try charts("EP-03").first).table
        let counts = Dictionary(uniqueKeysWithValues: table.dropFirst().map { ($0[0], $0[4]) })
        #expect(counts["0 s – 1 h"] == "2")
        #expect(counts["2 d – 1 w"] == nil)
        #expect(counts["2 d – 7 d"] == "1")
        #expect(counts["never"] == "2")
    }

    @Test func `the heat map has a row per tenant and a column per week of the period`() throws {
        let table = try #require(try charts("EP-17").first).table
        #expect(table.count == 2)
        #expect(table[0].count == 16)
        #expect(table[1].last == "6")
    }

    @Test func `hostile text is escaped and control characters do not pass`() {
        #expect(SVGBuilder.escape("<a href=\"x\">&'\u{1}\u{7f}") == "&lt;a href=&quot;x&quot;&gt;&amp;&#39;\u{FFFD}\u{FFFD}")
    }

    @Test func `coordinates do not depend on a locale`() {
        #expect([0, 1.5, -2.25, 3.04, 1_234.5].map { SVGBuilder.number($0) } == ["0", "1.5", "-2.25", "3.04", "1234.5"])
    }
}

/// Tags that close in order, attributes quoted, no stray `<` or `&`: enough of XML for what the builder writes.
struct XMLCheck {
    func isWellFormed(_ text: String) -> Bool {
        var open: [Substring] = []
        var rest = text[...]
        while let start = rest.firstIndex(of: "<") {
            guard isText(rest[..<start]), let end = rest[start...].firstIndex(of: ">") else { return false }
            let tag = rest[rest.index(after: start)..<end]
            if tag.hasPrefix("/") {
                guard open.popLast() == tag.dropFirst() else { return false }
            } else {
                guard tag.count(where: { $0 == "\"" }).isMultiple(of: 2), !tag.contains("<") else { return false }
                if !tag.hasSuffix("/") { open.append(tag.prefix { $0 != " " }) }
            }
            rest = rest[rest.index(after: end)...]
        }
        return open.isEmpty && isText(rest)
    }

    private func isText(_ text: Substring) -> Bool {
        text.split(separator: "&", omittingEmptySubsequences: false).dropFirst().allSatisfy { part in
            ["amp;", "lt;", "gt;", "quot;", "#39;"].contains { part.hasPrefix($0) }
        }
    }
}
