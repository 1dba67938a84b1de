import AuditModel
import Cryptography
import Foundation
import Testing

@testable import Evidence

/// Inventories: facts from files, their rows in populations and joins, their age in the outcome.
@Suite struct InventoryTests {
    /// A folder with one inventory of administrators.
    static func folder(_ csv: String, asOf: String = "2026-09-15", list: String? = nil) throws -> String {
        let folder = try Shipped.scratch()
        let list = list ?? "version: 1\ninventories:\n  admins: {file: admins.csv, owner: Head of platform, as_of: \(asOf), about: Administrators}\n"
        try Data(list.utf8).write(to: URL(fileURLWithPath: "\(folder)/inventories.yaml"))
        try Data(csv.utf8).write(to: URL(fileURLWithPath: "\(folder)/admins.csv"))
        return folder
    }

    static let definition = """
        version: 1
        id: OWN-06
        revision: 1
        title: Title
        question: Question?
        method: Method.
        sources:
          product: {parsers: [product_audit], need: all, why: it says so}
        parameters:
          fresh: {type: duration, default: 90d, about: Oldest list}
        inventories:
          admins:
            columns: {person: person, role: text, since: date, until: date?}
            key: [person, role]
            max_age: fresh
            why: it says who may administer
        sets:
          acts: action:admin.*
        population:
          - {name: acts, each: acts, label: "{item.actor}"}
          - {name: listed, rows: admins, label: "{item.person} as {item.role}"}
        joins:
          listing: {inventory: admins, of: acts, on: [item.actor.person == row.person], when: row.since <= item.time, take: all}
          use: {set: acts, of: listed, on: [item.person == row.actor.person]}
        exceptions:
          - {id: unlisted, of: acts, title: Not listed, when: missing(listing), say: "Not listed."}
          - {id: unused, of: listed, title: Not used, when: missing(use), say: "{item.person} never used {item.role}."}
        columns:
          Role: item.role
          Ended: "any(listing, present(row.until) and row.until < item.time)"
          Age: inventory.admins.age
        """

    static func store() -> MemoryEvidence {
        let store = MemoryEvidence()
        store.addSource("product", parser: "product_audit")
        store.persons = ["usr_ada": "ada@example.org", "usr_bob": "bob@example.org"]
        store.seal(
            "product",
            [
                .at("2026-07-02T00:00:00Z", "admin.setting.update", actor: "usr_ada"),
                .at("2026-07-03T00:00:00Z", "admin.setting.update", actor: "usr_bob"),
            ])
        return store
    }

    static func run(_ folder: String?, _ definition: String = definition) throws -> ReportResult {
        let definition = try ReportDefinitionLoader.load(bytes: Array(definition.utf8), path: "own/report.yaml")
        let inventories = try folder.map { try Inventories.load(folder: $0) } ?? .none
        return try ReportEngine(store: store(), definitions: [definition], period: QuarterStory.period, inventories: inventories).run(definition)
    }

    static let csv = "role,person,since,until,remark\nowner,ada@example.org,2026-01-01,2026-07-01,x\nowner,Cyd@example.org,2026-01-01,,y\n"

