import Vault

/// IP and hardware addresses.
enum AddressDetector {
    // MARK: IPv4

    /// An IPv4 address whose first digit is at `start`, which no letter or digit precedes.
    ///
    /// Left alone: versions (`v1.2.3.4`, `Chrome/118.0.0.0`, `1.2.3.4-rc1`), longer dotted numbers, loopback, masks, prefixes up to /24.
    static func findIPv4(_ text: ScrubText, at start: Int, floor: Int, next: inout Int) -> ScrubFinding? {
        var position = start
        var octets = 0
        var first = 0
        while true {
            var value = 0
            let octetStart = position
            while position - octetStart < 4, Byte.isDigit(text[position]) {
                value = value * 10 + Int(text[position] &- 0x30)
                position += 1
            }
            guard position > octetStart, position - octetStart <= 3, value <= 255 else { break }
            if octets == 0 { first = value }
            octets += 1
            guard text[position] == 0x2e, Byte.isDigit(text[position + 1]) else { break }
            if octets == 4 {
                octets = 5
                break
            }
            position += 1
        }
        // Whatever this dotted number is, its later parts are no addresses of their own.
        var end = position
        while Byte.isDigit(text[end]) || (text[end] == 0x2e && Byte.isDigit(text[end + 1])) { end += 1 }
        next = max(next, end)
        guard octets == 4, end == position, !isPartOfWord(text[end]), first != 0, first != 127, first != 255,
            !(text[start - 1] == 0x2e && Byte.isDigit(text[start - 2])), !isPrefix(text, end), !isVersion(text, start, end)
        else { return nil }
        return ScrubFinding(.address, start, end)
    }

    private static func isPartOfWord(_ byte: UInt8) -> Bool { Byte.isLetter(byte) || byte == 0x5f }

    /// `/0` … `/24` follows: a network, not a peer.
    private static func isPrefix(_ text: ScrubText, _ end: Int) -> Bool {
        guard text[end] == 0x2f, Byte.isDigit(text[end + 1]), !Byte.isAlnum(text[end + 3]) else { return false }
        let tens = Int(text[end + 1] &- 0x30)
        if !Byte.isAlnum(text[end + 2]) { return true }
        return Byte.isDigit(text[end + 2]) && tens * 10 + Int(text[end + 2] &- 0x30) <= 24
    }

    private static func isVersion(_ text: ScrubText, _ start: Int, _ end: Int) -> Bool {
        if text[end] == 0x2d || text[end] == 0x2b || text[end] == 0x7e, Byte.isLetter(text[end + 1]) {
            let suffix = word(text, from: end + 1)
            if versionSuffixes.contains(suffix) { return true }
        }
        var before = start
        if text[before - 1] == 0x2f {
            return products.contains(wordBefore(text, before - 1))
        }
        while start - before < 3, [0x20, 0x3d, 0x3a, 0x22].contains(text[before - 1]) { before -= 1 }
        return before < start && versionWords.contains(wordBefore(text, before))
    }

    /// The lower-case letters that begin at `start`, 16 at most.
    private static func word(_ text: ScrubText, from start: Int) -> String {
        var end = start
        while end - start < 16, Byte.isLetter(text[end]) { end += 1 }
        return String(decoding: text.bytes(start..<end), as: UTF8.self).lowercased()
    }

    /// The lower-case letters that end before `end`, 16 at most.
    static func wordBefore(_ text: ScrubText, _ end: Int) -> String {
        var start = end
        while end - start < 16, Byte.isLetter(text[start - 1]) { start -= 1 }
        return String(decoding: text.bytes(start..<end), as: UTF8.self).lowercased()
    }

    private static let versionSuffixes: Set<String> = [
        "rc", "beta", "alpha", "snapshot", "release", "final", "ga", "dev", "generic", "amd", "arm", "x", "build", "ubuntu", "debian",
        "el", "deb", "r", "aws", "gke", "eks", "pre", "dfsg",
    ]
    private static let versionWords: Set<String> = ["version", "ver", "release", "build", "v", "versions", "firmware", "upgraded"]
    private static let products: Set<String> = [
        "chrome", "chromium", "headlesschrome", "edg", "edga", "edgios", "edge", "opr", "opera", "crios", "firefox", "fxios", "safari",
        "version", "yabrowser", "vivaldi", "brave", "electron", "samsungbrowser", "slack", "teams", "webkit", "applewebkit", "trident",
        "okta", "oktaverify", "cli", "botocore", "python", "java", "curl", "nginx", "openssh", "zoom", "outlook", "crosswalk",
        "googleearth",
    ]

    /// `ip-10-0-12-34` of a cloud's host names, at its first digit.
    static func findDashed(_ text: ScrubText, at start: Int, floor: Int) -> ScrubFinding? {
        guard start - 3 >= floor, text.hasIgnoringCase("ip-", at: start - 3), !Byte.isWord(text[start - 4]) else { return nil }
        var position = start
        for octet in 0..<4 {
            let begin = position
            var value = 0
            while position - begin < 3, Byte.isDigit(text[position]) {
                value = value * 10 + Int(text[position] &- 0x30)
                position += 1
            }
            guard position > begin, value <= 255 else { return nil }
            guard octet < 3 else { break }
            guard text[position] == 0x2d else { return nil }
            position += 1
        }
        guard !Byte.isAlnum(text[position]), !(text[position] == 0x2d && Byte.isDigit(text[position + 1])) else { return nil }
        return ScrubFinding(.address, start, position)
    }

