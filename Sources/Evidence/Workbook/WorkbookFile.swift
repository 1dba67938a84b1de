import AuditModel
import CXLSXWriter
import Foundation

/// Writes an XLSX workbook (ECMA-376) row by row; the same rows give the same bytes anywhere.
///
/// Every text is written as a text cell, whatever it begins with: nothing in a workbook is ever a formula. Rows beyond what one
/// sheet may hold go on in a further sheet of the same heading.
final class WorkbookFile {
    /// What a cell holds.
    enum Cell {
        case text(String)
        /// A number; beyond ±2^53, which a spreadsheet would round, it is written as text.
        case number(Int64)
        case time(Timestamp)
        /// Microseconds, shown in seconds.
        case seconds(Int64)
        case empty
    }

    /// How a column looks.
    struct Column {
        let title: String
        var width = 18.0
    }

    /// Rows of a sheet, with its heading: the limit of the format.
    static let sheetRows = 1_048_576
    /// Characters of a cell: the limit is 32,767.
    static let cellCharacters = 32_000
    /// A moment of 1980, the oldest that ZIP knows.
    private static let created = 315_532_800

    private let folder: String
    private let book: UnsafeMutablePointer<lxw_workbook>
    private let heading: UnsafeMutablePointer<lxw_format>
    private let wrapped: UnsafeMutablePointer<lxw_format>
    private let moment: UnsafeMutablePointer<lxw_format>
    private let length: UnsafeMutablePointer<lxw_format>
    private let rowLimit: Int
    private var isClosed = false
    private var names: Set<String> = []
    private var sheet: UnsafeMutablePointer<lxw_worksheet>?
    private var columns: [Column] = []
    private var name = ""
    private var part = 1
    private var row = 0

