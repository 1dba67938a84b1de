/// A comparison as a self-contained page in the look of the reports: no script, nothing loaded, everything escaped.
public struct ComparisonPage {
    let comparison: PackComparison
    /// The style sheet of the reports.
    let css: String

    public init(_ comparison: PackComparison, css: String) { (self.comparison, self.css) = (comparison, css) }

    public var html: String {
        let title = "\(comparison.old.name) to \(comparison.new.name)"
        let worse = comparison.worse
        return """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>\(Self.escaped(title))</title>
            <style>
            \(css)
            </style>
            </head>
            <body>
            <header>
            <div class="masthead"><span><b>Comparison of packs</b></span><span class="running">\(Self.escaped(title))</span></div>
            <h1>What changed from \(Self.escaped(comparison.old.name)) to \(Self.escaped(comparison.new.name))</h1>
            </header>
            <main>
            <section class="verdict \(worse.isEmpty ? "pass" : "exceptions")" aria-label="Outcome">
            <strong>\(worse.isEmpty ? "Nothing changed for the worse" : "Changed for the worse")</strong>
            \(worse.isEmpty ? "" : "<ul>\(worse.map { "<li>\(Self.escaped($0))</li>" }.joined())</ul>")
            </section>
            \(figures)
            <dl class="facts">
            \(fact("Older pack", "\(comparison.old.start) to \(comparison.old.end), \(comparison.old.framework), level \(comparison.old.level)"))
            \(fact("Newer pack", "\(comparison.new.start) to \(comparison.new.end), \(comparison.new.framework), level \(comparison.new.level)"))
            \(fact("Periods", ComparisonWords.periods(comparison.periods)))
            \(fact("The log", ComparisonWords.growth(comparison.growth)))
            </dl>
            <h2>Reports</h2>
            \(table)
            \(comparison.reports.map(report).joined(separator: "\n"))
            \(sources)
            </main>
            <footer>\(comparison.notes.map { "<p>\(Self.escaped($0))</p>" }.joined())</footer>
            </body>
            </html>

            """
    }

    private var figures: String {
        func figure(_ value: Int, _ label: String, _ tone: String = "") -> String {
            "<li class=\"\(value == 0 ? "" : tone)\"><b>\(value)</b><span>\(label)</span></li>"
        }
        func sum(_ part: (PackComparison.ReportChange) -> Int) -> Int { comparison.reports.reduce(0) { $0 + part($1) } }
        return "<ul class=\"figures\">"
            + [
                figure(sum(\.opened.count), "new exceptions", "alarm"), figure(sum(\.repeated.count), "repeated", "caution"),
                figure(sum(\.closed.count), "closed"), figure(sum { $0.outcomeIsWorse ? 1 : 0 }, "worse outcomes", "alarm"),
                figure(sum { $0.definitionChanged ? 1 : 0 }, "definitions changed", "caution"),
            ].joined() + "</ul>"
    }

    private var table: String {
        var rows = comparison.reports.map { change in
            let counts = change.hasLists ? ["\(change.opened.count)", "\(change.repeated.count)", "\(change.closed.count)"] : ["–", "–", "–"]
            return row(
                change.new, [badge(change.old.outcome), badge(change.new.outcome)],
                ["\(change.old.population)", "\(change.new.population)", ComparisonWords.signed(change.populationChange)] + counts, change.outcomeIsWorse)
        }
        rows += comparison.added.map { row($0, ["new", badge($0.outcome)], ["–", "\($0.population)", "–", "–", "–", "–"], false) }
        rows += comparison.gone.map { row($0, [badge($0.outcome), "gone"], ["\($0.population)", "–", "–", "–", "–", "–"], true) }
        let titles = ["Report", "Was", "Is"].map { "<th scope=\"col\">\($0)</th>" }
            + ["Tested then", "Tested now", "Change", "New", "Repeated", "Closed"].map { "<th scope=\"col\" class=\"number\">\($0)</th>" }
        return
            "<div class=\"scroll\"><table><thead><tr>\(titles.joined())</tr></thead><tbody>\(rows.joined(separator: "\n"))</tbody></table></div>"
    }

