import AuditModel
import Cryptography
import Timeline
import TransparencyLog

/// One report as a self-contained page.
struct ReportPage {
    /// Most items that the page itself lists; all are in the CSV.
    static let listedItems = 60
    /// Most exceptions of one rule that the page itself lists.
    static let listedFindings = 100

    let result: ReportResult
    let checkpoint: EvidenceCheckpoint
    let packName: String
    let generator: String
    /// Items drawn by the auditor's nonce, in order.
    let sample: (draw: SampleDraw, items: [TestItem])?

    func render(_ templates: TemplateSet) throws(EvidenceError) -> String {
        let definition = result.definition
        var context: [String: Any] = [
            "css": templates.css, "id": definition.id, "revision": definition.revision, "title": definition.title,
            "question": definition.question,
            "period": result.period.description, "packName": packName, "generator": generator,
            "outcome": result.outcome.rawValue, "outcomeTitle": result.outcome.title, "reasons": result.reasons, "figures": figures,
            "narrative": try narrative(), "charts": try charts(), "method": definition.method, "query": QueryText(definition: definition).text,
            "limitations": definition.limitations, "isWideTable": definition.columns.count > 8, "columns": definition.columns.map(\.title),
        ]
        context.merge(exceptionContext) { $1 }
        context.merge(gapContext) { $1 }
        context.merge(populationContext) { $1 }
        context.merge(methodContext) { $1 }
        context.merge(inventoryContext) { $1 }
        context.merge(proofContext) { $1 }
        return try templates.render("report", context)
    }

    // MARK: Parts

    private var figures: [[String: Any]] {
        func figure(_ value: Int, _ label: String, _ tone: String = "") -> [String: Any] {
            ["value": ValueText.grouped(Int64(value)), "label": label, "tone": value == 0 ? "" : tone]
        }
        var figures = [
            figure(result.populationCount, "items tested"), figure(result.exceptionCount, "with exceptions", "alarm"),
            figure(result.undecidedCount, "not decided", "caution"), figure(result.gaps.count, "gaps in needed sources", "caution"),
            figure(result.sources.accounts.count, "sources"),
        ]
        if result.notApplicable > 0 { figures.insert(figure(result.notApplicable, "not applicable"), at: 1) }
        return figures
    }

    private func narrative() throws(EvidenceError) -> [String] {
        guard !result.items.isEmpty else { return [] }
        var scope = ExpressionEvaluator.Scope()
        scope.items = result.items
        scope.figures = result.figures
        var paragraphs: [String] = []
        do {
            for template in result.definition.narrative { paragraphs.append(try template.filled(result.evaluator, scope)) }
        } catch let error {
            throw error.within(result.definition)
        }
        return paragraphs
    }

    private func charts() throws(EvidenceError) -> [[String: Any]] {
        guard !result.items.isEmpty else { return [] }
        var drawn: [[String: Any]] = []
        for specification in result.definition.charts {
            let chart = try Chart.draw(specification, result)
            drawn.append([
                "title": chart.title, "caption": chart.caption, "svg": chart.svg,
                "legend": chart.legend.map {
                    ["swatch": SVGBuilder.swatch($0.ink, id: "legend-\(chart.id)"), "text": $0.text] as [String: Any]
                },
                "isWide": (chart.table.first?.count ?? 0) > 10, "heading": chart.table.first ?? [],
                "rows": chart.table.dropFirst().map { ["name": $0.first ?? "", "cells": Array($0.dropFirst())] as [String: Any] },
            ])
        }
        return drawn
    }

