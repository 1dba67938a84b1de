import AuditModel
import Testing
import Timeline

@testable import Evidence

@Suite struct ReportEngineTests {
    private func run(_ id: String, _ store: MemoryEvidence = QuarterStory.make(), _ parameters: [String: String] = [:]) throws
        -> ReportResult
    {
        let definition = try Shipped.library().definition(id)
        return try ReportEngine(store: store, definitions: [definition], period: QuarterStory.period).run(
            definition, parameters: parameters)
    }

    @Test func `a leaver is tested once in each system where any of their accounts was seen`() throws {
        let result = try run("EP-03")
        #expect(result.items.map(\.id) == ["seq:0/github", "seq:0/okta", "seq:1/linux", "seq:1/okta", "seq:2/okta"])
        #expect(result.notApplicable == 4)
    }

    @Test func `late closing, use after the end and a missing closing are exceptions of their items`() throws {
        let result = try run("EP-03")
        let found = result.exceptions.map { "\($0.item) \($0.rule)" }
        #expect(found == ["seq:1/linux none", "seq:1/okta late", "seq:1/okta login_after_end"])
        #expect(result.exceptionCount == 2)
    }

    @Test func `an account whose limit has not passed when the source ends is not decided, and the report is incomplete`() throws {
        let result = try run("EP-03")
        #expect(result.items.filter { $0.status == .undecided }.map(\.id) == ["seq:2/okta"])
        #expect(result.outcome == .incomplete)
    }

    @Test func `a longer limit makes the late closing pass, the use after the end stays`() throws {
        let result = try run("EP-03", QuarterStory.make(), ["limit": "7d"])
        #expect(result.exceptions.filter { $0.item == "seq:1/okta" }.map(\.rule) == ["login_after_end"])
    }

