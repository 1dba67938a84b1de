import AuditModel
import Foundation
import Testing

@testable import Evidence

/// Reports that a company writes itself, from questions of the catalogue that are not shipped yet: no Swift is touched.
@Suite struct OwnReportTests {
    private func run(_ definition: String, _ events: [Event]) throws -> ReportResult {
        let store = MemoryEvidence()
        store.addSource("product", parser: "product_audit")
        store.seal("product", events)
        let definition = try ReportDefinitionLoader.load(bytes: Array(definition.utf8), path: "own/report.yaml")
        return try ReportEngine(store: store, definitions: [definition], period: QuarterStory.period).run(definition)
    }

    private static func head(_ id: String) -> String {
        """
        version: 1
        id: \(id)
        revision: 1
        title: Title
        question: Question?
        method: Method.
        sources:
          product: {parsers: [product_audit], need: all, why: it says so}

        """
    }

    @Test func `break-glass grants without a review within three days`() throws {
        let definition =
            Self.head("OWN-11") + """
                parameters:
                  review_within: {type: duration, default: 3d, about: Time for the review}
                sets:
                  grants: action:iam.break_glass.grant
                  reviews: action:iam.break_glass.review
                population: {each: grants}
                joins:
                  review: {set: reviews, on: [item.target.id == row.target.id], from: 0, take: first}
                exceptions:
                  - {id: no-reason, title: No reason, when: missing(item.reason), say: "No reason."}
                  - {id: unreviewed, title: Not reviewed, when: missing(review) and asof - item.time > review_within, say: "Not reviewed within {review_within}."}
                  - {id: late, title: Reviewed late, when: review.time - item.time > review_within, say: "Reviewed after {review.time - item.time}."}
                  - {id: self, title: Reviewed by the same person, when: "same_person(item.actor.person, review.actor.person)", say: "Same person."}
                """
        func grant(_ time: String, _ id: String, reason: String? = "INC-1") -> Event {
            .at(time, "iam.break_glass.grant", actor: "a") {
                $0.targets = [.init(type: "grant", id: id)]
                $0[.reason] = reason
            }
        }
        func review(_ time: String, _ id: String, by: String) -> Event {
            .at(time, "iam.break_glass.review", actor: by) { $0.targets = [.init(type: "grant", id: id)] }
        }
        let result = try run(
            definition,
            [
                grant("2026-07-01T00:00:00Z", "1"), review("2026-07-02T00:00:00Z", "1", by: "b"),
                grant("2026-07-03T00:00:00Z", "2"), review("2026-07-07T00:00:00Z", "2", by: "b"),
                grant("2026-07-05T00:00:00Z", "3", reason: nil), grant("2026-07-06T00:00:00Z", "4"),
                review("2026-07-06T01:00:00Z", "4", by: "a"),
                .at("2026-09-01T00:00:00Z", "data.record.read"),
            ])
        #expect(result.exceptions.map { "\($0.item) \($0.rule)" } == ["seq:2 late", "seq:4 no-reason", "seq:4 unreviewed", "seq:5 self"])
        #expect(result.exceptions.first?.text == "Reviewed after 4 d.")
    }

    @Test func `role grants by the one who approved them, and approvals that came later`() throws {
        let definition =
            Self.head("OWN-02") + """
                sets:
                  grants: action:iam.role.grant
                  approvals: action:approval.request.approve
                population: {each: grants, person: item.target.person}
                joins:
                  approval: {set: approvals, on: [item.approval.ref == row.approval.ref], take: last}
                exceptions:
                  - {id: none, title: No approval, when: missing(approval), say: "None."}
                  - {id: later, title: Approved later, when: approval.time > item.time, say: "Approved {approval.time - item.time} after the grant."}
                  - {id: self, title: Self-approved, when: "same_person(item.person, approval.actor.person)", say: "Self."}
                """
        func grant(_ time: String, to: String, ref: String?) -> Event {
            .at(time, "iam.role.grant", actor: "admin", target: to) { $0[.approvalRef] = ref }
        }
        func approve(_ time: String, by: String, ref: String) -> Event {
            .at(time, "approval.request.approve", actor: by) { $0[.approvalRef] = ref }
        }
        let result = try run(
            definition,
            [
                approve("2026-07-01T00:00:00Z", by: "boss", ref: "R1"), grant("2026-07-01T01:00:00Z", to: "x", ref: "R1"),
                grant("2026-07-02T00:00:00Z", to: "x", ref: "R2"), approve("2026-07-02T05:00:00Z", by: "boss", ref: "R2"),
                approve("2026-07-03T00:00:00Z", by: "x", ref: "R3"), grant("2026-07-03T01:00:00Z", to: "x", ref: "R3"),
                grant("2026-07-04T00:00:00Z", to: "x", ref: nil),
            ])
        #expect(result.exceptions.map { "\($0.item) \($0.rule)" } == ["seq:2 later", "seq:5 self", "seq:6 none"])
        #expect(result.exceptions.first?.text == "Approved 5 h after the grant.")
    }

