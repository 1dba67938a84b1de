public import AuditModel

/// Filters over columns: which rows of a block match each of them.
///
/// The same rows as ``ResolvedFilter/matches(_:)`` of each event; but a pattern is compared once with each text of a column instead of once with each
/// row, and a condition that several filters share is looked at once.
public struct BlockFilters: Sendable {
    private let filters: [Filter]

    public init(_ filters: [ResolvedFilter]) { self.filters = filters.map(\.filter) }

    /// For each filter the rows that match it, ascending.
    ///
    /// - Parameter block: Finished; others may read it meanwhile.
    public func rows(of block: EventBlock) -> [[Int]] {
        var scan = BlockScan(block)
        return filters.map { filter in
            let mask = scan.mask(filter)
            return mask.indices.filter { mask[$0] }
        }
    }
}

/// Masks of one block's rows.
private struct BlockScan {
    let block: EventBlock
    private var known: [Filter: [Bool]] = [:]
    private var count: Int { block.rowCount }

    init(_ block: EventBlock) { self.block = block }

    mutating func mask(_ filter: Filter) -> [Bool] {
        switch filter {
        case .all: return Array(repeating: true, count: count)
        case .and(let filters):
            var mask = Array(repeating: true, count: count)
            for inner in filters {
                Self.combine(&mask, self.mask(inner)) { $0 && $1 }
                if !mask.contains(true) { break }
            }
            return mask
        case .or(let filters):
            var mask = Array(repeating: false, count: count)
            for inner in filters { Self.combine(&mask, self.mask(inner)) { $0 || $1 } }
            return mask
        case .not(let inner): return mask(inner).map { !$0 }
        case .time, .field, .word:
            if let mask = known[filter] { return mask }
            let mask = leaf(filter)
            known[filter] = mask
            return mask
        }
    }

    @inline(__always)
    private static func combine(_ mask: inout [Bool], _ other: [Bool], _ operation: (Bool, Bool) -> Bool) {
        mask.withUnsafeMutableBufferPointer { mask in
            other.withUnsafeBufferPointer { other in
                var row = 0
                while row < mask.count {
                    mask[row] = operation(mask[row], other[row])
                    row &+= 1
                }
            }
        }
    }

    private func leaf(_ filter: Filter) -> [Bool] {
        var mask = Array(repeating: false, count: count)
        switch filter {
        case .time(let from, let until):
            for row in 0..<count {
                guard let time = block.time[row] else { continue }
                mask[row] = from.map { time >= $0.microseconds } ?? true && until.map { time < $0.microseconds } ?? true
            }
        case .field(let selector, let pattern): mark(&mask, selector) { pattern.matches($0) }
        case .word(let word): mark(&mask, word.utf8.map(TextPattern.lowercased))
        case .all, .and, .or, .not: break
        }
        return mask
    }

    private typealias Test = (UnsafeBufferPointer<UInt8>) -> Bool

    private func mark(_ mask: inout [Bool], _ selector: FieldSelector, _ test: @escaping Test) {
        switch selector {
        case .fields(let fields): for field in fields { mark(&mask, block[field], test) }
        case .target: for member in block.targets.members { mark(&mask, block.targets, member, test) }
        case .targetMember(let member):
            let place = switch member { case .type: 0; case .id: 1; case .name: 2 }
            mark(&mask, block.targets, block.targets.members[place], test)
        case .role: mark(&mask, block.roles, block.roles.members[0], test)
        case .flag:
            var bits: UInt32 = 0
            for (bit, name) in block.flagNames.enumerated() where Self.holds(name, test) { bits |= 1 << UInt32(bit) }
            guard bits != 0 else { return }
            for row in 0..<count where block.flags[row] & bits != 0 { mask[row] = true }
        case .change: mark(&mask, block.changes, block.changes.members[0], absentAsEmpty: true, test)
        case .attribute(let name): mark(&mask, attribute: name, test)
        }
    }

    /// Rows in which the lower-case word stands anywhere.
    private func mark(_ mask: inout [Bool], _ word: [UInt8]) {
        let test: Test = { TextPattern.find(word, in: $0, from: 0, to: $0.count) != nil }
        for column in block.texts { mark(&mask, column, test) }
        for member in block.targets.members { mark(&mask, block.targets, member, test) }
        mark(&mask, block.attributes, block.attributes.members[1], absentAsEmpty: true, test)
        mark(&mask, block.changes, block.changes.members[0], absentAsEmpty: true, test)
        for member in block.changes.members[1...] { mark(&mask, block.changes, member, test) }
        mark(&mask, block.roles, block.roles.members[0], test)
    }

    private func mark(_ mask: inout [Bool], _ column: TextColumn, _ test: @escaping Test) {
        guard column.entryCount > 0, column.count > 0 else { return }
        var verdicts = Verdicts(column, test)
        let codes = column.codes
        for row in 0..<min(count, codes.count) where codes[row] != TextColumn.absent && !mask[row] { mask[row] = verdicts.holds(codes[row]) }
    }

    private func mark(_ mask: inout [Bool], _ list: ListColumn, _ member: TextColumn, absentAsEmpty: Bool = false, _ test: @escaping Test) {
        guard list.elementCount > 0 else { return }
        var verdicts = Verdicts(member, test)
        let empty = absentAsEmpty && Self.holds("", test)
        let codes = member.codes
        for row in 0..<count where !mask[row] {
            for element in list.elements(of: row) {
                let code = codes[element]
                if code == TextColumn.absent ? empty : verdicts.holds(code) {
                    mask[row] = true
                    break
                }
            }
        }
    }

    private func mark(_ mask: inout [Bool], attribute name: String, _ test: @escaping Test) {
        let list = block.attributes
        guard list.elementCount > 0 else { return }
        let wanted = Array(name.utf8)
        var names = Verdicts(list.members[0]) { $0.elementsEqual(wanted) }
        var verdicts = Verdicts(list.members[1], test)
        let empty = Self.holds("", test)
        for row in 0..<count where !mask[row] {
            for element in list.elements(of: row) {
                let code = list.members[0].codes[element]
                guard code != TextColumn.absent, names.holds(code) else { continue }
                let value = list.members[1].codes[element]
                mask[row] = value == TextColumn.absent ? empty : verdicts.holds(value)
                break
            }
        }
    }

    private static func holds(_ text: String, _ test: Test) -> Bool {
        var text = text
        return text.withUTF8(test)
    }

    /// What a test says of each text of a column, asked once.
    private struct Verdicts {
        private let column: TextColumn
        private let test: Test
        private var known: [UInt8]

        init(_ column: TextColumn, _ test: @escaping Test) {
            self.column = column
            self.test = test
            known = Array(repeating: 0, count: column.entryCount)
        }

        @inline(__always)
        mutating func holds(_ code: UInt32) -> Bool {
            let verdict = known[Int(code)]
            if verdict != 0 { return verdict == 2 }
            let holds = test(column.entry(code).assumingMemoryBound(to: UInt8.self))
            known[Int(code)] = holds ? 2 : 1
            return holds
        }
    }
}