    /// - Parameter rowLimit: Rows of a sheet before the next begins; tests set it lower.
    /// - Throws: ``EvidenceError`` with code `file` where no temporary folder can be made.
    init(title: String, subject: String, author: String, rowLimit: Int = WorkbookFile.sheetRows) throws(EvidenceError) {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("proofline-xlsx-\(UUID().uuidString)").path
        self.rowLimit = max(2, min(Self.sheetRows, rowLimit))
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw EvidenceError(.file, "no folder for the workbook could be made; is there room in TMPDIR?", path: folder, cause: error)
        }
        guard let book = proofline_workbook("\(folder)/workbook.xlsx", folder), let heading = workbook_add_format(book),
            let wrapped = workbook_add_format(book), let moment = workbook_add_format(book), let length = workbook_add_format(book)
        else { throw EvidenceError(.file, "the workbook could not be begun", path: folder) }
        self.book = book
        self.heading = heading
        self.wrapped = wrapped
        self.moment = moment
        self.length = length
        _ = proofline_properties(book, Self.clean(title), Self.clean(subject), Self.clean(author), Self.created)
        format_set_bold(heading)
        format_set_text_wrap(heading)
        format_set_bg_color(heading, 0xE7ECF1)
        format_set_border(heading, UInt8(LXW_BORDER_THIN.rawValue))
        format_set_align(heading, UInt8(LXW_ALIGN_VERTICAL_TOP.rawValue))
        format_set_text_wrap(wrapped)
        format_set_align(wrapped, UInt8(LXW_ALIGN_VERTICAL_TOP.rawValue))
        format_set_num_format(moment, "yyyy-mm-dd hh:mm:ss")
        format_set_align(moment, UInt8(LXW_ALIGN_VERTICAL_TOP.rawValue))
        format_set_num_format(length, "#,##0\" s\"")
        format_set_align(length, UInt8(LXW_ALIGN_VERTICAL_TOP.rawValue))
    }

    deinit {
        if !isClosed { workbook_close(book) }
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// Begins a sheet; its heading stays in sight and is repeated on paper.
    func begin(_ name: String, _ columns: [Column]) throws(EvidenceError) {
        self.name = name
        self.columns = columns
        part = 1
        try open()
    }

    /// Adds a row to the sheet begun last.
    func add(_ cells: [Cell]) throws(EvidenceError) {
        if row >= rowLimit {
            part += 1
            try open()
        }
        for (column, cell) in cells.enumerated() { try write(cell, UInt16(column)) }
        row += 1
    }

    /// Closes the workbook and gives its bytes.
    func finished() throws(EvidenceError) -> [UInt8] {
        isClosed = true
        let path = "\(folder)/workbook.xlsx"
        let code = workbook_close(book)
        guard code == LXW_NO_ERROR, let data = FileManager.default.contents(atPath: path), !data.isEmpty else {
            throw EvidenceError(.file, "the workbook could not be written (\(String(cString: lxw_strerror(code)))); is there room in TMPDIR?", path: path)
        }
        return Array(data)
    }

    // MARK: Parts

    private func open() throws(EvidenceError) {
        guard let sheet = workbook_add_worksheet(book, unusedName()) else {
            throw EvidenceError(.file, "a sheet of the workbook could not be begun: \(name)")
        }
        self.sheet = sheet
        row = 0
        for (number, column) in columns.enumerated() {
            worksheet_set_column(sheet, UInt16(number), UInt16(number), column.width, nil)
        }
        worksheet_freeze_panes(sheet, 1, 0)
        worksheet_repeat_rows(sheet, 0, 0)
        worksheet_set_landscape(sheet)
        worksheet_set_paper(sheet, 9)
        worksheet_fit_to_pages(sheet, 1, 0)
        worksheet_set_footer(sheet, "&L&A&R&P / &N")
        for (number, column) in columns.enumerated() {
            try check(worksheet_write_string(sheet, 0, UInt16(number), Self.clean(column.title), heading))
        }
        row = 1
    }

    /// Names of sheets have at most 31 characters and differ in more than case.
    private func unusedName() -> String {
        let safe = Self.clean(name).filter { !"[]:*?/\\'".contains($0) }
        let suffix = part > 1 ? " (\(part))" : ""
        var candidate = String(safe.prefix(31 - suffix.count)) + suffix
        var number = 2
        while candidate.isEmpty || !names.insert(candidate.lowercased()).inserted {
            let tail = " ~\(number)\(suffix)"
            candidate = String(safe.prefix(31 - tail.count)) + tail
            number += 1
        }
        return candidate
    }

    private func write(_ cell: Cell, _ column: UInt16) throws(EvidenceError) {
        guard let sheet else { preconditionFailure("begin a sheet before rows are added") }
        let row = UInt32(self.row)
        switch cell {
        case .empty: break
        case .text(let text):
            if !text.isEmpty { try check(worksheet_write_string(sheet, row, column, Self.clean(text), wrapped)) }
        case .number(let number):
            guard number.magnitude <= 1 << 53 else { return try write(.text("\(number)"), column) }
            try check(worksheet_write_number(sheet, row, column, Double(number), wrapped))
        case .time(let time):
            let seconds = time.microseconds / 1_000_000
            // Dates before 1900-03-01 and after 9999 are none in a spreadsheet.
            guard (-2_203_891_200...253_402_300_799).contains(seconds) else { return try write(.text(time.description), column) }
            try check(worksheet_write_number(sheet, row, column, Double(seconds) / 86_400 + 25_569, moment))
        case .seconds(let microseconds):
            try check(worksheet_write_number(sheet, row, column, Double(microseconds) / 1_000_000, length))
        }
    }

    private func check(_ code: lxw_error) throws(EvidenceError) {
        guard code == LXW_NO_ERROR else {
            throw EvidenceError(.file, "a cell of the workbook could not be written: \(String(cString: lxw_strerror(code)))")
        }
    }

    /// Text that XML may hold, not longer than a cell.
    static func clean(_ text: String) -> String {
        var out = ""
        var count = 0
        for scalar in ValueText.visible(text).unicodeScalars {
            guard count < cellCharacters else { return out + "…" }
            out.unicodeScalars.append(scalar.value == 0xFFFE || scalar.value == 0xFFFF ? "\u{FFFD}" : scalar)
            count += scalar.value > 0xFFFF ? 2 : 1
        }
        return out
    }
}