    @Test func `a join goes on from the joins above it, from a roll-out to the reviews of its pull request`() throws {
        let definition =
            Self.head("OWN-09") + """
                sets:
                  rollouts: action:deploy.release.create
                  merges: action:code.pull_request.merge
                  reviews: action:code.pull_request.review
                population: {each: rollouts}
                joins:
                  merge: {set: merges, on: [item.attributes.head_sha == row.attributes.merge_sha]}
                  reviews:
                    set: reviews
                    on: [merge.targets.pull_request.id == row.targets.pull_request.id]
                    when: row.time <= merge.time
                    take: all
                  again: {set: reviews, on: [merge.targets.pull_request.id == row.targets.pull_request.id], when: "not any(reviews, row.actor == item.actor)", take: all}
                exceptions:
                  - {id: unreviewed, title: Not reviewed, when: missing(reviews), say: "None."}
                columns:
                  By: values(reviews, row.actor)
                  People: values(reviews, row.actor.person)
                  None: values(reviews, row.tenant)
                  Again: count(again)
                  Late: if(missing(reviews), nothing, merge.time - last.reviews.time)
                """
        func code(_ time: String, _ action: String, by: String, _ number: String, sha: String? = nil) -> Event {
            .at(time, action, actor: by) {
                $0.targets = [.init(type: "pull_request", id: number)]
                if let sha { $0.setAttribute("merge_sha", sha) }
            }
        }
        func rollout(_ time: String, _ sha: String) -> Event { .at(time, "deploy.release.create", actor: "bot") { $0.setAttribute("head_sha", sha) } }
        let review = "code.pull_request.review", merge = "code.pull_request.merge"
        let result = try run(
            definition,
            [
                code("2026-07-01T00:00:00Z", review, by: "b", "1"), code("2026-07-01T01:00:00Z", review, by: "a", "1"),
                code("2026-07-01T02:00:00Z", review, by: "b", "1"), code("2026-07-01T03:00:00Z", merge, by: "c", "1", sha: "x"),
                rollout("2026-07-01T04:00:00Z", "x"),
                code("2026-07-02T00:00:00Z", merge, by: "c", "2", sha: "y"), code("2026-07-02T01:00:00Z", review, by: "b", "2"),
                rollout("2026-07-02T02:00:00Z", "y"), rollout("2026-07-02T03:00:00Z", "z"),
            ])
        #expect(result.exceptions.map(\.item) == ["seq:7", "seq:8"])
        #expect(result.items[0].cells == [.list(["a", "b"]), .list(["a", "b"]), .list([]), .number(3), .duration(3_600_000_000, bound: 0)])
        #expect(result.items[1].cells[3...] == [.number(1), .missing])
    }

    @Test func `a folder of one's own is loaded beside the shipped one, and wins`() throws {
        let folder = try Shipped.scratch()
        let own = try Shipped.library().definition("EP-03").bytes
        try write(String(decoding: own, as: UTF8.self).replacing("default: 24h", with: "default: 48h"), to: "\(folder)/EP-03")
        let library = try ReportLibrary.load(folders: [Shipped.reports, folder])
        #expect(library.definitions.map(\.id) == (try Shipped.library().definitions.map(\.id)))
        #expect(try library.definition("EP-03").parameters[0].defaultText == "48h")
        try write(String(decoding: own, as: UTF8.self), to: "\(folder)/EP-99")
        let error = #expect(throws: EvidenceError.self) { try ReportLibrary.load(folders: [folder]) }
        #expect(error?.message.contains("they must agree") == true)
    }

    private func write(_ text: String, to folder: String) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/report.yaml"))
    }
}
