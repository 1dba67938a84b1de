/// For whom a page is and until when, over every page of a customer's pack, on screen and in print.
struct Watermark {
    let text: String

    /// Nil where a request asks for none.
    init?(_ request: PackRequest) {
        guard request.level == .customer, let recipient = request.recipient, let expires = request.expires else { return nil }
        text = "For \(recipient) only · until \(expires)"
    }

    /// The page with the mark right behind the body's beginning. What is fixed is printed on every sheet.
    func applied(to html: String) -> String {
        let escaped = text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;").replacing("\"", with: "&quot;")
        let style = """
            <style>
            .watermark { position: fixed; top: 45%; left: 0; width: 100%; text-align: center; font-size: 1.7rem; font-weight: 700; color: #7f8b97; opacity: .22; transform: rotate(-24deg); pointer-events: none; }
            .watermark-line { color: var(--muted); font-size: .84rem; text-align: center; margin: 0; }
            </style>
            """
        return html.replacing(
            "<body>", with: "<body>\n\(style)\n<div class=\"watermark\" aria-hidden=\"true\">\(escaped)</div>\n<p class=\"watermark-line\">\(escaped)</p>",
            maxReplacements: 1)
    }
}
