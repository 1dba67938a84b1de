import AuditModel

/// Reading where lines of one deed are one record (docs/decisions/0095-lines-of-one-deed.md).
///
/// Records leave in the order of their first lines. ``consumedOffset`` never passes a line that is not done; lines behind it that are done are
/// remembered one by one, in the saved state too. All else is found again by reading on from ``consumedOffset``, so that what a record is does
/// not hang on how bytes arrive in pieces.
extension RecordParser {
    /// How far a call goes.
    struct Joining {
        var isEnd: Bool
        /// Place in the text at and beyond which no record is wanted.
        var upTo = Int.max
        /// Records that begin before this place are taken as they are.
        var before = 0
        var most = Int.max
    }

    /// Offset after the last byte that was fed.
    public var fedOffset: UInt64 { consumedOffset + UInt64(held.count) }

    /// Whether lines wait for others to join them, or for those to be done.
    public var holdsLines: Bool { joiner != nil && !held.isEmpty }

    /// Takes records that begin before a place of the source as they are; whether it stopped before the end.
    func closeJoined(before offset: UInt64, _ records: RecordBuffer, most: Int = .max) -> Bool {
        guard let joiner, offset > consumedOffset, let lineEnd = held.slice.lastLineEnd else { return false }
        held.release()
        let before = Int(min(offset - consumedOffset, UInt64(lineEnd)))
        let joining = Joining(isEnd: false, before: before, most: most)
        let (used, isStopped) = processJoined(held.slice.sub(0, lineEnd), joiner, joining, records)
        held.drop(used)
        return isStopped
    }

    /// As ``process(_:isEnd:upTo:_:_:)``.
    func processJoined(_ text: ByteSlice, _ joiner: LineJoiner, _ joining: Joining, _ records: RecordBuffer) -> (used: Int, isStopped: Bool) {
        // Records are not read in the order in which their lines stand.
        evaluator.window.end()
        joiner.begin()
        base = consumedOffset
        var done = 0
        var at = 0
        if base == 0, text.count >= 3, text[0] == 0xEF, text[1] == 0xBB, text[2] == 0xBF { at = 3 }
        if oversized != nil {
            guard let end = endOversized(text, records) else { return (text.count, false) }
            done = end
            at = end
        }
        while true {
            while let group = joiner.head {
                guard done < joining.upTo else { return (done, false) }
                if records.count >= joining.most || isBlockFull(at) { return (done, true) }
                guard let next = emit(group, text, done, joiner, records) else { return (done, true) }
                joiner.removeHead()
                done = advance(text, next, to: max(next, joiner.headStart ?? max(at, next)))
                joiner.forget(before: consumedOffset)
            }
            if joiner.isEmpty, at > done {
                done = advance(text, done, to: at)
                joiner.forget(before: consumedOffset)
            }
            guard done < joining.upTo, at < text.count else { break }
            guard let next = readLine(text, at, done, joiner, joining, records) else { break }
            if joiner.isEmpty, next.done > done { done = next.done }
            at = next.at
        }
        return finishJoined(text, at, done, joiner, joining, records)
    }

    /// What the text's end closes is taken too.
    private func finishJoined(
        _ text: ByteSlice, _ at: Int, _ done: Int, _ joiner: LineJoiner, _ joining: Joining, _ records: RecordBuffer
    ) -> (used: Int, isStopped: Bool) {
        guard oversized == nil else { return (text.count, false) }
        joiner.close(before: joining.isEnd ? .max : joining.before, .closed)
        var done = done
        while let group = joiner.head {
            guard done < joining.upTo else { return (done, false) }
            if records.count >= joining.most || isBlockFull(at) { return (done, true) }
            guard let next = emit(group, text, done, joiner, records) else { return (done, true) }
            joiner.removeHead()
            done = advance(text, next, to: max(next, joiner.headStart ?? max(at, next)))
            joiner.forget(before: consumedOffset)
        }
        return (done, false)
    }

