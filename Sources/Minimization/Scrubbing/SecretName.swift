/// A name whose value is secret, read backwards from where it ends.
struct SecretName {
    /// A header whose value may begin with a scheme.
    let isHeader: Bool
    /// The whole rest of the line is the value, as of a cookie.
    let takesLine: Bool
    /// A word that also names harmless things: a plain word or number behind it stays.
    let isWeak: Bool
    let isAWS: Bool
    /// `PWD`, which is a password in ODBC and a folder in a shell.
    let mayBeFolder: Bool

    private static let maximumBytes = 48

    /// The name that ends at `end`, if its value is secret.
    init?(_ text: ScrubText, endingAt end: Int, floor: Int) {
        // Nearly every `=` and `:` ends here: no name of a secret ends in another letter.
        guard Self.lastLetters[Int(text[end - 1] & 0x7f)] else { return nil }
        var start = end
        while start > floor, end - start < Self.maximumBytes, Self.isName(text[start - 1]) { start -= 1 }
        let word = text.bytes(start..<end).filter { $0 != 0x5f && $0 != 0x2d && $0 != 0x2e }.map(Byte.lower)
        guard let entry = Self.entries.first(where: { Self.ends(word, with: $0.word, exactly: $0.isWhole) }) else { return nil }
        guard !Self.harmless.contains(where: { Self.ends(word, with: $0, exactly: false) }) else { return nil }
        isHeader = entry.traits.contains(.header)
        takesLine = entry.traits.contains(.line)
        isWeak = entry.traits.contains(.weak)
        mayBeFolder = Self.ends(word, with: Array("pwd".utf8), exactly: false)
        isAWS = Self.ends(word, with: Array("secretaccesskey".utf8), exactly: false)
    }

    private struct Traits: OptionSet {
        let rawValue: Int
        static let header = Traits(rawValue: 1)
        static let line = Traits(rawValue: 2)
        static let weak = Traits(rawValue: 4)
    }

    private struct Entry {
        let word: [UInt8]
        let traits: Traits
        /// The word alone, not as the end of a longer one.
        let isWhole: Bool

        init(_ word: String, _ traits: Traits = [], isWhole: Bool = false) {
            self.word = Array(word.utf8)
            self.traits = traits
            self.isWhole = isWhole
        }
    }

    private static let entries: [Entry] = [
        Entry("proxyauthorization", .header), Entry("authorization", .header), Entry("setcookie", [.header, .line]),
        Entry("cookie", [.header, .line]), Entry("password"), Entry("passwd"), Entry("pwd"), Entry("passphrase"), Entry("passwort"),
        Entry("passcode"), Entry("pass", .weak), Entry("secret"), Entry("secretstring"), Entry("token", .weak), Entry("apikey"),
        Entry("accesskey"), Entry("secretkey"), Entry("privatekey"), Entry("accountkey"), Entry("encryptionkey"), Entry("signingkey"),
        Entry("sharedkey"), Entry("masterkey"), Entry("authkey"), Entry("sharedaccesskey"), Entry("secretaccesskey"), Entry("credential", .weak),
        Entry("credentials", .weak), Entry("connectionstring"), Entry("clientassertion"), Entry("samlresponse"), Entry("otp", .weak),
        Entry("totp"), Entry("pin", .weak, isWhole: true), Entry("cvv"), Entry("cvc"), Entry("sig", isWhole: true), Entry("xamzsignature"),
        Entry("xgoogsignature"), Entry("authcode"), Entry("sessionkey"), Entry("jwt"), Entry("bearer"), Entry("webhookurl"), Entry("dsn", .weak),
        Entry("phpsessid"), Entry("jsessionid"), Entry("hmac", .weak), Entry("mfacode"), Entry("verificationcode"), Entry("resetcode"),
        Entry("recoverycode"), Entry("backupcode"), Entry("seedphrase"), Entry("mnemonic"),
    ]

    /// Names that end like a secret's and are none.
    private static let harmless: [[UInt8]] = [
        "publickey", "maxtoken", "totaltoken", "prompttoken", "nexttoken", "tokentype", "bypass", "compass", "nopassword", "cipherkey",
    ].map { Array($0.utf8) }

    private static let lastLetters: [Bool] = {
        var table = [Bool](repeating: false, count: 128)
        for entry in entries {
            let letter = entry.word[entry.word.count - 1]
            table[Int(letter)] = true
            table[Int(letter & 0xdf)] = true
        }
        return table
    }()

    @inline(__always)
    private static func isName(_ byte: UInt8) -> Bool { Byte.isAlnum(byte) || byte == 0x5f || byte == 0x2d || byte == 0x2e }

    private static func ends(_ word: [UInt8], with ending: [UInt8], exactly: Bool) -> Bool {
        guard exactly ? word.count == ending.count : word.count >= ending.count else { return false }
        let offset = word.count - ending.count
        return ending.indices.allSatisfy { word[offset + $0] == ending[$0] }
    }
}
