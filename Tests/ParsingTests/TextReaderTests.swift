import Testing

@testable import Parsing

/// Runs `body` with the bytes of a text.
private func withSlice<Result>(_ text: String, _ body: (ByteSlice) throws -> Result) rethrows -> Result {
    try Array(text.utf8).withUnsafeBufferPointer { buffer in
        try body(buffer.baseAddress.map { ByteSlice(base: $0, count: buffer.count) } ?? .empty)
    }
}

@Suite struct TextReaderTests {
    private func header(_ line: String) -> [String?]? {
        withSlice(line) { slice in
            SyslogHeader(slice).map { [$0.timestamp.text, $0.host?.text, $0.program?.text, $0.processID?.text, $0.message.text] }
        }
    }

    @Test func `syslog lines of all ages have the same parts`() {
        #expect(header("Jul  1 08:00:00 web sshd[12]: hello") == ["Jul  1 08:00:00", "web", "sshd", "12", "hello"])
        #expect(
            header("<34>Oct 11 22:14:15 mymachine su: 'su root' failed") == ["Oct 11 22:14:15", "mymachine", "su", nil, "'su root' failed"])
        #expect(
            header("2026-07-01T08:00:00.123456+02:00 web sudo:  a : b") == [
                "2026-07-01T08:00:00.123456+02:00", "web", "sudo", nil, "a : b",
            ])
        #expect(
            header(#"<165>1 2003-10-11T22:14:15.003Z host app 77 ID47 [x@1 a="]" b="\"]"][y] text"#) == [
                "2003-10-11T22:14:15.003Z", "host", "app", "77", "text",
            ])
        #expect(header("<13>1 - - - - - -") == ["", nil, nil, nil, ""])
        #expect(
            header("Feb 22 10:21:43  sshd[1332]: last message repeated 2 times") == [
                "Feb 22 10:21:43", nil, "sshd", "1332", "last message repeated 2 times",
            ])
        #expect(header("hello world") == nil)
    }

    private func pairs(_ text: String, separator: Character = " ") -> [String] {
        withSlice(text) { slice in
            var found: [String] = []
            let reader = KeyValueText(separator: separator.asciiValue ?? 32, assign: UInt8(ascii: "="))
            reader.pairs(slice, arena: Arena()) { found.append("\($0.text)→\($1.text)") }
            return found
        }
    }

    @Test func `pairs keep quoted values whole`() {
        #expect(pairs(#"a=1 b="two words" c='x y' d= e="\"q\"" word f=g=h"#) == ["a→1", "b→two words", "c→x y", "d→", #"e→"q""#, "f→g=h"])
        #expect(pairs("user=a b, db=c", separator: ",") == ["user→a b", "db→c"])
        #expect(pairs("a=\"never closed").isEmpty)
    }

    @Test func `addresses end where they end`() {
        func end(_ text: String) -> Int? { withSlice(text) { IPAddress.end($0, 0) } }
        #expect(end("192.0.2.1 port") == 9)
        #expect(end("192.0.2.1: 11") == 9)
        #expect(end("192.0.2.256") == nil)
        #expect(end("192.0.2.1.5") == nil)
        #expect(end("2001:db8::1: x") == 11)
        #expect(end("::ffff:192.0.2.1") == 16)
        #expect(end("fe80::1%eth0 x") == 12)
        #expect(end("1:2:3") == nil)
        #expect(end("12:34:56") == nil)
        #expect(end("a::b::c") == nil)
    }

    @Test func `rows end at a line feed outside quotes`() {
        func end(_ text: String) -> CSVRow.End {
            withSlice(text) { CSVRow.end($0, from: 0, lineEnd: $0.firstIndex(of: 10), delimiter: UInt8(ascii: ",")) }
        }
        #expect(end("a,\"b\nc\",d\ne") == .end(9))
        #expect(end("a,b") == .atEnd)
        #expect(end("a,\"b") == .more)
        #expect(end("a,\"b\"c\n") == .broken)
        #expect(end("\"a\"\"b\"\r\n") == .end(7))
    }

    @Test func `tables take the exact key, then the longest prefix`() {
        let (keys, memory) = (ConstantPool(), PlanMemory())
        let table = LookupTable(
            [("user.*", 1), ("user.session.*", 2), ("user.session.start", 3), ("*", 4)], keys: keys, memory: memory)
        func find(_ key: String) -> Int32? { withSlice(key) { table.find($0) } }
        #expect(find("user.session.start") == 3 && find("user.session.end") == 2 && find("user.x") == 1 && find("other") == 4)
        #expect(withSlice("x") { LookupTable([("y", 1)], keys: keys, memory: memory).find($0) } == -1)
    }

    @Test func `a path names keys, positions and keys with dots`() {
        #expect(FieldPath("a.b[0].c")?.steps == [.key("a"), .key("b"), .position(0), .key("c")])
        #expect(FieldPath(#""a.b".c"#)?.steps == [.key("a.b"), .key("c")])
        for wrong in ["", ".", "a.", "a..b", "[x]", "a[-1]", "a]b", "\"a"] { #expect(FieldPath(wrong) == nil, "\(wrong)") }
    }
}
