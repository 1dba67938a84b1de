import AuditModel
import Cryptography
import TransparencyLog

/// Builds the body of an evidence pack (docs/formats/pack.md): a function of the store up to a checkpoint, the definitions, the
/// parameters, and the versions of encoder and renderer. No clock, no path and no locale enters it.
public struct PackBuilder {
    let store: any EvidenceStore
    let templates: TemplateSet
    let generator: GeneratorStamp
    let renderer: PDFRenderer?
    let request: PackRequest
    let period: Period

    /// What `pack build` tells the person.
    public struct Summary {
        public let name: String
        public let packID: String
        public let results: [ReportResult]
        public let eventCount: Int
        public let leftOutCount: Int
        /// Hash of the file SHA256SUMS.
        public let sumsSHA256: String
    }

    /// - Throws: ``EvidenceError``: `usage` for a request that makes no sense, `external` where PDFs are wanted and weasyprint is not there.
    public init(
        store: any EvidenceStore, templates: TemplateSet, generator: GeneratorStamp, request: PackRequest, period: Period
    ) throws(EvidenceError) {
        try request.check()
        self.store = store
        self.templates = templates
        self.generator = generator
        self.request = request
        self.period = period
        renderer = request.wantsPDF ? PDFRenderer.find() : nil
        if request.wantsPDF, renderer == nil {
            throw EvidenceError(
                .external,
                "PDFs need weasyprint, which is not installed: `apt-get install weasyprint fonts-dejavu-core fonts-noto-cjk`, or leave them out with --no-pdf"
            )
        }
    }

    /// Runs the reports, builds the body and writes it into `folder/<name>`.
    ///
    /// - Throws: ``EvidenceError``; nothing is written before the whole body is there.
    public func build(_ definitions: [ReportDefinition], into folder: String) throws -> (path: String, summary: Summary) {
        let (body, summary) = try body(definitions)
        let path = "\(folder)/\(summary.name)"
        try body.write(to: path)
        return (path, summary)
    }

    /// The body in memory.
    func body(_ definitions: [ReportDefinition]) throws -> (PackBody, Summary) {
        guard !definitions.isEmpty else { throw EvidenceError(.usage, "name at least one report with --reports") }
        let definitions = definitions.sorted { $0.id < $1.id }
        let engine = try ReportEngine(store: store, definitions: definitions, period: period, inventories: request.inventories)
        var results: [ReportResult] = []
        for definition in definitions { results.append(try engine.run(definition, parameters: request.parameters[definition.id] ?? [:])) }

        let draw = try request.nonce.map { nonce throws(EvidenceError) in try SampleDraw(root: store.checkpoint.root, nonce: nonce) }
        // What proofline itself did is always in scope: who asked about whom belongs to the evidence.
        let own = engine.scan.seals.filter { $0.parser == SourceCheck.ownParser }.map(\.source)
        let scope = Set(results.flatMap(\.sources.accounts).map(\.source.id) + own)
        let selection = PackSelection(
            results: results, seals: engine.scan.seals.filter { scope.contains($0.source) }, deleted: engine.scan.deleted, level: request.level,
            draw: draw)
        let proofs = try PackProofs(store, scan: engine.scan, scope: scope, selected: selection.rows)

        let name = request.name(period)
        let packID = UUIDv5.make(namespace: UUIDv5.packNamespace, name: identity(name, definitions, draw))
        var body = PackBody()
        for result in results {
            if request.level == .customer {
                try addCustomerReport(result, engine.scan, name: name, packID: packID, to: &body)
            } else {
                try addReport(result, engine.scan, draw, name: name, packID: packID, to: &body)
            }
        }
        if request.level != .customer { try addData(proofs, to: &body) }
        try addProofs(proofs, to: &body)
        let manifest = PackManifest(
            name: name, packID: packID, request: request, period: period, results: results, scope: scope, proofs: proofs,
            selection: selection, draw: draw,
            checkpoint: store.checkpoint, generator: generator, renderer: renderer?.version ?? "none", templatesSHA256: templates.sha256)
        body.add("manifest.json", manifest.json.prettyText() + "\n")
        if request.level != .customer {
            body.add("workbook.xlsx", try PackWorkbook(manifest: manifest).bytes())
            let oscal = OSCALDocuments(manifest: manifest, files: body.files)
            body.add(OSCALDocuments.planPath, oscal.assessmentPlan.prettyText() + "\n")
            body.add(OSCALDocuments.resultsPath, oscal.assessmentResults.prettyText() + "\n")
        }
        let pages = PackPages(manifest: manifest, templates: templates, hasPDF: renderer != nil, hasSample: draw != nil)
        for (path, text) in try pages.files() { body.add(path, marked(path, text)) }
        if let controls = request.controls {
            let matrix = ControlMatrix(controls, definitions: definitions, results: results)
            let files = try matrix.files(templates, pack: name, period: period.description, generator: generator.text)
            for (path, text) in files { body.add(path, marked(path, text)) }
        }
        for (script, bytes) in templates.scripts where request.level != .customer || script != "verify-inclusion.sh" { body.add(script, bytes) }
        let summary = Summary(
            name: name, packID: packID, results: results, eventCount: proofs.rows.count, leftOutCount: proofs.leftOutCount,
            sumsSHA256: SHA256.hash(body.sums).hex)
        return (body, summary)
    }

