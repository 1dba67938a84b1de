/// Says of most ids at a glance that the scrubber finds nothing in them.
///
/// Only what every detector was read for is said: texts without a byte that any detector begins with, texts of letters and digits alone, UUIDs.
/// Everything else gets the full search. A test holds the answers against the ``Scrubber`` over millions of texts.
enum QuickLook {
    private static let other: UInt8 = 1
    private static let digit: UInt8 = 2
    private static let letter: UInt8 = 4
    private static let quiet: UInt8 = 8
    private static let dash: UInt8 = 16
    private static let notHex: UInt8 = 32
    /// A letter with which something may begin: A, B, b, J, M.
    private static let trigger: UInt8 = 64
    private static let underscore: UInt8 = 128

    /// Invariant: 256 classes that live as long as the process.
    private nonisolated(unsafe) static let classes: UnsafePointer<UInt8> = {
        let table = UnsafeMutablePointer<UInt8>.allocate(capacity: 256)
        for value in 0..<256 {
            let byte = UInt8(value)
            var entry: UInt8
            if Byte.isDigit(byte) {
                entry = digit
            } else if Byte.isLetter(byte) {
                entry = letter
            } else if byte == 0x2d {
                entry = dash
            } else if byte == 0x5f {
                entry = underscore
            } else {
                entry = Scrubber.isTrigger(byte) ? other : quiet
            }
            if !Byte.isHex(byte), byte != 0x2d { entry |= notHex }
            if Byte.isLetter(byte), Scrubber.isTrigger(byte) { entry |= trigger }
            table[value] = entry
        }
        return UnsafePointer(table)
    }()

    enum Answer {
        /// The scrubber finds nothing.
        case clean
        /// The same, and the text is one word of letters and digits.
        case word
        /// The same, and the text is a UUID.
        case uuid
        /// Ask the scrubber.
        case unknown
    }

    /// - Parameter isIdentifier: Whether long numbers are no findings here (`TextTreatment.Guarding.identifiersOnly`).
    static func look(_ text: UnsafeRawBufferPointer, isIdentifier: Bool) -> Answer {
        let count = text.count
        guard count >= 4, let base = text.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return .clean }
        let classes = classes
        var seen: UInt8 = 0
        var place = 0
        while place < count {
            seen |= classes[Int(base[place])]
            place &+= 1
        }
        guard seen & (other | dash | digit | trigger | underscore) != 0 else { return .clean }
        guard seen & (other | quiet) == 0 else { return .unknown }
        if seen & dash != 0 {
            guard seen & notHex == 0, isUUID(base, count) else { return .unknown }
            return isIdentifier || !mayBeginIBAN(base) ? .uuid : .unknown
        }
        if seen & underscore != 0 { return isCleanName(base, count, isIdentifier) ? .clean : .unknown }
        return isCleanWord(base, count, isIdentifier) ? .word : .unknown
    }

    /// Words of letters and digits with underscores between them. No word may begin as a key does, no underscore end the prefix of a vendor's token, no
    /// digits be as many as a number that is looked at by itself.
    private static func isCleanName(_ base: UnsafePointer<UInt8>, _ count: Int, _ isIdentifier: Bool) -> Bool {
        let text = ScrubText(UnsafeBufferPointer(start: base, count: count))
        var digits = 0
        var place = 0
        while place < count {
            let byte = base[place]
            digits = Byte.isDigit(byte) ? digits &+ 1 : 0
            if digits == 7, !isIdentifier { return false }
            if byte == 0x5f {
                if VendorTokenDetector.find(text, at: place, floor: 0) != nil { return false }
            } else if place == 0 || base[place &- 1] == 0x5f {
                if byte == 0x41 || byte == 0x4d || (byte == 0x65 && text[place &+ 1] == 0x79) { return false }
                if !isIdentifier, count &- place >= 15, beginsIBAN(base + place) { return false }
            }
            place &+= 1
        }
        return true
    }

    /// Of 36 hexadecimal digits and dashes: whether the dashes are where those of a UUID are.
    private static func isUUID(_ base: UnsafePointer<UInt8>, _ count: Int) -> Bool {
        guard count == 36, base[8] == 0x2d, base[13] == 0x2d, base[18] == 0x2d, base[23] == 0x2d else { return false }
        var dashes = 0
        var place = 0
        while place < count {
            if base[place] == 0x2d { dashes &+= 1 }
            place &+= 1
        }
        return dashes == 4
    }

    /// Whether a group of a UUID begins with two letters and two digits.
    private static func mayBeginIBAN(_ base: UnsafePointer<UInt8>) -> Bool {
        beginsIBAN(base) || beginsIBAN(base + 9) || beginsIBAN(base + 14) || beginsIBAN(base + 19)
    }

    private static func beginsIBAN(_ base: UnsafePointer<UInt8>) -> Bool {
        Byte.isLetter(base[0]) && Byte.isLetter(base[1]) && Byte.isDigit(base[2]) && Byte.isDigit(base[3])
    }

    /// Letters and digits alone, 4 or more. Keys and tokens with a shape begin at the beginning.
    private static func isCleanWord(_ base: UnsafePointer<UInt8>, _ count: Int, _ isIdentifier: Bool) -> Bool {
        let first = base[0]
        if first == 0x41 || first == 0x4d || (first == 0x65 && base[1] == 0x79) { return false }
        guard !isIdentifier else { return true }
        // Cards have 13 digits or more, IBANs 15 characters.
        return count < 13
            || (!beginsIBAN(base) && !hasLongNumber(base, count))
    }

    private static func hasLongNumber(_ base: UnsafePointer<UInt8>, _ count: Int) -> Bool {
        var digits = 0
        var place = 0
        while place < count {
            digits = Byte.isDigit(base[place]) ? digits &+ 1 : 0
            if digits == 13 { return true }
            place &+= 1
        }
        return false
    }
}