    /// Takes one line, or one piece of what is not lines, in; nil where more bytes are needed. `done` is how far the parser is then.
    private func readLine(
        _ text: ByteSlice, _ at: Int, _ done: Int, _ joiner: LineJoiner, _ joining: Joining, _ records: RecordBuffer
    ) -> (at: Int, done: Int)? {
        let mode = framer.mode
        let step = framer.next(text, from: at, isEnd: joining.isEnd)
        if framer.mode != mode, !joiner.isEmpty {
            // An array of records begins or ends, which the place alone does not tell: the records before it are done first.
            framer.mode = mode
            joiner.close(before: .max, .closed)
            return (at, done)
        }
        switch step {
        case .passed(let next): return (next, done)
        case .more:
            guard text.count - at > FramingLimit.recordBytes else { return nil }
            guard joiner.isEmpty else {
                joiner.close(before: .max, .cut)
                return (at, done)
            }
            guard let next = beginOversized(text, at, records) else { return nil }
            return (next, next)
        case .frame(var frame):
            frame.isTentative = false
            if joiner.isTaken(base + UInt64(frame.start)) { joiner.pass(frame) } else { joiner.add(frame, text) }
            return (frame.next, done)
        }
    }

    /// Reads a record; the offset after its first line, nil where the block has no room.
    private func emit(_ group: LineJoiner.Group, _ text: ByteSlice, _ done: Int, _ joiner: LineJoiner, _ records: RecordBuffer) -> Int? {
        guard !group.lines.isEmpty, let plan = joiner.plans[max(0, group.frame.format)] else {
            guard case .next(let next) = take(group.frame, text, done, isEnd: false, records) else { return nil }
            return next
        }
        let lines = group.lines.map { line in
            JoinedRecord.Line(text: text.sub(line.textStart, line.textEnd), part: plan.kinds[line.kind].part)
        }
        let main = group.lines.min { plan.kinds[$0.kind].rank < plan.kinds[$1.kind].rank } ?? group.lines[0]
        let joined = JoinedRecord(plan, lines: lines, isCut: group.state == .cut)
        let firstRow = writer.block.rowCount
        var kind = BlockRecord.Kind.events
        var reason: String?
        do {
            let record = text.sub(main.frame.start, main.frame.end)
            if case .skipped(let rule) = try evaluator.evaluate(record, format: group.frame.format, into: writer, joined: joined) {
                (kind, reason) = (.skipped, rule)
            }
        } catch {
            if error.isFull, writer.block.rowCount > 0 { return nil }
            (kind, reason) = (.quarantined, error.isFull ? "the record holds more than \(blockRows) events" : error.reason)
        }
        _ = advance(text, done, to: group.frame.start)
        let firstLine = line
        let next = advance(text, group.frame.start, to: group.frame.next)
        joiner.take(group, base: base)
        guard consumedOffset > suppressedUpTo else {
            if writer.block.rowCount > firstRow { writer.takeBack(toRow: firstRow) }
            return next
        }
        let bytes = bytes(of: group, text, records)
        records.append(
            BlockRecord(
                address: bytes.base, length: bytes.count, offset: base &+ UInt64(group.frame.start),
                end: base &+ UInt64(group.lines[group.lines.count - 1].frame.end), next: consumedOffset, line: firstLine,
                firstRow: Int32(truncatingIfNeeded: firstRow), rowCount: Int32(truncatingIfNeeded: writer.block.rowCount &- firstRow),
                reason: reason.map { records.number(of: $0) } ?? -1, kind: kind))
        return next
    }

    /// The lines of a record without their ends, a line feed between them: where they stand one behind the other, the bytes of the source.
    private func bytes(of group: LineJoiner.Group, _ text: ByteSlice, _ records: RecordBuffer) -> ByteSlice {
        let frames = group.lines.map(\.frame)
        let first = frames[0].start
        let last = frames[frames.count - 1].end
        let count = frames.reduce(frames.count - 1) { $0 + $1.end - $1.start }
        if count == last - first { return text.sub(first, last) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        for (number, frame) in frames.enumerated() {
            if number > 0 { bytes.append(10) }
            bytes += UnsafeBufferPointer(start: text.base + frame.start, count: frame.end - frame.start)
        }
        return ByteSlice(base: records.keep(bytes), count: bytes.count)
    }
}

extension ByteSlice {
    /// The offset after the last line feed, nil where there is none.
    fileprivate var lastLineEnd: Int? {
        var at = count
        while at > 0 {
            if self[at - 1] == 10 { return at }
            at -= 1
        }
        return nil
    }
}
