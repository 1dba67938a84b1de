extension VaultFile {
    /// Destroys a subject: its chunks, its key, and every entry of theirs. The caller holds the transaction open.
    ///
    /// - Returns: Its tokens.
    func erase(_ subject: Int64) throws -> [PersonChunk.Token] {
        let chunks = try chunks(of: subject)
        for (place, chunk) in chunks {
            for (slot, token) in chunk.tokens.enumerated() {
                let packed = HeapPlace(page: place.page, offset: place.offset, slot: slot).packed
                try runs.remove(.look, IndexEntry(key: token.lookupStart, place: packed), &root)
                try runs.remove(.bits, IndexEntry(key: token.bits, place: packed), &root)
            }
            try runs.remove(.more, IndexEntry(key: IndexEntry.key(ofSubject: subject), place: place.packed), &root)
            var nothing = [UInt8](repeating: 0, count: chunk.bytes.count)
            nothing.replaceSubrange(0..<4, with: chunk.bytes[0..<4])
            try replace(place, with: nothing)
        }
        try clearKey(of: subject)
        try pages.writeRoot(root.bytes)
        return chunks.flatMap(\.chunk.tokens)
    }

    /// Writes other bytes, as many, over a chunk.
    func replace(_ place: HeapPlace, with bytes: [UInt8]) throws {
        var page = try pages.read(.heap, place.page)
        page.replaceSubrange(place.offset..<(place.offset + bytes.count), with: bytes)
        try pages.write(.heap, place.page, page)
    }

    /// Overwrites a subject's slot.
    func clearKey(of subject: Int64) throws {
        let number = subject / Int64(Self.keySlots)
        var page = try pages.read(.keys, number)
        let start = Int(subject % Int64(Self.keySlots)) * Self.keySlotBytes
        page.replaceSubrange(start..<(start + Self.keySlotBytes), with: [UInt8](repeating: 0, count: Self.keySlotBytes))
        try pages.write(.keys, number, page)
    }
}
