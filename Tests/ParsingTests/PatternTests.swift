import Testing

@testable import Parsing

/// Matches a pattern and gives its fields.
private func fields(_ pattern: String, _ text: String, isPrefix: Bool = false) throws -> [String: String]? {
    var names: [String] = []
    let compiled = try Pattern(pattern, isPrefix: isPrefix) { name in
        names.append(name)
        return Int32(names.count - 1)
    }
    let slots = UnsafeMutablePointer<Value>.allocate(capacity: 16)
    slots.initialize(repeating: Value(), count: 16)
    defer { slots.deallocate() }
    let arena = Arena()
    var bytes = Array(text.utf8)
    return bytes.withUnsafeMutableBufferPointer { buffer -> [String: String]? in
        let slice = buffer.baseAddress.map { ByteSlice(base: $0, count: buffer.count) } ?? .empty
        var matcher = PatternMatcher(compiled, slice, slots: slots, arena: arena)
        guard matcher.match() else { return nil }
        var found: [String: String] = [:]
        for (number, name) in names.enumerated() where slots[number].kind == .text { found[name] = slots[number].raw.text }
        return found
    }
}

@Suite struct PatternTests {
    @Test func `a user name that holds the word from is read whole`() throws {
        let found = try fields(
            "Failed <method:word> for <?invalid user ?><user:text> from <address:ip> port <:digits> ssh2",
            "Failed password for invalid user x from y from 192.0.2.7 port 22 ssh2")
        #expect(found == ["method": "password", "user": "x from y", "address": "192.0.2.7"])
    }

    @Test func `an optional part may be missing`() throws {
        let pattern = "session opened for user <user:word><?(uid=<id:digits>)?> by <?<by:word>?>(uid=<uid:digits>)"
        #expect(try fields(pattern, "session opened for user root by (uid=0)") == ["user": "root", "uid": "0"])
        #expect(
            try fields(pattern, "session opened for user root(uid=0) by alice(uid=1000)") == [
                "user": "root", "id": "0", "by": "alice", "uid": "1000",
            ])
    }

    @Test func `alternatives are tried in order and a blank field holds no value`() throws {
        #expect(try fields("<verb:(Accepted|Failed)> <rest:rest>", "Failed x") == ["verb": "Failed", "rest": "x"])
        #expect(try fields("Invalid user <user:text> from <ip:ip>", "Invalid user  from 2001:db8::1") == ["ip": "2001:db8::1"])
        #expect(try fields("<verb:(Accepted|Failed)>", "Refused") == nil)
    }

    @Test func `types refuse what they are not`() throws {
        #expect(try fields("<a:ip>", "999.1.1.1") == nil)
        #expect(try fields("<a:ip>: <b:integer>", "10.0.2.2: -11") == ["a": "10.0.2.2", "b": "-11"])
        #expect(try fields("<a:like(00:00)> <b:hex>", "12:34 beef") == ["a": "12:34", "b": "beef"])
        #expect(try fields("<a:quoted>,x", #""a ""b"" \"c",x"#) == ["a": #"a "b" "c"#])
        #expect(try fields("<a:iso> <z:word>", "2026-07-01 08:00:00.5 CEST") == ["a": "2026-07-01 08:00:00.5", "z": "CEST"])
        #expect(try fields("<<<a:digits>>", "<14>") == ["a": "14"])
    }

    @Test func `a costly text does not match instead of running on`() throws {
        let text = String(repeating: "a ", count: 4_000)
        #expect(try fields("<a:text> <b:text> <c:text> <d:text> <e:text>x", text) == nil)
    }

    @Test func `a field without a type is refused with words`() {
        #expect(throws: Pattern.SyntaxError.self) { try fields("<name>", "x") }
        #expect(throws: Pattern.SyntaxError.self) { try fields("<name:wrod>", "x") }
        #expect(throws: Pattern.SyntaxError.self) { try fields("a <? b", "x") }
    }
}
