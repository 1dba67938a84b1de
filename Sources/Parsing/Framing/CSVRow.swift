/// Rows of delimited columns (RFC 4180): quoted columns may hold delimiters, line feeds and doubled quotes.
enum CSVRow {
    enum End: Equatable {
        /// The row ends before the line feed at this offset.
        case end(Int)
        /// The text ends where a row could end.
        case atEnd
        /// The text ends inside a quoted column.
        case more
        /// Text follows a closing quote: the quotes of this row cannot be trusted.
        case broken
    }

    /// Finds the end of the row that begins at `start`.
    ///
    /// - Parameter lineEnd: The first line feed at or after `start`, nil where the text has none.
    static func end(_ text: ByteSlice, from start: Int, lineEnd: Int?, delimiter: UInt8) -> End {
        var at = start
        var line = lineEnd ?? text.count
        while true {
            if at < text.count, text[at] == UInt8(ascii: "\"") {
                guard let close = closingQuote(text, from: at + 1) else { return .more }
                at = close + 1
                if at < text.count, text[at] == 13 { at += 1 }
                guard at < text.count else { return .atEnd }
                if text[at] == 10 { return .end(at) }
                guard text[at] == delimiter else { return .broken }
                at += 1
                // A quoted column may have gone beyond the line.
                if at > line { line = text.firstIndex(of: 10, from: at) ?? text.count }
            } else if let hit = text.sub(0, line).firstIndex(of: delimiter, from: at) {
                at = hit + 1
            } else {
                return line < text.count ? .end(line) : .atEnd
            }
        }
    }

    /// Calls `column` with each column of one row, quotes resolved; false where the quotes are broken.
    @inline(__always)
    static func columns(_ row: ByteSlice, delimiter: UInt8, arena: Arena, _ column: (Int, ByteSlice) -> Void) -> Bool {
        var at = 0
        var number = 0
        while true {
            if at < row.count, row[at] == UInt8(ascii: "\"") {
                guard let close = closingQuote(row, from: at + 1) else { return false }
                let inside = row.sub(at + 1, close)
                column(number, inside.firstIndex(of: UInt8(ascii: "\"")) == nil ? inside : QuotedText.undoubled(inside, arena: arena))
                at = close + 1
                guard at < row.count else { return true }
                guard row[at] == delimiter else { return false }
            } else {
                let end = row.firstIndex(of: delimiter, from: at) ?? row.count
                column(number, row.sub(at, end))
                at = end
                guard at < row.count else { return true }
            }
            at += 1
            number += 1
        }
    }

    private static func closingQuote(_ text: ByteSlice, from start: Int) -> Int? {
        var at = start
        while let quote = text.firstIndex(of: UInt8(ascii: "\""), from: at) {
            guard quote + 1 < text.count, text[quote + 1] == UInt8(ascii: "\"") else { return quote }
            at = quote + 2
        }
        return nil
    }
}