    private var exceptionContext: [String: Any] {
        func shown(_ item: TestItem, _ finding: TestItem.Finding) -> [String: Any] {
            var context: [String: Any] = [
                "id": finding.id, "text": finding.text, "label": item.label, "item": item.id,
                "tone": finding.rule.severity == .low ? "incomplete" : "exceptions",
            ]
            context["explanation"] = finding.explanation?.sentence(result.period)
            if let row = item.row { context["proof"] = ["logIndex": "\(row.logIndex)", "index": "\(row.index)"] as [String: Any] }
            return context
        }
        let all = result.items.flatMap { item in item.findings.map { (item: item, finding: $0) } }
        var rules: [[String: Any]] = []
        for rule in result.definition.rules where rule.verdict == .exception {
            let own = all.filter { $0.finding.rule.id == rule.id && $0.finding.rule.verdict == .exception }
            guard !own.isEmpty else { continue }
            rules.append([
                "title": rule.title, "count": own.count, "tone": rule.severity == .low ? "incomplete" : "exceptions",
                "findings": own.prefix(Self.listedFindings).map { shown($0.item, $0.finding) },
                "more": own.count > Self.listedFindings ? ["count": own.count - Self.listedFindings] as [String: Any] : false,
            ])
        }
        let open = all.filter { $0.finding.rule.verdict == .undecided }
        var context: [String: Any] = ["hasExceptions": !rules.isEmpty, "rules": rules]
        if !open.isEmpty {
            context["undecided"] = [
                "findings": open.prefix(Self.listedFindings).map { shown($0.item, $0.finding) },
                "moreOpen": open.count > Self.listedFindings ? ["count": open.count - Self.listedFindings] as [String: Any] : false,
            ] as [String: Any]
        }
        return context
    }

    private var gapContext: [String: Any] {
        let gaps: [[String: Any]] = result.gaps.map {
            [
                "source": $0.source, "from": CalendarText.moment($0.from), "to": CalendarText.moment($0.until),
                "length": DurationText.show($0.microseconds),
                "explanation": $0.explanation,
            ]
        }
        return ["missing": result.sources.missing, "hasMissing": !result.sources.missing.isEmpty, "hasGaps": !gaps.isEmpty, "gaps": gaps]
    }

    private var populationContext: [String: Any] {
        let isCoverage = result.definition.population.kind == .coverage
        // Of a long population the page shows what failed; a passing source day says nothing that the chart does not.
        let listed =
            result.items.count <= Self.listedItems
            ? result.items : Array(result.items.filter { $0.status != .passed }.prefix(Self.listedItems))
        let count = Plural.of(result.items.count, "item")
        var text = "\(count) \(result.items.count == 1 ? "was" : "were") tested"
        text += isCoverage ? ", one per source and day." : "."
        if result.notApplicable > 0 {
            var reasons: [String] = []
            for population in result.definition.populations where !population.notApplicable.isEmpty && !reasons.contains(population.notApplicable) {
                reasons.append(population.notApplicable)
            }
            text += " \(Plural.of(result.notApplicable, "further item")) did not apply: \(reasons.joined(separator: " "))"
        }
        let failed = result.items.count { $0.status != .passed }
        if listed.count < failed {
            text += " \(failed) did not pass; the first \(listed.count) of them are listed here."
        } else if listed.count < result.items.count {
            text += " Those that did not pass are listed here: \(listed.count)."
        }
        var context: [String: Any] = ["populationText": text, "hasItems": !listed.isEmpty, "items": listed.map(Self.row)]
        if let sample {
            let rows = sample.items.enumerated().map { number, item in Self.row(item).merging(["number": number + 1]) { $1 } }
            context["sample"] =
                [
                    "nonce": sample.draw.nonce, "size": sample.items.count, "population": result.items.count, "items": rows,
                    "columns": result.definition.columns.map(\.title),
                ] as [String: Any]
        }
        return context
    }

    private static func row(_ item: TestItem) -> [String: Any] {
        let (tone, status) =
            switch item.status {
            case .passed: ("", "pass")
            case .exception: ("fails", item.findings.map(\.rule.title).joined(separator: "; "))
            case .undecided: ("open", "not decided")
            }
        return ["cells": item.cells.map(cell), "tone": tone, "status": status]
    }

    private static func cell(_ value: Value) -> [String: Any] {
        let kind =
            switch value {
            case .time, .duration: "moment"
            case .number: "number"
            case .text(let text) where text.utf8.count == 10 && Timestamp(rfc3339: text + "T00:00:00Z") != nil: "moment"
            default: ""
            }
        return ["text": ValueText.shown(value), "kind": kind]
    }

