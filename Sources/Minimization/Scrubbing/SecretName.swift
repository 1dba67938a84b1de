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
        // Nearly every `=` and `:` ends here.
        guard Self.endings.mayHold(text[end - 2], text[end - 1]) else { return nil }
        let start = max(floor, end - Self.maximumBytes)
        guard let entry = Self.entries.first(where: { Self.ends(text, start, end, with: $0.word, whole: $0.isWhole) }) else { return nil }
        guard !Self.harmless.contains(where: { Self.ends(text, start, end, with: $0, whole: false) }) else { return nil }
        isHeader = entry.traits.contains(.header)
        takesLine = entry.traits.contains(.line)
        isWeak = entry.traits.contains(.weak)
        mayBeFolder = entry.word.elementsEqual("pwd".utf8)
        isAWS = entry.word.elementsEqual("secretaccesskey".utf8)
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
        Entry("secretaccesskey"), Entry("accesskey"), Entry("secretkey"), Entry("privatekey"), Entry("accountkey"), Entry("encryptionkey"),
        Entry("signingkey"),
        Entry("sharedkey"), Entry("masterkey"), Entry("authkey"), Entry("sharedaccesskey"), Entry("credential", .weak),
        Entry("credentials", .weak), Entry("connectionstring"), Entry("clientassertion"), Entry("samlresponse"), Entry("otp", .weak),
        Entry("totp"), Entry("pin", .weak, isWhole: true), Entry("cvv"), Entry("cvc"), Entry("sig", isWhole: true), Entry("xamzsignature"),
        Entry("xgoogsignature"), Entry("authcode"), Entry("sessionkey"), Entry("jwt"), Entry("bearer"), Entry("webhookurl"),
        Entry("dsn", .weak),
        Entry("phpsessid"), Entry("jsessionid"), Entry("hmac", .weak), Entry("mfacode"), Entry("verificationcode"), Entry("resetcode"),
        Entry("recoverycode"), Entry("backupcode"), Entry("seedphrase"), Entry("mnemonic"),
    ]

    /// Names that end like a secret's and are none.
    private static let harmless: [[UInt8]] = [
        "publickey", "maxtoken", "totaltoken", "prompttoken", "nexttoken", "tokentype", "bypass", "compass", "nopassword", "cipherkey",
    ].map { Array($0.utf8) }

    private static let endings = BytePairFilter(endingsOf: entries.map(\.word))

    @inline(__always)
    private static func isJoint(_ byte: UInt8) -> Bool { byte == 0x5f || byte == 0x2d || byte == 0x2e }

    /// Whether the name that ends at `end` ends with a word, `_`, `-` and `.` aside; a whole name is nothing but the word.
    private static func ends(_ text: ScrubText, _ start: Int, _ end: Int, with word: [UInt8], whole: Bool) -> Bool {
        var position = end
        var place = word.count
        while place > 0 {
            guard position > start else { return false }
            position -= 1
            let byte = text[position]
            if isJoint(byte) { continue }
            place -= 1
            guard Byte.lower(byte) == word[place] else { return false }
        }
        return !whole || position == start || !(Byte.isAlnum(text[position - 1]) || isJoint(text[position - 1]))
    }
}