    @Test func `ticket, approval, approver and window of each access are tested, denied accesses are not in the population`() throws {
        let result = try run("EP-17")
        #expect(result.populationCount == 6)
        #expect(
            result.exceptions.map(\.rule) == [
                "no_ticket", "self_approved", "outside_window", "no_ticket", "no_approval", "no_ticket", "export_without_approval",
            ])
        #expect(result.exceptionCount == 5)
        #expect(result.outcome == .exceptions)
    }

    @Test func `a gap in a needed source gives incomplete, with the exceptions still shown`() throws {
        let store = QuarterStory.make()
        store.gaps = [gap("product", "2026-08-26T00:00:00Z", "2026-08-26T09:00:00Z")]
        let result = try run("EP-17", store)
        #expect(result.outcome == .incomplete)
        #expect(result.exceptionCount == 5)
        #expect(result.gaps.count == 1)
    }

    @Test func `a gap in a source that the report does not need changes nothing`() throws {
        let store = QuarterStory.make()
        store.gaps = [gap("linux", "2026-08-26T00:00:00Z", "2026-08-26T09:00:00Z")]
        #expect(try run("EP-17", store).outcome == .exceptions)
    }

    @Test func `a missing source gives incomplete even when every item passes`() throws {
        let store = MemoryEvidence()
        store.addSource("hr", parser: "hr_csv")
        store.addSource("okta")
        store.persons = ["mail_ada": "a", "okta_ada": "a"]
        store.seal("hr", [.at("2026-07-10T16:00:00Z", "hr.person.leave", target: "mail_ada")])
        store.seal(
            "okta",
            [
                .at("2026-07-10T16:05:00Z", "iam.account.disable", actor: "admin", target: "okta_ada"),
                .at("2026-08-10T16:05:00Z", "auth.session.start"),
            ])
        let result = try run("EP-03", store)
        #expect(result.items.map(\.status) == [.passed])
        #expect(result.outcome == .incomplete)
        #expect(result.reasons.first?.contains("github_audit") == true)
    }

    @Test func `without any item the report is not tested`() throws {
        let store = MemoryEvidence()
        store.addSource("product", parser: "product_audit")
        store.seal("product", [.at("2026-07-01T00:00:00Z", "data.record.read")])
        #expect(try run("EP-17", store).outcome == .notTested)
    }

    @Test func `coverage reports a silence as incomplete, on the day it begins, once`() throws {
        let store = QuarterStory.make()
        store.gaps = [gap("product", "2026-08-25T20:00:00Z", "2026-08-26T05:00:00Z")]
        let result = try run("EP-01", store)
        #expect(result.populationCount == 92 * 5)
        #expect(result.exceptions.map(\.item) == ["product/2026-08-25"])
        #expect(result.outcome == .incomplete)
        #expect(result.exceptions.first?.text.contains("9 h") == true)
    }

    @Test func `coverage names records that the ledger does not explain and sources that no configuration names`() throws {
        let store = MemoryEvidence()
        store.addSource("okta")
        store.seal("okta", [.at("2026-07-01T00:00:00Z", "auth.session.start")], unexplained: 2)
        store.seal("stray", [.at("2026-07-01T00:00:00Z", "auth.session.start")])
        let result = try run("EP-01", store)
        #expect(result.exceptions.map(\.rule) == ["unexplained", "not-in-inventory"])
        #expect(result.outcome == .exceptions)
    }

    @Test func `rows other than those that were sealed stop the report`() throws {
        let store = QuarterStory.make()
        store.tampered[2] = Array(repeating: Event.at("2026-07-01T08:00:00Z", "auth.session.start"), count: 7)
        let error = #expect(throws: EvidenceError.self) { try run("EP-03", store) }
        #expect(error?.code == .integrity)
    }

    @Test func `a batch with a row less stops the report`() throws {
        let store = QuarterStory.make()
        store.tampered[2] = []
        let error = #expect(throws: EvidenceError.self) { try run("EP-03", store) }
        #expect(error?.code == .integrity)
    }

    @Test func `a destroyed salt stops the report with its own code`() throws {
        let store = QuarterStory.make()
        store.forgotten = [2]
        let error = #expect(throws: EvidenceError.self) { try run("EP-03", store) }
        #expect(error?.code == .noLongerWhole)
    }

    @Test func `times whose bounds overlap the limit leave the item undecided`() throws {
        let store = MemoryEvidence()
        store.addSource("product", parser: "product_audit")
        store.seal(
            "product",
            [
                .at("2026-07-01T10:00:00Z") {
                    $0[.sourceAction] = "customer.record.read"
                    $0[.approvalState] = "approved"
                    $0[.approvalRef] = "SUP-1"
                    $0.approvalExpires = Timestamp(rfc3339: "2026-07-01T09:59:59Z")
                    $0.timeBoundMicroseconds = 5_000_000
                }
            ])
        let result = try run("EP-17", store)
        #expect(result.items.map(\.status) == [.undecided])
        #expect(result.outcome == .incomplete)
    }

    @Test func `exception ids do not change between runs`() throws {
        let first = try run("EP-17").exceptions.map(\.id)
        #expect(first == (try run("EP-17").exceptions.map(\.id)))
        #expect(Set(first).count == first.count)
        #expect(first[0] == TestItem.exceptionID(report: "EP-17", rule: "no_ticket", item: "seq:16"))
    }

    @Test func `an unknown parameter is refused with the nearest name`() throws {
        let error = #expect(throws: EvidenceError.self) { try run("EP-03", QuarterStory.make(), ["limt": "7d"]) }
        #expect(error?.code == .usage)
        #expect(error?.message.contains("`limit`") == true)
    }

    private func gap(_ source: String, _ from: String, _ until: String) -> Gap {
        Gap(
            source: source, from: Timestamp(rfc3339: from) ?? .earliest, until: Timestamp(rfc3339: until) ?? .latest, cause: .silence,
            explanation: "silent for longer than 4 h")
    }
}
