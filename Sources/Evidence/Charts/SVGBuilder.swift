/// Writes SVG as text, escaping every value.
///
/// Colours are given twice: as a class, which a page's style sheet may restyle for dark screens, and as an attribute, which
/// PDF renderers use.
struct SVGBuilder {
    private(set) var text = ""

    /// A colour by role.
    enum Ink: String {
        case ink, muted, faint, line, surface, pass, exception, undecided, accent
        case shade0, shade1, shade2, shade3, shade4, shade5

        /// The colour on paper.
        var hex: String {
            switch self {
            case .ink: "#1c2530"
            case .muted: "#5b6875"
            case .faint: "#8b97a3"
            case .line: "#d5dbe1"
            case .surface: "#ffffff"
            case .pass: "#3a7d6b"
            case .exception: "#b3391f"
            case .undecided: "#b98019"
            case .accent: "#2f5f8f"
            case .shade0: "#eef1f4"
            case .shade1: "#cfdfec"
            case .shade2: "#a5c3dc"
            case .shade3: "#739fc4"
            case .shade4: "#467aa8"
            case .shade5: "#265680"
            }
        }

        /// The shade of step 0 to 5.
        static func shade(_ step: Int) -> Ink { [.shade0, .shade1, .shade2, .shade3, .shade4, .shade5][max(0, min(5, step))] }
    }

    enum Anchor: String { case start, middle, end }

    /// Opens the picture.
    init(width: Int, height: Int, title: String, description: String, id: String) {
        let safe = Self.escape(id)
        text = """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(width) \(height)" role="img" aria-labelledby="\(safe)-t \(safe)-d" \
            font-family="'DejaVu Sans', system-ui, sans-serif" font-size="11">
            <title id="\(safe)-t">\(Self.escape(title))</title><desc id="\(safe)-d">\(Self.escape(description))</desc>\n
            """
    }

    /// Closes the picture.
    func finished() -> String { text + "</svg>" }

    mutating func rectangle(
        _ x: Double, _ y: Double, _ width: Double, _ height: Double, fill: Ink, stroke: Ink? = nil, radius: Double = 0, hint: String? = nil
    ) {
        let border = stroke.map { " stroke=\"\($0.hex)\" stroke-width=\"1.5\"" } ?? ""
        let corner = radius > 0 ? " rx=\"\(Self.number(radius))\"" : ""
        let strokeClass = stroke.map { " s-\($0.rawValue)" } ?? ""
        text +=
            "<rect class=\"f-\(fill.rawValue)\(strokeClass)\" x=\"\(Self.number(x))\" y=\"\(Self.number(y))\" width=\"\(Self.number(width))\" height=\"\(Self.number(height))\" fill=\"\(fill.hex)\"\(border)\(corner)"
        text += hint.map { "><title>\(Self.escape($0))</title></rect>\n" } ?? "/>\n"
    }

    mutating func circle(_ x: Double, _ y: Double, radius: Double, fill: Ink) {
        text +=
            "<circle class=\"f-\(fill.rawValue)\" cx=\"\(Self.number(x))\" cy=\"\(Self.number(y))\" r=\"\(Self.number(radius))\" fill=\"\(fill.hex)\"/>\n"
    }

    mutating func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, ink: Ink, width: Double = 1, isDashed: Bool = false) {
        let dash = isDashed ? " stroke-dasharray=\"4 3\"" : ""
        text +=
            "<line class=\"s-\(ink.rawValue)\" x1=\"\(Self.number(x1))\" y1=\"\(Self.number(y1))\" x2=\"\(Self.number(x2))\" y2=\"\(Self.number(y2))\" stroke=\"\(ink.hex)\" stroke-width=\"\(Self.number(width))\"\(dash)/>\n"
    }

    mutating func label(
        _ content: String, _ x: Double, _ y: Double, ink: Ink = .ink, size: Double = 11, anchor: Anchor = .start, isBold: Bool = false
    ) {
        let weight = isBold ? " font-weight=\"bold\"" : ""
        text +=
            "<text class=\"f-\(ink.rawValue)\" x=\"\(Self.number(x))\" y=\"\(Self.number(y))\" font-size=\"\(Self.number(size))\" text-anchor=\"\(anchor.rawValue)\" fill=\"\(ink.hex)\"\(weight)>\(Self.escape(content))</text>\n"
    }

    /// A number with at most two decimals, the same in every locale.
    static func number(_ value: Double) -> String {
        let hundredths = Int((value * 100).rounded())
        let sign = hundredths < 0 ? "-" : ""
        let whole = abs(hundredths) / 100, rest = abs(hundredths) % 100
        if rest == 0 { return "\(sign)\(whole)" }
        return rest % 10 == 0 ? "\(sign)\(whole).\(rest / 10)" : "\(sign)\(whole).\(rest < 10 ? "0" : "")\(rest)"
    }

    /// Text that is safe between tags and in attributes; control characters, which XML forbids, become U+FFFD.
    static func escape(_ text: String) -> String {
        var out = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": out += "&amp;"
            case "<": out += "&lt;"
            case ">": out += "&gt;"
            case "\"": out += "&quot;"
            case "'": out += "&#39;"
            case "\t", "\n": out += " "
            case _ where scalar.value < 32 || scalar.value == 127 || scalar.value == 0xFFFE || scalar.value == 0xFFFF: out += "\u{FFFD}"
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out
    }
}
