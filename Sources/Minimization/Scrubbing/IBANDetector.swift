/// Bank account numbers of ISO 13616: country, length, and the remainder 1 of mod 97; spaces or dashes between groups allowed.
enum IBANDetector {
    /// The IBAN whose check digits begin at `digits`, behind two letters.
    static func find(_ text: ScrubText, digits: Int, floor: Int) -> ScrubFinding? {
        let start = digits - 2
        guard start >= floor, Byte.isLetter(text[start]), Byte.isLetter(text[start + 1]), Byte.isDigit(text[digits + 1]) else { return nil }
        let before = text[start - 1]
        let isEscape = text[start - 2] == 0x5c && [0x6e, 0x74, 0x72].contains(before)
        guard start == floor || isEscape || !Byte.isAlnum(before), let length = length(text[start] & 0xdf, text[start + 1] & 0xdf) else {
            return nil
        }
        var characters: [UInt8] = []
        var position = start
        while characters.count < length, position - start < 80 {
            let byte = text[position]
            if Byte.isAlnum(byte) {
                characters.append(byte)
                position += 1
            } else if byte == 0x20 || byte == 0x2d, Byte.isAlnum(text[position + 1]) {
                position += 1
            } else if byte == 0xc2, text[position + 1] == 0xa0 {
                position += 2
            } else {
                return nil
            }
        }
        guard characters.count == length, !Byte.isAlnum(text[position]), isValid(characters) else { return nil }
        return ScrubFinding(.iban, start, position)
    }

    /// ISO 7064 mod 97-10 over the rearranged characters.
    private static func isValid(_ characters: [UInt8]) -> Bool {
        var remainder = 0
        for character in characters[4...] + characters[..<4] {
            if Byte.isDigit(character) {
                remainder = (remainder * 10 + Int(character - 0x30)) % 97
            } else {
                remainder = (remainder * 100 + Int((character & 0xdf) - 0x41 + 10)) % 97
            }
        }
        return remainder == 1
    }

    private static func length(_ first: UInt8, _ second: UInt8) -> Int? {
        lengths[UInt16(first) << 8 | UInt16(second)]
    }

    /// The registry of SWIFT, release 99.
    private static let lengths: [UInt16: Int] = {
        let registry = """
            AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24 FI18 FK18
            FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21
            LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24
            SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30
            """
        var lengths: [UInt16: Int] = [:]
        for entry in registry.split(whereSeparator: \.isWhitespace) {
            let bytes = Array(entry.utf8)
            lengths[UInt16(bytes[0]) << 8 | UInt16(bytes[1])] = Int(entry.dropFirst(2))
        }
        return lengths
    }()
}