    @Test func `rows and events are tested each by their own rules, people meet by the vault, strangers stay pseudonyms`() throws {
        let result = try Self.run(try Self.folder(Self.csv))
        #expect(result.items.map(\.id) == ["acts/seq:0", "acts/seq:1", "listed/admins:usr_ada/owner", "listed/admins:unknown-2/owner"])
        #expect(result.exceptions.map { "\($0.item) \($0.rule) \($0.text)" } == [
            "acts/seq:1 unlisted Not listed.", "listed/admins:unknown-2/owner unused unknown-2 never used owner.",
        ])
        #expect(result.items[0].cells[1] == .truth(.yes))
        #expect(result.items[0].cells[2] == .duration(16 * 86_400_000_000, bound: 0))
        #expect(result.outcome == .exceptions)
        #expect(result.usedRows.map(\.seq) == [0, 1])
    }

    @Test func `findings keep their key when items change their place`() throws {
        let first = try Self.run(try Self.folder(Self.csv)), second = try Self.run(
            try Self.folder(Self.csv), Self.definition.replacing("label: \"{item.actor}\"", with: "label: other, same: item.actor"))
        let key = try #require(first.items[1].findings.first?.key)
        #expect(key.hasPrefix("K-") && key.count == 14)
        #expect(second.items[1].findings.first?.key == key)
    }

    @Test func `an inventory that is too old makes the report incomplete, and says how old`() throws {
        let result = try Self.run(try Self.folder(Self.csv, asOf: "2026-05-01"))
        #expect(result.outcome == .incomplete)
        #expect(result.reasons.contains("The inventory admins was 153 d old at the end of the period, over the 90 d accepted."))
    }

    @Test func `without a required inventory nothing is claimed that it would tell`() throws {
        let result = try Self.run(nil)
        #expect(result.outcome == .incomplete)
        #expect(result.exceptionCount == 0)
        #expect(result.undecidedCount == 2)
        #expect(result.reasons.first == "There is no inventory admins, which the report needs: it says who may administer.")
    }

    @Test func `a join over a join to a missing inventory tells nothing either`() throws {
        let definition = Self.definition
            .replacing("  use: {", with: "  others: {set: acts, of: acts, on: [listing.person == row.actor.person]}\n  use: {")
            .replacing("when: missing(listing)", with: "when: missing(others)")
        let result = try Self.run(nil, definition)
        #expect(result.exceptionCount == 0 && result.undecidedCount == 2)
        #expect(try Self.run(try Self.folder(Self.csv), definition).exceptions.map(\.rule) == ["unlisted", "unused"])
    }

    @Test func `without an optional inventory the report goes on`() throws {
        let result = try Self.run(nil, Self.definition.replacing("max_age: fresh", with: "need: optional"))
        #expect(result.outcome == .exceptions)
        #expect(result.exceptionCount == 2)
    }

    @Test(arguments: [
        ("2026-01-01,2026-07-01,x", "2026-01-01,soon,x", 2, "column `until`"), ("role,person", "rolle,person", 1, "did you mean `rolle`?"),
        ("Cyd@example.org", "", 3, "the cell is empty"), ("Cyd@example.org", "ADA@example.org,2026-01-01,,y\nowner,ADA@example.org", 4, "as that of line 3"),
        (",,y", ",y", 3, "the line has 4 cells"), ("owner,ada", "\"owner,ada", 2, "never closed"),
    ])
    func `a wrong cell is refused with file, line and column`(text: String, other: String, line: Int, hint: String) throws {
        let folder = try Self.folder(Self.csv.replacing(text, with: other))
        let error = #expect(throws: EvidenceError.self) { try Self.run(folder) }
        #expect(error?.line == line, "\(String(describing: error))")
        #expect(error?.message.contains(hint) == true, "\(error?.message ?? "")")
        #expect(error?.path?.hasSuffix("admins.csv") == true)
    }

    @Test func `the list of inventories is strict, and stays in its folder`() throws {
        for (list, hint) in [
            ("version: 1\ninventories:\n  admins: {file: admins.csv, owner: A, as_of: 2026-09-01, abut: x}\n", "did you mean `about`?"),
            ("version: 1\ninventories:\n  admins: {file: ../admins.csv, owner: A, as_of: 2026-09-01}\n", "must lie in the folder"),
            ("version: 1\ninventories:\n  admins: {file: admins.csv, owner: A, as_of: autumn}\n", "is not a date"),
        ] {
            let error = #expect(throws: EvidenceError.self) { try Inventories.load(folder: try Self.folder(Self.csv, list: list)) }
            #expect(error?.message.contains(hint) == true)
        }
    }

    @Test func `the page says whose each inventory is, how old, and which file`() throws {
        func page(_ folder: String?) throws -> String {
            try ReportPage(result: try Self.run(folder), checkpoint: Self.store().checkpoint, packName: "p", generator: "g", sample: nil).render(try Shipped.templates())
        }
        let shown = try page(try Self.folder(Self.csv))
        #expect(shown.contains("<td>Head of platform</td><td class=\"moment\">2026-09-15 00:00:00</td><td>16 d</td><td class=\"number\">2</td>"))
        #expect(shown.contains(SHA256.hash(Array(Self.csv.utf8)).hex))
        #expect(!shown.contains("Cyd@example.org") && !shown.contains("ada@example.org"))
        #expect(try page(nil).contains("<tr class=\"open\"><td>admins<br>"))
        #expect(try page(try Self.folder(Self.csv, asOf: "2026-05-01")).contains("153 d, over the 90 d accepted"))
    }

    @Test func `a column that is people for one report is people for all`() throws {
        let definition = try ReportDefinitionLoader.load(bytes: Array(Self.definition.utf8), path: "a.yaml")
        let other = try ReportDefinitionLoader.load(
            bytes: Array(Self.definition.replacing("person: person", with: "person: text").replacing("OWN-06", with: "OWN-07").replacing("row.person", with: "row.role").replacing("item.person ==", with: "item.role ==").utf8), path: "b.yaml")
        let error = #expect(throws: EvidenceError.self) {
            try ReportEngine(store: Self.store(), definitions: [definition, other], period: QuarterStory.period)
        }
        #expect(error?.message.contains("people must be people in both") == true)
    }
}
