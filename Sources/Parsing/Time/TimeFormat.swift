/// One way to write a time, compiled from its name or its strftime-like spelling.
enum TimeFormat: Hashable, Sendable {
    /// ``ISOStamp``; a zone name may follow after a blank.
    case iso
    /// Seconds, milliseconds, microseconds or nanoseconds since the epoch, fraction optional. The value is their number in a second.
    case epoch(perSecond: Int64)
    /// `Jul  1 08:00:00`, a fraction or a year optional.
    case syslog
    /// A pattern of directives.
    case pattern([Piece])

    /// A directive or literal of a pattern.
    enum Piece: Hashable, Sendable {
        case literal(UInt8)
        case blanks
        case year, shortYear, month, day, hour, hour12, minute, second, fraction, monthName, dayName, amPM, offset, zoneName, dayOfYear,
            epochSeconds
    }

    /// Names that definitions use.
    static let named: [String: TimeFormat] = [
        "iso": .iso, "rfc3339": .iso, "epoch_seconds": .epoch(perSecond: 1), "epoch_millis": .epoch(perSecond: 1_000),
        "epoch_micros": .epoch(perSecond: 1_000_000), "epoch_nanos": .epoch(perSecond: 1_000_000_000), "syslog": .syslog,
    ]

    /// Compiles a spelling; nil where it is neither a name nor a pattern with `%`.
    init?(_ spelled: String) {
        if let known = Self.named[spelled] {
            self = known
            return
        }
        guard spelled.contains("%"), let pieces = Self.pieces(Array(spelled.utf8)) else { return nil }
        self = .pattern(pieces)
    }

    private static func pieces(_ bytes: [UInt8]) -> [Piece]? {
        var pieces: [Piece] = []
        var at = 0
        while at < bytes.count {
            let byte = bytes[at]
            at += 1
            if byte == 32 {
                pieces.append(.blanks)
            } else if byte != UInt8(ascii: "%") {
                pieces.append(.literal(byte))
            } else {
                guard at < bytes.count else { return nil }
                switch bytes[at] {
                case UInt8(ascii: "T"): pieces += [.hour, .literal(58), .minute, .literal(58), .second]
                case UInt8(ascii: "F"): pieces += [.year, .literal(45), .month, .literal(45), .day]
                case UInt8(ascii: "%"): pieces.append(.literal(37))
                default:
                    guard let piece = directives[bytes[at]] else { return nil }
                    pieces.append(piece)
                }
                at += 1
            }
        }
        return pieces
    }

    private static let directives: [UInt8: Piece] = [
        UInt8(ascii: "Y"): .year, UInt8(ascii: "y"): .shortYear, UInt8(ascii: "m"): .month, UInt8(ascii: "d"): .day,
        UInt8(ascii: "e"): .day,
        UInt8(ascii: "H"): .hour, UInt8(ascii: "I"): .hour12, UInt8(ascii: "M"): .minute, UInt8(ascii: "S"): .second,
        UInt8(ascii: "f"): .fraction,
        UInt8(ascii: "b"): .monthName, UInt8(ascii: "B"): .monthName, UInt8(ascii: "h"): .monthName, UInt8(ascii: "a"): .dayName,
        UInt8(ascii: "A"): .dayName, UInt8(ascii: "p"): .amPM, UInt8(ascii: "z"): .offset, UInt8(ascii: "Z"): .zoneName,
        UInt8(ascii: "j"): .dayOfYear,
        UInt8(ascii: "s"): .epochSeconds,
    ]
}
