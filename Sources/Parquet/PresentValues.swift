/// Takes absent slots out of a stretch of values.
enum PresentValues {
    /// Copies the values that are not `absent`, each less `base`, and notes in `bits` which slots they come from.
    ///
    /// - Returns: How many there are. `values` needs room for `count`, `bits` for `count / 64 + 1`.
    static func compact<Value: FixedWidthInteger>(
        _ source: UnsafePointer<Value>, count: Int, absent: Value, less base: Value, into values: UnsafeMutablePointer<Value>,
        bits: UnsafeMutablePointer<UInt64>
    ) -> Int {
        var kept = 0
        var start = 0
        while start < count {
            let end = min(start &+ 64, count)
            var word: UInt64 = 0
            var slot = start
            while slot < end {
                let value = source[slot]
                let isPresent: UInt64 = value == absent ? 0 : 1
                values[kept] = value &- base
                kept &+= Int(isPresent)
                word |= isPresent &<< UInt64(slot & 63)
                slot &+= 1
            }
            bits[start &>> 6] = word
            start = end
        }
        return kept
    }
}
