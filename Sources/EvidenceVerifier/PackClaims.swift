import AuditModel

/// The documents of a pack that others are held against, read once; what cannot be read is a fault for the step that needs it.
struct PackClaims {
    private(set) var manifest: PackManifest?
    private(set) var manifestFault: String?
    /// By report id.
    private(set) var statements: [String: JSONValue] = [:]
    private(set) var statementFaults: [(path: String, what: String)] = []

    init(_ folder: PackFolder) {
        let limitBytes = 64 << 20
        guard let bytes = folder.read(PackLayout.manifest, limitBytes: limitBytes) else {
            manifestFault = "the manifest is missing or cannot be read"
            return
        }
        let manifest: PackManifest
        do throws(Fault) {
            manifest = try PackManifest(bytes)
        } catch {
            manifestFault = "the manifest cannot be used: \(error.message)"
            return
        }
        self.manifest = manifest
        for report in manifest.reports {
            let path = PackLayout.ipe(report.id)
            guard let bytes = folder.read(path, limitBytes: limitBytes) else {
                statementFaults.append((path, "the report's ipe.json is missing or cannot be read"))
                continue
            }
            guard let json = try? JSONValue(parsing: bytes, maximumDepth: 32), json.object != nil,
                Array((json.prettyText() + "\n").utf8) == bytes
            else {
                statementFaults.append((path, "it is no JSON in the form that proofline writes"))
                continue
            }
            statements[report.id] = json
        }
    }
}
