import AuditModel
import Foundation
import Testing

@testable import Evidence

/// What is in a workbook is read by openpyxl in Tests/interop; here is what no sample has.
@Suite struct WorkbookTests {
    private func book(rowLimit: Int = WorkbookFile.sheetRows, _ fill: (WorkbookFile) throws -> Void) throws -> [UInt8] {
        let book = try WorkbookFile(title: "T", subject: "S", author: "A", rowLimit: rowLimit)
        try fill(book)
        return try book.finished()
    }

    private func unzipped(_ bytes: [UInt8], _ file: String) throws -> String {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("workbook-\(UUID().uuidString).xlsx").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        let script = "import sys, zipfile; sys.stdout.write(zipfile.ZipFile(sys.argv[1]).read(sys.argv[2]).decode())"
        let environment = ["PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin", "PYTHONIOENCODING": "utf-8"]
        return String(decoding: try ChildProgram("python3", ["-c", script, path, file], environment: environment).output, as: UTF8.self)
    }

    @Test(arguments: ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "=cmd|' /C calc'!A0", "http://example.org/", "{=1}"])
    func `a text stays text whatever it begins with`(text: String) throws {
        let sheet = try unzipped(book { try $0.begin("S", [.init(title: text)]); try $0.add([.text(text)]) }, "xl/worksheets/sheet1.xml")
        #expect(!sheet.contains("<f>") && !sheet.contains("<hyperlink"))
        #expect(sheet.contains("<c r=\"A2\" s=\"2\" t=\"inlineStr\">"), "\(sheet.suffix(900))")
    }

    @Test func `rows beyond a sheet go on in the next, under the same heading`() throws {
        let bytes = try book(rowLimit: 4) { book in
            try book.begin("EP-99", [.init(title: "Item")])
            for number in 0..<8 { try book.add([.number(Int64(number))]) }
        }
        let index = try unzipped(bytes, "xl/workbook.xml")
        for name in ["EP-99", "EP-99 (2)", "EP-99 (3)"] { #expect(index.contains("name=\"\(name)\"")) }
        let last = try unzipped(bytes, "xl/worksheets/sheet3.xml")
        #expect(last.contains("Item") && last.contains("<v>7</v>") && !last.contains("<v>5</v>"))
    }

    @Test func `the same rows give the same bytes`() throws {
        func make() throws -> [UInt8] {
            try book { book in
                try book.begin("S", [.init(title: "A"), .init(title: "B")])
                try book.add([.time(QuarterStory.period.start), .seconds(-5_000_000)])
            }
        }
        #expect(try make() == make())
    }

    @Test func `the largest values, the strangest texts and clashing names are written`() throws {
        let bytes = try book { book in
            for name in ["", "A[b]:*?/\\'", "a[B]", String(repeating: "long", count: 20), String(repeating: "long", count: 20)] {
                try book.begin(name, [.init(title: "x")])
                for cell: WorkbookFile.Cell in [
                    .number(.max), .number(.min), .time(.earliest), .time(.latest), .seconds(.max), .seconds(.min), .empty, .text(""),
                    .text("\u{0}\u{8}\u{202E}\u{FFFE}\u{1F600}"), .text(String(repeating: "\u{1F600}", count: 40_000)),
                ] { try book.add([cell]) }
            }
        }
        let sheet = try unzipped(bytes, "xl/worksheets/sheet1.xml")
        #expect(sheet.contains("9223372036854775807") && sheet.contains("…"))
        #expect(!sheet.unicodeScalars.contains { $0.value < 32 && $0 != "\n" })
    }

    @Test(arguments: [
        ("nist80053", "AC-2(3)", "ac-2.3"), ("soc2", "CC6.1", "CC6.1"), ("iso27001", "5.18", "a.5.18"), ("pci", "10.2.1.2", "req-10.2.1.2"),
        ("hipaa", "164.308(a)(3)(ii)(C)", "s164.308.a.3.ii.C"), ("other", "", "c-"),
    ]) func `controls are named as catalogs of OSCAL name them`(framework: String, id: String, expected: String) {
        #expect(OSCALDocuments.controlID(id, framework: framework) == expected)
    }
}
