import Testing

@testable import Timeline

struct SubstringSearchTests {
    @Test func `texts are found as by looking at every place`() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SplitMix64(state: seed)
        for _ in 0..<2_000 {
            let alphabet = Array("abAB_1 e".utf8)
            func text(_ most: Int) -> [UInt8] { (0..<Int(random.next() % UInt64(most))).map { _ in alphabet[Int(random.next() % 8)] } }
            let bytes = text(60)
            let wanted = (text(4) + [alphabet[Int(random.next() % 8)]]).map(TextPattern.lowercased)
            var found: [Int] = []
            bytes.withUnsafeBytes { SubstringSearch(wanted).forEachPlace(in: $0) { found.append($0); return true } }
            let lower = bytes.map(TextPattern.lowercased)
            let expected = (0...max(0, lower.count)).filter { $0 + wanted.count <= lower.count && Array(lower[$0..<$0 + wanted.count]) == wanted }
            #expect(found == expected, "\(wanted) in \(bytes), seed \(seed)")
        }
    }

    @Test func `a verdict on a dictionary is that on each entry`() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SplitMix64(state: seed)
        for _ in 0..<300 {
            let entries = (0..<Int(random.next() % 12)).map { _ in
                (0..<Int(random.next() % 5)).map { _ in ["a", "B", "b", "*"][Int(random.next() % 4)] }.joined()
            }
            var bytes: [UInt8] = []
            var offsets: [UInt32] = [0]
            for entry in entries {
                bytes += Array(entry.utf8)
                offsets.append(UInt32(bytes.count))
            }
            for text in ["ab", "*b*", "a*", "*", "*a*b*", "", "**", "*ab*", "b*b", "*bb*"] {
                let pattern = TextPattern(text)
                bytes.withUnsafeBytes { raw in
                    offsets.withUnsafeBufferPointer { ends in
                        let table = EntryTable(count: entries.count, bytes: raw, offsets: ends.baseAddress!, owner: Owner())
                        let verdict = TextTest(pattern).verdict(on: table)
                        let codes = entries.indices.map { UInt32($0) }
                        (codes + [0]).withUnsafeBufferPointer { codes in
                            let page = CodePage(codes: .u32(codes.baseAddress!), count: entries.count, entries: nil, owner: Owner())
                            #expect(
                                verdict.slots(page).rows == entries.indices.filter { pattern.matches(entries[$0]) },
                                "\(text) on \(entries), seed \(seed)")
                            let every = RowMask(count: entries.count, all: true)
                            #expect(verdict.slots(page, within: every) == verdict.slots(page))
                        }
                    }
                }
            }
        }
    }

    private final class Owner {}
}
