import AuditModel
import Foundation
import Testing

@testable import Evidence

@Suite struct FrameworkTests {
    @Test func `all five frameworks load, and each names a control once`() throws {
        let frameworks = try Shipped.library().frameworks
        #expect(frameworks.map(\.id) == ["hipaa", "iso27001", "nist80053", "pci", "soc2"])
        #expect(frameworks.first { $0.id == "iso27001" }?.controls.count == 93)
        #expect(frameworks.first { $0.id == "soc2" }?.controls.count == 61)
        for framework in frameworks { #expect(Set(framework.controls.map(\.id)).count == framework.controls.count) }
    }

    /// A folder of reports with one definition and one framework.
    private func folder(controls: String, framework: String) throws -> String {
        let folder = try Shipped.scratch()
        for name in ["frameworks", "EP-17"] {
            try FileManager.default.createDirectory(atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
        }
        try framework.write(toFile: "\(folder)/frameworks/soc2.yaml", atomically: true, encoding: .utf8)
        let shipped = try String(contentsOfFile: "\(Shipped.reports)/EP-17/report.yaml", encoding: .utf8)
        try shipped.replacing("soc2: [CC6.1, C1.1]", with: controls).write(
            toFile: "\(folder)/EP-17/report.yaml", atomically: true, encoding: .utf8)
        return folder
    }

    private static let small = "version: 1\nid: soc2\ntitle: T\nabout: A\npolicy: [CC1.1]\ncontrols:\n  CC1.1: a\n  CC6.1: b\n  CC6.2: c\n"

    @Test func `a definition that names a control which its framework does not have is refused with its line and the nearest one`() throws {
        let folder = try folder(controls: "soc2: [CC6.1, CC6.22]", framework: Self.small)
        let error = #expect(throws: EvidenceError.self) { _ = try ReportLibrary.load(folders: [folder]) }
        #expect(error?.code == .definition && error?.line == 11)
        #expect(error?.message == "T has no control `CC6.22` (did you mean `CC6.2`?)")
    }

    @Test func `a framework whose policy names no control of it is refused`() throws {
        let folder = try folder(controls: "soc2: [CC6.1]", framework: Self.small.replacing("policy: [CC1.1]", with: "policy: [CC1.3]"))
        let error = #expect(throws: EvidenceError.self) { _ = try ReportLibrary.load(folders: [folder]) }
        #expect(error?.description.contains("frameworks/soc2.yaml:5: `policy` names `CC1.3`, which is no control here") == true)
    }

    @Test func `a control has evidence, needs a document or has nothing, and its outcome is the worst of its reports'`() throws {
        let folder = try folder(controls: "soc2: [CC6.1]", framework: Self.small)
        let library = try ReportLibrary.load(folders: [folder])
        let definition = try library.definition("EP-17")
        let result = try ReportEngine(store: QuarterStory.make(), definitions: [definition], period: QuarterStory.period).run(definition)
        let matrix = ControlMatrix(try library.framework("soc2"), definitions: [definition], results: [result])
        #expect(matrix.rows.map(\.standing) == [.policy, .evidence, .none])
        #expect(matrix.rows.map(\.outcome) == [nil, .exceptions, nil])
        #expect(matrix.csv.contains("soc2,CC6.1,b,evidence,EP-17,exceptions\n"))
        #expect(Outcome.allCases.sorted { $0.weight < $1.weight } == [.pass, .notTested, .incomplete, .exceptions])
    }

    @Test func `a pack shows the table as page, CSV and JSON, with what the reports could not escape`() throws {
        let library = try Shipped.library()
        var request = PackRequest(framework: "soc2", level: .auditor)
        request.wantsPDF = false
        request.controls = try library.framework("soc2")
        let builder = try PackBuilder(
            store: QuarterStory.make(), templates: try Shipped.templates(), generator: GeneratorStamp(version: "0"), request: request,
            period: QuarterStory.period)
        let (body, _) = try builder.body([try library.definition("EP-17")])
        let page = String(decoding: try #require(body.files["controls.html"]), as: UTF8.self)
        #expect(page.contains("<a href=\"reports/EP-17/report.html\">EP-17</a>") && page.contains("badge exceptions"))
        #expect(body.files["controls.csv"] != nil && body.files["controls.json"] != nil)
    }
}
