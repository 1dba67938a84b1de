/// Writes the canonical lines of a block's rows (docs/formats/event.md), byte for byte what ``Event/canonicalLine(salt:)`` writes.
///
/// What a text looks like in a line, `,"key":"value"` with its escapes, is made once per dictionary entry and copied per row; texts that
/// rarely repeat are escaped where they are written. Only columns with a value in the range cost anything, and neighbours that are the same
/// in all of its rows are one piece.
///
/// For a row range of its own per thread: the block must not change while this is used, and a value serves one thread at a time.
public final class CanonicalLines {
    /// The rows that may be written.
    public let rows: Range<Int>

    let block: EventBlock
    var steps: UnsafeMutableBufferPointer<LineStep>
    var fragments = LineFragments()
    let numbers = LineNumbers()
    /// Memory that steps refer to.
    var owned: [UnsafeMutableRawPointer] = []
    /// Keeps the compiler from leaving out reads whose only use is that they were made.
    private var bytesFetched: UInt64 = 0
    /// Pieces for the sets of marks that were met.
    private var marksMet: [(marks: UInt32, piece: LineFragments.Piece)] = []

    /// A writer for the lines of some rows of a block.
    ///
    /// - Parameter rows: All rows where it is nil.
    /// - Complexity: A look at each code of the range's columns until two differ, eight bytes per entry of columns with shared entries.
    public init(_ block: EventBlock, rows: Range<Int>? = nil) {
        self.block = block
        self.rows = rows ?? 0..<block.rowCount
        precondition(self.rows.lowerBound >= 0 && self.rows.upperBound <= block.rowCount, "the rows are rows of the block")
        steps = .init(start: nil, count: 0)
        let plan = self.rows.isEmpty ? [] : makePlan()
        steps = .allocate(capacity: plan.count)
        _ = steps.initialize(from: plan)
    }

    deinit {
        steps.deallocate()
        fragments.deallocate()
        numbers.deallocate()
        for memory in owned { memory.deallocate() }
    }

    /// Adds the lines of `rows` to `buffer`.
    ///
    /// - Parameters:
    ///   - rows: Within ``rows``.
    ///   - salts: 16 bytes for each of these rows, one behind the other, whose hex digits become the member `salt`; nil leaves it out.
    ///   - seqs: For each of these rows its position, which becomes the member `seq`; nil leaves it out.
    public func write(
        _ rows: Range<Int>, salts: UnsafeRawPointer? = nil, seqs: UnsafePointer<Int64>? = nil, to buffer: LineBuffer
    ) {
        precondition(rows.lowerBound >= self.rows.lowerBound && rows.upperBound <= self.rows.upperBound, "the rows are those of the plan")
        var pen = LinePen(self, buffer)
        var row = rows.lowerBound
        var fetched = row
        while row < rows.upperBound {
            if row == fetched {
                fetched = min(row &+ LinePen.rowsAhead, rows.upperBound)
                pen.fetch(row..<fetched)
            }
            let index = row &- rows.lowerBound
            pen.makeRoom(8)
            if let opening = buffer.opening { pen.writer.put(opening) }
            let start = pen.writer.count
            pen.writeMembers(row, salt: salts.map { $0 + 16 &* index }, seq: seqs.map { $0[index] } ?? IntegerColumn.absent)
            // Every member begins with a comma: the first one is the brace.
            pen.writer.base.storeBytes(of: 123, toByteOffset: start, as: UInt8.self)
            pen.makeRoom(8)
            pen.writer.put(125)
            if let ending = buffer.ending { pen.writer.put(ending) }
            buffer.endLine(pen.writer)
            row &+= 1
        }
        buffer.take(pen.writer)
        bytesFetched &+= pen.sum
        // The pen refers to both without holding them.
        withExtendedLifetime((self, buffer)) {}
    }

    /// The piece of a text that is met for the first time; 0 where there are too many.
    @inline(never)
    func makePiece(_ step: UnsafeMutablePointer<LineStep>, _ code: UInt32) -> LineFragments.Piece {
        let suffix = step.pointee.suffix
        let piece = fragments.text(step.pointee.entry(code), prefix: step.pointee.prefix, suffix: suffix == 0 ? nil : suffix)
        step.pointee.pieces![Int(code)] = piece
        return piece
    }

    /// The piece of a set of marks, with its key.
    @inline(never)
    func piece(marks: UInt32) -> LineFragments.Piece {
        if let known = marksMet.first(where: { $0.marks == marks }) { return known.piece }
        var text = Array(",\"flags\":".utf8)
        let names = block.flagNames.enumerated().filter { marks >> UInt32($0.offset) & 1 == 1 }.map(\.element).sorted()
        for (place, name) in names.enumerated() {
            text.append(place == 0 ? 91 : 44)
            CanonicalJSON.writeString(name, to: &text)
        }
        text.append(93)
        marksMet.append((marks, fragments.literal(text)))
        return marksMet[marksMet.count - 1].piece
    }
}