    private func row(_ report: ReadPack.Report, _ outcomes: [String], _ numbers: [String], _ fails: Bool) -> String {
        let cells = outcomes.map { "<td>\($0)</td>" } + numbers.map { "<td class=\"number\">\($0)</td>" }
        return "<tr class=\"\(fails ? "fails" : "")\"><td>\(Self.escaped(report.id)) \(Self.escaped(report.title))</td>\(cells.joined())</tr>"
    }

    private func badge(_ outcome: String) -> String {
        let known = ["pass", "exceptions", "incomplete", "not_tested"].contains(outcome) ? outcome : "not_tested"
        return "<span class=\"badge \(known)\">\(Self.escaped(ComparisonWords.outcome(outcome)))</span>"
    }

    /// What of a report changed; nothing for one in which nothing did.
    private func report(_ change: PackComparison.ReportChange) -> String {
        var parts: [String] = []
        for (title, exceptions, tone) in [
            ("New exceptions", change.opened, "exceptions"), ("Repeated exceptions", change.repeated, "incomplete"),
            ("Closed exceptions", change.closed, "pass"),
        ] where !exceptions.isEmpty {
            parts.append("<h3>\(title) <span class=\"badge \(tone)\">\(exceptions.count)</span></h3>")
            parts += exceptions.map {
                "<div class=\"finding \(tone)\"><p>\(Self.escaped($0.text))</p><p class=\"about\"><code>\(Self.escaped($0.key))</code> · <code>\(Self.escaped($0.id))</code> · \(Self.escaped($0.rule))</p></div>"
            }
        }
        if !change.hasLists, change.old.exceptionCount != change.new.exceptionCount {
            parts.append("<p>Items with exceptions: \(change.old.exceptionCount) then, \(change.new.exceptionCount) now. A pack without rows lists none to compare.</p>")
        }
        if change.definitionChanged { parts.append(definition(change)) }
        parts += change.inventories.map { "<p>Inventory <b>\(Self.escaped($0.name))</b>: \(Self.escaped(ComparisonWords.inventory($0)))</p>" }
        return parts.isEmpty ? "" : "<h2>\(Self.escaped(change.new.id)) \(Self.escaped(change.new.title))</h2>\n\(parts.joined(separator: "\n"))"
    }

    private func definition(_ change: PackComparison.ReportChange) -> String {
        let lines = change.query?.lines ?? []
        let text = lines.map { "\($0.mark.rawValue) \(Self.escaped($0.text))" }.joined(separator: "\n")
        let isSame = lines.allSatisfy { $0.mark == .same }
        return """
            <h3>Another definition</h3>
            <dl class="facts">\(fact("Was", "revision \(change.old.version), \(change.old.definitionSHA256)"))\(fact("Is", "revision \(change.new.version), \(change.new.definitionSHA256)"))</dl>
            \(isSame ? "<p>The queries are the same; the difference is elsewhere in the definition.</p>" : "<pre>\(text)</pre>")
            """
    }

    private var sources: String {
        guard !comparison.newSources.isEmpty || !comparison.lostSources.isEmpty else { return "" }
        let rows = comparison.newSources.map { "<li>\(Self.escaped($0)): new</li>" } + comparison.lostSources.map { "<li>\(Self.escaped($0)): gone</li>" }
        return "<h2>Sources</h2><ul>\(rows.joined())</ul>"
    }

    private func fact(_ name: String, _ value: String) -> String { "<dt>\(name)</dt><dd>\(Self.escaped(value))</dd>" }

    static func escaped(_ text: String) -> String {
        var out = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": out += "&amp;"
            case "<": out += "&lt;"
            case ">": out += "&gt;"
            case "\"": out += "&quot;"
            case "'": out += "&#39;"
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out
    }
}
