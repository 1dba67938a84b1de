import Testing

@testable import Timeline

struct RowMaskTests {
    @Test(arguments: [0, 1, 63, 64, 65, 200, 4_096])
    func `operations on masks are those on sets`(count: Int) {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SplitMix64(state: seed)
        for density in [1, 2, 10] {
            func members() -> Set<Int> { Set((0..<count).filter { _ in random.next() % UInt64(density) == 0 }) }
            let (a, b) = (members(), members())
            func mask(_ set: Set<Int>) -> RowMask {
                var mask = RowMask(count: count, all: false)
                for row in set { mask[row] = true }
                return mask
            }
            func check(_ expected: Set<Int>, _ change: (inout RowMask) -> Void, _ comment: Comment) {
                var result = mask(a)
                change(&result)
                #expect(result.rows == expected.sorted(), "\(comment) of \(count), seed \(seed)")
                #expect(result == mask(expected), "\(comment) leaves no bit beyond, seed \(seed)")
                #expect(result.population == expected.count)
                #expect(result.isEmpty == expected.isEmpty)
            }
            check(a.intersection(b), { $0.formIntersection(mask(b)) }, "intersection")
            check(a.union(b), { $0.formUnion(mask(b)) }, "union")
            check(a.subtracting(b), { $0.subtract(mask(b)) }, "difference")
            check(Set(0..<count).subtracting(a), { $0.invert() }, "complement")
            #expect(RowMask(count: count, all: true).population == count)
            #expect((0..<count).allSatisfy { mask(a)[$0] == a.contains($0) })
        }
    }

    @Test func `codes of any width are compared as one by one`() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SplitMix64(state: seed)
        for count in [0, 1, 7, 8, 63, 64, 65, 130, 1_000] {
            // Values that differ in one bit, by one, or hold zero bytes are what tricks on lanes get wrong.
            let codes = (0..<count).map { _ -> UInt32 in [0, 1, 2, 127, 128, 129, 254, 255][Int(random.next() % 8)] }
            let table = (0..<255).map { _ in UInt8(truncatingIfNeeded: random.next() & 1) }
            func check<Code: FixedWidthInteger & UnsignedInteger>(
                _ typed: [Code], _ make: (UnsafePointer<Code>) -> CodePage.Codes
            ) {
                (typed + [0]).withUnsafeBufferPointer { buffer in
                    let page = CodePage(codes: make(buffer.baseAddress!), count: count, entries: nil, owner: Owner())
                    for wanted in [0, 1, 127, 128, 254] {
                        let expected = typed.indices.filter { typed[$0] == Code(wanted) }
                        #expect(CodeScan.slots(page, equalTo: wanted).rows == expected, "\(Code.self) \(wanted) seed \(seed)")
                    }
                    #expect(CodeScan.present(page).rows == typed.indices.filter { typed[$0] != .max }, "\(Code.self) seed \(seed)")
                    let chosen = table.withUnsafeBufferPointer { CodeScan.slots(page, in: $0) }
                    #expect(chosen.rows == typed.indices.filter { Int(typed[$0]) < 255 && table[Int(typed[$0])] != 0 }, "seed \(seed)")
                }
            }
            check(codes.map { UInt8($0) }) { .u8($0) }
            check(codes.map { $0 == 255 ? UInt16.max : UInt16($0) }) { .u16($0) }
            check(codes.map { $0 == 255 ? UInt32.max : $0 }) { .u32($0) }
            let times = codes.map { $0 == 255 ? IntegerPage.absent : Int64($0) }
            (times + [0]).withUnsafeBufferPointer { buffer in
                let page = IntegerPage(values: buffer.baseAddress!, count: count, owner: Owner())
                #expect(CodeScan.rows(page, from: 1, until: 129).rows == times.indices.filter { (1..<129).contains(times[$0]) })
                #expect(CodeScan.rows(page, from: .min, until: .max).rows == times.indices.filter { times[$0] != IntegerPage.absent })
            }
        }
    }

    private final class Owner {}
}
