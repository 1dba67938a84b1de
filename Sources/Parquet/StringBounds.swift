/// Shortens bounds of byte strings so that statistics stay small, keeping them true (parquet-format, Statistics.md).
enum StringBounds {
    /// The longest bound that is stored.
    static let maximumBytes = 64

    /// A lower bound of at most ``maximumBytes`` bytes.
    static func lower(_ value: ArraySlice<UInt8>, isText: Bool) -> (bound: [UInt8], isExact: Bool) {
        guard value.count > maximumBytes else { return (Array(value), true) }
        return (cut(value, isText: isText), false)
    }

    /// An upper bound of about ``maximumBytes`` bytes, or nil if there is none so short.
    static func upper(_ value: ArraySlice<UInt8>, isText: Bool) -> (bound: [UInt8], isExact: Bool)? {
        guard value.count > maximumBytes else { return (Array(value), true) }
        let prefix = cut(value, isText: isText)
        guard let bound = isText ? incrementText(prefix) : incrementBytes(prefix) else { return nil }
        return (bound, false)
    }

    /// The longest prefix that fits and, for text, ends between characters: readers refuse bounds that are not UTF-8.
    private static func cut(_ value: ArraySlice<UInt8>, isText: Bool) -> [UInt8] {
        var end = value.startIndex + maximumBytes
        if isText {
            while end > value.startIndex, value[end] & 0xC0 == 0x80 { end -= 1 }
        }
        return Array(value[value.startIndex..<end])
    }

    /// The smallest string above all that begin with `prefix`: its last byte that can be raised is raised.
    private static func incrementBytes(_ prefix: [UInt8]) -> [UInt8]? {
        guard let last = prefix.lastIndex(where: { $0 < 0xFF }) else { return nil }
        var bound = Array(prefix[...last])
        bound[last] += 1
        return bound
    }

    /// The same by characters; UTF-8 sorts as its code points do.
    private static func incrementText(_ prefix: [UInt8]) -> [UInt8]? {
        var scalars = Array(String(decoding: prefix, as: UTF8.self).unicodeScalars)
        while let last = scalars.popLast() {
            let next = last.value == 0xD7FF ? 0xE000 : last.value + 1
            if let raised = Unicode.Scalar(next) {
                var text = String.UnicodeScalarView(scalars)
                text.append(raised)
                return Array(String(text).utf8)
            }
        }
        return nil
    }
}
