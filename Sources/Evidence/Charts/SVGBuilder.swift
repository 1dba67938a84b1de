/// Writes SVG as text, escaping every value.
///
/// Colours are given twice: as a class, which a page's style sheet may restyle for dark screens, and as an attribute, which
/// PDF renderers use.
struct SVGBuilder {
    private var text = ""

    /// A colour by role.
    enum Ink: String {
        case ink, muted, faint, line, surface, pass, exception, undecided, accent
        case shade0, shade1, shade2, shade3, shade4, shade5
        /// Lines of a line chart.
        case line0, line1, line2, line3, line4, line5

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
            case .line0: "#2f5f8f"
            case .line1: "#a8341c"
            case .line2: "#2f6f5e"
            case .line3: "#7a4b94"
            case .line4: "#8a5c0b"
            case .line5: "#55616d"
            }
        }

        /// The shade of step 0 to 5.
        static func shade(_ step: Int) -> Ink { [.shade0, .shade1, .shade2, .shade3, .shade4, .shade5][max(0, min(5, step))] }
    }

    /// The line of place 0 to 5.
    static func series(_ place: Int) -> Ink { [Ink.line0, .line1, .line2, .line3, .line4, .line5][max(0, min(5, place))] }

    enum Anchor: String { case start, middle, end }

    /// What tells an area apart from others where colours cannot be seen.
    enum Texture: String, CaseIterable {
        /// Slanting lines: exceptions.
        case hatched
        /// Dots: not decided.
        case dotted

        /// The texture of an area of that colour, if it has one.
        init?(_ ink: Ink) {
            switch ink {
            case .exception: self = .hatched
            case .undecided: self = .dotted
            default: return nil
            }
        }

        func definition(id: String) -> String {
            let shape =
                switch self {
                case .hatched: "<path d=\"M0 6L6 0M-1 1L1 -1M5 7L7 5\" stroke=\"#ffffff\" stroke-opacity=\"0.55\" stroke-width=\"1.2\"/>"
                case .dotted: "<circle cx=\"1.5\" cy=\"1.5\" r=\"1\" fill=\"#ffffff\" fill-opacity=\"0.75\"/>"
                }
            let side = self == .hatched ? 6 : 4
            return "<pattern id=\"\(id)-\(rawValue)\" width=\"\(side)\" height=\"\(side)\" patternUnits=\"userSpaceOnUse\">\(shape)</pattern>"
        }
    }

    private let id: String
    private var used: Set<Texture> = []

    /// Opens the picture.
    init(width: Int, height: Int, title: String, description: String, id: String) {
        let safe = Self.escape(id)
        self.id = safe
        text = """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(width) \(height)" role="img" aria-labelledby="\(safe)-t \(safe)-d" \
            font-family="'DejaVu Sans', system-ui, sans-serif" font-size="11">
            <title id="\(safe)-t">\(Self.escape(title))</title><desc id="\(safe)-d">\(Self.escape(description))</desc>\n
            """
    }

    /// Closes the picture.
    func finished() -> String {
        let textures = Texture.allCases.filter(used.contains).map { $0.definition(id: id) }
        return text + (textures.isEmpty ? "" : "<defs>\(textures.joined())</defs>\n") + "</svg>"
    }

    /// A square of one colour for a legend, with the colour's texture.
    static func swatch(_ ink: Ink, id: String) -> String {
        let safe = escape(id)
        var out = "<svg viewBox=\"0 0 10 10\" aria-hidden=\"true\" focusable=\"false\">"
        if let texture = Texture(ink) { out += "<defs>\(texture.definition(id: safe))</defs>" }
        out += "<rect class=\"f-\(ink.rawValue)\" width=\"10\" height=\"10\" rx=\"2\" fill=\"\(ink.hex)\"/>"
        if let texture = Texture(ink) { out += "<rect width=\"10\" height=\"10\" rx=\"2\" fill=\"url(#\(safe)-\(texture.rawValue))\"/>" }
        return out + "</svg>"
    }

    /// A rectangle whose colour stands for how items ended, with the texture that says the same without the colour.
    mutating func area(_ x: Double, _ y: Double, _ width: Double, _ height: Double, fill: Ink, radius: Double = 0, hint: String? = nil) {
        rectangle(x, y, width, height, fill: fill, radius: radius, hint: hint)
        guard let texture = Texture(fill), width > 2, height > 1 else { return }
        used.insert(texture)
        text +=
            "<rect x=\"\(Self.number(x))\" y=\"\(Self.number(y))\" width=\"\(Self.number(width))\" height=\"\(Self.number(height))\" fill=\"url(#\(id)-\(texture.rawValue))\" pointer-events=\"none\"/>\n"
    }

    /// A line through points; `dash` in units of the picture, empty for a solid line.
    mutating func path(_ points: [(x: Double, y: Double)], ink: Ink, width: Double = 1.6, dash: String = "") {
        guard let first = points.first else { return }
        let rest = points.dropFirst().map { "L\(Self.number($0.x)) \(Self.number($0.y))" }.joined()
        let dashes = dash.isEmpty ? "" : " stroke-dasharray=\"\(dash)\""
        text +=
            "<path class=\"s-\(ink.rawValue)\" d=\"M\(Self.number(first.x)) \(Self.number(first.y))\(rest)\" fill=\"none\" stroke=\"\(ink.hex)\" stroke-width=\"\(Self.number(width))\" stroke-linejoin=\"round\"\(dashes)/>\n"
    }

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

    mutating func circle(_ x: Double, _ y: Double, radius: Double, fill: Ink, hint: String? = nil) {
        text +=
            "<circle class=\"f-\(fill.rawValue)\" cx=\"\(Self.number(x))\" cy=\"\(Self.number(y))\" r=\"\(Self.number(radius))\" fill=\"\(fill.hex)\""
        text += hint.map { "><title>\(Self.escape($0))</title></circle>\n" } ?? "/>\n"
    }

    mutating func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, ink: Ink, width: Double = 1, isDashed: Bool = false) {
        let dash = isDashed ? " stroke-dasharray=\"4 3\"" : ""
        text +=
            "<line class=\"s-\(ink.rawValue)\" x1=\"\(Self.number(x1))\" y1=\"\(Self.number(y1))\" x2=\"\(Self.number(x2))\" y2=\"\(Self.number(y2))\" stroke=\"\(ink.hex)\" stroke-width=\"\(Self.number(width))\"\(dash)/>\n"
    }

    mutating func label(
        _ content: String, _ x: Double, _ y: Double, ink: Ink = .ink, size: Double = 11, anchor: Anchor = .start, isBold: Bool = false, degrees: Double = 0
    ) {
        let weight =
            (isBold ? " font-weight=\"bold\"" : "")
            + (degrees == 0 ? "" : " transform=\"rotate(\(Self.number(degrees)) \(Self.number(x)) \(Self.number(y)))\"")
        text +=
            "<text class=\"f-\(ink.rawValue)\" x=\"\(Self.number(x))\" y=\"\(Self.number(y))\" font-size=\"\(Self.number(size))\" text-anchor=\"\(anchor.rawValue)\" fill=\"\(ink.hex)\"\(weight)>\(Self.escape(content))</text>\n"
    }

    /// A number with at most two decimals, the same in every locale.
    static func number(_ value: Double) -> String {
        guard value.isFinite else { return "0" }
        let hundredths = Int((max(-1e15, min(1e15, value)) * 100).rounded())
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