    private var methodContext: [String: Any] {
        let definition = result.definition
        let parameters: [[String: Any]] = definition.parameters.map { parameter in
            let value = result.parameters[parameter.name] ?? ""
            return [
                "name": parameter.name, "value": value, "default": parameter.defaultText, "isDefault": value == parameter.defaultText,
                "about": parameter.about,
            ]
        }
        let controls: [[String: Any]] = definition.controls.map { control in
            let title = ReportDefinition.Control.titles.first { $0.id == control.framework }?.title ?? control.framework
            return ["framework": title, "ids": control.ids.joined(separator: ", ")]
        }
        return ["hasParameters": !parameters.isEmpty, "parameters": parameters, "controls": controls, "sources": sourceRows]
    }

    private var sourceRows: [[String: Any]] {
        let used = Dictionary(grouping: result.usedRows) { $0.event[.source] ?? "" }.mapValues(\.count)
        return result.sources.accounts.map { account in
            func number(_ value: Int64) -> String { ValueText.grouped(value) }
            return [
                "id": account.source.id, "parser": account.source.parser,
                "from": account.contentFrom.map(CalendarText.moment) ?? "–", "to": account.contentTo.map(CalendarText.moment) ?? "–",
                "judged": account.source.expectedIntervalMicroseconds.map { "after \(DurationText.show($0))" } ?? "no",
                "received": number(account.received), "parsed": number(account.parsed), "duplicates": number(account.duplicates),
                "quarantined": account.resolved > 0 ? "\(number(account.quarantined)), \(number(account.resolved)) resolved since" : number(account.quarantined), "skipped": number(account.skipped), "accepted": number(account.accepted),
                "used": number(Int64(used[account.source.id] ?? 0)),
            ]
        }
    }

    /// The files that the report took facts from: whose they are, and how old.
    private var inventoryContext: [String: Any] {
        let rows: [[String: Any]] = result.inventories.map { table in
            var age = table.ageMicroseconds.map { $0 < 0 ? "taken \(DurationText.show(-$0)) after the period" : DurationText.show($0) } ?? "–"
            if table.isStale, let maximum = table.maxAgeMicroseconds { age += ", over the \(DurationText.show(maximum)) accepted" }
            return [
                "name": table.need.name, "why": table.need.why, "tone": table.problem == nil ? "" : "open",
                "owner": table.file?.owner ?? (table.need.need == .required ? "missing" : "not handed in"),
                "asOf": table.file.map { CalendarText.moment($0.asOf) } ?? "–", "age": age,
                "rows": table.isMissing ? "–" : ValueText.grouped(Int64(table.rows.count)), "sha256": table.file?.sha256.hex ?? "–",
            ]
        }
        return ["hasInventories": !rows.isEmpty, "inventories": rows]
    }

    private var proofContext: [String: Any] {
        let bound = result.usedRows.compactMap(\.event.timeBoundMicroseconds).max()
        return [
            "custody": Self.custody(result.sources.accounts), "origin": checkpoint.origin,
            "treeSize": ValueText.grouped(Int64(checkpoint.size)),
            "root": checkpoint.root.base64, "definitionSha256": result.definition.sha256.hex,
            "clockBound": bound.map { "events used lie within ± \(DurationText.show($0)) of their times" } ?? "no event used states one",
            "eventsUsed": "\(Plural.of(result.usedRows.count, "event"))",
        ]
    }

    /// Since when the data is under seal, in a sentence.
    static func custody(_ accounts: [SourceAccount]) -> String {
        guard let from = accounts.compactMap(\.sealedFrom).min(), let to = accounts.compactMap(\.sealedTo).max() else {
            return "Nothing is sealed."
        }
        let start = accounts.compactMap(\.contentFrom).min(), end = accounts.compactMap(\.contentTo).max()
        let content =
            start.flatMap { start in end.map { " The content reaches from \(CalendarText.moment(start)) to \(CalendarText.moment($0))." } }
            ?? ""
        return
            "Sealed between \(CalendarText.moment(from)) and \(CalendarText.moment(to)).\(content) Before it was sealed, the data was in the hands of its sources."
    }
}
