public import AuditModel

/// One report by itself: run, and written as page, tables and ipe.json.
public struct ReportDocument {
    public let result: ReportResult
    private let engine: ReportEngine
    private let draw: SampleDraw?
    private let generator: GeneratorStamp

    /// Runs the report.
    ///
    /// - Throws: ``EvidenceError``.
    public init(
        _ definition: ReportDefinition, store: any EvidenceStore, period: Period, parameters: [String: String], nonce: String?,
        generator: GeneratorStamp, inventories: Inventories = .none
    ) throws {
        engine = try ReportEngine(store: store, definitions: [definition], period: period, inventories: inventories)
        result = try engine.run(definition, parameters: parameters)
        draw = try nonce.map { nonce throws(EvidenceError) in try SampleDraw(root: store.checkpoint.root, nonce: nonce) }
        self.generator = generator
    }

    /// Information produced by the entity.
    public func ipe() throws(EvidenceError) -> JSONValue {
        try IPEDocument(result: result, scan: engine.scan, checkpoint: engine.store.checkpoint, generator: generator).json()
    }

    /// Writes the files into a new folder.
    public func write(to folder: String, templates: TemplateSet) throws(EvidenceError) {
        let sample = draw.map { (draw: $0, items: PackSelection.sample(result, $0)) }
        let page = ReportPage(
            result: result, checkpoint: engine.store.checkpoint, packName: "not part of a pack", generator: generator.text, sample: sample)
        let tables = ReportTables(result: result)
        var body = PackBody()
        body.add("report.html", try page.render(templates))
        body.add("ipe.json", try ipe().prettyText() + "\n")
        body.add("population.csv", tables.population)
        body.add("exceptions.csv", tables.exceptions)
        if let sample { body.add("sample.csv", tables.sample(sample.items)) }
        try body.write(to: folder)
    }
}
