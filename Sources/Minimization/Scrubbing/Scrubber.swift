/// Finds personal data and secrets in free text.
///
/// One pass over the bytes: a table says which bytes may begin or sit in the middle of something (`@`, digits, `:`, `=` …); only there a
/// detector looks around, a bounded way back and forth, and verifies (Luhn, mod 97, number of octets, a vendor's prefix and length).
/// Findings are in order and do not overlap. Time is linear in the text, whatever the text holds.
///
/// What is deliberately left alone: UUIDs, hexadecimal ids, times, version numbers, sizes, AWS account numbers and ARNs, loopback
/// addresses, network masks and prefixes up to /24 (docs/minimization.md).
public struct Scrubber: Sendable {
    private let triggers: [Trigger]

    /// Whether anything begins or has its middle at this byte.
    static func isTrigger(_ byte: UInt8) -> Bool { shared.triggers[Int(byte)] != .none }

    private static let shared = Scrubber()

    enum Trigger: UInt8 {
        case none, digit, at, percent, ampersand, backslash, beyondASCII, bracket
        case colon, equals, dash, underscore, dot, quote, dollar, plus, slash, upperA, upperJ, letterB, upperM
    }

    public init() {
        var table = [Trigger](repeating: .none, count: 256)
        for byte in 0x30...0x39 { table[byte] = .digit }
        let single: [(Character, Trigger)] = [
            ("@", .at), ("%", .percent), ("&", .ampersand), ("\\", .backslash), ("[", .bracket), ("(", .bracket), (":", .colon),
            ("=", .equals), ("-", .dash), ("_", .underscore), (".", .dot), ("'", .quote), ("$", .dollar), ("+", .plus), ("/", .slash),
            ("A", .upperA),
            ("J", .upperJ), ("B", .letterB), ("b", .letterB), ("M", .upperM),
        ]
        for (character, trigger) in single { table[Int(character.asciiValue!)] = trigger }
        table[0xef] = .beyondASCII
        triggers = table
    }

    /// What must not stay in `text`, in order.
    public func findings(in text: UnsafeBufferPointer<UInt8>) -> [ScrubFinding] {
        var findings: [ScrubFinding] = []
        collect(in: text, into: &findings)
        return findings
    }

    /// Adds what must not stay in `text`, in order.
    func collect(in text: UnsafeBufferPointer<UInt8>, into findings: inout [ScrubFinding]) {
        guard text.count >= 4 else { return }
        triggers.withUnsafeBufferPointer { scan(ScrubText(text), triggers: $0, into: &findings) }
    }

    /// What must not stay in `text`, in order.
    public func findings(in text: String) -> [ScrubFinding] {
        var text = text
        return text.withUTF8 { findings(in: $0) }
    }

    private func scan(_ text: ScrubText, triggers: UnsafeBufferPointer<Trigger>, into findings: inout [ScrubFinding]) {
        // Everything before `floor` is decided; no finding begins before it.
        var floor = 0
        var position = 0
        while position < text.count {
            let trigger = triggers[Int(text[position])]
            if trigger == .none {
                position &+= 1
                continue
            }
            var next = position &+ 1
            if let finding = look(text, at: position, trigger, floor: floor, next: &next) {
                findings.append(finding)
                floor = finding.end
                position = max(finding.end, position &+ 1)
            } else {
                position = next
            }
        }
    }

    /// Asks the detectors that this byte concerns. `next` is where the scan goes on when there is nothing.
    @inline(__always)
    private func look(
        _ text: ScrubText, at position: Int, _ trigger: Trigger, floor: Int, next: inout Int
    ) -> ScrubFinding? {
        switch trigger {
        case .none: return nil
        case .digit: return NumberDetector.find(text, at: position, floor: floor, next: &next)
        case .colon:
            return CredentialDetector.findURL(text, at: position, floor: floor)
                ?? KeyValueDetector.find(text, separator: position, size: 1, floor: floor)
                ?? AddressDetector.findIPv6(text, at: position, floor: floor)
        case .equals:
            return KeyValueDetector.find(text, separator: position, size: 1, floor: floor)
                ?? LoginDetector.findNamed(text, separator: position, floor: floor)
        case .dash:
            return PrivateKeyDetector.find(text, at: position, floor: floor)
                ?? VendorTokenDetector.find(text, at: position, floor: floor)
                ?? KeyValueDetector.findFlag(text, at: position, floor: floor)
        case .underscore, .dot: return VendorTokenDetector.find(text, at: position, floor: floor)
        case .quote:
            return KeyValueDetector.findQuoted(text, at: position, floor: floor)
                ?? LoginDetector.findQuoted(text, at: position, floor: floor)
        case .at: return EmailDetector.find(text, separator: position, size: 1, floor: floor)
        case .percent, .ampersand, .backslash, .beyondASCII, .bracket:
            return lookEncoded(text, at: position, floor: floor)
        case .plus: return NumberDetector.findInternationalPhone(text, at: position, size: 1, floor: floor)
        case .dollar: return CredentialDetector.findPasswordHash(text, at: position, floor: floor)
        case .slash: return LoginDetector.findPath(text, at: position, floor: floor)
        case .upperA: return VendorTokenDetector.findUpperA(text, at: position, floor: floor)
        case .upperJ: return CredentialDetector.findJWT(text, at: position, floor: floor)
        case .letterB: return CredentialDetector.findScheme(text, at: position, floor: floor)
        case .upperM: return PrivateKeyDetector.findBody(text, at: position, floor: floor)
        }
    }

    /// Separators that hide behind an encoding.
    private func lookEncoded(_ text: ScrubText, at position: Int, floor: Int) -> ScrubFinding? {
        if let size = EmailDetector.encodedAtSize(text, at: position) {
            return EmailDetector.find(text, separator: position, size: size, floor: floor)
        }
        switch text[position] {
        case UInt8(ascii: "%"):
            if text.hasIgnoringCase("%3d", at: position) || text.hasIgnoringCase("%3a", at: position) {
                return KeyValueDetector.find(text, separator: position, size: 3, floor: floor)
            }
            if text.hasIgnoringCase("%2b", at: position) {
                return NumberDetector.findInternationalPhone(text, at: position, size: 3, floor: floor)
            }
        case UInt8(ascii: "("): return NumberDetector.findBracketedPhone(text, at: position, floor: floor)
        default: break
        }
        return nil
    }
}
