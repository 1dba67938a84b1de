/// The parts of a syslog line: RFC 5424, RFC 3164, and what rsyslog writes to files (no priority; a zone-stamped time).
struct SyslogHeader {
    var priority: ByteSlice?
    var timestamp = ByteSlice.empty
    var host: ByteSlice?
    var program: ByteSlice?
    var processID: ByteSlice?
    var messageID: ByteSlice?
    /// The structured data of RFC 5424, brackets included.
    var structuredData: ByteSlice?
    var message = ByteSlice.empty

    /// Reads a line; nil where it has no syslog time.
    init?(_ line: ByteSlice) {
        var at = 0
        if line.count > 2, line[0] == UInt8(ascii: "<"), let number = Digits.upTo(line, 1, 3), number.end < line.count,
            line[number.end] == UInt8(ascii: ">")
        {
            priority = line.sub(1, number.end)
            at = number.end + 1
            if at + 1 < line.count, line[at] == UInt8(ascii: "1"), line[at + 1] == 32 {
                guard readVersion1(line, at + 2) else { return nil }
                return
            }
        }
        guard let end = SyslogStamp.read(line, at)?.end ?? ISOStamp.end(line, at), end < line.count, line[end] == 32 else { return nil }
        timestamp = line.sub(at, end)
        at = end + 1
        // Some relays leave the host out and keep its blank.
        if at < line.count, line[at] != 32 {
            guard let hostEnd = line.firstIndex(of: 32, from: at) else { return nil }
            host = line.sub(at, hostEnd)
            at = hostEnd + 1
        }
        while at < line.count, line[at] == 32 { at += 1 }
        readTag(line, at)
    }

    private mutating func readTag(_ line: ByteSlice, _ start: Int) {
        var at = start
        while at < line.count, !line[at].isBlank, line[at] != UInt8(ascii: "["), line[at] != UInt8(ascii: ":") { at += 1 }
        let name = line.sub(start, at)
        if at < line.count, line[at] == UInt8(ascii: "["), let close = line.firstIndex(of: UInt8(ascii: "]"), from: at) {
            processID = line.sub(at + 1, close)
            at = close + 1
        }
        if at < line.count, line[at] == UInt8(ascii: ":"), at + 1 == line.count || line[at + 1] == 32 {
            at += 1
        } else if processID == nil {
            // No tag: all of it is the message ("last message repeated 2 times").
            message = line.sub(start, line.count).trimmed
            return
        }
        if !name.isEmpty { program = name }
        message = line.sub(at, line.count).trimmed
    }

    private mutating func readVersion1(_ line: ByteSlice, _ start: Int) -> Bool {
        var at = start
        func word() -> ByteSlice? {
            guard at < line.count, let end = line.firstIndex(of: 32, from: at) else { return nil }
            defer { at = end + 1 }
            return line.sub(at, end)
        }
        func named(_ word: ByteSlice) -> ByteSlice? { word.count == 1 && word[0] == UInt8(ascii: "-") ? nil : word }
        guard let time = word(), let host = word(), let program = word(), let process = word(), let identifier = word(), at < line.count
        else { return false }
        timestamp = named(time) ?? .empty
        self.host = named(host)
        self.program = named(program)
        processID = named(process)
        messageID = named(identifier)
        if line[at] == UInt8(ascii: "-") {
            at += 1
        } else {
            guard line[at] == UInt8(ascii: "["), let end = Self.structuredEnd(line, at) else { return false }
            structuredData = line.sub(at, end)
            at = end
        }
        var text = at < line.count ? line.sub(at, line.count).trimmed : .empty
        if text.count >= 3, text[0] == 0xEF, text[1] == 0xBB, text[2] == 0xBF { text = text.sub(3, text.count) }
        message = text
        return true
    }

    private static func structuredEnd(_ line: ByteSlice, _ start: Int) -> Int? {
        var at = start
        var isQuoted = false
        while at < line.count {
            let byte = line[at]
            if isQuoted {
                if byte == UInt8(ascii: "\\") { at += 1 } else if byte == UInt8(ascii: "\"") { isQuoted = false }
            } else if byte == UInt8(ascii: "\"") {
                isQuoted = true
            } else if byte == UInt8(ascii: "]"), at + 1 == line.count || line[at + 1] != UInt8(ascii: "[") {
                return at + 1
            }
            at += 1
        }
        return nil
    }
}