    // MARK: Parts

    /// Everything that the body depends on, one line each.
    private func identity(_ name: String, _ definitions: [ReportDefinition], _ draw: SampleDraw?) -> String {
        var lines = [
            name, request.level.rawValue, store.checkpoint.origin, "\(store.checkpoint.size)", store.checkpoint.root.base64,
            draw?.nonce ?? "",
        ]
        if request.level == .customer { lines += [request.recipient ?? "", request.expires ?? ""] }
        for definition in definitions {
            let parameters = (request.parameters[definition.id] ?? [:]).sorted { $0.key < $1.key }.map { "\($0)=\($1)" }
            lines.append(([definition.id, definition.sha256.hex] + parameters).joined(separator: " "))
        }
        if let controls = request.controls { lines.append("controls \(controls.sha256.hex)") }
        return lines.joined(separator: "\n")
    }

    private func addReport(
        _ result: ReportResult, _ scan: PopulationScan, _ draw: SampleDraw?, name: String, packID: String, to body: inout PackBody
    ) throws(EvidenceError) {
        let id = result.definition.id
        let folder = "reports/\(id)"
        let sample = draw.map { ($0, PackSelection.sample(result, $0)) }
        let page = ReportPage(
            result: result, checkpoint: store.checkpoint, packName: name, generator: generator.text,
            sample: sample.map { (draw: $0, items: $1) })
        let html = try page.render(templates)
        body.add("\(folder)/report.html", html)
        if let renderer { body.add("\(folder)/report.pdf", try renderer.render(html, identifier: "\(packID)-\(id)")) }
        body.add(
            "\(folder)/ipe.json",
            try IPEDocument(result: result, scan: scan, checkpoint: store.checkpoint, generator: generator).json().prettyText() + "\n")
        body.add("\(folder)/query.txt", QueryText(definition: result.definition).text + "\n")
        let tables = ReportTables(result: result)
        body.add("\(folder)/population.csv", tables.population)
        body.add("\(folder)/exceptions.csv", tables.exceptions)
        if let sample { body.add("\(folder)/sample.csv", tables.sample(sample.1)) }
        body.add("definitions/\(id)/report.yaml", result.definition.bytes)
    }

    /// Outcome and counts alone.
    private func addCustomerReport(
        _ result: ReportResult, _ scan: PopulationScan, name: String, packID: String, to body: inout PackBody
    ) throws(EvidenceError) {
        let id = result.definition.id
        let page = CustomerReportPage(result: result, checkpoint: store.checkpoint, packName: name, generator: generator.text)
        let html = marked("report.html", try page.render(templates))
        body.add("reports/\(id)/report.html", html)
        if let renderer { body.add("reports/\(id)/report.pdf", try renderer.render(html, identifier: "\(packID)-\(id)")) }
        let statement = IPEDocument(result: result, scan: scan, checkpoint: store.checkpoint, generator: generator)
        body.add("reports/\(id)/ipe.json", try statement.customerJSON().prettyText() + "\n")
        body.add("reports/\(id)/query.txt", QueryText(definition: result.definition).text + "\n")
        body.add("definitions/\(id)/report.yaml", result.definition.bytes)
    }

    /// A page with the watermark, where the request asks for one.
    private func marked(_ path: String, _ text: String) -> String {
        guard path.hasSuffix(".html"), let watermark = Watermark(request) else { return text }
        return watermark.applied(to: text)
    }

    private func addData(_ proofs: PackProofs, to body: inout PackBody) throws {
        body.add("data/events.jsonl", proofs.events)
        body.add("data/events.parquet", try EventsParquet.bytes(proofs.rows))
    }

    private func addProofs(_ proofs: PackProofs, to body: inout PackBody) throws {
        body.add("proofs/checkpoint-end.txt", store.checkpoint.note)
        body.add("proofs/seals.jsonl", proofs.seals)
        if request.level != .customer { body.add("proofs/inner.jsonl", proofs.inner) }
        for proof in proofs.sealProofs { body.add(proof.path, proof.bytes) }
        body.add("proofs/policy.txt", "log \(store.logKey.vkey)\nquorum none\n")
        body.add("keys/log.vkey", store.logKey.vkey + "\n")
        body.add("keys/log.pem", PackProofs.pem(store.logKey.publicKey))
        if let chain = request.chainPEM { body.add("keys/chain.pem", chain) }
        if let start = request.checkpointStart {
            body.add("proofs/checkpoint-start.txt", start.note)
            body.add("proofs/consistency.txt", PackProofs.consistencyFile(try store.consistencyProof(from: start.size)))
        }
    }
}
