/// Whether bytes are UTF-8 (RFC 3629), without making strings of them.
enum UTF8Check {
    /// Whether all bytes are below 128.
    static func isASCII(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var index = 0
        while index &+ 64 <= bytes.count {
            var bits: UInt64 = 0
            var lane = 0
            while lane < 64 {
                bits |= bytes.loadUnaligned(fromByteOffset: index &+ lane, as: UInt64.self)
                lane &+= 8
            }
            if bits & 0x8080_8080_8080_8080 != 0 { return false }
            index &+= 64
        }
        var bits: UInt8 = 0
        while index < bytes.count {
            bits |= bytes[index]
            index &+= 1
        }
        return bits < 0x80
    }

    /// Whether `bytes` are UTF-8: no overlong form, no surrogate, nothing above U+10FFFF.
    static func isWellFormed(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var index = 0
        while index < bytes.count {
            if index &+ 8 <= bytes.count,
                bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self) & 0x8080_8080_8080_8080 == 0
            {
                index &+= 8
                continue
            }
            let first = bytes[index]
            if first < 0x80 {
                index &+= 1
                continue
            }
            // How many bytes follow, and what the first of them may be.
            let following: Int
            let range: ClosedRange<UInt8>
            switch first {
            case 0xC2...0xDF: (following, range) = (1, 0x80...0xBF)
            case 0xE0: (following, range) = (2, 0xA0...0xBF)
            case 0xED: (following, range) = (2, 0x80...0x9F)
            case 0xE1...0xEF: (following, range) = (2, 0x80...0xBF)
            case 0xF0: (following, range) = (3, 0x90...0xBF)
            case 0xF1...0xF3: (following, range) = (3, 0x80...0xBF)
            case 0xF4: (following, range) = (3, 0x80...0x8F)
            default: return false
            }
            guard bytes.count &- index > following, range.contains(bytes[index &+ 1]) else { return false }
            var next = 2
            while next <= following {
                if bytes[index &+ next] & 0xC0 != 0x80 { return false }
                next &+= 1
            }
            index &+= following &+ 1
        }
        return true
    }
}
