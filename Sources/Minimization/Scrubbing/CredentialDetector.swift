/// Credentials with a shape of their own: in URLs, JWTs, authorization schemes, password hashes.
enum CredentialDetector {
    // MARK: URLs

    /// The user information of `scheme://user:password@host`, at the colon of `://`.
    ///
    /// A password may hold an unescaped `/` or `@`; the last `@` before the host counts. `git@` alone is no credential.
    static func findURL(_ text: ScrubText, at colon: Int, floor: Int) -> ScrubFinding? {
        guard text[colon + 1] == 0x2f, text[colon + 2] == 0x2f, Byte.isAlnum(text[colon - 1]) else { return nil }
        let start = colon + 3
        var position = start
        var at: Int?
        var sawColon = false
        var isPort = true
        var slashes = 0
        let limit = start + 512
        while position < limit {
            let byte = text[position]
            if byte <= 0x20 || byte == 0x22 || byte == 0x27 || byte == 0x3c || byte == 0x3e || byte == 0x60 || byte == 0x5c { break }
            if byte == 0x2f || byte == 0x3f || byte == 0x23 {
                // Behind host:port comes the path; behind user:pa there may come more of the password.
                slashes += 1
                guard at == nil, sawColon, !isPort, slashes == 1 else { break }
            } else if byte == 0x3a {
                if sawColon, slashes > 0 { break }
                sawColon = true
                isPort = true
            } else if byte == 0x40 {
                at = position
                isPort = true
            } else if sawColon, !Byte.isDigit(byte) {
                isPort = false
            }
            position += 1
        }
        guard let at, at > start else { return nil }
        if at == start + 3, text.has("git", at: start) { return nil }
        return ScrubFinding(.urlCredentials, start, at)
    }

    // MARK: JWT

    /// A token that begins with `eyJ` (base64 of `{"`), at its J. Cut tokens and other base64 JSON are found too.
    static func findJWT(_ text: ScrubText, at letter: Int, floor: Int) -> ScrubFinding? {
        let start = letter - 2
        guard start >= floor, text[start] == 0x65, text[start + 1] == 0x79 else { return nil }
        let before = text[start - 1]
        let isEscape = text[start - 2] == 0x5c && [0x6e, 0x74, 0x72].contains(before)
        guard start == floor || isEscape || !Byte.isAlnum(before) else { return nil }
        var end = start
        while Byte.isBase64URL(text[end]) || text[end] == 0x2e || text[end] == 0x2b || text[end] == 0x2f || text[end] == 0x3d { end += 1 }
        while end > start, text[end - 1] == 0x2e { end -= 1 }
        guard end - start >= 16 else { return nil }
        return ScrubFinding(.jwt, start, end)
    }

    // MARK: Schemes

    /// What follows `Bearer ` or `Basic ` (any case), at the B.
    static func findScheme(_ text: ScrubText, at letter: Int, floor: Int) -> ScrubFinding? {
        guard text[letter + 1] | 0x20 == 0x65 || text[letter + 1] | 0x20 == 0x61, !Byte.isAlnum(text[letter - 1]) else { return nil }
        let isBearer = text.hasIgnoringCase("bearer ", at: letter)
        guard isBearer || text.hasIgnoringCase("basic ", at: letter) else { return nil }
        let start = letter + (isBearer ? 7 : 6)
        var end = start
        var hasDigit = false
        var hasUpper = false
        while Byte.isBase64URL(text[end]) || [0x2e, 0x2b, 0x2f, 0x3d, 0x7e].contains(text[end]) {
            hasDigit = hasDigit || Byte.isDigit(text[end])
            hasUpper = hasUpper || Byte.isUpper(text[end])
            end += 1
        }
        // "bearer authentication" and "basic information" are prose.
        guard end - start >= 8, hasDigit || (hasUpper && end - start >= 12) || text[end - 1] == 0x3d else { return nil }
        return ScrubFinding(.secret, start, end)
    }

    // MARK: Password hashes

    /// `$2b$12$…`, `$6$salt$…`, `$argon2id$…`, at the first dollar sign.
    static func findPasswordHash(_ text: ScrubText, at dollar: Int, floor: Int) -> ScrubFinding? {
        let isHash =
            (text[dollar + 1] == 0x32 && Byte.isLetter(text[dollar + 2]) && text[dollar + 3] == 0x24)
            || ([0x31, 0x35, 0x36, 0x79, 0x37].contains(text[dollar + 1]) && text[dollar + 2] == 0x24)
            || text.has("$argon2", at: dollar) || text.has("$scrypt$", at: dollar) || text.has("$pbkdf2", at: dollar)
        guard isHash else { return nil }
        var end = dollar
        while Byte.isAlnum(text[end]) || [0x24, 0x2e, 0x2f, 0x2c, 0x3d, 0x2b, 0x2d, 0x5f].contains(text[end]) { end += 1 }
        return end - dollar >= 20 ? ScrubFinding(.secret, dollar, end) : nil
    }
}
