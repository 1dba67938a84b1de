import AuditModel
import Testing

@testable import Evidence

/// Words beside an exception: they are printed, and nothing is counted otherwise.
@Suite struct ExplanationTests {
    private static func explanation(_ exception: String, ticket: String = "SEC-118", expires: String = "2027-01-01T00:00:00Z", at time: String = "2026-10-05T08:00:00Z") -> Event {
        .at(time, Explanation.action, actor: "petra") {
            $0[.actorName] = "usr_petra"
            $0[.approvalBy] = "usr_anton"
            $0[.approvalRef] = ticket
            $0.approvalExpires = Timestamp(rfc3339: expires)
            $0[.reason] = "laptop in <repair>"
            $0.setAttribute("owner", "usr_owner")
            $0.targets = [.init(type: "exception", id: exception)]
        }
    }

    /// The story's leavers, with acts from a source of that parser.
    private func run(_ acts: [Event], parser: String = SourceCheck.ownParser) throws -> ReportResult {
        let store = QuarterStory.make()
        if !acts.isEmpty {
            store.addSource("acts", parser: parser)
            store.seal("acts", acts)
        }
        let definition = try Shipped.library().definition("EP-03")
        return try ReportEngine(store: store, definitions: [definition], period: QuarterStory.period).run(definition)
    }

    @Test(arguments: [true, false])
    func `an explanation is printed beside its exception, and count, outcome and texts stay`(byKey: Bool) throws {
        let plain = try run([])
        let finding = try #require(plain.items.flatMap(\.findings).first { $0.rule.verdict == .exception })
        let explained = try run([Self.explanation(byKey ? finding.key : finding.id)])
        #expect(explained.explanations[finding.id]?.contains("Explained by usr_petra under SEC-118, agreed by usr_anton, owner usr_owner, until 2026-12-31") == true)
        #expect(plain.explanations == [:])
        #expect(explained.exceptionCount == plain.exceptionCount && plain.exceptionCount > 0)
        #expect(explained.outcome == plain.outcome && explained.reasons == plain.reasons)
        #expect(explained.exceptions.map(\.id) == plain.exceptions.map(\.id) && explained.exceptions.map(\.text) == plain.exceptions.map(\.text))
        #expect(explained.figures == plain.figures)
        let table = String(decoding: ReportTables(result: explained).exceptions, as: UTF8.self)
        #expect(table.contains("Explained by usr_petra under SEC-118"))
    }

    @Test func `the latest words count, and those that ran out before the period's end are told as such`() throws {
        let id = try #require(try run([]).exceptions.first?.id)
        let later = Self.explanation(id, ticket: "SEC-200", expires: "2026-09-01T00:00:00Z", at: "2026-10-06T08:00:00Z")
        let said = try run([later, Self.explanation(id)]).explanations[id]
        #expect(said?.hasPrefix("The explanation by usr_petra under SEC-200 ran out on 2026-08-31") == true)
    }

    @Test func `another source cannot explain, and half an explanation is none`() throws {
        let id = try #require(try run([]).exceptions.first?.id)
        #expect(try run([Self.explanation(id)], parser: "product_audit").explanations == [:])
        var half = Self.explanation(id)
        half[.approvalBy] = nil
        #expect(try run([half]).explanations == [:])
    }

    @Test func `the event that explains is in the pack, and the page escapes it`() throws {
        let id = try #require(try run([]).exceptions.first?.id)
        let result = try run([Self.explanation(id)])
        let row = try #require(result.explanationRows.first)
        #expect(!result.usedRows.contains(row))
        let selection = PackSelection(results: [result], seals: [], deleted: DeletedRows(), level: .auditor, draw: nil)
        #expect(selection.rows[row.logIndex]?.contains(row.index) == true)
    }
}
