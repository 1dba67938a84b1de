/// Taking names out of XML and out of the journal's entries.
extension RecordEvaluator {
    /// Reads XML that is a record or stands in one.
    ///
    /// - Parameter isRequired: Whether a text that is not XML, or has another root, is a fault of the record.
    func readXML(_ text: ByteSlice, document: Int, isRequired: Bool) throws(Rejection) {
        guard isRequired || text.trimmed.hasBytes("<") else { return }
        do {
            try xmlReader(document).read(text)
        } catch {
            if error == .root, !isRequired { return }
            throw Rejection(reason: error.rawValue)
        }
    }

    private func xmlReader(_ document: Int) -> XMLReader {
        if let known = xmlReaders[document] { return known }
        let reader = XMLReader(
            plan.documents[document], slots: slots, dropped: dropped, arena: arena, roots: plan.xmlRoots[document] ?? [])
        xmlReaders[document] = reader
        return reader
    }

    /// Reads an entry of the journal: what is mapped has to be text.
    func readJournalEntry(_ entry: ByteSlice, keys: Int32) throws(Rejection) {
        let table = plan.keyTables[keys]
        var isText = true
        let isWhole = JournalEntry.fields(entry) { key, value in
            let slot = table.find(key)
            guard slot >= 0 else {
                if !value.isEmpty { dropped[Int(-1 &- slot)] &+= 1 }
                return
            }
            if value.firstIndex(of: 0) != nil || !isValidUTF8(value) { isText = false }
            // A field may be there several times: the first is the one that the program named.
            if slots[Int(slot)].kind == .absent { set(slot, value) }
        }
        guard isWhole else { throw Rejection(reason: JournalEntry.broken) }
        guard isText else { throw Rejection(reason: "a field of the journal's entry is not text") }
    }
}
