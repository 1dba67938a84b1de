/// Reading the lines of a record that has several.
extension RecordEvaluator {
    /// Gives the parts of a record their names; the record itself was read.
    func readParts(_ joined: JoinedRecord) throws(Rejection) {
        for line in joined.lines {
            guard isValidUTF8(line.text) else { throw Rejection(reason: JSONFault.invalidUTF8.rawValue) }
            guard line.text.firstIndex(of: 0) == nil else { throw Rejection(reason: "the record holds a NUL byte") }
        }
        for (number, part) in joined.plan.parts.enumerated() {
            set(part.slot, text(ofPart: number, joined))
            for line in joined.lines where line.part == number {
                switch part.reading {
                case .text: break
                case .pairs(let reader, let keys): readPairs(line.text, reader, keys: keys)
                case .document(let document): try readJSON(line.text, document: document, isRecord: false)
                }
            }
        }
        if joined.isCut { set(joined.plan.cutSlot, plan.constants[joined.plan.cutText]) }
    }

    /// All lines of a part, a line feed between them.
    private func text(ofPart number: Int, _ joined: JoinedRecord) -> ByteSlice? {
        let lines = joined.lines.filter { $0.part == number }
        guard lines.count > 1 else { return lines.first?.text }
        let count = lines.reduce(lines.count - 1) { $0 + $1.text.count }
        let room = arena.allocate(count)
        var at = 0
        for line in lines {
            if at > 0 {
                room[at] = 10
                at += 1
            }
            (room + at).initialize(from: line.text.base, count: line.text.count)
            at += line.text.count
        }
        return ByteSlice(base: room, count: at)
    }
}
