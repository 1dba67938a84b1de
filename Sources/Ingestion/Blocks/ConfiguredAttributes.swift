import AuditModel

/// Attributes that the configuration gives to every event of a source.
enum ConfiguredAttributes {
    /// Sets an attribute in every row of a block; one of that name is replaced.
    ///
    /// Rows keep their attributes sorted by name. Each distinct name is compared once.
    static func set(_ name: String, _ value: String, in block: EventBlock) {
        let list = block.attributes
        let names = list.members[0]
        let values = list.members[1]
        let nameCodes = Array(names.codes)
        let valueCodes = Array(values.codes)
        let ends = Array(list.offsets)
        guard ends.count == block.rowCount + 1 else { return }
        // For each distinct name whether it stands before, is, or stands behind the new one; 2 where that is not known yet.
        var order = [Int8](repeating: 2, count: names.entryCount)
        let nameCode = names.code(of: name)
        let valueCode = values.code(of: value)
        let utf16 = Array(name.utf16)
        func place(_ code: UInt32) -> Int8 {
            if code == nameCode { return 0 }
            if order[Int(code)] == 2 {
                let other = Array(String(decoding: names.entry(code), as: UTF8.self).utf16)
                order[Int(code)] = other == utf16 ? 0 : other.lexicographicallyPrecedes(utf16) ? -1 : 1
            }
            return order[Int(code)]
        }
        list.truncate(toRow: 0)
        for row in 0..<block.rowCount {
            var isSet = false
            for element in Int(ends[row])..<Int(ends[row + 1]) {
                let place = place(nameCodes[element])
                if place >= 0, !isSet {
                    names.append(code: nameCode)
                    values.append(code: valueCode)
                    isSet = true
                }
                if place == 0 { continue }
                names.append(code: nameCodes[element])
                values.append(code: valueCodes[element])
            }
            if !isSet {
                names.append(code: nameCode)
                values.append(code: valueCode)
            }
            list.endRows(to: row + 1)
        }
    }
}
