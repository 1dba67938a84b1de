import AuditModel
import Foundation
import Testing

@testable import Parsing

/// Our reader of YAML gives what Yams gives, or nothing.
@Suite struct YAMLReaderTests {
    /// A tree as text: kinds, texts and places.
    private func shown(_ tree: YAMLTree, _ number: Int, places: Bool = true) -> String {
        let node = tree.nodes[number]
        // Where an absent value stands is told in nobody's complaint.
        let place = places && !(node.isPlain && node.text.isEmpty) ? "\(node.line):\(node.column)" : ""
        let inside = tree.members[Int(node.first)..<Int(node.first + node.count)].map { shown(tree, Int($0), places: places) }
        switch node.kind {
        case .scalar: return "\(place)\(node.isPlain ? "p" : "q")\(node.text.debugDescription)"
        case .sequence: return "\(place)[\(inside.joined(separator: ", "))]"
        case .mapping: return "\(place){\(inside.joined(separator: ", "))}"
        }
    }

    /// Whether our reader reads a text; what it reads must be what Yams reads.
    @discardableResult
    private func agrees(_ text: String, _ what: String) -> Bool {
        guard let tree = YAMLReader.read(text, path: what) else { return false }
        guard let other = try? YAMLTree.readAll(text, path: what) else {
            Issue.record("\(what): Yams refuses what we read: \(shown(tree, tree.root)) of \(text.debugDescription)")
            return true
        }
        let (ours, theirs) = (shown(tree, tree.root), shown(other, other.root))
        if ours != theirs { Issue.record("\(what)\nours:   \(ours)\ntheirs: \(theirs)\nof \(text.debugDescription)") }
        return true
    }

    private func shippedTexts() throws -> [(name: String, text: String)] {
        let folder = ShippedParsers.folder
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        let paths = names.map { $0.hasSuffix(".yaml") ? "\(folder)/\($0)" : "\(folder)/\($0)/parser.yaml" }
        return try paths.filter { FileManager.default.fileExists(atPath: $0) }.map { ($0, try String(contentsOfFile: $0, encoding: .utf8)) }
    }

    @Test func `every shipped definition is read by our reader alone, as Yams reads it`() throws {
        for (name, text) in try shippedTexts() {
            #expect(agrees(text, name), "\(name) needs Yams, which takes many times as long: write the newest line of it more plainly")
        }
    }

    @Test func `constructs in use are read`() {
        for text in [
            "a: 1", "a:\n  b: c\n", "a:\n- b\n- c\nd:\n  - e\n", "- a: 1\n  b: 2\n- - x\n  - y\n-\n  c: d\n-\n", "a: {b: c, d: [e, f], g: {}}",
            "a: [\n  b, # one\n  c,\n]\n# end\n", "a: 'it''s'\nb: \"x \\\"y\\\" \\\\ \\n\\t\"\n", "a:   # none\nb: ~\n", "\"a b\": c\n'd': e\n",
            "a: b # comment\nc: d#no\n", "url: http://example.com/x?y=z\n", "a: b:c\n", "a: -1\nb: ?x\nc: :y\n", "a : b\n", "é: ü # ö\nx: [ä, {ö: ü}]\n",
            "a: {\"b c\": d, 'e': f, g: \"h, i\"}\n", "a: {b: http://x/y, c: d}\n", "a: {b: 'c'}  \n\n\n", "  \n# only then\na: b", "- [a, [b, c]]\n- {d: e}\n",
            "a:\n  - b: {c: d}\n    e:\n      f: g\n  - h\n", "a: []\nb: {}\n", "a: [-, -b, x]\nb: \"\\x41\\x1d\"\n", "a: x y  z\n", "a: \"\"\nb: ''\n",
        ] {
            #expect(agrees(text, "sample"), "\(text.debugDescription)")
        }
    }

    @Test func `whatever else there is or is wrong is left to Yams`() {
        for text in [
            "", "# nothing\n", "--- \na: b\n", "a: |\n  b\n", "a: >\n  b\n", "a: &x b\nc: *x\n", "a: !!str b\n", "? a\n: b\n", "a: b\n c\n", "a: \"b\n  c\"\n",
            "a:\tb\n", "a: b\r\n", "a: b: c\n", "a: [b\n", "a: b\na: c\n", "{a: b\n: c}", "a: {b:[c]}\n", "a: [b: c]\n", "a: \"\\u0041\"\n", "a: \"\\x00\"\n", "%YAML 1.1\n---\na: b\n",
            "a: 'b\n", "- a\nb: c\n", "a:\n    b: c\n  d: e\n", "a: @b\n", "a: `b\n", "a: {? b : c}\n", "a: b\u{2028}c\n", "\u{FEFF}a: b\n", "a: [b]c\n", "a: \"b\"c\n",
            "a: {b: c}d\n", "a: %b\n", "a: - b\n", String(repeating: "- ", count: 100) + "a\n", String(repeating: "[", count: 100) + "\n", "a\nb\n", "a: b\n---\nc: d\n", "a: b\n...\n",
        ] {
            agrees(text, "sample")
            #expect(YAMLReader.read(text, path: "") == nil, "\(text.debugDescription)")
        }
    }

    @Test func `damaged definitions are read as Yams reads them, or not at all`() throws {
        let seed: UInt64 = 20_261_123
        var random = SeededGenerator(seed: seed)
        let texts = try shippedTexts().map { Array($0.text.utf8.prefix(4_000)) }
        let pieces = ["\n", "\n  ", " ", ":", ": ", "- ", "#", " #", "{", "}", "[", "]", ",", "\"", "'", "\\", "?", "&a", "*a", "!", "|", ">", "%", "~", "a", "é", "\n\n", "---\n"]
        var taken = 0
        for round in 0..<3_000 {
            let source = texts.randomElement(using: &random)!
            let start = Int.random(in: 0..<max(1, source.count - 300), using: &random)
            let from = source[..<start].lastIndex(of: 10).map { $0 + 1 } ?? 0
            var part = Array(source[from..<min(source.count, from + Int.random(in: 20..<250, using: &random))])
            for _ in 0..<Int.random(in: 0..<3, using: &random) {
                let at = Int.random(in: 0...part.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0 where at < part.count: part.remove(at: at)
                case 1 where at < part.count: part[at] = Array(pieces.randomElement(using: &random)!.utf8)[0]
                default: part.insert(contentsOf: Array(pieces.randomElement(using: &random)!.utf8), at: at)
                }
            }
            guard let text = String(validating: part, as: UTF8.self) else { continue }
            if agrees(text, "seed \(seed) round \(round)") { taken += 1 }
        }
        #expect(taken > 100, "the damage leaves something to compare: \(taken)")
    }
}
