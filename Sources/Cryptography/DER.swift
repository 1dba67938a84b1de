/// A strict reader for the Distinguished Encoding Rules (X.690 §10): enough to check the shape of what OpenSSL reads leniently.
struct DERElement {
    let tag: UInt8
    /// The whole element in the bytes it was read from, header included.
    let range: Range<Int>
    /// Its content.
    let content: Range<Int>

    static let sequence: UInt8 = 0x30
    static let set: UInt8 = 0x31
    static let integer: UInt8 = 0x02
    static let objectIdentifier: UInt8 = 0x06
    static let octetString: UInt8 = 0x04
    static let null: UInt8 = 0x05
    static func context(_ number: UInt8) -> UInt8 { 0xa0 | number }

    /// Reads one element at `offset`; nil for an indefinite or over-long length, a multi-byte tag, or bytes that end too early.
    static func read(_ bytes: [UInt8], at offset: Int, end: Int) -> DERElement? {
        guard end - offset >= 2, bytes[offset] & 0x1f != 0x1f else { return nil }
        var place = offset + 2
        var size = Int(bytes[offset + 1])
        if size >= 0x80 {
            let count = size & 0x7f
            guard count >= 1, count <= 4, end - place >= count, bytes[place] != 0 else { return nil }
            size = bytes[place..<place + count].reduce(0) { $0 << 8 | Int($1) }
            guard size >= 0x80 else { return nil }
            place += count
        }
        guard size <= end - place else { return nil }
        return DERElement(tag: bytes[offset], range: offset..<place + size, content: place..<place + size)
    }

    /// The elements that fill `range` exactly; nil when they do not.
    static func elements(_ bytes: [UInt8], in range: Range<Int>) -> [DERElement]? {
        var elements: [DERElement] = []
        var offset = range.lowerBound
        while offset < range.upperBound {
            guard let element = read(bytes, at: offset, end: range.upperBound) else { return nil }
            elements.append(element)
            offset = element.range.upperBound
        }
        return elements
    }
}
