import Foundation

/// Turns calendar fields in a named zone into UTC.
///
/// Names are IANA identifiers, offsets, or abbreviations. An abbreviation that stands for several offsets (CST, IST, BST)
/// is refused unless the configured zone settles it. Where a local time happens twice, the first is taken; where it never
/// happened, the clock before the change is continued.
final class ZoneResolver {
    /// The zone of stamps without one, nil for UTC.
    private let configured: TimeZone?
    private var zones: [String: TimeZone] = [:]
    private var cachedHour = Int64.min
    private var cachedZone: TimeZone?
    private var cachedOffset: Int64 = 0

    /// - Parameter timezone: An IANA name or an offset; nil for UTC.
    /// - Throws: ``ParsingError`` `.invalidValue` for a name that no zone has.
    init(timezone: String?) throws(ParsingError) {
        guard let timezone, timezone != "UTC" else {
            configured = nil
            return
        }
        guard let zone = TimeZone(identifier: timezone) ?? Self.fixed(timezone).flatMap({ TimeZone(secondsFromGMT: $0 * 60) }) else {
            throw ParsingError(
                code: .invalidValue, message: "no time zone is named '\(timezone)'; give an IANA name such as Europe/Zurich, or UTC")
        }
        configured = zone
    }

    /// Microseconds to subtract from fields read as UTC, for a stamp without a zone.
    func configuredOffset(at civilMicroseconds: Int64) -> Int64 {
        configured.map { offset(of: $0, at: civilMicroseconds) } ?? 0
    }

    /// The same for a named zone, or nil where the name means nothing certain.
    func offset(named name: String, at civilMicroseconds: Int64) -> Int64? {
        if let minutes = Self.abbreviations[name.uppercased()] ?? Self.fixed(name) { return Int64(minutes) * 60_000_000 }
        if let configured, Self.ambiguous.contains(name.uppercased()) { return offset(of: configured, at: civilMicroseconds) }
        guard name.contains("/") else { return nil }
        if let zone = zones[name] { return offset(of: zone, at: civilMicroseconds) }
        guard let zone = TimeZone(identifier: name) else { return nil }
        zones[name] = zone
        return offset(of: zone, at: civilMicroseconds)
    }

    private func offset(of zone: TimeZone, at civil: Int64) -> Int64 {
        // Offsets change on whole quarters of an hour: one look-up serves all stamps inside one.
        let quarter = civil >= 0 ? civil / 900_000_000 : (civil - 899_999_999) / 900_000_000
        if quarter == cachedHour, zone == cachedZone { return cachedOffset }
        func seconds(_ micros: Int64) -> Int64 { Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(micros / 1_000_000)))) }
        let before = seconds(civil - 86_400_000_000)
        let after = seconds(civil + 86_400_000_000)
        let candidates = before == after ? [before] : [before, after]
        let fitting = candidates.first { seconds(civil - $0 * 1_000_000) == $0 }
        cachedHour = quarter
        cachedZone = zone
        cachedOffset = (fitting ?? before) * 1_000_000
        return cachedOffset
    }

    /// Minutes of `Z`, `+02:00`, `UTC+2` and the like.
    private static func fixed(_ name: String) -> Int? {
        var text = name
        for prefix in ["UTC", "GMT"] where text.hasPrefix(prefix) && text.count > 3 { text = String(text.dropFirst(3)) }
        return text.withUTF8 { bytes -> Int? in
            guard let base = bytes.baseAddress else { return nil }
            let slice = ByteSlice(base: base, count: bytes.count)
            guard let zone = Digits.zone(slice, 0), zone.end == slice.count else { return nil }
            return zone.minutes
        }
    }

    private static let ambiguous: Set<String> = ["CST", "IST", "BST", "AST", "GST", "SST", "CDT", "ECT", "AMT", "PST8PDT", "EST5EDT"]

    /// Abbreviations with one meaning in the logs of servers, minutes east of UTC.
    private static let abbreviations: [String: Int] = [
        "UTC": 0, "GMT": 0, "Z": 0, "UCT": 0, "WET": 0, "WEST": 60, "CET": 60, "CEST": 120, "MEZ": 60, "MESZ": 120, "EET": 120, "EEST": 180,
        "MSK": 180,
        "EST": -300, "EDT": -240, "MST": -420, "MDT": -360, "PST": -480, "PDT": -420, "AKST": -540, "AKDT": -480, "HST": -600,
        "JST": 540, "KST": 540, "HKT": 480, "SGT": 480, "PKT": 300, "WIB": 420, "AWST": 480, "ACST": 570, "ACDT": 630, "AEST": 600,
        "AEDT": 660,
        "NZST": 720, "NZDT": 780, "SAST": 120, "CAT": 120, "EAT": 180, "WAT": 60, "BRT": -180, "NST": -210, "NDT": -150,
    ]
}