    // MARK: IPv6

    /// An IPv6 or hardware address around the colon at `colon`, the first of its own.
    ///
    /// Nothing is stepped over when there is none: `443:203.0.113.7` holds an IPv4 address. A run is looked at for 46 bytes.
    static func findIPv6(_ text: ScrubText, at colon: Int, floor: Int) -> ScrubFinding? {
        var start = colon
        while start > floor, colon - start < 5, Byte.isHex(text[start - 1]) { start -= 1 }
        if start == colon {
            guard text[colon + 1] == 0x3a, !Byte.isWord(text[colon - 1]), text[colon - 1] != 0x3a else { return nil }
        } else {
            // More letters before: the word belongs to the text (`std::`, `from:`); an address may begin at the next colon.
            let before = text[start - 1]
            let isEscape = text[start - 2] == 0x5c && [0x6e, 0x74, 0x72].contains(before)
            guard colon - start < 5, isEscape || !(Byte.isWord(before) || before == 0x5f) else { return nil }
            if before == 0x3a, isGroup(text, endingAt: start - 1) { return nil }
        }
        var end = start
        var colons = 0
        var hasGap = false
        // 8 groups of 4 with colons, and the dotted end of a mapped address.
        while end - start <= 46 {
            if text[end] == 0x3a {
                colons += 1
                hasGap = hasGap || text[end + 1] == 0x3a
            } else if !Byte.isHex(text[end]), !(text[end] == 0x2e && Byte.isDigit(text[end + 1])) {
                break
            }
            end += 1
        }
        // Times of day end here.
        guard end - start <= 46, hasGap || colons >= 5 else { return nil }
        return verifyIPv6(text, start, end)
    }

    /// Whether a group of its own lies before a colon: then the run began there and was looked at.
    private static func isGroup(_ text: ScrubText, endingAt end: Int) -> Bool {
        var start = end
        while end - start < 5, Byte.isHex(text[start - 1]) { start -= 1 }
        return end - start > 0 && end - start < 5 && !Byte.isWord(text[start - 1]) && text[start - 1] != 0x5f
    }

    private static func verifyIPv6(_ text: ScrubText, _ start: Int, _ runEnd: Int) -> ScrubFinding? {
        var end = runEnd
        if text[end - 1] == 0x3a, text[end - 2] != 0x3a { end -= 1 }
        guard !Byte.isWord(text[end]) || end < runEnd, text[end] != 0x5f else { return nil }
        let run = text.bytes(start..<end)
        let colons = run.count { $0 == 0x3a }
        if colons == 5, run.count == 17, isHardware(run) { return ScrubFinding(.hardwareAddress, start, end) }
        guard colons >= 2, let address = NetworkAddress(utf8: run) ?? shortened(run, &end, start) else {
            return nil
        }
        guard !address.isLocal else { return nil }
        let groups = run.split(separator: 0x3a).count
        // dead::beef may be a namespace; with a digit or three groups it is an address.
        guard groups >= 3 || (run.contains(where: Byte.isDigit) && groups >= 1 && run.count >= 4) else { return nil }
        guard !isWideNetwork(text, end) else { return nil }
        return ScrubFinding(.address, start, end)
    }

    /// An address with a port behind it, `2001:db8:0:0:0:0:0:1:443`: nine groups, the first eight are the address.
    private static func shortened(_ run: [UInt8], _ end: inout Int, _ start: Int) -> NetworkAddress? {
        guard let last = run.lastIndex(of: 0x3a), run[..<last].count(where: { $0 == 0x3a }) == 7,
            let address = NetworkAddress(utf8: Array(run[..<last]))
        else { return nil }
        end = start + last
        return address
    }

    /// Six pairs between colons.
    private static func isHardware(_ run: [UInt8]) -> Bool {
        run.indices.allSatisfy { $0 % 3 == 2 ? run[$0] == 0x3a : Byte.isHex(run[$0]) }
    }

    /// `/0` … `/48` follows.
    private static func isWideNetwork(_ text: ScrubText, _ end: Int) -> Bool {
        guard text[end] == 0x2f, Byte.isDigit(text[end + 1]) else { return false }
        var value = 0
        var position = end + 1
        while position - end < 5, Byte.isDigit(text[position]) {
            value = value * 10 + Int(text[position] &- 0x30)
            position += 1
        }
        return value <= 48 && !Byte.isAlnum(text[position])
    }

    // MARK: Value

    /// The canonical spelling of a found address.
    static func value(_ bytes: [UInt8]) -> String {
        let dotted = bytes.contains(0x3a) ? bytes : bytes.map { $0 == 0x2d ? 0x2e : $0 }
        return NetworkAddress(utf8: dotted)?.description ?? String(decoding: bytes, as: UTF8.self)
    }
}
