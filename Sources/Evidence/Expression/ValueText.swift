import AuditModel

/// How values read.
enum ValueText {
    /// For people: times to the second, durations in two units, an en dash for nothing.
    static func shown(_ value: Value) -> String {
        switch value {
        case .missing: "–"
        case .text(let text): visible(text)
        case .number(let number): grouped(number)
        case .truth(.yes): "yes"
        case .truth(.no): "no"
        case .truth(.undecidable): "undecidable"
        case .time(let time, let bound): CalendarText.moment(time) + (bound > 0 ? " ± \(DurationText.show(bound))" : "")
        case .duration(let length, let bound): DurationText.show(length) + (bound > 0 ? " ± \(DurationText.show(bound))" : "")
        case .people(let people): people.isEmpty ? "–" : "\(people.count) \(people.count == 1 ? "person" : "people")"
        case .person(let shown, _): visible(shown)
        case .list(let list): list.isEmpty ? "–" : visible(list.joined(separator: ", "))
        }
    }

    /// Text as it is, with a mark for each character that would act instead of show: controls, and those that turn the
    /// direction of what follows, by which a log line could make a page read differently.
    static func visible(_ text: String) -> String {
        func acts(_ scalar: Unicode.Scalar) -> Bool {
            switch scalar.value {
            case 0..<32, 127..<160, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF: true
            default: false
            }
        }
        guard text.unicodeScalars.contains(where: acts) else { return text }
        var out = String.UnicodeScalarView()
        for scalar in text.unicodeScalars { out.append(acts(scalar) ? "\u{FFFD}" : scalar) }
        return String(out)
    }

    /// For machines: RFC 3339, seconds, plain digits, empty for nothing.
    static func plain(_ value: Value) -> String {
        switch value {
        case .missing: ""
        case .text(let text): text
        case .number(let number): String(number)
        case .truth(.yes): "true"
        case .truth(.no): "false"
        case .truth(.undecidable): "undecidable"
        case .time(let time, _): time.description
        case .duration(let length, _): decimalSeconds(length)
        case .people(let people): String(people.count)
        case .person(let shown, _): shown
        case .list(let list): list.joined(separator: ";")
        }
    }

    /// Digits in groups of three with a narrow no-break space.
    static func grouped(_ number: Int64) -> String {
        let digits = Array(String(number.magnitude))
        var out = number < 0 ? "−" : ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0, digits.count > 4 { out.append("\u{202F}") }
            out.append(digit)
        }
        return out
    }

    private static func decimalSeconds(_ microseconds: Int64) -> String {
        let sign = microseconds < 0 ? "-" : ""
        let magnitude = microseconds.magnitude
        let fraction = magnitude % 1_000_000
        guard fraction > 0 else { return "\(sign)\(magnitude / 1_000_000)" }
        var digits = String(fraction)
        digits = String(repeating: "0", count: 6 - digits.count) + digits
        while digits.hasSuffix("0") { digits.removeLast() }
        return "\(sign)\(magnitude / 1_000_000).\(digits)"
    }
}
